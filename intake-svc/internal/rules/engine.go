package rules

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/checker"
	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ErrInvalid is a rule that cannot be used; metadata: error.
var ErrInvalid = apierr.Define(codes.InvalidArgument, "RULE_INVALID", "规则无效:{error}", "the rule is not valid: {error}")

// Bounds of one expression.
const (
	costLimit    = 20_000                // of one evaluation, in CEL's units
	worstCost    = 200_000               // that an expression may be estimated at with the longest texts
	timeLimit    = 50 * time.Millisecond // of one evaluation
	sizeLimit    = 2000                  // characters
	depthLimit   = 32                    // of nesting
	interruptAt  = 100                   // iterations between looks at the clock
	longestText  = 10_000                // characters of a fact
	longestList  = 16                    // entries of a fact
	longestCodes = 64                    // characters of an entry
	keptPrograms = 2048
)

// Engine compiles and evaluates. It is safe for concurrent use.
type Engine struct {
	env *cel.Env

	mu   sync.Mutex
	kept map[string]*program
}

// program is a compiled expression and the facts that it reads.
type program struct {
	run   cel.Program
	reads []string
}

// NewEngine makes an engine.
func NewEngine() (*Engine, error) {
	options := []cel.EnvOption{
		cel.ParserExpressionSizeLimit(sizeLimit), cel.ParserRecursionLimit(depthLimit),
		cel.RegexProgramSizeLimit(1000),
	}
	for name, kind := range declared {
		options = append(options, cel.Variable(name, kind))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, err
	}
	return &Engine{env: env, kept: map[string]*program{}}, nil
}

// Check says whether the rule can be used: known kind, a bool over known facts, bounded cost, an outcome that fits.
func (e *Engine) Check(r *Rule) error {
	if _, err := e.compile(r.Expression); err != nil {
		return err
	}
	return r.checkOutcome()
}

func (r *Rule) checkOutcome() error {
	need := map[Kind]string{Routing: OutcomeTeam, Priority: OutcomeUrgency, Authority: OutcomeLimit}[r.Kind]
	if need == "" {
		return ErrInvalid.New("error", "unknown kind "+string(r.Kind))
	}
	if r.Outcome[need] == "" {
		return ErrInvalid.New("error", "a rule of kind "+string(r.Kind)+" needs the outcome "+need)
	}
	if r.Kind == Authority {
		if fen, err := strconv.ParseInt(r.Outcome[OutcomeLimit], 10, 64); err != nil || fen < 0 {
			return ErrInvalid.New("error", OutcomeLimit+" is a number of fen")
		}
	}
	return nil
}

func (e *Engine) compile(expression string) (*program, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p, ok := e.kept[expression]; ok {
		return p, nil
	}
	p, err := e.build(expression)
	if err != nil {
		return nil, err
	}
	if len(e.kept) >= keptPrograms {
		clear(e.kept)
	}
	e.kept[expression] = p
	return p, nil
}

func (e *Engine) build(expression string) (*program, error) {
	ast, issues := e.env.Compile(expression)
	if issues.Err() != nil {
		return nil, ErrInvalid.New("error", issues.Err().Error())
	}
	if ast.OutputType() != cel.BoolType {
		return nil, ErrInvalid.New("error", "the expression is not a bool")
	}
	cost, err := e.env.EstimateCost(ast, sizes{})
	if err != nil {
		return nil, ErrInvalid.New("error", err.Error())
	}
	if cost.Max > worstCost {
		return nil, ErrInvalid.New("error", "the expression may cost too much: "+strconv.FormatUint(cost.Max, 10))
	}
	run, err := e.env.Program(ast, cel.CostLimit(costLimit), cel.InterruptCheckFrequency(interruptAt))
	if err != nil {
		return nil, ErrInvalid.New("error", err.Error())
	}
	var reads []string
	for _, ref := range ast.NativeRep().ReferenceMap() {
		if _, ok := declared[ref.Name]; ok && !slices.Contains(reads, ref.Name) {
			reads = append(reads, ref.Name)
		}
	}
	slices.Sort(reads)
	return &program{run: run, reads: reads}, nil
}

// sizes tells the estimation how long facts can be.
type sizes struct{}

// EstimateSize implements checker.CostEstimator.
func (sizes) EstimateSize(node checker.AstNode) *checker.SizeEstimate {
	path := strings.Join(node.Path(), ".")
	switch {
	case path == "case.problem":
		return &checker.SizeEstimate{Max: longestText}
	case strings.HasSuffix(path, "@items"):
		return &checker.SizeEstimate{Max: longestCodes}
	case declared[path] != nil && declared[path].Kind() == cel.ListType(cel.StringType).Kind():
		return &checker.SizeEstimate{Max: longestList}
	case declared[path] != nil:
		return &checker.SizeEstimate{Max: 128}
	}
	return nil
}

// EstimateCallCost implements checker.CostEstimator.
func (sizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}

// Verdict is one rule and one case.
type Verdict struct {
	Rule        *Rule
	Matched     bool
	Decides     bool // the first of its kind that matches
	Explanation string
	Err         error // it could not be evaluated: it does not match
}

// Evaluate evaluates active rules in their order. A rule that fails does not match and is told so: it never stops the others.
func (e *Engine) Evaluate(ctx context.Context, all []Rule, facts Facts) []Verdict {
	verdicts := make([]Verdict, 0, len(all))
	decided := map[Kind]bool{}
	for i := range all {
		if !all[i].Active {
			continue
		}
		v := e.judge(ctx, &all[i], facts)
		v.Decides = v.Matched && !decided[v.Rule.Kind]
		decided[v.Rule.Kind] = decided[v.Rule.Kind] || v.Matched
		verdicts = append(verdicts, v)
	}
	return verdicts
}

func (e *Engine) judge(ctx context.Context, r *Rule, facts Facts) Verdict {
	v := Verdict{Rule: r}
	p, err := e.compile(r.Expression)
	if err != nil {
		return v.failed(err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	out, _, err := p.run.ContextEval(ctx, map[string]any(facts))
	if err != nil {
		return v.failed(err)
	}
	v.Matched, _ = out.Value().(bool)
	v.Explanation = "rule " + strconv.Itoa(r.Rank) + " (" + r.Code + ") " + verb(v.Matched) + " because " + p.because(facts)
	return v
}

func (v Verdict) failed(err error) Verdict {
	v.Err = err
	v.Explanation = "rule " + strconv.Itoa(v.Rule.Rank) + " (" + v.Rule.Code + ") could not be evaluated: " + err.Error()
	return v
}

func verb(matched bool) string {
	if matched {
		return "matched"
	}
	return "did not match"
}

// because shows what the expression read.
func (p *program) because(facts Facts) string {
	if len(p.reads) == 0 {
		return "it reads nothing of the case"
	}
	parts := make([]string, len(p.reads))
	for i, name := range p.reads {
		parts[i] = name + " = " + facts.Text(name)
	}
	return strings.Join(parts, ", ")
}

// Outcome is the outcome of the rule of the kind that decides; nil when none matches.
func Outcome(verdicts []Verdict, kind Kind) map[string]string {
	for _, v := range verdicts {
		if v.Decides && v.Rule.Kind == kind {
			return v.Rule.Outcome
		}
	}
	return nil
}

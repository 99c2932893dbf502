package api

import (
	"context"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/zhtext"
	"github.com/aftersales-suite/aftersales/platform/zhtext/extract"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// classAxes are the text axes of the schemes; the general scheme follows from the class of another one.
var classAxes = map[string]zhtext.Axis{"appliance": zhtext.AxisContentClass, "laboratory": zhtext.AxisLabClass}

// SuggestClassification implements intakev1.ClassificationServiceServer.
func (s classificationService) SuggestClassification(ctx context.Context, req *intakev1.SuggestClassificationRequest) (*intakev1.ClassificationSuggestion, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	reader, err := s.tools.reader()
	if err != nil {
		return nil, err
	}
	chosen, err := s.Cases.Schemes(ctx, s.DB, c.OwnerOrg)
	if err != nil {
		return nil, err
	}
	g := &suggester{presenter: s.presenter(ctx), reader: reader, text: told(c), out: &intakev1.ClassificationSuggestion{}}
	g.classes(chosen)
	g.code(codes.Nature, zhtext.AxisNature)
	g.code(codes.ProblemNature, zhtext.AxisProblem)
	g.findings()
	g.coreProblems()
	return g.out, nil
}

// told is what the customer told: offsets of spans count in it.
func told(c *casefile.Case) string {
	if c.Expectation == "" {
		return c.Problem
	}
	return c.Problem + "\n" + c.Expectation
}

// suggester collects what a text suggests.
type suggester struct {
	*presenter
	reader   *zhtext.Reader
	text     string
	repeated *zhtext.Finding // says that it was not the first time
	venting  bool
	out      *intakev1.ClassificationSuggestion
}

// classes suggests one class for each scheme in use.
func (g *suggester) classes(chosen []string) {
	var general *intakev1.SuggestedCode
	for _, scheme := range g.codes.Schemes() {
		axis, ok := classAxes[scheme]
		if !ok {
			continue
		}
		class := g.suggested(codes.ContentClass, g.reader.Classify(g.text, axis))
		class.Scheme = scheme
		if common := g.codes.Common(class.GetCode()); common != "" && (general == nil || class.GetScore() > general.GetScore()) {
			general = &intakev1.SuggestedCode{
				Axis: class.GetAxis(), Code: common, Label: g.presenter.code(codes.ContentClass, common), Score: class.GetScore(), Why: class.GetWhy(),
				Spans: class.GetSpans(), Source: class.GetSource(), Model: class.GetModel(), Scheme: codes.GeneralScheme,
			}
		}
		if len(chosen) == 0 || slices.Contains(chosen, scheme) {
			g.out.Codes = append(g.out.Codes, class)
		}
	}
	if general != nil && (len(chosen) == 0 || slices.Contains(chosen, codes.GeneralScheme)) {
		g.out.Codes = append(g.out.Codes, general)
	}
}

func (g *suggester) code(axis string, of zhtext.Axis) {
	c := g.suggested(axis, g.reader.Classify(g.text, of))
	g.venting = g.venting || c.GetCode() == "VENTING"
	g.out.Codes = append(g.out.Codes, c)
}

// suggested converts an answer; a code that the installation does not use is left out.
func (g *suggester) suggested(axis string, c zhtext.Class) *intakev1.SuggestedCode {
	m := &intakev1.SuggestedCode{Axis: axis, Score: c.Score, Why: c.Why, Source: string(c.Source), Model: c.Model}
	if g.codes.Check(axis, c.Label) == nil {
		m.Code, m.Label = c.Label, g.presenter.code(axis, c.Label)
	}
	for _, span := range c.Spans {
		m.Spans = append(m.Spans, spanOf(span))
	}
	for _, other := range c.Others {
		if g.codes.Check(axis, other.Label) == nil {
			m.Others = append(m.Others, other.Label)
		}
	}
	return m
}

func spanOf(s zhtext.Span) *intakev1.TextSpan {
	return &intakev1.TextSpan{Start: int32(s.Start), End: int32(s.End), Text: s.Text}
}

func (g *suggester) finding(kind string, f zhtext.Finding) *intakev1.TextFinding {
	return &intakev1.TextFinding{Kind: kind, Code: f.Code, Label: label{f.ZH, f.EN}.in(g.locale), Value: f.Value, Span: spanOf(f.Span), Why: f.Why}
}

// motives of demands (R98): what is asked back tells what is missed.
var motives = map[string]string{
	"RETURN_REFUND": "REDRESS_MATERIAL", "EXCHANGE": "REDRESS_MATERIAL", "COMPENSATION": "REDRESS_MATERIAL", "FEE_REDUCTION": "REDRESS_MATERIAL",
	"APOLOGY": "REDRESS_MORAL", "EXPLANATION": "RESPECT", "ESCALATE": "RESPECT",
}

// findings are dangers, demands and what else the text tells; with them come urgency and motives.
func (g *suggester) findings() {
	g.out.Urgency = "NORMAL"
	for _, h := range g.reader.Hazards(g.text) {
		g.out.Hazards = append(g.out.Hazards, g.finding("HAZARD", h))
		g.out.Urgency = "CRITICAL"
	}
	for _, f := range g.reader.Extract(g.text) {
		switch f.Kind {
		case extract.Demand:
			g.out.Demands = append(g.out.Demands, g.finding("DEMAND", f))
			g.motive(motives[f.Code])
		case extract.Urgency:
			g.urgent(f)
		default:
			g.out.Findings = append(g.out.Findings, g.finding(string(f.Kind), f))
		}
	}
	if g.venting {
		g.motive("VENTING")
	}
}

func (g *suggester) urgent(f zhtext.Finding) {
	if f.Code == extract.SafetyHazard {
		return // it is among the hazards, where it is one
	}
	g.out.Findings = append(g.out.Findings, g.finding("URGENCY", f))
	if g.out.Urgency == "NORMAL" {
		g.out.Urgency = "HIGH"
	}
	if f.Code == extract.RepeatedFailure {
		g.repeated = &f
	}
}

func (g *suggester) motive(code string) {
	if code != "" && !slices.Contains(g.out.Motives, code) {
		g.out.Motives = append(g.out.Motives, code)
	}
}

// coreProblemOf a class (R39).
var coreProblemOf = map[string]string{
	"REPAIR_QUALITY": "RESULT_UNSATISFACTORY", "PARTS": "PART_QUALITY", "FEE": "FEE_TOO_HIGH", "ATTITUDE": "RUDE_CONDUCT", "PROCESS": "LATE_SERVICE",
}

// coreProblems suggests the core problem: repeated failures where the text tells of them, else what the class says.
func (g *suggester) coreProblems() {
	if f := g.repeated; f != nil {
		g.out.Codes = append(g.out.Codes, &intakev1.SuggestedCode{
			Axis: codes.CoreProblem, Code: "REPEATED_FAILED_REPAIRS", Label: g.presenter.code(codes.CoreProblem, "REPEATED_FAILED_REPAIRS"), Score: 0.9, Why: f.Why,
			Spans: []*intakev1.TextSpan{spanOf(f.Span)}, Source: string(zhtext.SourceRule),
		})
		return
	}
	for _, c := range g.out.GetCodes() {
		if core := coreProblemOf[c.GetCode()]; core != "" && c.GetScheme() == "appliance" {
			why := label{"由内容类别得出", "follows from the content class"}.in(apierr.ZH)
			g.out.Codes = append(g.out.Codes, &intakev1.SuggestedCode{
				Axis: codes.CoreProblem, Code: core, Label: g.presenter.code(codes.CoreProblem, core), Score: c.GetScore(), Why: why, Spans: c.GetSpans(), Source: c.GetSource(), Model: c.GetModel(),
			})
			return
		}
	}
}

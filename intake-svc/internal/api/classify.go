package api

import (
	"cmp"
	"context"
	"slices"

	grpccodes "google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/rules"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

var (
	// errScheme is a class of a scheme that the organisation does not use; metadata: class, scheme, allowed.
	errScheme = apierr.Define(grpccodes.InvalidArgument, "SCHEME_INACTIVE",
		"本机构未启用类别 {class} 所属的分类方案 {scheme}", "the organisation does not use the scheme {scheme} that {class} belongs to")
	// errLastScheme is a scheme that is the only one.
	errLastScheme = apierr.Define(grpccodes.FailedPrecondition, "SCHEME_LAST", "至少保留一个分类方案", "one scheme must stay")
)

type classificationService struct {
	intakev1.UnimplementedClassificationServiceServer
	*Server
}

// RegradeCase implements intakev1.ClassificationServiceServer.
func (s classificationService) RegradeCase(ctx context.Context, req *intakev1.RegradeCaseRequest) (*intakev1.Case, error) {
	err := s.checkCodes(map[string]string{codes.Nature: req.GetNature(), codes.Urgency: req.GetUrgency(), codes.ContentClass: req.GetContentClass()})
	if err != nil {
		return nil, err
	}
	if err := s.Codes.Check(codes.ContentClass, req.GetSecondaryClasses()...); err != nil {
		return nil, err
	}
	return change(ctx, s.Server, caseID(req.GetName()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		if err := sameTag(req.GetEtag(), c.Etag()); err != nil {
			return casefile.Change{}, err
		}
		primary := cmp.Or(req.GetContentClass(), c.ContentClass)
		if err := s.checkClasses(ctx, tx, c.OwnerOrg, primary, req.GetSecondaryClasses()); err != nil {
			return casefile.Change{}, err
		}
		return c.Regrade(m, casefile.Regrading{
			Nature: req.GetNature(), Class: req.GetContentClass(), Common: s.Codes.Common(primary), Urgency: req.GetUrgency(), Reason: req.GetReason(),
			Secondary: req.GetSecondaryClasses(), Communicative: s.Codes.Communicative(req.GetNature()),
		})
	}, (*presenter).fullCase)
}

// checkClasses: one primary class and others beside it, all of schemes that the organisation uses (process.md "Classification").
func (s *Server) checkClasses(ctx context.Context, q sqldb.Queryer, org, primary string, secondary []string) error {
	for n, class := range secondary {
		if class == primary || slices.Contains(secondary[:n], class) {
			return apierr.Invalid("secondary_classes", "次类别不能与主类别或彼此重复", "must differ from the primary class and from each other")
		}
	}
	chosen, err := s.Cases.Schemes(ctx, q, org)
	if err != nil || len(chosen) == 0 {
		return err
	}
	for _, class := range append([]string{primary}, secondary...) {
		if scheme := s.Codes.SchemeOf(class); scheme != "" && !slices.Contains(chosen, scheme) {
			return errScheme.New("class", class, "scheme", scheme)
		}
	}
	return nil
}

// repeatsLooked bounds the earlier cases that are counted.
const repeatsLooked = 100

// classify looks up what an acceptance needs to know: earlier cases, running orders, the rules that match, what the text suggests.
func (s *Server) classify(ctx context.Context, tx sqldb.Tx, c *casefile.Case, in *casefile.Acceptance) error {
	if err := s.checkClasses(ctx, tx, c.OwnerOrg, in.ContentClass, in.SecondaryClasses); err != nil {
		return err
	}
	found := &in.Found
	found.Common, found.Communicative = s.Codes.Common(in.ContentClass), s.Codes.Communicative(in.Nature)
	found.StopsJob = s.Codes.StopsJob(append([]string{in.ContentClass}, in.SecondaryClasses...)...)
	if err := s.before(ctx, tx, c, found); err != nil {
		return err
	}
	if err := s.applyRules(ctx, tx, c, in); err != nil {
		return err
	}
	reader, err := s.tools.reader()
	if err != nil {
		return err
	}
	if axis, ok := classAxes[s.Codes.SchemeOf(in.ContentClass)]; ok {
		found.Suggested = reader.Classify(c.Problem, axis).Label
	}
	return nil
}

// applyRules evaluates the organisation's rules on the case as it will be: they name who handles it, and may raise the urgency.
func (s *Server) applyRules(ctx context.Context, tx sqldb.Tx, c *casefile.Case, in *casefile.Acceptance) error {
	verdicts, err := s.verdicts(ctx, tx, s.accepted(c, in))
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		if v.Decides {
			in.Found.Matches = append(in.Found.Matches, matchOf(v))
		}
	}
	in.Found.Route = rules.Outcome(verdicts, rules.Routing)[rules.OutcomeTeam]
	rule := routedBy(verdicts)
	chosen := cmp.Or(in.Urgency, c.Urgency, "NORMAL")
	raised := rules.Outcome(verdicts, rules.Priority)[rules.OutcomeUrgency]
	if s.Codes.Rank(codes.Urgency, raised) > s.Codes.Rank(codes.Urgency, chosen) {
		in.Urgency = raised
	}
	if c.Kind != casefile.Complaint {
		return nil
	}
	return s.assign(ctx, tx, s.accepted(c, in), in, rule)
}

// assign carries the routing rule out; without one the class says which team, by complexity (R99).
func (s *Server) assign(ctx context.Context, tx sqldb.Tx, seen *casefile.Case, in *casefile.Acceptance, rule string) (err error) {
	found := &in.Found
	found.Assign, err = s.pick(ctx, tx, seen, found.Route, s.teamFor(seen))
	if err == nil && found.Assign != nil && found.Assign.Team == found.Route {
		found.Assign.Rule = rule
	}
	return err
}

// accepted is the case as rules read it: with the classes that are being given.
func (s *Server) accepted(c *casefile.Case, in *casefile.Acceptance) *casefile.Case {
	seen := *c
	seen.ContentClass, seen.SecondaryClasses, seen.CommonClass = in.ContentClass, in.SecondaryClasses, in.Found.Common
	seen.Nature, seen.Urgency = cmp.Or(in.Nature, "VALID"), cmp.Or(in.Urgency, c.Urgency, "NORMAL")
	seen.Severity, seen.Scope, seen.ProblemNature = in.Severity, in.Scope, in.ProblemNature
	seen.Repeat = &in.Found.Repeat
	if in.Hazard != nil {
		seen.Hazard = in.Hazard
	}
	if len(in.ComplainedAbout) > 0 {
		seen.ComplainedAbout = in.ComplainedAbout
	}
	if len(in.Found.CoreProblems) > 0 {
		seen.CoreProblems = in.Found.CoreProblems
	}
	if len(in.Found.Motives) > 0 {
		seen.Motives = in.Found.Motives
	}
	if len(in.Found.Running) > 0 {
		seen.Flags = append(slices.Clone(c.Flags), casefile.Flag{Code: casefile.FlagDuringService})
	}
	return &seen
}

// verdicts evaluates the rules of the case's owner.
func (s *Server) verdicts(ctx context.Context, q sqldb.Queryer, c *casefile.Case) ([]rules.Verdict, error) {
	engine, err := s.tools.rules()
	if err != nil {
		return nil, err
	}
	all, err := s.Cases.DecisionRulesOf(ctx, q, c.OwnerOrg)
	if err != nil {
		return nil, err
	}
	return engine.Evaluate(ctx, all, rules.FactsOf(c)), nil
}

func matchOf(v rules.Verdict) casefile.RuleMatch {
	return casefile.RuleMatch{
		Rule: v.Rule.Name(), Kind: string(v.Rule.Kind), TitleZH: v.Rule.TitleZH, TitleEN: v.Rule.TitleEN, Explanation: v.Explanation, Outcome: v.Rule.Outcome,
	}
}

// ListSchemes implements intakev1.ClassificationServiceServer.
func (s classificationService) ListSchemes(ctx context.Context, _ *intakev1.ListSchemesRequest) (*intakev1.ListSchemesResponse, error) {
	chosen, err := s.Cases.Schemes(ctx, s.DB, auth.FromContext(ctx).Org)
	if err != nil {
		return nil, err
	}
	resp := &intakev1.ListSchemesResponse{}
	for _, name := range s.Codes.Schemes() {
		resp.Schemes = append(resp.Schemes, s.presenter(ctx).scheme(name, len(chosen) == 0 || slices.Contains(chosen, name)))
	}
	return resp, nil
}

func (p *presenter) scheme(name string, active bool) *intakev1.Scheme {
	m := &intakev1.Scheme{Name: "schemes/" + name, Label: name, Active: active, Codes: p.codes.Classes(name), Common: map[string]string{}}
	if l, ok := codes.SchemeLabels[name]; ok {
		m.Label = label{l[0], l[1]}.in(p.locale)
	}
	for _, class := range m.Codes {
		if common := p.codes.Common(class); common != "" {
			m.Common[class] = common
		}
	}
	return m
}

// ActivateScheme implements intakev1.ClassificationServiceServer.
func (s classificationService) ActivateScheme(ctx context.Context, req *intakev1.ActivateSchemeRequest) (*intakev1.Scheme, error) {
	return s.setScheme(ctx, req, lastID(req.GetName()), true, func(tx sqldb.Tx, org, scheme string) error {
		return s.Cases.ChooseScheme(ctx, tx, org, scheme, s.Clock.Now())
	})
}

// DeactivateScheme implements intakev1.ClassificationServiceServer.
func (s classificationService) DeactivateScheme(ctx context.Context, req *intakev1.DeactivateSchemeRequest) (*intakev1.Scheme, error) {
	return s.setScheme(ctx, req, lastID(req.GetName()), false, func(tx sqldb.Tx, org, scheme string) error {
		chosen, err := s.Cases.Schemes(ctx, tx, org)
		if err != nil {
			return err
		}
		if len(chosen) == 0 { // all are in use so far: from now on all others
			for _, name := range s.Codes.Schemes() {
				if err := s.Cases.ChooseScheme(ctx, tx, org, name, s.Clock.Now()); err != nil {
					return err
				}
			}
			chosen = s.Codes.Schemes()
		}
		if len(chosen) == 1 && chosen[0] == scheme {
			return errLastScheme.New()
		}
		return s.Cases.DropScheme(ctx, tx, org, scheme)
	})
}

func (s *Server) setScheme(ctx context.Context, req mutation, scheme string, active bool, write func(tx sqldb.Tx, org, scheme string) error) (resp *intakev1.Scheme, err error) {
	if !slices.Contains(s.Codes.Schemes(), scheme) {
		return nil, apierr.NotFound("schemes/" + scheme)
	}
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Scheme, error) {
			if err := write(tx, auth.FromContext(ctx).Org, scheme); err != nil {
				return nil, err
			}
			return s.presenter(ctx).scheme(scheme, active), nil
		})
		return err
	})
	return resp, err
}

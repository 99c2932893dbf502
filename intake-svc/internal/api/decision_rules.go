package api

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	grpccodes "google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/rules"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// errDecisionRuleExists is a rule that is there already; metadata: name.
var errDecisionRuleExists = apierr.Define(grpccodes.AlreadyExists, "RULE_EXISTS", "规则 {name} 已存在", "the rule {name} exists")

// dryRunCases are looked at where no case is named.
const dryRunCases = 100

type decisionRuleService struct {
	intakev1.UnimplementedDecisionRuleServiceServer
	*Server
}

// decisionRuleSpec is what the list of rules can be filtered by.
var decisionRuleSpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"kind": {Column: "kind", Type: listing.String}, "code": {Column: "code", Type: listing.String}, "active": {Column: "active", Type: listing.Bool},
		"rank": {Column: "rank", Type: listing.Int},
	},
	Orders: map[string]string{"rank": "rank"}, DefaultOrder: "rank", Tie: "code",
}

// ListRules implements intakev1.DecisionRuleServiceServer.
func (s decisionRuleService) ListRules(ctx context.Context, req *intakev1.ListRulesRequest) (*intakev1.ListRulesResponse, error) {
	org := auth.FromContext(ctx).Org
	query, err := listing.Parse(decisionRuleSpec, listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Filter: req.GetFilter(), Checksum: []byte(org)})
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.ListDecisionRules(ctx, s.DB, org, query)
	if err != nil {
		return nil, err
	}
	rows, next := listing.Page(query, rows, func(r rules.Rule) map[string]any { return map[string]any{"rank": int64(r.Rank), "code": r.Code} })
	resp := &intakev1.ListRulesResponse{NextPageToken: next}
	for _, r := range rows {
		resp.Rules = append(resp.Rules, ruleMessage(r))
	}
	return resp, nil
}

func ruleMessage(r rules.Rule) *intakev1.Rule {
	return &intakev1.Rule{
		Name: r.Name(), Code: r.Code, Kind: intakev1.Rule_Kind(intakev1.Rule_Kind_value[string(r.Kind)]), TitleZh: r.TitleZH, TitleEn: r.TitleEN,
		Expression: r.Expression, Outcome: r.Outcome, Rank: int32(r.Rank), Active: r.Active, Etag: strconv.FormatInt(r.Version, 10), Shipped: r.Org == "",
		UpdateTime: at(r.Updated),
	}
}

// GetRule implements intakev1.DecisionRuleServiceServer.
func (s decisionRuleService) GetRule(ctx context.Context, req *intakev1.GetRuleRequest) (*intakev1.Rule, error) {
	r, err := s.Cases.DecisionRule(ctx, s.DB, auth.FromContext(ctx).Org, lastID(req.GetName()))
	if err != nil {
		return nil, err
	}
	return ruleMessage(r), nil
}

// ruleOf reads a rule.
func ruleOf(m *intakev1.Rule) rules.Rule {
	return rules.Rule{
		Code: m.GetCode(), Kind: rules.Kind(m.GetKind().String()), TitleZH: m.GetTitleZh(), TitleEN: m.GetTitleEn(), Expression: m.GetExpression(),
		Outcome: m.GetOutcome(), Rank: int(m.GetRank()), Active: true, Version: 1,
	}
}

// checkRule says whether a rule can be used.
func (s *Server) checkRule(r *rules.Rule) error {
	if r.Code == "" || r.TitleZH == "" || r.TitleEN == "" {
		return apierr.Invalid("rule", "代码与中英文标题必填", "code, title_zh and title_en are needed")
	}
	if err := s.Codes.Check(codes.Urgency, r.Outcome[rules.OutcomeUrgency]); err != nil {
		return err
	}
	fields := map[string]string{"rule.title_zh": r.TitleZH, "rule.title_en": r.TitleEN, "rule.expression": r.Expression}
	for key, value := range r.Outcome {
		fields["rule.outcome."+key] = key + value
	}
	if err := plain(fields); err != nil {
		return err
	}
	engine, err := s.tools.rules()
	if err != nil {
		return err
	}
	return engine.Check(r)
}

// CreateRule implements intakev1.DecisionRuleServiceServer.
func (s decisionRuleService) CreateRule(ctx context.Context, req *intakev1.CreateRuleRequest) (*intakev1.Rule, error) {
	r := ruleOf(req.GetRule())
	r.Org = auth.FromContext(ctx).Org
	if err := s.checkRule(&r); err != nil {
		return nil, err
	}
	return s.writeRule(ctx, req, &r, func(tx sqldb.Tx) error {
		_, err := s.Cases.DecisionRule(ctx, tx, r.Org, r.Code)
		if err == nil { // also where a shipped one has the code: that one is updated
			return errDecisionRuleExists.New("name", r.Name())
		}
		if apierr.Reason(err) != apierr.ErrNotFound.Reason() {
			return err
		}
		added, err := s.Cases.AddDecisionRule(ctx, tx, r)
		if err == nil && !added {
			err = errDecisionRuleExists.New("name", r.Name())
		}
		return err
	})
}

// UpdateRule implements intakev1.DecisionRuleServiceServer. A shipped rule gets a row of the organisation in its place.
func (s decisionRuleService) UpdateRule(ctx context.Context, req *intakev1.UpdateRuleRequest) (*intakev1.Rule, error) {
	org := auth.FromContext(ctx).Org
	r, err := s.Cases.DecisionRule(ctx, s.DB, org, lastID(req.GetRule().GetName()))
	if err != nil {
		return nil, err
	}
	if err := sameTag(req.GetRule().GetEtag(), strconv.FormatInt(r.Version, 10)); err != nil {
		return nil, err
	}
	if err := mergeRule(&r, req.GetRule(), req.GetUpdateMask().GetPaths()); err != nil {
		return nil, err
	}
	if err := s.checkRule(&r); err != nil {
		return nil, err
	}
	shipped := r.Org == ""
	r.Org = org
	return s.writeRule(ctx, req, &r, func(tx sqldb.Tx) error {
		if !shipped {
			err := s.Cases.UpdateDecisionRule(ctx, tx, r)
			r.Version++
			return err
		}
		r.Version++
		added, err := s.Cases.AddDecisionRule(ctx, tx, r)
		if err == nil && !added {
			err = apierr.ErrStale.New()
		}
		return err
	})
}

// mergeRule takes over the fields that the mask names; without a mask all that can change.
func mergeRule(r *rules.Rule, in *intakev1.Rule, mask []string) error {
	changeable := []string{"title_zh", "title_en", "expression", "outcome", "rank", "active"}
	if len(mask) == 0 {
		mask = changeable
	}
	for _, path := range mask {
		path, _, _ = strings.Cut(path, ".")
		switch path {
		case "title_zh":
			r.TitleZH = in.GetTitleZh()
		case "title_en":
			r.TitleEN = in.GetTitleEn()
		case "expression":
			r.Expression = in.GetExpression()
		case "outcome":
			r.Outcome = in.GetOutcome()
		case "rank":
			r.Rank = int(in.GetRank())
		case "active":
			r.Active = in.GetActive()
		case "name", "etag": // say which row and which version, and are no change
		default:
			return apierr.Invalid("update_mask", "可修改:"+strings.Join(changeable, ", "), "may name "+strings.Join(changeable, ", "))
		}
	}
	return nil
}

func (s *Server) writeRule(ctx context.Context, req mutation, r *rules.Rule, write func(tx sqldb.Tx) error) (resp *intakev1.Rule, err error) {
	read := *r
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		*r = read // the transaction may run again
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Rule, error) {
			r.Updated = s.Clock.Now()
			if err := write(tx); err != nil {
				return nil, err
			}
			return ruleMessage(*r), nil
		})
		return err
	})
	return resp, err
}

// DryRun implements intakev1.DecisionRuleServiceServer.
func (s decisionRuleService) DryRun(ctx context.Context, req *intakev1.DryRunRequest) (*intakev1.DryRunResponse, error) {
	engine, err := s.tools.rules()
	if err != nil {
		return nil, err
	}
	all, err := s.tried(ctx, engine, req.GetRule())
	if err != nil {
		return nil, err
	}
	cases, err := s.lookedAt(ctx, req.GetCases())
	if err != nil {
		return nil, err
	}
	resp := &intakev1.DryRunResponse{LookedAt: int32(len(cases))}
	for _, c := range cases {
		outcome := s.presenter(ctx).outcome(c, engine.Evaluate(ctx, all, rules.FactsOf(c)))
		if len(outcome.GetMatches()) > 0 {
			resp.Matched++
		}
		if len(outcome.GetMatches())+len(outcome.GetErrors()) > 0 {
			resp.Outcomes = append(resp.Outcomes, outcome)
		}
	}
	return resp, nil
}

// tried are the rules of a dry run: the one given, checked as if it were kept, or those in force.
func (s *Server) tried(ctx context.Context, engine *rules.Engine, given *intakev1.Rule) ([]rules.Rule, error) {
	if given == nil {
		return s.Cases.DecisionRulesOf(ctx, s.DB, auth.FromContext(ctx).Org)
	}
	r := ruleOf(given)
	if r.Code == "" {
		r.Code = "dry-run"
	}
	return []rules.Rule{r}, engine.Check(&r)
}

func (s *Server) lookedAt(ctx context.Context, names []string) ([]*casefile.Case, error) {
	viewer := store.ViewerOf(auth.FromContext(ctx))
	if len(names) == 0 {
		query, err := listing.Parse(s.caseSpec, listing.Request{PageSize: dryRunCases})
		if err != nil {
			return nil, err
		}
		found, err := s.Cases.List(ctx, s.DB, viewer, query)
		return found[:min(len(found), dryRunCases)], err
	}
	var all []*casefile.Case
	for _, name := range names {
		c, err := s.Cases.Get(ctx, s.DB, viewer, caseID(name))
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func (p *presenter) outcome(c *casefile.Case, verdicts []rules.Verdict) *intakev1.CaseOutcome {
	m := &intakev1.CaseOutcome{Case: c.Name(), CaseNumber: c.Number}
	for _, v := range verdicts {
		switch {
		case v.Err != nil:
			m.Errors = append(m.Errors, v.Explanation)
		case v.Matched:
			m.Matches = append(m.Matches, p.match(matchOf(v)))
		}
	}
	return m
}

func (p *presenter) match(r casefile.RuleMatch) *intakev1.RuleMatch {
	return &intakev1.RuleMatch{Rule: r.Rule, Kind: r.Kind, Title: label{r.TitleZH, r.TitleEN}.in(p.locale), Explanation: r.Explanation, Outcome: r.Outcome}
}

// ExplainCase implements intakev1.DecisionRuleServiceServer.
func (s decisionRuleService) ExplainCase(ctx context.Context, req *intakev1.ExplainCaseRequest) (*intakev1.ExplainCaseResponse, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	verdicts, err := s.verdicts(ctx, s.DB, c)
	if err != nil {
		return nil, err
	}
	facts := rules.FactsOf(c)
	resp := &intakev1.ExplainCaseResponse{Facts: make(map[string]string, len(facts))}
	for name := range maps.Keys(facts) {
		resp.Facts[name] = facts.Text(name)
	}
	for _, v := range verdicts {
		m := &intakev1.RuleVerdict{Rule: v.Rule.Name(), Matched: v.Matched, Decides: v.Decides, Explanation: v.Explanation}
		if v.Matched {
			m.Outcome = v.Rule.Outcome
		}
		resp.Verdicts = append(resp.Verdicts, m)
	}
	return resp, nil
}

// handlerRoles are those whose authority a rule bounds; above them is who the rule names.
var handlerRoles = []string{casefile.RoleAgent, casefile.RoleSupport, casefile.RoleInvestigator}

// authority is the policy with the limits that the organisation's rules set for such a case and amount (R129).
func (s *Server) authority(ctx context.Context, q sqldb.Queryer, c *casefile.Case, p *casefile.Policy, fen int64) (*casefile.Policy, error) {
	if fen == 0 {
		return p, nil
	}
	engine, err := s.tools.rules()
	if err != nil {
		return nil, err
	}
	all, err := s.Cases.DecisionRulesOf(ctx, q, c.OwnerOrg)
	if err != nil {
		return nil, err
	}
	facts := rules.FactsOf(c)
	facts["case.compensation_fen"] = fen
	out := rules.Outcome(engine.Evaluate(ctx, all, facts), rules.Authority)
	if out == nil {
		return p, nil
	}
	limit, err := strconv.ParseInt(out[rules.OutcomeLimit], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("api: limit of a rule: %w", err)
	}
	bounded := *p
	bounded.CompensationLimit = maps.Clone(p.CompensationLimit)
	roles := handlerRoles
	if out[rules.OutcomeApprover] == casefile.RoleQuality {
		roles = append(slices.Clone(handlerRoles), casefile.RoleManager)
	}
	for _, role := range roles {
		bounded.CompensationLimit[role] = limit
	}
	return &bounded, nil
}

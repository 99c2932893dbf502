package api

import (
	"cmp"
	"context"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// CreateSolution implements intakev1.SolutionServiceServer.
func (s solutionService) CreateSolution(ctx context.Context, req *intakev1.CreateSolutionRequest) (*intakev1.Solution, error) {
	proposal, err := s.proposal(req.GetSolution())
	if err != nil {
		return nil, err
	}
	proposal.Submit = req.GetRequestApproval()
	return change(ctx, s.Server, caseID(req.GetParent()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		if err := s.checkGuarantee(ctx, tx, c, proposal); err != nil {
			return casefile.Change{}, err
		}
		policy, err := s.authority(ctx, tx, c, m.Policy, proposal.Compensation.Fen)
		if err != nil {
			return casefile.Change{}, err
		}
		m.Policy = policy
		_, change, err := c.Propose(m, proposal)
		return change, err
	}, func(p *presenter, c *casefile.Case) *intakev1.Solution { return p.solution(c, c.Current()) })
}

// proposal reads a solution; kind stands for one measure. How measures are carried out is an attribute of their codes.
func (s *Server) proposal(m *intakev1.Solution) (casefile.Solution, error) {
	p := casefile.Solution{
		Kind: m.GetKind(), Explanation: m.GetExplanation(), Timetable: m.GetTimetable(), Fee: money(m.GetFee()), Compensation: money(m.GetCompensation()),
		OnSite: m.GetOnSite(), Skills: m.GetRequiredSkills(), Guarantee: m.GetGuarantee(),
	}
	for _, q := range m.GetMeasures() {
		p.Measures = append(p.Measures, casefile.Measure{Kind: q.GetKind(), Description: q.GetDescription(), Amount: money(q.GetAmount())})
	}
	if len(p.Measures) == 0 && p.Kind != "" {
		p.Measures = []casefile.Measure{{Kind: p.Kind}}
	}
	if len(p.Measures) == 0 {
		return p, apierr.Invalid("solution.kind", "方案类型或措施必填", "a kind or measures are needed")
	}
	p.Kind = cmp.Or(p.Kind, p.Measures[0].Kind)
	for _, part := range m.GetParts() {
		p.Parts = append(p.Parts, casefile.Part{Number: part.GetPartNumber(), Name: part.GetPartName(), Quantity: max(int(part.GetQuantity()), 1)})
	}
	for _, a := range m.GetAlternatives() {
		p.Alternatives = append(p.Alternatives, casefile.Alternative{Kind: a.GetKind(), Explanation: a.GetExplanation(), Fee: money(a.GetFee())})
	}
	return p, s.checkProposal(m, &p)
}

func (s *Server) checkProposal(m *intakev1.Solution, p *casefile.Solution) error {
	if err := cmp.Or(notNegative("solution.fee", m.GetFee()), notNegative("solution.compensation", m.GetCompensation()), s.Codes.Check(codes.SolutionKind, p.Kind)); err != nil {
		return err
	}
	for n := range p.Measures {
		q := &p.Measures[n]
		if err := s.Codes.Check(codes.SolutionKind, q.Kind); err != nil {
			return err
		}
		code, _ := s.Codes.Get(codes.Name(codes.SolutionKind, q.Kind))
		q.Mode = casefile.Mode(cmp.Or(code.Attributes[codes.AttrMode], string(casefile.ModeRecord)))
		q.Purpose = code.Attributes[codes.AttrPurpose]
		if q.Mode == casefile.ModePayment {
			q.Pays = cmp.Or(code.Attributes[codes.AttrPays], casefile.PayCompensation)
		}
		if q.Amount.Fen < 0 || q.Amount.Fen > 0 && q.Mode != casefile.ModePayment {
			return apierr.Invalid("solution.measures.amount", "只有支付类措施可以有金额,且不能为负", "belongs to measures that are payments, and is not negative")
		}
	}
	for _, a := range p.Alternatives {
		if err := s.Codes.Check(codes.SolutionKind, a.Kind); err != nil {
			return err
		}
	}
	return nil
}

// GetSolution implements intakev1.SolutionServiceServer.
func (s solutionService) GetSolution(ctx context.Context, req *intakev1.GetSolutionRequest) (*intakev1.Solution, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	p := c.Solution(lastID(req.GetName()))
	if p == nil {
		return nil, apierr.NotFound(req.GetName())
	}
	return s.presenter(ctx).solution(c, p), nil
}

// ListSolutions implements intakev1.SolutionServiceServer.
func (s solutionService) ListSolutions(ctx context.Context, req *intakev1.ListSolutionsRequest) (*intakev1.ListSolutionsResponse, error) {
	c, err := s.see(ctx, req.GetParent())
	if err != nil {
		return nil, err
	}
	page, err := newPager(req.GetParent(), req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	var rows []*casefile.Solution // ids grow with time
	for i := range c.Solutions {
		if c.Solutions[i].ID > page.after && len(rows) < page.limit() {
			rows = append(rows, &c.Solutions[i])
		}
	}
	rows, next := cutPage(page, rows, func(p *casefile.Solution) string { return p.ID })
	present := s.presenter(ctx)
	resp := &intakev1.ListSolutionsResponse{NextPageToken: next}
	for _, p := range rows {
		resp.Solutions = append(resp.Solutions, present.solution(c, p))
	}
	return resp, nil
}

// AgreeSolution implements intakev1.SolutionServiceServer.
func (s solutionService) AgreeSolution(ctx context.Context, req *intakev1.AgreeSolutionRequest) (*intakev1.Solution, error) {
	consent := req.GetConsent()
	if err := s.Codes.Check(codes.Channel, consent.GetChannel()); err != nil {
		return nil, err
	}
	if err := s.tryCode(ctx, req); err != nil {
		return nil, err
	}
	return s.changeSolution(ctx, req, func(c *casefile.Case, m casefile.Moment, id string) (casefile.Change, error) {
		words := casefile.ConsentWords{Person: consent.GetPerson(), Note: consent.GetNote()}
		if code := req.GetAcceptanceCode(); code != "" { // once more, under the lock that the consent is given in
			if _, err := c.TryConsentCode(m, id, code, s.Cases.ConsentDigest); err != nil {
				return casefile.Change{}, err
			}
			words.ByCode = true
		}
		return c.Agree(m, id, words, consent.GetChannel())
	})
}

// DeclineSolution implements intakev1.SolutionServiceServer.
func (s solutionService) DeclineSolution(ctx context.Context, req *intakev1.DeclineSolutionRequest) (*intakev1.Solution, error) {
	return s.changeSolution(ctx, req, func(c *casefile.Case, m casefile.Moment, id string) (casefile.Change, error) {
		return c.Decline(m, id, req.GetReason())
	})
}

// ConfirmMeasure implements intakev1.SolutionServiceServer.
func (s solutionService) ConfirmMeasure(ctx context.Context, req *intakev1.ConfirmMeasureRequest) (*intakev1.Solution, error) {
	id := lastID(req.GetName())
	return change(ctx, s.Server, caseID(req.GetName()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		p := c.Solution(id)
		if p == nil {
			return casefile.Change{}, apierr.NotFound(req.GetName())
		}
		if err := sameTag(req.GetEtag(), p.Etag()); err != nil {
			return casefile.Change{}, err
		}
		change, err := c.ConfirmMeasure(m, id, req.GetMeasureId(), req.GetReference())
		if err != nil {
			return change, err
		}
		return change, s.notFinance(ctx, tx, c, id, req.GetMeasureId())
	}, func(p *presenter, c *casefile.Case) *intakev1.Solution { return p.solution(c, c.Solution(id)) })
}

// solutionVerb is a request about one solution.
type solutionVerb interface {
	mutation
	GetName() string
	GetEtag() string
}

func (s *Server) changeSolution(ctx context.Context, req solutionVerb, do func(c *casefile.Case, m casefile.Moment, id string) (casefile.Change, error)) (*intakev1.Solution, error) {
	id := lastID(req.GetName())
	return change(ctx, s, caseID(req.GetName()), req, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		p := c.Solution(id)
		if p == nil {
			return casefile.Change{}, apierr.NotFound(req.GetName())
		}
		if err := sameTag(req.GetEtag(), p.Etag()); err != nil {
			return casefile.Change{}, err
		}
		return do(c, m, id)
	}, func(p *presenter, c *casefile.Case) *intakev1.Solution { return p.solution(c, c.Solution(id)) })
}

// solution converts; the words of the consent are personal.
func (p *presenter) solution(c *casefile.Case, q *casefile.Solution) *intakev1.Solution {
	m := &intakev1.Solution{
		Name: c.SolutionName(q.ID), Kind: q.Kind, KindLabel: p.code(codes.SolutionKind, q.Kind), Explanation: q.Explanation, Timetable: q.Timetable,
		State:      intakev1.Solution_State(intakev1.Solution_State_value[string(q.State)]),
		StateLabel: text(solutionLabels, string(q.State), p.locale), Fee: moneyOf(q.Fee), Compensation: moneyOf(q.Compensation), OnSite: q.OnSite,
		RequiredSkills: q.Skills, DeclineReason: q.DeclineReason, Proposer: q.Proposer, Round: int32(q.Round), Etag: q.Etag(),
		CreateTime: at(q.Created), UpdateTime: at(q.Updated), Guarantee: q.Guarantee, ApprovalPath: q.Path,
	}
	p.approvals(m, c, q)
	for _, r := range q.Measures {
		m.Measures = append(m.Measures, &intakev1.Measure{
			MeasureId: r.ID, Kind: r.Kind, KindLabel: p.code(codes.SolutionKind, r.Kind), Description: r.Description,
			State: intakev1.Measure_State(intakev1.Measure_State_value[string(r.State)]), WorkOrder: r.WorkOrder, Mode: strings.ToUpper(string(r.Mode)), Amount: moneyOf(r.Amount),
		})
	}
	for _, part := range q.Parts {
		m.Parts = append(m.Parts, &intakev1.SolutionPart{PartNumber: part.Number, PartName: part.Name, Quantity: int32(part.Quantity)})
	}
	for _, a := range q.Alternatives {
		m.Alternatives = append(m.Alternatives, &intakev1.Alternative{Kind: a.Kind, Explanation: a.Explanation, Fee: moneyOf(a.Fee)})
	}
	if k := q.Consent; k != nil {
		words := c.Personal.Consents[q.ID]
		related := p.related(c)
		m.Consent = &intakev1.ConsentRecord{
			Method: k.Method, Channel: k.Channel, Recorder: k.Recorder, ConsentTime: at(k.At), Person: hide(words.Person, related), Note: hide(words.Note, related),
		}
	}
	return m
}

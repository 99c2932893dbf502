package api

import (
	"context"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// byLink is the customer who holds the progress link.
var byLink = casefile.Actor{Name: "customer", Kind: casefile.ActorCustomer, ByLink: true}

// linked finds the case of a token; who has a wrong one is told nothing.
func (s *Server) linked(ctx context.Context, token string) (*casefile.Case, error) {
	id, ok := casefile.ProgressCase(token)
	if !ok {
		return nil, apierr.NotFound("progress")
	}
	c, err := s.Cases.Get(ctx, s.DB, store.Everything, id)
	switch {
	case apierr.Reason(err) == apierr.ErrNotFound.Reason(), err == nil && !c.ProvesProgress(token):
		return nil, apierr.NotFound("progress")
	}
	return c, err
}

// GetProposal implements intakev1.ConsentServiceServer. What waits for approval is not the customer's yet.
func (s consentService) GetProposal(ctx context.Context, req *intakev1.GetProposalRequest) (*intakev1.Proposal, error) {
	c, err := s.linked(ctx, req.GetToken())
	if err != nil {
		return nil, err
	}
	q := c.Current()
	if q == nil || q.State == casefile.SolutionAwaiting {
		return nil, apierr.NotFound("proposal")
	}
	return s.presenter(ctx).proposal(c, q), nil
}

// AgreeProposal implements intakev1.ConsentServiceServer (R134, R151).
func (s consentService) AgreeProposal(ctx context.Context, req *intakev1.AgreeProposalRequest) (*intakev1.Proposal, error) {
	return s.answerProposal(ctx, req, func(c *casefile.Case, m casefile.Moment, id string) (casefile.Change, error) {
		return c.Agree(m, id, casefile.ConsentWords{Person: "customer", Note: req.GetNote()}, "")
	})
}

// DeclineProposal implements intakev1.ConsentServiceServer (R171).
func (s consentService) DeclineProposal(ctx context.Context, req *intakev1.DeclineProposalRequest) (*intakev1.Proposal, error) {
	return s.answerProposal(ctx, req, func(c *casefile.Case, m casefile.Moment, id string) (casefile.Change, error) {
		return c.Decline(m, id, req.GetReason())
	})
}

// linkVerb is a request of the holder of a link about one proposal.
type linkVerb interface {
	mutation
	GetToken() string
	GetSolution() string
}

func (s *Server) answerProposal(ctx context.Context, req linkVerb, do func(c *casefile.Case, m casefile.Moment, id string) (casefile.Change, error)) (*intakev1.Proposal, error) {
	c, err := s.linked(ctx, req.GetToken())
	if err != nil {
		return nil, err
	}
	id := lastID(req.GetSolution())
	if caseID(req.GetSolution()) != c.ID || c.Solution(id) == nil {
		return nil, apierr.NotFound(req.GetSolution())
	}
	return changeAs(ctx, s, c.ID, req, store.Everything, byLink, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return do(c, m, id)
	}, func(p *presenter, c *casefile.Case) *intakev1.Proposal { return p.proposal(c, c.Solution(id)) })
}

func (p *presenter) proposal(c *casefile.Case, q *casefile.Solution) *intakev1.Proposal {
	m := &intakev1.Proposal{
		Solution: c.SolutionName(q.ID), KindLabel: p.code(codes.SolutionKind, q.Kind), State: intakev1.Solution_State(intakev1.Solution_State_value[string(q.State)]),
		StateLabel: text(solutionLabels, string(q.State), p.locale), Explanation: q.Explanation, Timetable: q.Timetable, Fee: moneyOf(q.Fee),
		Compensation: moneyOf(q.Compensation),
	}
	for _, r := range q.Measures {
		m.Measures = append(m.Measures, p.code(codes.SolutionKind, r.Kind))
	}
	return m
}

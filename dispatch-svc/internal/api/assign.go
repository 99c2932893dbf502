package api

import (
	"context"
	"slices"
	"strings"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// Offer implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Offer(ctx context.Context, req *dispatchv1.OfferRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		provider := req.GetServingOrg()
		if provider == "" {
			provider = st.order.ServingOrg
		}
		if !strings.HasPrefix(provider, "organisations/") || provider == st.order.OwnerOrg {
			return workorder.Change{}, apierr.Invalid("serving_org", "须指定另一家服务商", "another organisation is needed")
		}
		deadline := st.Now.Add(s.opts.OfferTime)
		if req.GetDeadline() != nil {
			deadline = clock.Normal(req.GetDeadline().AsTime())
		}
		if !deadline.After(st.Now) {
			return workorder.Change{}, apierr.Invalid("deadline", "须晚于当前时间", "must be in the future")
		}
		return st.order.Release(st.Step, provider, deadline)
	})
}

// AcceptOffer implements dispatchv1.WorkOrderServiceServer.
func (s *Server) AcceptOffer(ctx context.Context, req *dispatchv1.AcceptOfferRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) { return st.order.AcceptOffer(st.Step) })
}

// DeclineOffer implements dispatchv1.WorkOrderServiceServer.
func (s *Server) DeclineOffer(ctx context.Context, req *dispatchv1.DeclineOfferRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) { return st.order.DeclineOffer(st.Step, req.GetReason()) })
}

// Assign implements dispatchv1.WorkOrderServiceServer. The planner is asked before the transaction: its word is kept as the reasons,
// and decides nothing.
func (s *Server) Assign(ctx context.Context, req *dispatchv1.AssignRequest) (*dispatchv1.WorkOrder, error) {
	candidate, err := s.candidate(ctx, req)
	if err != nil {
		return nil, err
	}
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		if candidate.Excluded, err = s.Store.Excluded(ctx, st.tx, st.order.ID, candidate.Engineer); err != nil {
			return workorder.Change{}, err
		}
		return st.order.Assign(st.Step, candidate, req.GetReplaces(), req.GetReason())
	})
}

func (s *Server) candidate(ctx context.Context, req *dispatchv1.AssignRequest) (workorder.Candidate, error) {
	out := workorder.Candidate{Engineer: req.GetEngineer()}
	who, err := s.caller(ctx)
	if err != nil {
		return out, err
	}
	o, err := s.load(ctx, s.Store.DB, who, req.GetName())
	if err != nil {
		return out, err
	}
	e, err := s.Store.Engineer(ctx, s.Store.DB, req.GetEngineer(), who.orgs())
	if err != nil {
		return out, err
	}
	out.Name, out.Org, out.Active = e.Name, e.Org, e.Active
	out.Reasons, err = s.Suggest.Explain(ctx, e.Org, o, e.Resource())
	return out, err
}

// Accept implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Accept(ctx context.Context, req *dispatchv1.AcceptRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) { return st.order.Accept(st.Step) })
}

// Decline implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Decline(ctx context.Context, req *dispatchv1.DeclineRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) { return st.order.Decline(st.Step, req.GetReason()) })
}

// defaultSuggestions is how many are given when the caller does not say.
const defaultSuggestions = 5

// SuggestEngineers implements dispatchv1.WorkOrderServiceServer (R133).
func (s *Server) SuggestEngineers(ctx context.Context, req *dispatchv1.SuggestEngineersRequest) (*dispatchv1.SuggestEngineersResponse, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	o, err := s.load(ctx, s.Store.DB, who, req.GetName())
	if err != nil {
		return nil, err
	}
	// Only the organisation that carries the order out has engineers for it.
	if !slices.Contains(who.Actor.Orgs, o.CarrierOrg()) {
		return nil, apierr.ErrForbidden.New("org", o.CarrierOrg())
	}
	k := int(req.GetMaxSuggestions())
	if k == 0 {
		k = defaultSuggestions
	}
	answer, err := s.Suggest.Suggest(ctx, who.Actor.Orgs, o, k)
	if err != nil {
		return nil, err
	}
	return suggestMessage(answer), nil
}

// ExpireOffers ends the offers that nobody answered in time: the deadline is a column of the order, the sweeper comes by. At most
// batch orders a call.
func (s *Server) ExpireOffers(ctx context.Context) error {
	const batch = 200
	who := system()
	ids, err := s.Store.OverdueOffers(ctx, sqldb.Micros(s.Clock.Now()), batch)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.expireOffer(ctx, who, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) expireOffer(ctx context.Context, who caller, id string) error {
	return s.Store.DB.InTx(ctx, func(tx sqldb.Tx) error {
		o, err := s.Store.Order(ctx, tx, who.Viewer, id)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		if o.State != workorder.Offered || now.Before(o.Offer.Deadline) {
			return nil // answered, or offered again, meanwhile
		}
		change, err := o.ExpireOffer(workorder.Step{By: who.Actor, Now: now})
		if err != nil {
			return err
		}
		return s.Store.Save(ctx, tx, o, change)
	})
}

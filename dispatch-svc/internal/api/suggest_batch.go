package api

import (
	"context"
	"slices"
	"strings"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/suggest"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// defaultBatch is how many orders of a filter are taken when the caller does not say.
const defaultBatch = 200

// SuggestBatch implements dispatchv1.WorkOrderServiceServer (R133).
func (s *Server) SuggestBatch(ctx context.Context, req *dispatchv1.SuggestBatchRequest) (*dispatchv1.SuggestBatchResponse, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	var orders []*workorder.Order
	switch {
	case len(req.GetNames()) > 0 && req.GetFilter() != "":
		return nil, apierr.Invalid("filter", "不能与 names 同时使用", "cannot be used together with names")
	case len(req.GetNames()) > 0:
		orders, err = s.named(ctx, who, req.GetNames())
	default:
		orders, err = s.waiting(ctx, who, req)
	}
	if err != nil {
		return nil, err
	}
	answer, err := s.Suggest.SuggestBatch(ctx, who.Actor.Orgs, orders)
	if err != nil {
		return nil, err
	}
	return batchMessage(answer, orders), nil
}

// named reads orders by name; each must be the caller's to give away.
func (s *Server) named(ctx context.Context, who caller, names []string) ([]*workorder.Order, error) {
	ids := make([]string, len(names))
	for i, name := range names {
		ids[i] = strings.TrimPrefix(name, "workOrders/")
	}
	found, err := s.Store.OrdersOf(ctx, who.Viewer, ids)
	if err != nil {
		return nil, err
	}
	orders := make([]*workorder.Order, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(found, func(o *workorder.Order) bool { return o.ID == id })
		if at < 0 {
			return nil, apierr.NotFound(names[i])
		}
		o := found[at]
		switch {
		case !slices.Contains(who.Actor.Orgs, o.CarrierOrg()):
			return nil, apierr.ErrForbidden.New("org", o.CarrierOrg())
		case !o.Waits():
			return nil, workorder.ErrState.New("state", string(o.State), "verb", string(workorder.VerbAssign), "workOrder", names[i])
		}
		orders[i] = o
	}
	return orders, nil
}

// waiting reads those of a filter that the caller may give away and that wait for an engineer, the oldest first.
func (s *Server) waiting(ctx context.Context, who caller, req *dispatchv1.SuggestBatchRequest) ([]*workorder.Order, error) {
	most := int(req.GetMaxOrders())
	if most == 0 {
		most = defaultBatch
	}
	var orders []*workorder.Order
	in := listing.Request{PageSize: 500, OrderBy: "create_time", Filter: req.GetFilter()}
	for {
		page, next, err := s.Store.Waiting(ctx, who.Viewer, in)
		if err != nil {
			return nil, err
		}
		for _, o := range page {
			if len(orders) < most && slices.Contains(who.Actor.Orgs, o.CarrierOrg()) && o.Waits() {
				orders = append(orders, o)
			}
		}
		if next == "" || len(orders) >= most {
			return orders, nil
		}
		in.PageToken = next
	}
}

func batchMessage(a suggest.BatchAnswer, orders []*workorder.Order) *dispatchv1.SuggestBatchResponse {
	out := &dispatchv1.SuggestBatchResponse{Value: a.Value, OneByOneValue: a.OneByOne}
	place := map[string]int{}
	for i, o := range orders {
		place[o.ID] = i
	}
	slices.SortStableFunc(a.Proposals, func(x, y suggest.Proposal) int { return place[x.Order] - place[y.Order] })
	for i := range a.Proposals {
		p := &a.Proposals[i]
		out.Proposals = append(out.Proposals, &dispatchv1.SuggestBatchResponse_Proposal{
			WorkOrder: "workOrders/" + p.Order, Etag: store.Etag(orders[place[p.Order]]), Suggestion: suggestionMessage(&p.Suggestion),
			SecondEngineer: p.Second, SecondScore: p.SecondScore,
		})
	}
	for _, l := range a.LeftOver {
		out.Unassigned = append(out.Unassigned, &dispatchv1.SuggestBatchResponse_Unassigned{
			WorkOrder: "workOrders/" + l.Order, Rejected: rejectedMessages(l.Rejected),
		})
	}
	for _, p := range a.Prices {
		out.SkillPrices = append(out.SkillPrices, &dispatchv1.SuggestBatchResponse_SkillPrice{
			Skill: p.Skill, Demand: int32(p.Demand), Supply: int32(p.Supply), Points: p.Points,
		})
	}
	return out
}

package api

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// CreateWorkOrder implements dispatchv1.WorkOrderServiceServer.
func (s *Server) CreateWorkOrder(ctx context.Context, req *dispatchv1.CreateWorkOrderRequest) (*dispatchv1.WorkOrder, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	o, err := newOrder(req.GetWorkOrder(), who)
	if err != nil {
		return nil, err
	}
	var out *dispatchv1.WorkOrder
	err = s.Store.DB.InTx(ctx, func(tx sqldb.Tx) error {
		out, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*dispatchv1.WorkOrder, error) {
			fresh, now := *o, s.Clock.Now()
			fresh.Households = s.householdsOf(fresh.Contact)
			change := workorder.New(&fresh, workorder.Step{By: who.Actor, Now: now})
			kept, err := s.Store.Create(ctx, tx, &fresh, change)
			if err != nil {
				return nil, err
			}
			return orderMessage(kept, who, now, grpcx.Locale(ctx)), nil
		})
		return err
	})
	return out, err
}

// newOrder checks what field rules cannot: who may create for whom.
func newOrder(in *dispatchv1.WorkOrder, who caller) (*workorder.Order, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	o := orderFromMessage(in)
	o.ID = id.String()
	if o.OwnerOrg == "" {
		o.OwnerOrg = who.principal.Org
	}
	switch {
	case o.Case == "":
		return nil, apierr.Invalid("work_order.case", "必填", "is required")
	case o.Purpose == "":
		return nil, apierr.Invalid("work_order.purpose", "必填", "is required")
	case o.OwnerOrg == "":
		return nil, apierr.Invalid("work_order.owner_org", "必填", "is required")
	case !who.System && !slices.Contains(who.Actor.Orgs, o.OwnerOrg):
		return nil, apierr.ErrForbidden.New("org", o.OwnerOrg)
	case o.ServingOrg == o.OwnerOrg:
		o.ServingOrg = ""
	}
	return o, nil
}

// GetWorkOrder implements dispatchv1.WorkOrderServiceServer.
func (s *Server) GetWorkOrder(ctx context.Context, req *dispatchv1.GetWorkOrderRequest) (*dispatchv1.WorkOrder, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	o, err := s.load(ctx, s.Store.DB, who, req.GetName())
	if err != nil {
		return nil, err
	}
	return orderMessage(o, who, s.Clock.Now(), grpcx.Locale(ctx)), nil
}

// ListWorkOrders implements dispatchv1.WorkOrderServiceServer.
func (s *Server) ListWorkOrders(ctx context.Context, req *dispatchv1.ListWorkOrdersRequest) (*dispatchv1.ListWorkOrdersResponse, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	page, next, err := s.Store.Orders(ctx, who.Viewer, listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), OrderBy: req.GetOrderBy(), Filter: req.GetFilter(),
	})
	if err != nil {
		return nil, err
	}
	return &dispatchv1.ListWorkOrdersResponse{WorkOrders: s.orderMessages(ctx, page, who), NextPageToken: next}, nil
}

func (s *Server) orderMessages(ctx context.Context, page []*workorder.Order, who caller) []*dispatchv1.WorkOrder {
	now, locale := s.Clock.Now(), grpcx.Locale(ctx)
	out := make([]*dispatchv1.WorkOrder, len(page))
	for i, o := range page {
		out[i] = orderMessage(o, who, now, locale)
	}
	return out
}

// Cancel implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Cancel(ctx context.Context, req *dispatchv1.CancelRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) { return st.order.Cancel(st.Step, req.GetReason()) })
}

// CancelCaseWorkOrders implements dispatchv1.WorkOrderServiceServer.
func (s *Server) CancelCaseWorkOrders(ctx context.Context, req *dispatchv1.CancelCaseWorkOrdersRequest) (*dispatchv1.CancelCaseWorkOrdersResponse, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	var out *dispatchv1.CancelCaseWorkOrdersResponse
	err = s.Store.DB.InTx(ctx, func(tx sqldb.Tx) error {
		out, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*dispatchv1.CancelCaseWorkOrdersResponse, error) {
			names, err := s.cancelCase(ctx, tx, who, req.GetCase(), req.GetReason())
			return &dispatchv1.CancelCaseWorkOrdersResponse{Cancelled: names}, err
		})
		return err
	})
	return out, err
}

// cancelCase calls off what is open for a case.
func (s *Server) cancelCase(ctx context.Context, tx sqldb.Tx, who caller, caseName, reason string) ([]string, error) {
	orders, err := s.Store.CaseOrders(ctx, tx, caseName)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, o := range orders {
		if !o.Open() {
			continue
		}
		change, err := o.Cancel(workorder.Step{By: who.Actor, Now: s.Clock.Now()}, reason)
		if err != nil {
			return nil, err
		}
		if err := s.Store.Save(ctx, tx, o, change); err != nil {
			return nil, err
		}
		names = append(names, "workOrders/"+o.ID)
	}
	return names, nil
}

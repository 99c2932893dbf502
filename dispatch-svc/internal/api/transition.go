package api

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// stepRequest is what every step's request has.
type stepRequest interface {
	proto.Message
	GetName() string
	GetRequestId() string
	GetEtag() string
}

// deviceTimed is a request that a phone may send later than the step was done.
type deviceTimed interface {
	GetDeviceTime() *timestamppb.Timestamp
}

// steps is one step of one order in one transaction.
type steps struct {
	tx    sqldb.Tx
	order *workorder.Order
	workorder.Step
	answer func(*dispatchv1.WorkOrder) // changes the answer before it is kept; nil: nothing
	after  func() error                // looks at what was saved, with the engineer's row locked; nil: nothing
}

// step takes one: replay of the same request id, load, etag, domain, save, answer; one commit.
func (s *Server) step(ctx context.Context, req stepRequest, apply func(st *steps) (workorder.Change, error)) (*dispatchv1.WorkOrder, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	var out *dispatchv1.WorkOrder
	err = s.Store.DB.InTx(ctx, func(tx sqldb.Tx) error {
		out, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*dispatchv1.WorkOrder, error) {
			return s.take(ctx, tx, who, req, apply)
		})
		return err
	})
	return out, err
}

func (s *Server) take(ctx context.Context, tx sqldb.Tx, who caller, req stepRequest, apply func(st *steps) (workorder.Change, error)) (*dispatchv1.WorkOrder, error) {
	st, err := s.begin(ctx, tx, who, req)
	if err != nil {
		return nil, err
	}
	change, err := apply(st)
	if err != nil {
		return nil, err
	}
	if err := s.Store.Save(ctx, tx, st.order, change); err != nil {
		return nil, err
	}
	if st.after != nil {
		if err := st.after(); err != nil {
			return nil, err
		}
	}
	out := orderMessage(st.order, who, st.Now, grpcx.Locale(ctx))
	if st.answer != nil {
		st.answer(out)
	}
	return out, nil
}

// begin loads the order and checks the etag.
func (s *Server) begin(ctx context.Context, tx sqldb.Tx, who caller, req stepRequest) (*steps, error) {
	o, err := s.load(ctx, tx, who, req.GetName())
	if err != nil {
		return nil, err
	}
	if err := store.CheckEtag(o, req.GetEtag()); err != nil {
		return nil, err
	}
	st := &steps{tx: tx, order: o, Step: workorder.Step{By: who.Actor, Now: s.Clock.Now()}}
	if d, ok := req.(deviceTimed); ok && d.GetDeviceTime() != nil {
		st.Device = clock.Normal(d.GetDeviceTime().AsTime())
	}
	return st, nil
}

// load reads what the caller may see. To an engineer who lost the order it says so, instead of calling it unknown: the phone may
// have steps of it in its queue (process.md).
func (s *Server) load(ctx context.Context, q store.Reader, who caller, name string) (*workorder.Order, error) {
	id := strings.TrimPrefix(name, "workOrders/")
	o, err := s.Store.Order(ctx, q, who.Viewer, id)
	if apierr.Reason(err) != apierr.ErrNotFound.Reason() || who.Actor.Engineer == "" {
		return o, err
	}
	had, lookup := s.Store.WasAssigned(ctx, q, id, who.Actor.Engineer)
	switch {
	case lookup != nil:
		return nil, lookup
	case had:
		return nil, workorder.ErrReassigned.New()
	}
	return nil, err
}

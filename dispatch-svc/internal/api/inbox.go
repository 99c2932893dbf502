package api

import (
	"context"
	"slices"

	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// Deliver implements dispatchv1.InboxServiceServer.
func (s *Server) Deliver(ctx context.Context, req *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	if err := events.Receive(ctx, s.Store.DB, req.GetEnvelopes(), s.receive); err != nil {
		return nil, err
	}
	return &eventv1.DeliverResponse{}, nil
}

// overStates are the states of a case that leave nothing to dispatch.
var overStates = []string{"WITHDRAWN", "MERGED", "REJECTED"}

// receive takes what concerns dispatch; other events are known and need nothing.
func (s *Server) receive(ctx context.Context, tx sqldb.Tx, ev events.Event) error {
	switch p := ev.Payload.(type) {
	case *eventv1.CodeChanged:
		return s.Store.PutCode(ctx, tx, p)
	case *eventv1.CaseChanged:
		// Intake also asks for it by CancelCaseWorkOrders, whose job may come later; a repeat finds nothing open.
		if slices.Contains(overStates, p.GetState()) {
			_, err := s.cancelCase(ctx, tx, system(), p.GetCase(), p.GetState())
			return err
		}
	}
	return nil
}

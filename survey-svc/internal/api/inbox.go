package api

import (
	"context"

	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// Inbox serves surveyv1.InboxService.
type Inbox struct {
	surveyv1.UnimplementedInboxServiceServer
	*Core
}

// Deliver implements surveyv1.InboxServiceServer.
func (s *Inbox) Deliver(ctx context.Context, req *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	if err := events.Receive(ctx, s.DB, req.GetEnvelopes(), s.handle); err != nil {
		return nil, err
	}
	return &eventv1.DeliverResponse{}, nil
}

// handle takes one event; those of other kinds are of no concern here.
func (s *Inbox) handle(ctx context.Context, tx sqldb.Tx, ev events.Event) error {
	switch payload := ev.Payload.(type) {
	case *eventv1.CaseChanged:
		return s.caseChanged(ctx, tx, payload, ev.Seq)
	case *eventv1.CodeChanged:
		return s.Store.SaveCode(ctx, tx, store.Code{
			Axis: payload.GetAxis(), Code: payload.GetCode(), Org: payload.GetOrg(), LabelZH: payload.GetLabelZh(),
			LabelEN: payload.GetLabelEn(), Attributes: payload.GetAttributes(), Active: payload.GetActive(),
		})
	}
	return nil
}

// caseChanged keeps what is told of a case and cancels what it makes pointless.
func (s *Inbox) caseChanged(ctx context.Context, tx sqldb.Tx, c *eventv1.CaseChanged, seq int64) error {
	told := store.CaseCopy{
		Case: c.GetCase(), State: c.GetState(), Round: int(c.GetRound()), Kind: c.GetKind(), ContentClass: c.GetContentClass(),
		Brand: c.GetBrand(), Model: c.GetModel(), Sequence: seq,
	}
	if err := s.Store.SaveCase(ctx, tx, told); err != nil {
		return err
	}
	invitations, err := s.Store.OfCase(ctx, tx, c.GetCase())
	if err != nil {
		return err
	}
	for n := range invitations {
		inv := &invitations[n]
		if reason := inv.OvertakenBy(newsOf(told)); reason != "" {
			if err := s.cancel(ctx, tx, inv, reason); err != nil {
				return err
			}
		}
	}
	return nil
}

// cancel ends an invitation and its task.
func (s *Inbox) cancel(ctx context.Context, tx sqldb.Tx, inv *survey.Invitation, reason string) error {
	if err := inv.Cancel(reason); err != nil {
		return err
	}
	if err := s.Store.Save(ctx, tx, inv); err != nil {
		return err
	}
	task, err := s.Store.TaskOf(ctx, tx, inv)
	if err != nil || task == nil || task.Cancel() != nil { // one that is over stays as it ended
		return err
	}
	return s.Store.SaveTask(ctx, tx, task)
}

package api

import (
	"context"

	"github.com/aftersales-suite/aftersales/gateway/internal/feed"
	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/gateway/internal/webhook"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

type inboxServer struct {
	gatewayv1.UnimplementedInboxServiceServer
	*Core
}

// Deliver implements gatewayv1.InboxServiceServer.
func (s *inboxServer) Deliver(ctx context.Context, req *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	byID := make(map[string]*eventv1.Envelope, len(req.GetEnvelopes()))
	for _, envelope := range req.GetEnvelopes() {
		byID[envelope.GetId()] = envelope
	}
	err := events.ReceiveBatch(ctx, s.DB, req.GetEnvelopes(), func(ctx context.Context, tx sqldb.Tx, evs []events.Event) error {
		return s.append(ctx, tx, evs, byID)
	})
	return &eventv1.DeliverResponse{}, err
}

// append writes a batch into the feed. The lock comes first: whether a case is known must not change under us, or an event
// would be parked behind the one that it waits for.
func (s *inboxServer) append(ctx context.Context, tx sqldb.Tx, evs []events.Event, byID map[string]*eventv1.Envelope) error {
	first, err := store.LockFeed(ctx, tx, len(evs))
	if err != nil {
		return err
	}
	entries, err := entriesOf(evs)
	if err != nil {
		return err
	}
	entries, waiting, err := complete(ctx, tx, entries, byID)
	if err != nil {
		return err
	}
	if len(waiting) > 0 {
		if err := store.Park(ctx, tx, waiting, s.Clock.Now()); err != nil {
			return err
		}
	}
	if err := s.write(ctx, tx, first, entries); err != nil {
		return err
	}
	return s.release(ctx, tx, entries)
}

func entriesOf(evs []events.Event) ([]feed.Entry, error) {
	entries := make([]feed.Entry, 0, len(evs))
	for _, ev := range evs {
		e, ok, err := feed.FromEvent(ev)
		if err != nil {
			return nil, err
		}
		if ok {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// complete adds to other services' events what only intake knows of a case. Events of cases that are not known yet wait.
func complete(ctx context.Context, tx sqldb.Tx, entries []feed.Entry, byID map[string]*eventv1.Envelope) (ready []feed.Entry, waiting []store.Waiting, err error) {
	var cases []string
	for _, e := range entries {
		if e.Source != feed.SourceIntake {
			cases = append(cases, e.Case)
		}
	}
	if len(cases) == 0 {
		return entries, nil, nil
	}
	known, err := store.LastOfCases(ctx, tx, cases)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		from, ok := known[e.Case]
		switch {
		case e.Source == feed.SourceIntake:
		case ok:
			e.Complete(from)
		default:
			waiting = append(waiting, store.Waiting{Case: e.Case, Envelope: byID[e.EventID]})
			continue
		}
		ready = append(ready, e)
	}
	return ready, waiting, nil
}

// write gives the entries their cursors and queues their web-hooks.
func (s *inboxServer) write(ctx context.Context, tx sqldb.Tx, first int64, entries []feed.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	for i := range entries {
		entries[i].Cursor = first + int64(i)
	}
	if err := store.AppendFeed(ctx, tx, entries); err != nil {
		return err
	}
	tx.AfterCommit(func() { s.Wake(TopicFeed) })
	endpoints, err := store.ActiveEndpoints(ctx, tx, webhook.Owners(entries))
	if err != nil || len(endpoints) == 0 {
		return err
	}
	deliveries, err := webhook.FanOut(endpoints, entries, s.Clock.Now())
	if err != nil || len(deliveries) == 0 {
		return err
	}
	tx.AfterCommit(func() { s.Wake(TopicWebhooks) })
	return store.InsertDeliveries(ctx, tx, deliveries)
}

// release lets go what waited for cases that are known now.
func (s *inboxServer) release(ctx context.Context, tx sqldb.Tx, entries []feed.Entry) error {
	var cases []string
	for _, e := range entries {
		if e.Source == feed.SourceIntake {
			cases = append(cases, e.Case)
		}
	}
	if len(cases) == 0 {
		return nil
	}
	envelopes, err := store.Unpark(ctx, tx, cases)
	if err != nil || len(envelopes) == 0 {
		return err
	}
	byID, evs := map[string]*eventv1.Envelope{}, make([]events.Event, 0, len(envelopes))
	for _, envelope := range envelopes {
		ev, err := events.FromEnvelope(envelope)
		if err != nil {
			return err
		}
		byID[ev.ID], evs = envelope, append(evs, ev)
	}
	return s.append(ctx, tx, evs, byID)
}

package events

import (
	"context"
	"fmt"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// ReceiveBatch is Receive for receivers that write many events with few statements: handle gets all new events of the batch
// at once, in their order, and is not called when there are none.
func ReceiveBatch(ctx context.Context, db sqldb.DB, envelopes []*eventv1.Envelope, handle func(ctx context.Context, tx sqldb.Tx, evs []Event) error) error {
	evs := make([]Event, 0, len(envelopes))
	for _, envelope := range envelopes {
		ev, err := FromEnvelope(envelope)
		if err != nil {
			return err
		}
		evs = append(evs, ev)
	}
	if len(evs) == 0 {
		return nil
	}
	return db.InTx(ctx, func(tx sqldb.Tx) error {
		fresh, err := admit(ctx, tx, evs)
		if err != nil {
			return fmt.Errorf("events: inbox: %w", err)
		}
		if news := onlyFresh(evs, fresh); len(news) > 0 {
			return handle(ctx, tx, news)
		}
		return nil
	})
}

func onlyFresh(evs []Event, fresh map[string]bool) []Event {
	news := make([]Event, 0, len(fresh))
	for _, ev := range evs {
		if fresh[ev.ID] {
			delete(fresh, ev.ID) // the same event twice in one batch
			news = append(news, ev)
		}
	}
	return news
}

package events

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/propagation"

	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// InboxKeep is how long an event's id is remembered. A relay repeats a delivery within minutes; a sender that was restored
// from a backup may repeat days.
const InboxKeep = 30 * 24 * time.Hour

// Receive stores a batch in one transaction: events that were seen before are skipped, the others are handed to handle, in
// their order and with the sender's trace context in ctx. An error of handle rolls the whole batch back, so that the sender
// delivers it again; handle must be re-runnable, as everything inside InTx.
func Receive(ctx context.Context, db sqldb.DB, envelopes []*eventv1.Envelope, handle func(ctx context.Context, tx sqldb.Tx, ev Event) error) error {
	evs := make([]Event, len(envelopes))
	for n, envelope := range envelopes {
		ev, err := FromEnvelope(envelope)
		if err != nil {
			return err
		}
		evs[n] = ev
	}
	if len(evs) == 0 {
		return nil
	}
	return db.InTx(ctx, func(tx sqldb.Tx) error { return receive(ctx, tx, evs, handle) })
}

func receive(ctx context.Context, tx sqldb.Tx, evs []Event, handle func(ctx context.Context, tx sqldb.Tx, ev Event) error) error {
	fresh, err := admit(ctx, tx, evs)
	if err != nil {
		return fmt.Errorf("events: inbox: %w", err)
	}
	for _, ev := range evs {
		if !fresh[ev.ID] {
			continue
		}
		delete(fresh, ev.ID) // the same event twice in one batch
		evCtx := traceContext.Extract(ctx, propagation.MapCarrier{traceParentField: ev.TraceParent})
		if err := handle(evCtx, tx, ev); err != nil {
			return fmt.Errorf("events: handle %s %s: %w", ev.Type, ev.ID, err)
		}
	}
	return nil
}

// admit writes the inbox rows and says which are new. Another delivery of the same event waits here for this one's commit.
func admit(ctx context.Context, tx sqldb.Tx, evs []Event) (fresh map[string]bool, err error) {
	now := sqldb.Micros(clock.System.Now())
	insert := sqldb.NewInsert("inbox", "event_id", "received_at").OnConflict("(event_id) DO NOTHING")
	for _, id := range sortedIDs(evs) { // one order for all, against deadlocks
		insert.Row(id, now)
	}
	fresh = make(map[string]bool, len(evs))
	err = insert.Returning(ctx, tx, "event_id", func(row sqldb.Row) error {
		var id string
		err := row.Scan(&id)
		fresh[id] = true
		return err
	})
	return fresh, err
}

func sortedIDs(evs []Event) []string {
	ids := make([]string, len(evs))
	for n, ev := range evs {
		ids[n] = ev.ID
	}
	slices.Sort(ids)
	return ids
}

// pruneBatch bounds the rows that one transaction removes.
const pruneBatch = 1000

// PruneInbox forgets ids older than InboxKeep, in small transactions; it is for a sweeper. It walks the ids, which are
// UUIDv7 and so in the order of time: an index on the time would cost every delivery.
func PruneInbox(ctx context.Context, db sqldb.DB, now time.Time) error {
	before := now.Add(-InboxKeep)
	for {
		removed, err := db.Exec(ctx, `DELETE FROM inbox WHERE event_id IN
			(SELECT event_id FROM inbox WHERE event_id < $1 AND received_at < $2 ORDER BY event_id LIMIT $3)`,
			firstID(before), sqldb.Micros(before), pruneBatch)
		if err != nil || removed < pruneBatch {
			return err
		}
	}
}

// firstID is the least UUIDv7 of a time: 48 bits of milliseconds, then zeros.
func firstID(at time.Time) string {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16)
	return id.String()
}

package events

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Outbox writes events.
type Outbox struct {
	source      string
	subscribers []string
	clock       clock.Clock
}

// NewOutbox names the producing service ("aftersales/intake") and who gets its events by default.
func NewOutbox(source string, subscribers []string, c clock.Clock) *Outbox {
	return &Outbox{source: source, subscribers: subscribers, clock: c}
}

// Append writes events for every default subscriber, in the transaction of the fact. It fills ID, Source, Time, Seq and the
// trace context where they are empty, and wakes this process' relays after the commit. A producer that fills Seq itself must
// do so for every event of the key, and hold a lock on the key's own row until the commit.
func (o *Outbox) Append(ctx context.Context, tx sqldb.Tx, evs ...Event) error {
	return o.AppendTo(ctx, tx, o.subscribers, evs...)
}

// AppendTo is Append for other subscribers than the default ones.
func (o *Outbox) AppendTo(ctx context.Context, tx sqldb.Tx, subscribers []string, evs ...Event) error {
	var b sqldb.Batch
	if err := o.Batch(ctx, tx, &b, subscribers, evs...); err != nil {
		return err
	}
	return tx.Send(ctx, &b)
}

// Batch is AppendTo for group commit: the rows go into a batch that the caller sends. Where every event has its Seq or
// NewKey, nothing is sent before.
func (o *Outbox) Batch(ctx context.Context, tx sqldb.Tx, b *sqldb.Batch, subscribers []string, evs ...Event) error {
	if len(evs) == 0 || len(subscribers) == 0 {
		return nil
	}
	evs = append([]Event(nil), evs...) // the caller's are not changed: InTx may run again
	if err := number(ctx, tx, b, evs); err != nil {
		return err
	}
	insert, err := o.rows(ctx, subscribers, evs)
	if err != nil {
		return err
	}
	insert.AddTo(b, tx.Engine(), nil)
	for _, subscriber := range subscribers {
		tx.Wake(topic(subscriber))
	}
	return nil
}

func (o *Outbox) rows(ctx context.Context, subscribers []string, evs []Event) (*sqldb.Insert, error) {
	carrier := propagation.MapCarrier{}
	traceContext.Inject(ctx, carrier)
	insert := sqldb.NewInsert("outbox", "subscriber", "event_key", "event_id", "envelope", "created_at")
	for _, ev := range evs {
		if err := o.fill(&ev, carrier[traceParentField]); err != nil {
			return nil, err
		}
		wire, err := encode(ev)
		if err != nil {
			return nil, err
		}
		for _, subscriber := range subscribers {
			insert.Row(subscriber, ev.Key, ev.ID, wire, sqldb.Micros(ev.Time))
		}
	}
	return insert, nil
}

func (o *Outbox) fill(ev *Event, traceParent string) (err error) {
	if ev.Type == "" || ev.Key == "" || ev.Payload == nil {
		return fmt.Errorf("events: an event needs a type, a key and a payload (type %q, key %q)", ev.Type, ev.Key)
	}
	if ev.ID == "" {
		if ev.ID, err = newID(); err != nil {
			return err
		}
	}
	if ev.Time.IsZero() {
		ev.Time = o.clock.Now()
	}
	if ev.TraceParent == "" {
		ev.TraceParent = traceParent
	}
	ev.Source = o.source
	return nil
}

func encode(ev Event) ([]byte, error) {
	envelope, err := ev.envelope()
	if err != nil {
		return nil, err
	}
	return proto.Marshal(envelope)
}

// topic wakes the relay of a subscriber.
func topic(subscriber string) string { return "outbox/" + subscriber }

// Package events carries facts from one service to another: an outbox row in the transaction of the fact, a relay per
// subscriber with strict order per key, an inbox at the receiver. Delivery is at-least-once, the effect exactly-once.
package events

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	"google.golang.org/protobuf/proto"
)

// Event is a fact that others may want to know.
type Event struct {
	ID      string // UUIDv7; filled by Append when empty
	Type    string // "aftersales.workorder.confirmed.v1"
	Source  string // producing service; filled by Append
	Subject string // "cases/<id>"
	Key     string // events of one key are delivered in strict order; normally the case's name
	Seq     int64  // the producer's number within Key, from 1 without gaps; filled by Append when 0

	OwnerOrg, ServingOrg string
	Confidentiality      string
	Partner              string // partner that filed the case, "partners/<id>"
	Time                 time.Time
	Payload              proto.Message
}

// Outbox writes events for a fixed list of subscribers.
type Outbox struct {
	source      string
	subscribers []string
	clock       clock.Clock
}

// NewOutbox names the producing service ("aftersales/intake") and who gets its events by default.
func NewOutbox(source string, subscribers []string, c clock.Clock) *Outbox {
	return &Outbox{source: source, subscribers: subscribers, clock: c}
}

// Append writes events for every default subscriber.
func (o *Outbox) Append(ctx context.Context, tx sqldb.Tx, evs ...Event) error {
	return o.AppendTo(ctx, tx, o.subscribers, evs...)
}

// AppendTo writes events for the given subscribers.
func (o *Outbox) AppendTo(ctx context.Context, tx sqldb.Tx, subscribers []string, evs ...Event) error {
	return errors.New("events: in work")
}

// Deliverer hands a batch to a subscriber; it must not return nil before the receiver has committed.
type Deliverer interface {
	Deliver(ctx context.Context, envelopes []*eventv1.Envelope) error
}

// RelayOptions of a Relay; zero values are usable.
type RelayOptions struct {
	Log   *slog.Logger
	Clock clock.Clock
	Batch int           // default and at most 256
	Poll  time.Duration // default 500 ms
}

// Relay delivers the outbox rows of one subscriber.
type Relay struct{}

// NewRelay builds a relay.
func NewRelay(db sqldb.DB, subscriber string, d Deliverer, opts RelayOptions) *Relay { return &Relay{} }

// Start begins to deliver.
func (r *Relay) Start(ctx context.Context) error { return nil }

// Stop ends it and gives the lease back.
func (r *Relay) Stop(ctx context.Context) error { return nil }

// Drain delivers everything that is there now.
func (r *Relay) Drain(ctx context.Context) error { return errors.New("events: in work") }

// Receive stores a batch: events that were seen before are skipped, the others are handed to handle, in order, in one
// transaction.
func Receive(ctx context.Context, db sqldb.DB, envelopes []*eventv1.Envelope, handle func(ctx context.Context, tx sqldb.Tx, ev Event) error) error {
	return errors.New("events: in work")
}

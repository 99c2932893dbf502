package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/crashpoint"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

const (
	maxBatch     = 256
	defaultPoll  = 500 * time.Millisecond
	deliverLimit = 5 * time.Second
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// Deliverer hands a batch to a subscriber, normally by its InboxService.Deliver. It must not return nil before the receiver
// has committed, and may be called again with what was delivered already.
type Deliverer interface {
	Deliver(ctx context.Context, envelopes []*eventv1.Envelope) error
}

// DeliverFunc is a function as a Deliverer.
type DeliverFunc func(ctx context.Context, envelopes []*eventv1.Envelope) error

// Deliver implements Deliverer.
func (f DeliverFunc) Deliver(ctx context.Context, envelopes []*eventv1.Envelope) error {
	return f(ctx, envelopes)
}

// RelayOptions of a Relay; zero values are usable.
type RelayOptions struct {
	Log   *slog.Logger
	Clock clock.Clock
	Batch int           // default and at most 256
	Poll  time.Duration // default 500 ms
}

// Relay delivers the outbox rows of one subscriber: in batches, in strict order per key, again and again until the receiver
// took them. A lease row lets one relay per subscriber deliver at a time, whatever the number of processes. When the receiver
// refuses a batch for what is in it, the keys are tried one by one and the refused ones wait apart, so that one event that
// cannot be handled does not hold up the others.
type Relay struct {
	db         sqldb.DB
	subscriber string
	to         Deliverer
	opts       RelayOptions
	lease      lease

	turn   chan struct{} // holds one token: whoever has it may deliver
	parked map[string]parkedKey
	halt   context.CancelFunc
	ended  sync.WaitGroup
}

// ErrElsewhere says that another relay holds the lease.
var ErrElsewhere = errors.New("events: another relay delivers to this subscriber")

// NewRelay builds a relay for the rows of one subscriber.
func NewRelay(db sqldb.DB, subscriber string, to Deliverer, opts RelayOptions) *Relay {
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.Clock == nil {
		opts.Clock = clock.System
	}
	if opts.Batch <= 0 || opts.Batch > maxBatch {
		opts.Batch = maxBatch
	}
	if opts.Poll <= 0 {
		opts.Poll = defaultPoll
	}
	r := &Relay{db: db, subscriber: subscriber, to: to, opts: opts, turn: make(chan struct{}, 1), parked: map[string]parkedKey{}}
	r.lease = newLease(db, subscriber, opts.Clock)
	r.turn <- struct{}{}
	return r
}

// Start delivers in the background until Stop; ctx only gives values.
func (r *Relay) Start(ctx context.Context) error {
	ctx, r.halt = context.WithCancel(context.WithoutCancel(ctx))
	signal, stop := sqldb.Listen(r.db, topic(r.subscriber))
	r.ended.Go(func() {
		defer stop()
		r.loop(ctx, signal)
	})
	return nil
}

// Stop ends the deliveries and gives the lease back, so that another process takes over at once.
func (r *Relay) Stop(ctx context.Context) error {
	if r.halt == nil {
		return nil
	}
	r.halt()
	ended := make(chan struct{})
	go func() { r.ended.Wait(); close(ended) }()
	select {
	case <-ended:
		return r.lease.release(ctx)
	case <-ctx.Done():
		return fmt.Errorf("events: relay to %s: %w", r.subscriber, ctx.Err())
	}
}

func (r *Relay) loop(ctx context.Context, signal <-chan struct{}) {
	failures := 0
	for ctx.Err() == nil {
		more, err := r.guarded(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			failures++
			r.opts.Log.WarnContext(ctx, "events are not delivered", "subscriber", r.subscriber, "failures", failures, "error", err)
			sleep(ctx, backoff(failures))
		case more:
			failures = 0
		default:
			failures = 0
			wait(ctx, signal, r.opts.Poll)
		}
	}
}

// guarded is one round of the background loop; Drain does not run beside it.
func (r *Relay) guarded(ctx context.Context) (more bool, err error) {
	select {
	case <-r.turn:
		defer func() { r.turn <- struct{}{} }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	more, err = r.round(ctx)
	if errors.Is(err, ErrElsewhere) {
		return false, nil
	}
	return more, err
}

// Drain delivers everything that is there now, without waiting between failures: for tests and for an orderly end. The error
// is that of the first delivery that failed, or ErrElsewhere.
func (r *Relay) Drain(ctx context.Context) error {
	select {
	case <-r.turn:
		defer func() { r.turn <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	clear(r.parked)
	for {
		more, err := r.round(ctx)
		if err != nil {
			return err
		}
		if !more {
			return r.parkedError()
		}
	}
}

// round delivers one batch; more says that there may be another.
func (r *Relay) round(ctx context.Context) (more bool, err error) {
	if !r.lease.held() {
		if waiting, err := r.anything(ctx); err != nil || !waiting {
			return false, err
		}
		if err := r.lease.take(ctx); err != nil {
			return false, err
		}
	}
	batch, err := r.fetch(ctx)
	if err != nil || len(batch) == 0 {
		return false, err
	}
	if err := r.deliver(ctx, batch); err != nil {
		return false, err
	}
	return true, nil
}

// deliver hands the batch over and removes it; when its content was refused, key by key.
func (r *Relay) deliver(ctx context.Context, batch []row) error {
	err := r.send(ctx, batch)
	if err == nil {
		return r.remove(ctx, batch)
	}
	if !refused(err) || len(r.parked) >= maxParked {
		return err
	}
	for _, group := range byKey(batch) {
		if err := r.deliverKey(ctx, group); err != nil {
			return err
		}
	}
	return nil
}

func (r *Relay) deliverKey(ctx context.Context, group []row) error {
	err := r.send(ctx, group)
	switch {
	case err == nil:
		delete(r.parked, group[0].key)
		return r.remove(ctx, group)
	case refused(err):
		r.park(ctx, group[0], err)
		return nil
	}
	return err
}

func (r *Relay) send(ctx context.Context, batch []row) error {
	if !r.lease.held() {
		if err := r.lease.take(ctx); err != nil {
			return err
		}
	}
	envelopes := make([]*eventv1.Envelope, len(batch))
	for n := range batch {
		envelopes[n] = batch[n].envelope
	}
	ctx, cancel := context.WithTimeout(ctx, deliverLimit)
	defer cancel()
	return r.to.Deliver(ctx, envelopes)
}

// remove deletes delivered rows, if the lease is still this relay's: otherwise the new holder delivers them once more, and the
// receiver knows them.
func (r *Relay) remove(ctx context.Context, batch []row) error {
	crashpoint.Hit("relay-delivered")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliverLimit) // a stop between the two would deliver twice
	defer cancel()
	positions := make([]int64, len(batch))
	for n := range batch {
		positions[n] = batch[n].position
	}
	return r.db.InTx(ctx, func(tx sqldb.Tx) error {
		if err := r.lease.extend(ctx, tx); err != nil {
			return err
		}
		in, arg := sqldb.In(tx.Engine(), "position", 2, positions)
		_, err := tx.Exec(ctx, `DELETE FROM outbox WHERE subscriber = $1 AND `+in, r.subscriber, arg)
		return err
	})
}

// Remote is the Deliver method of a subscriber's inbox service as a Deliverer.
type Remote func(ctx context.Context, in *eventv1.DeliverRequest, opts ...grpc.CallOption) (*eventv1.DeliverResponse, error)

// Deliver implements Deliverer.
func (r Remote) Deliver(ctx context.Context, envelopes []*eventv1.Envelope) error {
	_, err := r(ctx, &eventv1.DeliverRequest{Envelopes: envelopes})
	return err
}

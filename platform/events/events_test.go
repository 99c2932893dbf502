package events_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

const subscriber = "survey"

var start = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// rig is a producer and a receiver on one database; the tables do not meet.
type rig struct {
	db     sqldb.DB
	clock  *testkit.Clock
	outbox *events.Outbox

	mu   sync.Mutex
	seen []events.Event // effects, in the order of the receiver's commits
}

func engines(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	t.Parallel()
	testkit.Engines(t, nil, func(t *testing.T, db sqldb.DB) { fn(t, newRig(db)) })
}

func newRig(db sqldb.DB) *rig {
	c := testkit.NewClock(start)
	return &rig{db: db, clock: c, outbox: events.NewOutbox("aftersales/test", []string{subscriber}, c)}
}

func event(key, text string) events.Event {
	return events.Event{Type: "aftersales.test.happened.v1", Subject: key, Key: key, Payload: wrapperspb.String(text)}
}

func (r *rig) append(t *testing.T, evs ...events.Event) {
	t.Helper()
	require.NoError(t, r.appendTx(t.Context(), evs...))
}

func (r *rig) appendTx(ctx context.Context, evs ...events.Event) error {
	return r.db.InTx(ctx, func(tx sqldb.Tx) error { return r.outbox.Append(ctx, tx, evs...) })
}

// receive is a receiver whose effect is remembered only when its transaction commits.
func (r *rig) receive(ctx context.Context, envelopes []*eventv1.Envelope) error {
	return events.Receive(ctx, r.db, envelopes, func(_ context.Context, tx sqldb.Tx, ev events.Event) error {
		tx.AfterCommit(func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.seen = append(r.seen, ev)
		})
		return nil
	})
}

func (r *rig) relay(d events.DeliverFunc) *events.Relay {
	return events.NewRelay(r.db, subscriber, d, events.RelayOptions{Clock: r.clock, Poll: time.Hour, Log: slog.New(slog.DiscardHandler)})
}

func (r *rig) texts() (all []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ev := range r.seen {
		all = append(all, ev.Payload.(*wrapperspb.StringValue).GetValue())
	}
	return all
}

func (r *rig) waiting(t *testing.T) (n int64) {
	t.Helper()
	require.NoError(t, r.db.Row(t.Context(), `SELECT count(*) FROM outbox`).Scan(&n))
	return n
}

func TestEventCarriesEverything(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled,
		}))
		ev := event("cases/1", "a")
		ev.OwnerOrg, ev.ServingOrg, ev.Confidentiality, ev.Partner = "orgs/brand", "orgs/provider", "PROTECTED", "partners/mall"
		require.NoError(t, r.appendTx(ctx, ev))
		require.NoError(t, r.relay(r.receive).Drain(t.Context()))

		require.Len(t, r.seen, 1)
		got := r.seen[0]
		require.Len(t, got.ID, 36)
		require.Equal(t, byte('7'), got.ID[14], "UUIDv7")
		require.Contains(t, got.TraceParent, trace.TraceID{1}.String())
		require.True(t, start.Equal(got.Time))
		require.EqualValues(t, 1, got.Seq)
		require.Equal(t, "aftersales/test", got.Source)
		require.Equal(t, []string{"cases/1", "orgs/brand", "orgs/provider", "PROTECTED", "partners/mall"},
			[]string{got.Subject, got.OwnerOrg, got.ServingOrg, got.Confidentiality, got.Partner})
		require.Zero(t, r.waiting(t))
	})
}

func TestHandlerSeesTheSendersTrace(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ev := event("cases/1", "a")
		ev.TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
		r.append(t, ev)
		var found trace.SpanContext
		err := r.relay(func(ctx context.Context, envelopes []*eventv1.Envelope) error {
			return events.Receive(ctx, r.db, envelopes, func(ctx context.Context, _ sqldb.Tx, _ events.Event) error {
				found = trace.SpanContextFromContext(ctx)
				return nil
			})
		}).Drain(t.Context())
		require.NoError(t, err)
		require.Equal(t, "0af7651916cd43dd8448eb211c80319c", found.TraceID().String())
		require.True(t, found.IsRemote())
	})
}

func TestEventFallsWithTheFact(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		boom := errors.New("boom")
		err := r.db.InTx(t.Context(), func(tx sqldb.Tx) error {
			require.NoError(t, r.outbox.Append(t.Context(), tx, event("cases/1", "a")))
			return boom
		})
		require.ErrorIs(t, err, boom)
		require.Zero(t, r.waiting(t))
		r.append(t, event("cases/1", "b"))
		require.NoError(t, r.relay(r.receive).Drain(t.Context()))
		require.EqualValues(t, 1, r.seen[0].Seq, "the number of the event that never was is not lost")
	})
}

func TestNewKeysAreNumberedWithoutAsking(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		first, second := event("new", "a"), event("new", "b")
		first.NewKey = true
		own := event("own", "c")
		own.Seq = 41
		r.append(t, first, second, event("known", "d"), own)
		r.append(t, event("new", "e"), event("known", "f"))
		require.NoError(t, r.relay(r.receive).Drain(t.Context()))
		var seqs []int64
		for _, ev := range r.seen {
			seqs = append(seqs, ev.Seq)
		}
		require.Equal(t, []int64{1, 2, 1, 41, 3, 2}, seqs)

		err := r.appendTx(t.Context(), first)
		require.True(t, sqldb.IsUnique(err, "outbox_seq"), "a key is new only once: %v", err)
	})
}

func TestAppendRefusesIncompleteEvents(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		require.Error(t, r.appendTx(t.Context(), events.Event{Type: "x", Payload: wrapperspb.String("")}))
		require.Error(t, r.appendTx(t.Context(), events.Event{Type: "x", Key: "k"}))
		require.Error(t, r.appendTx(t.Context(), events.Event{Key: "k", Payload: wrapperspb.String("")}))
		require.NoError(t, r.appendTx(t.Context()))
	})
}

func TestEverySubscriberGetsItsOwnRow(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		require.NoError(t, r.db.InTx(ctx, func(tx sqldb.Tx) error {
			return r.outbox.AppendTo(ctx, tx, []string{"gateway", subscriber}, event("k", "a"))
		}))
		require.NoError(t, r.relay(r.receive).Drain(ctx))
		require.Equal(t, []string{"a"}, r.texts())
		require.EqualValues(t, 1, r.waiting(t), "the gateway's")
	})
}

// Many transactions append to few keys at once while a relay delivers: within a key the numbers arrive 1, 2, 3, …
func TestStrictOrderPerKeyUnderConcurrency(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		const writers, rounds, keys = 8, 12, 3
		all := make(chan struct{})
		relay := r.relay(func(ctx context.Context, envelopes []*eventv1.Envelope) error {
			if err := r.receive(ctx, envelopes); err != nil {
				return err
			}
			if len(r.texts()) == writers*rounds*2 {
				close(all)
			}
			return nil
		})
		require.NoError(t, relay.Start(t.Context()))
		errs := make(chan error, writers)
		for w := range writers {
			go func() { errs <- r.write(t.Context(), w, rounds, keys) }()
		}
		for range writers {
			require.NoError(t, <-errs)
		}
		receiveSignal(t, all)
		require.NoError(t, relay.Stop(t.Context()))
		last := map[string]int64{}
		for _, ev := range r.seen {
			require.Equal(t, last[ev.Key]+1, ev.Seq, "key %s", ev.Key)
			last[ev.Key] = ev.Seq
		}
		require.Zero(t, r.waiting(t))
	})
}

// write appends two events per transaction, to two keys in either order.
func (r *rig) write(ctx context.Context, writer, rounds, keys int) error {
	for n := range rounds {
		a, b := fmt.Sprintf("cases/%d", (writer+n)%keys), fmt.Sprintf("cases/%d", (writer+n+1)%keys)
		if err := r.appendTx(ctx, event(a, "x"), event(b, "y")); err != nil {
			return err
		}
	}
	return nil
}

// receiveSignal waits for a signal; the limit is only there so that a broken program does not hang.
func receiveSignal(t *testing.T, signal <-chan struct{}) {
	t.Helper()
	select {
	case <-signal:
	case <-time.After(30 * time.Second):
		require.Fail(t, "no signal in 30 s")
	}
}

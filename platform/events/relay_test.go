package events_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// A transaction that took its position first and commits last is found all the same. PostgreSQL only: SQLite has one writer.
func TestLateCommitIsNotSkipped(t *testing.T) {
	t.Parallel()
	r := newRig(testkit.Open(t, testkit.Postgres(t), nil))
	appended, release, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- r.db.InTx(t.Context(), func(tx sqldb.Tx) error {
			err := r.outbox.Append(t.Context(), tx, event("slow", "first position"))
			close(appended)
			<-release
			return err
		})
	}()
	receiveSignal(t, appended)
	r.append(t, event("quick", "second position"))
	relay := r.relay(r.receive)
	require.NoError(t, relay.Drain(t.Context()))
	require.Equal(t, []string{"second position"}, r.texts())
	close(release)
	require.NoError(t, <-done)
	require.NoError(t, relay.Drain(t.Context()))
	require.Equal(t, []string{"second position", "first position"}, r.texts())
}

func TestCommitWakesTheRelay(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		delivered := make(chan struct{}, 1)
		relay := r.relay(func(ctx context.Context, envelopes []*eventv1.Envelope) error {
			defer func() { delivered <- struct{}{} }()
			return r.receive(ctx, envelopes)
		})
		require.NoError(t, relay.Start(t.Context())) // polls once an hour
		for n := range 3 {
			r.append(t, event("k", fmt.Sprint(n)))
			receiveSignal(t, delivered)
		}
		require.NoError(t, relay.Stop(t.Context()))
		require.Equal(t, []string{"0", "1", "2"}, r.texts())
	})
}

func TestReceiverDownThenUp(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		var calls atomic.Int64
		delivered := make(chan struct{})
		relay := r.relay(func(ctx context.Context, envelopes []*eventv1.Envelope) error {
			if calls.Add(1) <= 3 {
				return status.Error(codes.Unavailable, "connection refused")
			}
			defer close(delivered)
			return r.receive(ctx, envelopes)
		})
		r.append(t, event("k", "a"), event("k", "b"))
		require.NoError(t, relay.Start(t.Context()))
		receiveSignal(t, delivered)
		require.NoError(t, relay.Stop(t.Context()))
		require.Equal(t, []string{"a", "b"}, r.texts())
		require.EqualValues(t, 4, calls.Load())
	})
}

// The receiver commits and its answer is lost: the same events come again and have no second effect.
func TestLostAnswerHasOneEffect(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		calls := 0
		relay := r.relay(func(ctx context.Context, envelopes []*eventv1.Envelope) error {
			calls++
			err := r.receive(ctx, envelopes)
			if calls == 1 {
				return status.Error(codes.DeadlineExceeded, "answer lost")
			}
			return err
		})
		r.append(t, event("k", "a"), event("l", "b"))
		require.Error(t, relay.Drain(t.Context()))
		require.EqualValues(t, 2, r.waiting(t))
		require.NoError(t, relay.Drain(t.Context()))
		require.Equal(t, 2, calls)
		require.Equal(t, []string{"a", "b"}, r.texts())
		require.Zero(t, r.waiting(t))
	})
}

// The relay's own database answers "unavailable" after it did the removal (ExecuteAndTimeout).
func TestLostAnswerOfTheOutbox(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		faulty := testkit.FaultyDB(r.db)
		relay := events.NewRelay(faulty, subscriber, events.DeliverFunc(r.receive), events.RelayOptions{Clock: r.clock})
		r.append(t, event("k", "a"))
		require.NoError(t, relay.Drain(t.Context())) // takes the lease
		r.append(t, event("k", "b"))
		faulty.Lose(1)
		require.ErrorIs(t, relay.Drain(t.Context()), sqldb.ErrUnavailable)
		require.NoError(t, relay.Drain(t.Context()))
		require.Equal(t, []string{"a", "b"}, r.texts())
	})
}

func TestRefusedKeyDoesNotHoldUpOthers(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		poisoned := true
		relay := r.relay(func(ctx context.Context, envelopes []*eventv1.Envelope) error {
			for _, envelope := range envelopes {
				if envelope.GetKey() == "bad" && poisoned {
					return status.Error(codes.Internal, "cannot handle this")
				}
			}
			return r.receive(ctx, envelopes)
		})
		r.append(t, event("good", "1"), event("bad", "2"), event("bad", "3"), event("fine", "4"))
		err := relay.Drain(t.Context())
		require.ErrorContains(t, err, "1 keys are refused, first bad")
		require.Equal(t, []string{"1", "4"}, r.texts())
		require.EqualValues(t, 2, r.waiting(t))

		poisoned = false
		require.NoError(t, relay.Drain(t.Context()))
		require.Equal(t, []string{"1", "4", "2", "3"}, r.texts(), "the refused key keeps its order")
	})
}

func TestHandlerErrorRollsTheBatchBack(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		r.append(t, event("k", "a"))
		boom := errors.New("boom")
		err := r.relay(func(ctx context.Context, envelopes []*eventv1.Envelope) error {
			return events.Receive(ctx, r.db, envelopes, func(context.Context, sqldb.Tx, events.Event) error { return boom })
		}).Drain(t.Context())
		require.ErrorIs(t, err, boom)
		var inbox int64
		require.NoError(t, r.db.Row(t.Context(), `SELECT count(*) FROM inbox`).Scan(&inbox))
		require.Zero(t, inbox)
	})
}

// Two relays for one subscriber: the second stands by, and takes over when the first stops.
func TestTwoRelaysNeverDeliverTogether(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		var inside, worst atomic.Int64
		deliver := func(ctx context.Context, envelopes []*eventv1.Envelope) error {
			worst.Store(max(worst.Load(), inside.Add(1)))
			defer inside.Add(-1)
			return r.receive(ctx, envelopes)
		}
		first, second := r.relay(deliver), r.relay(deliver)
		r.append(t, event("k", "1"))
		require.NoError(t, first.Drain(t.Context()))
		r.append(t, event("k", "2"))
		require.ErrorIs(t, second.Drain(t.Context()), events.ErrElsewhere)
		require.NoError(t, first.Start(t.Context()))
		require.NoError(t, second.Start(t.Context()))
		for n := range 20 {
			r.append(t, event(fmt.Sprint(n), "x"))
		}
		require.NoError(t, first.Drain(t.Context()))
		require.NoError(t, first.Stop(t.Context()))
		r.append(t, event("k", "last"))
		require.NoError(t, second.Drain(t.Context()), "at once: the lease was given back")
		require.NoError(t, second.Stop(t.Context()))
		require.EqualValues(t, 1, worst.Load())
		require.Len(t, r.texts(), 23)
	})
}

// A process that died keeps its lease until it runs out; then the next relay goes on.
func TestDeadRelaysLeaseRunsOut(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		dead, next := r.relay(r.receive), r.relay(r.receive)
		r.append(t, event("k", "1"))
		require.NoError(t, dead.Drain(t.Context()))
		r.append(t, event("k", "2"))
		r.clock.Advance(6 * time.Second)
		require.ErrorIs(t, next.Drain(t.Context()), events.ErrElsewhere)
		r.clock.Advance(time.Second)
		require.NoError(t, next.Drain(t.Context()))
		require.Equal(t, []string{"1", "2"}, r.texts())
	})
}

// A relay that was paused past its lease does not remove rows that are the new holder's now.
func TestRelayThatLostItsLeaseRemovesNothing(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		other := r.relay(func(context.Context, []*eventv1.Envelope) error {
			return status.Error(codes.Unavailable, "not yet")
		})
		paused := r.relay(func(ctx context.Context, envelopes []*eventv1.Envelope) error {
			r.clock.Advance(time.Minute)
			require.Error(t, other.Drain(ctx)) // takes the lease, delivers nothing
			return r.receive(ctx, envelopes)
		})
		r.append(t, event("k", "1"))
		require.ErrorIs(t, paused.Drain(t.Context()), events.ErrElsewhere)
		require.EqualValues(t, 1, r.waiting(t))
	})
}

// On SQLite the folder's lock proves that another process' relay is dead: its lease is taken at once.
func TestPredecessorsLeaseIsTakenOnSQLite(t *testing.T) {
	t.Parallel()
	r := newRig(testkit.Open(t, testkit.SQLite(t), nil))
	_, err := r.db.Exec(t.Context(), `INSERT INTO relay_lease (subscriber, holder, expires_at) VALUES ($1, 'before/1', $2)`,
		subscriber, sqldb.Micros(start.Add(time.Hour)))
	require.NoError(t, err)
	r.append(t, event("k", "1"))
	require.NoError(t, r.relay(r.receive).Drain(t.Context()))
}

func TestBatchesAndPending(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		evs := make([]events.Event, 600)
		for n := range evs {
			evs[n] = event(fmt.Sprintf("k%d", n%7), fmt.Sprint(n))
		}
		r.append(t, evs...)
		r.clock.Advance(3 * time.Second)
		var sizes []int
		relay := r.relay(func(ctx context.Context, envelopes []*eventv1.Envelope) error {
			sizes = append(sizes, len(envelopes))
			return r.receive(ctx, envelopes)
		})
		rows, oldest, err := relay.Pending(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 600, rows)
		require.Equal(t, 3*time.Second, oldest)
		require.NoError(t, relay.Drain(t.Context()))
		require.Equal(t, []int{256, 256, 88}, sizes)
		require.Equal(t, "599", r.texts()[599])
	})
}

func TestConcurrentDeliveriesOfOneEvent(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		var batch []*eventv1.Envelope
		r.append(t, event("k", "1"), event("k", "2"))
		require.NoError(t, r.relay(func(_ context.Context, envelopes []*eventv1.Envelope) error {
			batch = envelopes
			return nil
		}).Drain(t.Context()))
		errs := make(chan error, 16)
		for range cap(errs) {
			go func() { errs <- r.receive(t.Context(), append(batch, batch...)) }()
		}
		for range cap(errs) {
			require.NoError(t, <-errs)
		}
		require.Equal(t, []string{"1", "2"}, r.texts())
	})
}

func TestPruneInbox(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		r.append(t, event("k", "1"))
		require.NoError(t, r.relay(r.receive).Drain(t.Context()))
		inbox := func() (n int64) {
			require.NoError(t, r.db.Row(t.Context(), `SELECT count(*) FROM inbox`).Scan(&n))
			return n
		}
		require.NoError(t, events.PruneInbox(t.Context(), r.db, time.Now()))
		require.EqualValues(t, 1, inbox())
		require.NoError(t, events.PruneInbox(t.Context(), r.db, time.Now().Add(events.InboxKeep+time.Hour)))
		require.Zero(t, inbox())
	})
}

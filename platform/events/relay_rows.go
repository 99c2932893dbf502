package events

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// maxParked bounds the keys that wait apart; with more the fault is the receiver's, not the events'.
const maxParked = 500

// row is one outbox row.
type row struct {
	position int64
	key      string
	envelope *eventv1.Envelope
}

// anything says whether rows wait, without taking the lease: an idle relay only reads.
func (r *Relay) anything(ctx context.Context) (bool, error) {
	var one int64
	err := r.db.Row(ctx, `SELECT 1 FROM outbox WHERE subscriber = $1 LIMIT 1`, r.subscriber).Scan(&one)
	if errors.Is(err, sqldb.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// fetch reads the next batch in order, without the keys that wait apart.
func (r *Relay) fetch(ctx context.Context) ([]row, error) {
	query := `SELECT position, event_key, envelope FROM outbox WHERE subscriber = $1`
	args := []any{r.subscriber, r.opts.Batch}
	if keys := r.parkedKeys(); len(keys) > 0 {
		in, arg := sqldb.In(r.db.Engine(), "event_key", 3, keys)
		query, args = query+` AND NOT (`+in+`)`, append(args, arg)
	}
	rows, err := r.db.Rows(ctx, query+` ORDER BY position LIMIT $2`, args...)
	if err != nil {
		return nil, fmt.Errorf("events: read outbox: %w", err)
	}
	defer rows.Close()
	batch := make([]row, 0, 16)
	for rows.Next() {
		var next row
		var wire []byte
		if err := rows.Scan(&next.position, &next.key, &wire); err != nil {
			return nil, fmt.Errorf("events: read outbox: %w", err)
		}
		next.envelope = &eventv1.Envelope{}
		if err := proto.Unmarshal(wire, next.envelope); err != nil {
			return nil, fmt.Errorf("events: outbox row %d: %w", next.position, err)
		}
		batch = append(batch, next)
	}
	return batch, rows.Err()
}

// Pending is the number of rows that wait and the age of the oldest, for metrics and readiness.
func (r *Relay) Pending(ctx context.Context) (rows int64, oldest time.Duration, err error) {
	var first int64
	err = r.db.Row(ctx, `SELECT count(*), coalesce(min(created_at), 0) FROM outbox WHERE subscriber = $1`, r.subscriber).Scan(&rows, &first)
	if err == nil && first > 0 {
		oldest = r.opts.Clock.Now().Sub(sqldb.Time(first))
	}
	return rows, oldest, err
}

// byKey splits a batch, keeping the order inside each key.
func byKey(batch []row) [][]row {
	index, groups := map[string]int{}, [][]row{}
	for _, next := range batch {
		n, ok := index[next.key]
		if !ok {
			n = len(groups)
			index[next.key] = n
			groups = append(groups, nil)
		}
		groups[n] = append(groups[n], next)
	}
	return groups
}

// refused says that the receiver was reached and does not want the content; everything else is a matter of waiting.
func refused(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sqldb.ErrUnavailable) || errors.Is(err, ErrElsewhere) {
		return false
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.ResourceExhausted, codes.Aborted,
		codes.Unauthenticated, codes.PermissionDenied, codes.Unimplemented:
		return false
	}
	return true
}

// parkedKey is a key whose next event the receiver refused.
type parkedKey struct {
	failures int
	until    time.Time // real time: the wait is not part of what tests move
	err      error
}

func (r *Relay) park(ctx context.Context, first row, err error) {
	entry := r.parked[first.key]
	entry.failures++
	entry.until, entry.err = time.Now().Add(backoff(entry.failures)), err
	r.parked[first.key] = entry
	r.opts.Log.ErrorContext(ctx, "an event is refused; its key waits", "subscriber", r.subscriber,
		"event", first.envelope.GetId(), "type", first.envelope.GetType(), "failures", entry.failures, "error", err)
}

// parkedKeys are the keys that must not be tried yet. Those whose time has come keep their count until they succeed.
func (r *Relay) parkedKeys() []string {
	now, keys := time.Now(), []string{}
	for key, entry := range r.parked {
		if now.Before(entry.until) {
			keys = append(keys, key)
		}
	}
	return keys
}

func (r *Relay) parkedError() error {
	for _, key := range slices.Sorted(maps.Keys(r.parked)) {
		return fmt.Errorf("events: %d keys are refused, first %s: %w", len(r.parked), key, r.parked[key].err)
	}
	return nil
}

// backoff doubles from firstBackoff to maxBackoff, with a random part of a quarter.
func backoff(failures int) time.Duration {
	pause := min(maxBackoff, firstBackoff<<min(failures-1, 10))
	return pause - rand.N(pause/4)
}

func sleep(ctx context.Context, d time.Duration) { wait(ctx, nil, d) }

// wait ends with a signal, after d, or with ctx.
func wait(ctx context.Context, signal <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-signal:
	case <-timer.C:
	case <-ctx.Done():
	}
}

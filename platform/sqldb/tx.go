package sqldb

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	txAttempts = 5
	// retryPause is the longest first pause between two attempts; it doubles with each.
	retryPause = 4 * time.Millisecond
	// commitLimit bounds the wait for a commit's answer. A commit is not cancelled with the caller: it would only make the
	// outcome unknown.
	commitLimit = 15 * time.Second
)

// afterTx is what a transaction wants done once it is committed.
type afterTx struct {
	hub    *hub
	topics []string
	queues []string // job queues with new available jobs
	funcs  []func()
}

func (a *afterTx) AfterCommit(f func()) { a.funcs = append(a.funcs, f) }

func (a *afterTx) Wake(topic string) {
	if !slices.Contains(a.topics, topic) {
		a.topics = append(a.topics, topic)
	}
}

func (a *afterTx) wakeQueue(queue string) {
	if !slices.Contains(a.queues, queue) {
		a.queues = append(a.queues, queue)
	}
}

// run is called after a successful commit only.
func (a *afterTx) run() {
	a.hub.wakeJobs(a.queues)
	for _, topic := range a.topics {
		a.hub.wake(topic)
	}
	for _, f := range a.funcs {
		f()
	}
}

// runTx calls attempt until it succeeds, fails for good, or was tried txAttempts times.
func runTx(ctx context.Context, log *slog.Logger, attempt func() error) error {
	for n := 1; ; n++ {
		err := attempt()
		if err == nil || !retryable(err) {
			return err
		}
		if n == txAttempts {
			return fmt.Errorf("%w: no success in %d attempts: %w", ErrUnavailable, n, err)
		}
		log.DebugContext(ctx, "transaction runs again", "attempt", n, "error", err)
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
}

// pause waits a random time below retryPause * 2^(n-1), so that two transactions that collided do not collide again.
func pause(ctx context.Context, n int) error {
	timer := time.NewTimer(rand.N(retryPause << (n - 1)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

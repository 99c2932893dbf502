package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"
)

// sweepLimit bounds one sweep.
const sweepLimit = 2 * time.Minute

// Sweeper runs a function over and over that finds facts in rows whose next step is overdue and wakes it: a wake-up in the
// queue can be lost (a unique job counts the one that is just running; a restored backup has an old queue), the fact cannot.
// Several processes may sweep at once, so a sweep must be harmless when repeated.
type Sweeper struct {
	name  string
	every time.Duration
	fn    func(ctx context.Context) error
	log   *slog.Logger

	turn  sync.Mutex // one sweep at a time
	halt  context.CancelFunc
	ended sync.WaitGroup
}

// NewSweeper names a sweep and says how often it runs.
func NewSweeper(name string, every time.Duration, fn func(ctx context.Context) error) *Sweeper {
	return &Sweeper{name: name, every: every, fn: fn, log: slog.Default()}
}

// Log sets where failures go, instead of slog.Default().
func (s *Sweeper) Log(log *slog.Logger) *Sweeper {
	s.log = log
	return s
}

// Start sweeps at once and then every interval, until Stop; ctx only gives values.
func (s *Sweeper) Start(ctx context.Context) error {
	if s.every <= 0 {
		return fmt.Errorf("jobs: sweeper %s: the interval must be positive", s.name)
	}
	ctx, s.halt = context.WithCancel(context.WithoutCancel(ctx))
	s.ended.Go(func() { s.loop(ctx) })
	return nil
}

func (s *Sweeper) loop(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.RunOnce(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "sweep failed", "sweeper", s.name, "error", err)
		}
		// A random part keeps replicas from sweeping in step.
		timer := time.NewTimer(s.every - rand.N(s.every/10+1))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// Stop ends it; a sweep that is running is cancelled.
func (s *Sweeper) Stop(ctx context.Context) error {
	if s.halt == nil {
		return nil
	}
	s.halt()
	ended := make(chan struct{})
	go func() { s.ended.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("jobs: sweeper %s: %w", s.name, ctx.Err())
	}
}

// RunOnce sweeps now. A panic is an error.
func (s *Sweeper) RunOnce(ctx context.Context) (err error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	ctx, cancel := context.WithTimeout(ctx, sweepLimit)
	defer cancel()
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("jobs: sweeper %s panicked: %v\n%s", s.name, value, debug.Stack())
		}
	}()
	return s.fn(ctx)
}

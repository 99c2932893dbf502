package run

import (
	"context"
	"errors"
	"slices"
)

// Worker is something that works between Start and Stop.
type Worker interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// Group is workers that start in order and stop in reverse, as a service has them. The zero value is empty.
type Group struct {
	workers []Worker
	started []Worker
}

// Add appends workers; call it before Start.
func (g *Group) Add(workers ...Worker) { g.workers = append(g.workers, workers...) }

// Start starts every worker. When one cannot start, those before it are stopped again.
func (g *Group) Start(ctx context.Context) error {
	for _, w := range g.workers {
		if err := w.Start(ctx); err != nil {
			return errors.Join(err, g.Stop(context.WithoutCancel(ctx)))
		}
		g.started = append(g.started, w)
	}
	return nil
}

// Stop stops what was started, every one whatever happens to the others, and joins their errors.
func (g *Group) Stop(ctx context.Context) error {
	var failed error
	for _, w := range slices.Backward(g.started) {
		failed = errors.Join(failed, w.Stop(ctx))
	}
	g.started = nil
	return failed
}

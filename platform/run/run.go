// Package run starts the parts of a process in order and stops them in reverse, whatever happens in between.
package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Part is something that is started and stopped: a server, a service's workers, a connection.
type Part struct {
	Name string
	// Start returns once the part works; what runs on must end by Stop. nil means nothing to start.
	Start func(ctx context.Context) error
	// Stop gives back everything within ctx's deadline. nil means nothing to stop.
	Stop func(ctx context.Context) error
	// Failed delivers an error that ends the process; nil for parts that cannot fail by themselves.
	Failed <-chan error
}

// StopWithin bounds the whole shutdown; orchestrators commonly kill after 30 s.
const StopWithin = 20 * time.Second

// stopGrace lets a part that heeds its deadline say so, after the deadline.
const stopGrace = 500 * time.Millisecond

// Run starts the parts in order, waits for SIGINT, SIGTERM, the end of ctx or a part's failure, and stops what was started in
// reverse order. It joins all errors; a stop by signal is none.
func Run(ctx context.Context, log *slog.Logger, parts ...Part) error {
	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer cancel()
	started, err := start(ctx, parts)
	if err == nil {
		log.Info("started", "parts", len(started))
		err = wait(ctx, started)
	}
	cancel() // a second signal ends the process at once
	stopping, done := context.WithTimeout(context.WithoutCancel(ctx), StopWithin)
	defer done()
	return errors.Join(err, stop(stopping, log, started))
}

func start(ctx context.Context, parts []Part) (started []Part, err error) {
	for _, part := range parts {
		if part.Start != nil {
			if err := part.Start(ctx); err != nil {
				return started, fmt.Errorf("start %s: %w", part.Name, err)
			}
		}
		started = append(started, part)
	}
	return started, nil
}

// wait returns nil when asked to end, or the first failure of a part.
func wait(ctx context.Context, parts []Part) error {
	failures := make(chan error, len(parts))
	over, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, part := range parts {
		if part.Failed != nil {
			go watch(over, part, failures)
		}
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-failures:
		return err
	}
}

func watch(ctx context.Context, part Part, failures chan<- error) {
	select {
	case <-ctx.Done():
	case err := <-part.Failed:
		failures <- fmt.Errorf("%s: %w", part.Name, err)
	}
}

func stop(ctx context.Context, log *slog.Logger, started []Part) error {
	var failed error
	for i := len(started) - 1; i >= 0; i-- {
		part := started[i]
		if part.Stop == nil {
			continue
		}
		begin := time.Now()
		if err := stopOne(ctx, part); err != nil {
			failed = errors.Join(failed, fmt.Errorf("stop %s: %w", part.Name, err))
		}
		log.Debug("stopped", "part", part.Name, "took", time.Since(begin))
	}
	return failed
}

// stopOne leaves a part behind that ignores its deadline: the others must still be stopped, and the process must end.
func stopOne(ctx context.Context, part Part) error {
	done := make(chan error, 1)
	go func() { done <- part.Stop(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done: // it ended at the last moment
		return err
	case <-time.After(stopGrace):
		return ctx.Err()
	}
}

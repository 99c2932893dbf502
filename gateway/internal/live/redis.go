package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/aftersales-suite/aftersales/platform/clock"
)

// Bounds that keep a Redis which is gone from slowing requests down.
const (
	dialLimit = 500 * time.Millisecond
	callLimit = 250 * time.Millisecond
	// restAfter is how long nobody asks after a failure: one request a second pays for finding out.
	restAfter = time.Second
)

// ErrDown says that Redis cannot be reached now.
var ErrDown = errors.New("live: Redis is down")

// Server is Redis behind a breaker.
type Server struct {
	client  *redis.Client
	clock   clock.Clock
	log     *slog.Logger
	restTil atomic.Int64 // Unix microseconds; nobody asks before
	down    atomic.Bool
}

// NewServer makes a connection that is opened by its first use.
func NewServer(url string, c clock.Clock, log *slog.Logger) (*Server, error) {
	opts, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("live: Redis URL: %w", err)
	}
	opts.DialTimeout, opts.ReadTimeout, opts.WriteTimeout = dialLimit, callLimit, callLimit
	opts.MaxRetries = -1 // the breaker decides, and every caller has a way without Redis
	return &Server{client: redis.NewClient(opts), clock: c, log: log}, nil
}

// Do runs fn, or returns ErrDown at once while Redis rests. Errors that Redis itself answers pass; the others make it rest.
func (s *Server) Do(ctx context.Context, fn func(ctx context.Context, client *redis.Client) error) error {
	now := s.clock.Now().UnixMicro()
	if til := s.restTil.Load(); now < til {
		return ErrDown
	}
	err := fn(ctx, s.client)
	var answered redis.Error
	switch {
	case err == nil || errors.As(err, &answered):
		if s.down.CompareAndSwap(true, false) {
			s.log.InfoContext(ctx, "Redis is back")
		}
		return err
	case ctx.Err() != nil:
		return err // the caller went away: nothing is known about Redis
	}
	s.restTil.Store(now + restAfter.Microseconds())
	if s.down.CompareAndSwap(false, true) {
		s.log.WarnContext(ctx, "Redis is gone; limits and nonces are kept without it", "error", err)
	}
	return fmt.Errorf("%w: %w", ErrDown, err)
}

// Close gives the connections back.
func (s *Server) Close() error { return s.client.Close() }

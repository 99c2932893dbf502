package limit

import (
	"context"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
)

// Server is Redis behind a breaker: it answers an error at once while Redis is gone.
type Server interface {
	Do(ctx context.Context, fn func(ctx context.Context, client *redis.Client) error) error
}

// Shared counts in Redis for all gateways, and locally while it is gone.
type Shared struct {
	name   string
	server Server
	limit  redis_rate.Limit
	local  *Local
}

// NewShared makes a limiter; name keeps its keys apart from other limits'.
func NewShared(name string, server Server, r Rate, local *Local) *Shared {
	per := r.interval() * time.Duration(r.Burst)
	return &Shared{name: name, server: server, local: local, limit: redis_rate.Limit{Rate: r.Burst, Burst: r.Burst, Period: per}}
}

// Take implements Limiter.
func (s *Shared) Take(ctx context.Context, key string) (wait time.Duration) {
	err := s.server.Do(ctx, func(ctx context.Context, client *redis.Client) error {
		res, err := redis_rate.NewLimiter(client).Allow(ctx, s.name+":"+key, s.limit)
		if err == nil && res.Allowed == 0 {
			wait = max(res.RetryAfter, time.Millisecond)
		}
		return err
	})
	if err != nil {
		return s.local.Take(ctx, key)
	}
	return wait
}

// Forget implements Limiter.
func (s *Shared) Forget(ctx context.Context, key string) {
	s.local.Forget(ctx, key)
	_ = s.server.Do(ctx, func(ctx context.Context, client *redis.Client) error { // gone: nothing to forget there
		return redis_rate.NewLimiter(client).Reset(ctx, s.name+":"+key)
	})
}

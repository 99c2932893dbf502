package limit

import (
	"context"
	"sync"
	"time"

	"github.com/aftersales-suite/aftersales/platform/clock"
)

// Limiter counts calls by key.
type Limiter interface {
	// Take counts one call and gives 0, or the time after which one would be let through; then nothing was counted.
	Take(ctx context.Context, key string) (wait time.Duration)
	// Forget lets the key begin anew.
	Forget(ctx context.Context, key string)
}

// Rate is a limit: PerSecond calls in the long run, Burst at once.
type Rate struct {
	PerSecond float64
	Burst     int
}

// interval is the time that one call costs.
func (r Rate) interval() time.Duration { return time.Duration(float64(time.Second) / r.PerSecond) }

const (
	shards = 16
	// shardSize bounds the memory: two generations of this many keys a shard.
	shardSize = 4096
)

// Local counts in this process. It keeps one time per key, the "theoretical arrival time" of GCRA.
type Local struct {
	interval, tolerance time.Duration
	clock               clock.Clock
	shards              [shards]shard
}

type shard struct {
	mu         sync.Mutex
	young, old map[string]time.Time
}

// NewLocal makes a limiter that has seen nobody.
func NewLocal(r Rate, c clock.Clock) *Local {
	l := &Local{interval: r.interval(), clock: c}
	l.tolerance = l.interval * time.Duration(r.Burst)
	for i := range l.shards {
		l.shards[i].young = map[string]time.Time{}
	}
	return l
}

// Take implements Limiter.
func (l *Local) Take(_ context.Context, key string) time.Duration {
	now := l.clock.Now()
	s := l.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	arrival := s.young[key]
	if arrival.IsZero() {
		arrival = s.old[key]
	}
	if arrival.Before(now) {
		arrival = now
	}
	arrival = arrival.Add(l.interval)
	if wait := arrival.Sub(now) - l.tolerance; wait > 0 {
		return wait
	}
	// A key that was not used for a whole generation is far in the past: forgetting it changes nothing.
	if len(s.young) >= shardSize {
		s.old, s.young = s.young, make(map[string]time.Time, shardSize)
	}
	s.young[key] = arrival
	return 0
}

// Forget implements Limiter.
func (l *Local) Forget(_ context.Context, key string) {
	s := l.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.young, key)
	delete(s.old, key)
}

// shard spreads keys by FNV-1a.
func (l *Local) shard(key string) *shard {
	h := uint32(2166136261)
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return &l.shards[h%shards]
}

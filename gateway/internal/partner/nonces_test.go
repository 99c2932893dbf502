package partner

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// memoryLog stands for the database; it outlives a Nonces as a database does.
type memoryLog struct {
	mu     sync.Mutex
	hashes []uint64
	writes int
	fail   error
	gate   chan struct{} // when set, a write waits for it
}

func (l *memoryLog) Append(_ context.Context, hashes []uint64, _ time.Time) error {
	if l.gate != nil {
		<-l.gate
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes++
	l.hashes = append(l.hashes, hashes...)
	return l.fail
}

func (l *memoryLog) Load(context.Context, time.Time) ([]uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.hashes), nil
}

func (l *memoryLog) InsertOnce(_ context.Context, h uint64, _ time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Contains(l.hashes, h) {
		return false, nil
	}
	l.hashes = append(l.hashes, h)
	return true, nil
}

// sharedCache stands for Redis.
type sharedCache struct {
	mu   sync.Mutex
	have map[string]bool
	down bool
}

func (c *sharedCache) TakeOnce(_ context.Context, key string, _ time.Duration) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return false, ErrCacheDown
	}
	fresh := !c.have[key]
	c.have[key] = true
	return fresh, nil
}

func TestNonceIsRememberedTenMinutes(t *testing.T) {
	t.Parallel()
	ctx, clock := t.Context(), testkit.NewClock(at)
	n := NewNonces(&memoryLog{}, nil, clock)
	_, err := n.Take(ctx, "k1", "0123456789abcdef")
	require.NoError(t, err)
	for range 10 {
		_, err = n.Take(ctx, "k1", "0123456789abcdef")
		require.ErrorIs(t, err, ErrReplay)
		clock.Advance(time.Minute - time.Second)
	}
	_, err = n.Take(ctx, "k2", "0123456789abcdef")
	require.NoError(t, err, "another key's nonce")
	clock.Advance(6 * time.Minute)
	_, err = n.Take(ctx, "k1", "0123456789abcdef")
	require.NoError(t, err, "forgotten at last")
}

func TestReplayAfterRestartIsRefused(t *testing.T) {
	t.Parallel()
	ctx, clock, log := t.Context(), testkit.NewClock(at), &memoryLog{}
	taken, err := NewNonces(log, nil, clock).Take(ctx, "k1", "0123456789abcdef")
	require.NoError(t, err)
	require.NoError(t, taken.Settle(ctx))

	restarted := NewNonces(log, nil, clock)
	require.NoError(t, restarted.Load(ctx))
	_, err = restarted.Take(ctx, "k1", "0123456789abcdef")
	require.ErrorIs(t, err, ErrReplay)
}

func TestAnswerWaitsForTheLog(t *testing.T) {
	t.Parallel()
	ctx, log := t.Context(), &memoryLog{gate: make(chan struct{})}
	n := NewNonces(log, nil, testkit.NewClock(at))
	taken, err := n.Take(ctx, "k1", "0123456789abcdef")
	require.NoError(t, err)
	soon, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, taken.Settle(soon), context.Canceled)
	close(log.gate)
	require.NoError(t, taken.Settle(ctx))
}

func TestNoncesAreWrittenInGroups(t *testing.T) {
	t.Parallel()
	ctx, log := t.Context(), &memoryLog{gate: make(chan struct{})}
	n := NewNonces(log, nil, testkit.NewClock(at))
	var all []Taken
	for i := range 100 {
		taken, err := n.Take(ctx, "k1", fmt.Sprintf("0123456789abcde-%d", i))
		require.NoError(t, err)
		all = append(all, taken)
	}
	close(log.gate)
	for _, taken := range all {
		require.NoError(t, taken.Settle(ctx))
	}
	require.Len(t, log.hashes, 100)
	require.LessOrEqual(t, log.writes, 3)
}

func TestFailedLogFailsTheRequest(t *testing.T) {
	t.Parallel()
	log := &memoryLog{fail: context.DeadlineExceeded}
	taken, err := NewNonces(log, nil, testkit.NewClock(at)).Take(t.Context(), "k1", "0123456789abcdef")
	require.NoError(t, err)
	require.Error(t, taken.Settle(t.Context()))
}

func TestTwoGatewaysShareTheCache(t *testing.T) {
	t.Parallel()
	ctx, clock, log, cache := t.Context(), testkit.NewClock(at), &memoryLog{}, &sharedCache{have: map[string]bool{}}
	one, two := NewNonces(log, cache, clock), NewNonces(log, cache, clock)
	_, err := one.Take(ctx, "k1", "0123456789abcdef")
	require.NoError(t, err)
	_, err = two.Take(ctx, "k1", "0123456789abcdef")
	require.ErrorIs(t, err, ErrReplay)
}

func TestReplayAfterTheCacheIsGoneIsRefused(t *testing.T) {
	t.Parallel()
	ctx, clock, log, cache := t.Context(), testkit.NewClock(at), &memoryLog{}, &sharedCache{have: map[string]bool{}}
	one, two := NewNonces(log, cache, clock), NewNonces(log, cache, clock)
	_, err := one.Take(ctx, "k1", "heard-with-the-cache")
	require.NoError(t, err)
	one.Flush()
	cache.down = true
	clock.Advance(time.Second)

	_, err = two.Take(ctx, "k1", "heard-with-the-cache")
	require.ErrorIs(t, err, ErrReplay, "read from the log")
	_, err = two.Take(ctx, "k1", "heard-without-a-cache")
	require.NoError(t, err)
	_, err = one.Take(ctx, "k1", "heard-without-a-cache")
	require.ErrorIs(t, err, ErrReplay, "decided by the log")
}

func TestReplayAfterTheCacheCameBackEmptyIsRefused(t *testing.T) {
	t.Parallel()
	ctx, clock, log, cache := t.Context(), testkit.NewClock(at), &memoryLog{}, &sharedCache{have: map[string]bool{}}
	one, two := NewNonces(log, cache, clock), NewNonces(log, cache, clock)
	_, err := one.Take(ctx, "k1", "heard-with-the-cache")
	require.NoError(t, err)
	one.Flush()
	cache.down = true
	_, err = two.Take(ctx, "k1", "notices-the-outage")
	require.NoError(t, err)
	_, err = one.Take(ctx, "k1", "heard-in-the-outage")
	require.NoError(t, err)
	cache.down, cache.have = false, map[string]bool{}
	for _, nonce := range []string{"heard-in-the-outage", "heard-with-the-cache"} {
		_, err = two.Take(ctx, "k1", nonce)
		require.ErrorIs(t, err, ErrReplay, nonce)
	}
}

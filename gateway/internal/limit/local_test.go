package limit

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/testkit"
)

var rate50 = Rate{PerSecond: 50, Burst: 200} // api.md section 4

func TestBurstThenRate(t *testing.T) {
	t.Parallel()
	ctx, clock := t.Context(), testkit.NewClock(time.Unix(1764000000, 0))
	l := NewLocal(rate50, clock)
	for i := range 200 {
		require.Zero(t, l.Take(ctx, "partners/a"), i)
	}
	wait := l.Take(ctx, "partners/a")
	require.Equal(t, 20*time.Millisecond, wait)
	require.Zero(t, l.Take(ctx, "partners/b"), "another caller has its own")
	clock.Advance(wait)
	require.Zero(t, l.Take(ctx, "partners/a"))
	require.NotZero(t, l.Take(ctx, "partners/a"))
	clock.Advance(time.Second)
	for range 50 {
		require.Zero(t, l.Take(ctx, "partners/a"))
	}
	require.NotZero(t, l.Take(ctx, "partners/a"))
}

func TestForget(t *testing.T) {
	t.Parallel()
	l := NewLocal(Rate{PerSecond: 0.1, Burst: 1}, testkit.NewClock(time.Unix(1764000000, 0)))
	require.Zero(t, l.Take(t.Context(), "a"))
	require.NotZero(t, l.Take(t.Context(), "a"))
	l.Forget(t.Context(), "a")
	require.Zero(t, l.Take(t.Context(), "a"))
}

func TestConcurrentTakesDoNotExceedTheBurst(t *testing.T) {
	t.Parallel()
	l := NewLocal(rate50, testkit.NewClock(time.Unix(1764000000, 0)))
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if l.Take(t.Context(), "a") == 0 {
					passed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 200, passed.Load())
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	l := NewLocal(rate50, testkit.NewClock(time.Unix(1764000000, 0)))
	for i := range 4 * shards * shardSize {
		l.Take(t.Context(), fmt.Sprintf("10.0.0.%d", i))
	}
	kept := 0
	for i := range l.shards {
		kept += len(l.shards[i].young) + len(l.shards[i].old)
	}
	require.LessOrEqual(t, kept, 2*shards*shardSize)
}

func BenchmarkTake(b *testing.B) {
	l := NewLocal(Rate{PerSecond: 1e9, Burst: 1e9}, testkit.NewClock(time.Unix(1764000000, 0)))
	for b.Loop() {
		l.Take(b.Context(), "partners/demo-mall")
	}
}

package grpcx

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/aftersales-suite/aftersales/platform/auth"
)

// Limiter counts the calls of each caller.
type Limiter interface {
	// Take counts one call of p and gives 0, or, when p is beyond its limit, the
	// time after which a call would be let through. It must answer quickly and
	// must not fail: an implementation with a remote counter falls back to a
	// local one.
	Take(ctx context.Context, p auth.Principal) (wait time.Duration)
}

// limitedCallers bounds the memory of a LocalLimiter: two generations of this many.
const limitedCallers = 10_000

// LocalLimiter limits callers by a token bucket each, in this process only. Other
// services are not limited.
type LocalLimiter struct {
	perSecond rate.Limit
	burst     int
	now       func() time.Time

	mu         sync.Mutex
	young, old map[string]*rate.Limiter
}

// NewLocalLimiter allows each caller perSecond calls in the long run and burst at
// once (api.md section 4: 50 and 200).
func NewLocalLimiter(perSecond float64, burst int, now func() time.Time) *LocalLimiter {
	return &LocalLimiter{perSecond: rate.Limit(perSecond), burst: burst, now: now, young: map[string]*rate.Limiter{}}
}

// Take implements Limiter.
func (l *LocalLimiter) Take(_ context.Context, p auth.Principal) time.Duration {
	if p.Kind == auth.Service || p.Kind == auth.System {
		return 0
	}
	now := l.now()
	r := l.bucket(p.Subject).ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// bucket finds or makes a caller's bucket. One not used for a whole generation is
// full again, so forgetting it changes nothing.
func (l *LocalLimiter) bucket(subject string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.young[subject]; ok {
		return b
	}
	b, ok := l.old[subject]
	if !ok {
		b = rate.NewLimiter(l.perSecond, l.burst)
	}
	if len(l.young) >= limitedCallers {
		l.old, l.young = l.young, make(map[string]*rate.Limiter)
	}
	l.young[subject] = b
	return b
}

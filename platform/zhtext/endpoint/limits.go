package endpoint

import (
	"sync"
	"time"
)

// breaker stops calls after failures in a row, and lets one through after a rest to see whether all is well.
type breaker struct {
	limit int
	rest  time.Duration

	mu       sync.Mutex
	failures int
	until    time.Time
	trying   bool
}

func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < b.limit {
		return true
	}
	if b.trying || now.Before(b.until) {
		return false
	}
	b.trying = true
	return true
}

// unused takes an allowance back that led to no call.
func (b *breaker) unused() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
}

func (b *breaker) report(ok bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
	if ok {
		b.failures = 0
		return
	}
	b.failures++
	b.until = now.Add(b.rest)
}

// budget counts the tokens of a day (UTC).
type budget struct {
	limit int64

	mu   sync.Mutex
	day  string
	used int64
}

// reserve books an estimate and tells whether it still fits.
func (b *budget) reserve(now time.Time, tokens int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if day := now.UTC().Format(time.DateOnly); day != b.day {
		b.day, b.used = day, 0
	}
	if b.used+tokens > b.limit {
		return false
	}
	b.used += tokens
	return true
}

// correct books the difference between what was used and what had been estimated.
func (b *budget) correct(difference int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used += difference
}

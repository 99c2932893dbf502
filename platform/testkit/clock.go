// Package testkit gives tests real servers and a clock: PostgreSQL with a schema per test, SQLite in a temporary folder,
// Redis with a database per test, a store that loses answers, and keys. The servers are started by
// testkit/cmd/servers, which `make test` uses.
package testkit

import (
	"sync"
	"time"

	"github.com/aftersales-suite/aftersales/platform/clock"
)

// Clock is a clock that only tests move.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

var _ clock.Clock = (*Clock)(nil)

// NewClock stands still at t.
func NewClock(t time.Time) *Clock { return &Clock{now: clock.Normal(t)} }

// Now implements clock.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set jumps to t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = clock.Normal(t)
}

// Advance moves by d.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

package identity

import (
	"sync"
	"time"
)

// How long the directory believes its memory. A change made through this gateway counts at once, one made through another
// by a wake-up, and at the latest after fresh.
const (
	fresh   = 30 * time.Second
	unknown = 5 * time.Second // for what was not found
)

// cacheSize bounds the memory of each cache: two generations of this many.
const cacheSize = 4096

// cache remembers answers of the store, found or not.
type cache[V any] struct {
	mu         sync.RWMutex
	epoch      int // counts clears, so that an answer read before a clear is not kept after it
	young, old map[string]cached[V]
}

type cached[V any] struct {
	value *V // nil: not there
	until time.Time
}

func newCache[V any]() *cache[V] { return &cache[V]{young: map[string]cached[V]{}} }

func (c *cache[V]) get(key string, now time.Time) (value *V, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	hit, ok := c.young[key]
	if !ok {
		hit, ok = c.old[key]
	}
	return hit.value, ok && now.Before(hit.until)
}

func (c *cache[V]) now() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.epoch
}

func (c *cache[V]) put(key string, value *V, now time.Time, epoch int) {
	until := now.Add(fresh)
	if value == nil {
		until = now.Add(unknown)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch != epoch || (value == nil && len(c.young) >= cacheSize/2) { // guesses must not push out what is good
		return
	}
	if len(c.young) >= cacheSize {
		c.old, c.young = c.young, make(map[string]cached[V])
	}
	c.young[key] = cached[V]{value: value, until: until}
}

func (c *cache[V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	c.old, c.young = nil, map[string]cached[V]{}
}

package auth

import (
	"sync"
	"time"
)

// cachedTokens bounds the memory of verified tokens: two generations of this
// many, about 1 kB each.
const cachedTokens = 4096

type cachedToken struct {
	principal *Principal
	expire    time.Time
}

// tokenCache remembers verified tokens in two generations: when the young one is
// full it becomes the old one and what was old is forgotten. A token in use moves
// back into the young one, so that nothing has to be swept.
type tokenCache struct {
	size       int
	mu         sync.RWMutex
	young, old map[string]cachedToken
}

func newTokenCache(size int) *tokenCache {
	return &tokenCache{size: size, young: make(map[string]cachedToken), old: map[string]cachedToken{}}
}

// get gives the principal of a remembered token that has not ended.
func (c *tokenCache) get(token string, now time.Time) (*Principal, bool) {
	c.mu.RLock()
	hit, ok := c.young[token]
	fromOld := false
	if !ok {
		hit, ok = c.old[token]
		fromOld = ok
	}
	c.mu.RUnlock()
	if !ok || !now.Before(hit.expire) {
		return nil, false
	}
	if fromOld {
		c.put(token, hit.principal, hit.expire, now)
	}
	return hit.principal, true
}

// put remembers a verified token until expire.
func (c *tokenCache) put(token string, p *Principal, expire, now time.Time) {
	if !now.Before(expire) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) >= c.size {
		c.old, c.young = c.young, make(map[string]cachedToken)
	}
	c.young[token] = cachedToken{principal: p, expire: expire}
}

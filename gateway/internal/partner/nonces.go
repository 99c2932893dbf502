package partner

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aftersales-suite/aftersales/platform/clock"
)

// Remembered is how long a nonce cannot be used again. A signature is good for twice the window at most, which is as long.
const Remembered = 10 * time.Minute

// generation is the step in which the memory forgets: a nonce is remembered for two to three of them.
const generation = Remembered / 2

// ErrReplay says that the nonce was heard before.
var ErrReplay = errors.New("partner: nonce was used before")

// ErrCacheDown is what a Cache answers when it cannot be reached.
var ErrCacheDown = errors.New("partner: nonce cache is down")

// Log keeps nonces over a restart. Hashes are 8 bytes each.
type Log interface {
	// Append must be durable when it returns.
	Append(ctx context.Context, hashes []uint64, expire time.Time) error
	// Load gives every hash that has not expired, of every gateway.
	Load(ctx context.Context, now time.Time) ([]uint64, error)
	// InsertOnce says whether the hash is new, for all gateways, durably.
	InsertOnce(ctx context.Context, h uint64, expire time.Time) (fresh bool, err error)
}

// Cache is shared by several gateways (Redis). TakeOnce says whether the key is new, or ErrCacheDown.
type Cache interface {
	TakeOnce(ctx context.Context, key string, ttl time.Duration) (fresh bool, err error)
}

// Nonces refuses what was heard before.
//
// A gateway alone decides by memory and writes every nonce into the log while the request is being worked on; the answer
// waits for that commit (Taken.Settle), which is in groups and takes about as long as the request's own. So whatever was
// answered cannot be played again, also after a crash, and no request waits for a second commit first.
//
// With a cache several gateways share it, and it decides; the log is written behind. When the cache is gone, the log's
// InsertOnce decides before the request goes on, after the other gateways' nonces were read from the log: slower, still
// safe. What another gateway heard less than writeBehind before the cache went is the one gap.
type Nonces struct {
	log    Log
	cache  Cache // nil: this gateway is alone
	clock  clock.Clock
	writer *logWriter

	outage  atomic.Bool // the cache failed, and its memory is not to be trusted alone
	mu      sync.Mutex
	heard   [3]map[uint64]struct{}
	rotated time.Time
}

// NewNonces builds the memory; Load must be called before the first Take.
func NewNonces(log Log, cache Cache, c clock.Clock) *Nonces {
	n := &Nonces{log: log, cache: cache, clock: c, rotated: c.Now()}
	n.writer = &logWriter{log: log, clock: c, behind: cache != nil}
	for i := range n.heard {
		n.heard[i] = map[uint64]struct{}{}
	}
	return n
}

// Load reads what was heard before the start.
func (n *Nonces) Load(ctx context.Context) error {
	_, err := n.reload(ctx, 0)
	return err
}

// Taken is a nonce on its way into the log.
type Taken struct{ entry *entry }

// Settle waits until the nonce is durable. Its zero value has nothing to wait for.
func (t Taken) Settle(ctx context.Context) error {
	if t.entry == nil {
		return nil
	}
	select {
	case <-t.entry.done:
		return t.entry.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Take marks a nonce of a key as heard, or returns ErrReplay.
func (n *Nonces) Take(ctx context.Context, keyID, nonce string) (Taken, error) {
	h := hashOf(keyID, nonce)
	if !n.remember(h) {
		return Taken{}, ErrReplay
	}
	if n.cache == nil {
		return Taken{entry: n.writer.add(h)}, nil
	}
	fresh, err := n.takeShared(ctx, keyID+":"+nonce, h)
	if err != nil {
		return Taken{}, err
	}
	if !fresh {
		return Taken{}, ErrReplay
	}
	return Taken{}, nil
}

// takeShared decides among several gateways.
func (n *Nonces) takeShared(ctx context.Context, key string, h uint64) (bool, error) {
	fresh, err := n.cache.TakeOnce(ctx, key, Remembered)
	switch {
	case errors.Is(err, ErrCacheDown):
		return n.takeFromLog(ctx, h)
	case err != nil || !fresh:
		return false, err
	}
	n.writer.add(h) // written behind: for restarts, and for the time after the cache is gone
	if !n.outage.Load() {
		return true, nil
	}
	// The cache is back, perhaps empty: what the others heard meanwhile is in the log.
	known, err := n.reload(ctx, h)
	if err != nil {
		return false, err
	}
	n.outage.Store(false)
	return !known, nil
}

// takeFromLog decides without the cache. What the others heard while it lived is in the log.
func (n *Nonces) takeFromLog(ctx context.Context, h uint64) (bool, error) {
	if n.outage.CompareAndSwap(false, true) {
		known, err := n.reload(ctx, h)
		if err != nil {
			n.outage.Store(false)
		}
		if err != nil || known {
			return false, err
		}
	}
	return n.log.InsertOnce(ctx, h, n.clock.Now().Add(Remembered))
}

// reload reads what all gateways heard and says whether h is among it.
func (n *Nonces) reload(ctx context.Context, h uint64) (known bool, err error) {
	hashes, err := n.log.Load(ctx, n.clock.Now())
	if err != nil {
		return false, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, other := range hashes {
		known = known || other == h
		n.heard[0][other] = struct{}{}
	}
	return known, nil
}

// remember says whether the hash is new to this process.
func (n *Nonces) remember(h uint64) bool {
	now := n.clock.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	for now.Sub(n.rotated) >= generation {
		n.heard[2], n.heard[1], n.heard[0] = n.heard[1], n.heard[0], map[uint64]struct{}{}
		n.rotated = n.rotated.Add(generation)
		if now.Sub(n.rotated) > 4*generation { // a long sleep
			n.rotated = now
		}
	}
	for _, generation := range n.heard {
		if _, ok := generation[h]; ok {
			return false
		}
	}
	n.heard[0][h] = struct{}{}
	return true
}

// Flush writes what waits, for a clean stop.
func (n *Nonces) Flush() { n.writer.flushAll() }

func hashOf(keyID, nonce string) uint64 {
	sum := sha256.Sum256([]byte(keyID + "\x00" + nonce))
	return binary.BigEndian.Uint64(sum[:])
}

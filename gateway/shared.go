package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/aftersales-suite/aftersales/gateway/internal/live"
	"github.com/aftersales-suite/aftersales/gateway/internal/partner"
)

// nonceCache keeps nonces in Redis for all gateways.
type nonceCache struct{ server *live.Server }

// TakeOnce implements partner.Cache.
func (c nonceCache) TakeOnce(ctx context.Context, key string, ttl time.Duration) (fresh bool, err error) {
	err = c.server.Do(ctx, func(ctx context.Context, client *redis.Client) error {
		err := client.SetArgs(ctx, "aftersales:nonce:"+key, 1, redis.SetArgs{Mode: "NX", TTL: ttl}).Err()
		if errors.Is(err, redis.Nil) {
			return nil // it was there
		}
		fresh = err == nil
		return err
	})
	if err != nil && ctx.Err() == nil {
		return false, partner.ErrCacheDown
	}
	return fresh, err
}

// listener does something at each wake-up of a topic.
type listener struct {
	hub   *live.Hub
	topic string
	do    func()

	cancel context.CancelFunc
	ended  sync.WaitGroup
}

// Start implements part.
func (l *listener) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	signal, stop := l.hub.Listen(l.topic)
	l.ended.Go(func() {
		defer stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-signal:
				l.do()
			}
		}
	})
	return nil
}

// Stop implements part.
func (l *listener) Stop(context.Context) error {
	l.cancel()
	l.ended.Wait()
	return nil
}

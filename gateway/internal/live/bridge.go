package live

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// channel is the one Redis channel of the suite's gateways; the payload is a topic.
const channel = "aftersales:live"

// Bridge carries a hub's wake-ups to the other gateways and theirs to the hub.
type Bridge struct {
	hub    *Hub
	server *Server

	mu      sync.Mutex
	pending map[string]struct{}
	work    chan struct{}
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

// NewBridge joins a hub to Redis; it works between Start and Stop.
func NewBridge(hub *Hub, server *Server) *Bridge {
	return &Bridge{hub: hub, server: server, pending: map[string]struct{}{}, work: make(chan struct{}, 1)}
}

// Wake wakes this process at once and the others soon. It never waits.
func (b *Bridge) Wake(topic string) {
	b.hub.Wake(topic)
	b.mu.Lock()
	b.pending[topic] = struct{}{}
	b.mu.Unlock()
	signal(b.work)
}

// Start begins to publish and to listen.
func (b *Bridge) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	b.done.Go(func() { b.publish(ctx) })
	b.done.Go(func() { b.listen(ctx) })
	return nil
}

// Stop ends both.
func (b *Bridge) Stop(context.Context) error {
	if b.cancel != nil {
		b.cancel()
	}
	b.done.Wait()
	return nil
}

func (b *Bridge) publish(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.work:
		}
		b.mu.Lock()
		topics := b.pending
		b.pending = map[string]struct{}{}
		b.mu.Unlock()
		for topic := range topics {
			_ = b.server.Do(ctx, func(ctx context.Context, c *redis.Client) error { // a hint: lost with Redis, found by polling
				return c.Publish(ctx, channel, topic).Err()
			})
		}
	}
}

// listen passes on what others publish. The client reconnects by itself; after each subscription, also the first, hints may
// have been missed, so everybody looks.
func (b *Bridge) listen(ctx context.Context) {
	sub := b.server.client.Subscribe(ctx, channel)
	// Receive does not look at ctx while it reads: closing is what ends it.
	defer context.AfterFunc(ctx, func() { _ = sub.Close() })()
	for ctx.Err() == nil {
		msg, err := sub.Receive(ctx)
		switch msg := msg.(type) {
		case *redis.Subscription:
			b.hub.WakeAll()
		case *redis.Message:
			b.hub.Wake(msg.Payload)
		}
		if err != nil {
			rest(ctx, restAfter)
		}
	}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

package gateway

import (
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// wire is a way to Redis that the test can cut and mend.
type wire struct {
	listener net.Listener
	target   string
	cut      atomic.Bool
	mu       sync.Mutex
	open     []net.Conn
}

func newWire(t *testing.T, target string) *wire {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{listener: l, target: target}
	t.Cleanup(func() { _ = l.Close(); w.sever() })
	go w.serve()
	return w
}

func (w *wire) serve() {
	for {
		in, err := w.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", w.target)
		if err != nil || w.cut.Load() {
			_ = in.Close()
			continue
		}
		w.mu.Lock()
		w.open = append(w.open, in, out)
		w.mu.Unlock()
		go func() { _, _ = io.Copy(out, in) }()
		go func() { _, _ = io.Copy(in, out) }()
	}
}

// sever ends every connection and refuses new ones, as a Redis that was killed.
func (w *wire) sever() {
	w.cut.Store(true)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.open {
		_ = c.Close()
	}
	w.open = nil
}

func (w *wire) mend() { w.cut.Store(false) }

// onRedis runs fn with two gateways that share a database and a Redis.
func onRedis(t *testing.T, fn func(t *testing.T, one, two *world, link *wire)) {
	t.Parallel()
	options := testkit.Redis(t)
	link := newWire(t, options.Addr)
	cfg := Config{RedisURL: fmt.Sprintf("redis://%s/%d", link.listener.Addr(), options.DB), RatePerSecond: 1, RateBurst: 40}
	one := &world{t: t, clock: testkit.NewClock(t0), db: testkit.Open(t, testkit.SQLite(t), store.Migrations()), ring: testkit.Keys(t)}
	one.start(cfg)
	one.seed()
	two := *one
	two.start(cfg)
	fn(t, one, &two, link)
}

func TestRedisStopsAndComesBack(t *testing.T) {
	onRedis(t, func(t *testing.T, one, two *world, link *wire) {
		get := func(w *world, nonce string) answer {
			return w.do(call{method: "GET", path: "/v1/cases/1", signed: true, nonce: nonce})
		}
		require.Equal(t, 200, get(one, "with-redis-000001").status)
		get(two, "with-redis-000001").requireError(t, 401, "SIGNATURE_NONCE_USED")
		one.svc.nonces.Flush()

		link.sever()
		require.Equal(t, 200, get(two, "without-redis-001").status, "work goes on")
		get(one, "without-redis-001").requireError(t, 401, "SIGNATURE_NONCE_USED")
		get(two, "with-redis-000001").requireError(t, 401, "SIGNATURE_NONCE_USED")
		require.Equal(t, 200, one.do(call{method: "POST", path: "/v1/cases", body: goodCase, signed: true}).status)
		require.Equal(t, 200, one.do(call{method: "GET", path: "/v1/cases/1", as: "agent"}).status)

		link.mend()
		for _, w := range []*world{one, two} {
			w.clock.Advance(2 * time.Second) // the rest is over
		}
		require.Equal(t, 200, get(one, "redis-is-back-0001").status)
		get(two, "redis-is-back-0001").requireError(t, 401, "SIGNATURE_NONCE_USED")
		get(two, "without-redis-001").requireError(t, 401, "SIGNATURE_NONCE_USED")
	})
}

func TestGatewaysShareLimits(t *testing.T) {
	onRedis(t, func(t *testing.T, one, two *world, link *wire) {
		passed := 0
		for i := range 60 {
			w := one
			if i%2 == 1 {
				w = two
			}
			if w.do(call{method: "GET", path: "/v1/cases/1", signed: true}).status == 200 {
				passed++
			}
		}
		require.GreaterOrEqual(t, passed, 40)
		require.Less(t, passed, 60, "the burst is one for both (Redis' own clock refills a little)")
		link.sever()
		require.Equal(t, 200, one.do(call{method: "GET", path: "/v1/cases/1", signed: true}).status, "a local count goes on")
	})
}

func TestGatewaysWakeEachOther(t *testing.T) {
	onRedis(t, func(t *testing.T, one, two *world, link *wire) {
		lines, stop := two.watch("/v1/events:watch", "")
		defer stop()
		require.JSONEq(t, `{"cursor":"0"}`, <-lines, "it listens")
		one.deliver(caseChanged("cases/1", "RECEIVED"))
		require.Contains(t, <-lines, "RECEIVED")
		link.sever()
		one.deliver(caseChanged("cases/1", "ACCEPTED"))
		require.Contains(t, <-lines, "ACCEPTED", "found by looking")
		link.mend()
		one.deliver(caseChanged("cases/1", "CLOSED"))
		require.Contains(t, <-lines, "CLOSED")
	})
}

func TestRevocationReachesTheOtherGateway(t *testing.T) {
	onRedis(t, func(t *testing.T, one, two *world, _ *wire) {
		require.Equal(t, 200, two.do(call{method: "GET", path: "/v1/cases/1", signed: true}).status)
		require.Equal(t, 200, one.do(call{method: "POST", path: "/v1/partners/demo-mall:disable", as: "admin", body: "{}"}).status)
		require.Eventually(t, func() bool {
			return two.do(call{method: "GET", path: "/v1/cases/1", signed: true}).status == 401
		}, 10*time.Second, 10*time.Millisecond)
	})
}

package e2e

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// wire carries connections to a server and can be cut.
type wire struct {
	target   string
	listener net.Listener

	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

func newWire(t *testing.T, target string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{target: target, listener: listener}
	go w.accept()
	t.Cleanup(func() { _ = listener.Close(); w.set(true) })
	return w
}

func (w *wire) accept() {
	for {
		conn, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.carry(conn)
	}
}

func (w *wire) carry(conn net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	server, err := net.Dial("tcp", w.target)
	if w.cut || err != nil {
		_ = conn.Close()
		return
	}
	w.conns = append(w.conns, conn, server)
	go func() { _, _ = io.Copy(server, conn); _ = server.Close() }()
	go func() { _, _ = io.Copy(conn, server); _ = conn.Close() }()
}

// set cuts the wire, or mends it for new connections.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		for _, conn := range w.conns {
			_ = conn.Close()
		}
		w.conns = nil
	}
}

// Redis is cut off in the middle: writes go on, nothing is lost, and the live feed hears of what happened before, during and
// after.
func TestRedisGoneInTheMiddle(t *testing.T) {
	f := form{"one process, PostgreSQL+Redis", false, true}
	address, err := url.Parse(redisURL(t))
	require.NoError(t, err)
	w := newWire(t, address.Host)
	address.Host = w.listener.Addr().String()
	d := deploy(t, f, "AFTERSALES_REDIS_URL="+address.String())
	heard := watch(t, d)
	l := &ledger{accepted: map[string]string{}}
	for _, cut := range []bool{false, true, false} {
		w.set(cut)
		for range 20 {
			key := uuid.NewString()
			begin := time.Now()
			status, body, err := fileCase(t.Context(), d.login, key)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status, "%s", body)
			require.Less(t, time.Since(begin), 5*time.Second, "Redis is not waited for")
			l.accepted[key] = key
			heard(key)
		}
	}
	require.Len(t, listNumbers(t, d), len(l.accepted))
}

// watch opens the live feed as the partner and answers a function that waits until a reference was heard of.
func watch(t *testing.T, d *deployment) (heard func(key string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	token, err := d.login.PartnerToken(ctx)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.HTTP+"/v1/events:watch", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	lines := make(chan string, 1000)
	go func() {
		defer resp.Body.Close()
		scanner := bufio.NewScanner(resp.Body)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
		close(lines)
	}()
	t.Cleanup(cancel)
	return func(key string) { hear(t, lines, key) }
}

func hear(t *testing.T, lines <-chan string, key string) {
	t.Helper()
	timeout := time.NewTimer(15 * time.Second)
	defer timeout.Stop()
	for {
		select {
		case line, open := <-lines:
			require.True(t, open, "the live feed ended")
			if strings.Contains(line, key) {
				return
			}
		case <-timeout.C:
			t.Fatalf("nothing heard of %s", key)
		}
	}
}

package process

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/aftersales-suite/aftersales/platform/keys"
	_ "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// idle is a service that does nothing and may be unwell.
type idle struct{ unwell atomic.Bool }

func (*idle) Register(grpc.ServiceRegistrar) {}
func (*idle) Start(context.Context) error    { return nil }
func (*idle) Stop(context.Context) error     { return nil }
func (s *idle) Health(context.Context) error {
	if s.unwell.Load() {
		return errors.New("database gone")
	}
	return nil
}

func newProcess(t *testing.T, change func(*Config)) (*Process, error) {
	t.Helper()
	cfg := Config{DataDir: t.TempDir(), TimeZone: "Asia/Shanghai"}
	if change != nil {
		change(&cfg)
	}
	return New(t.Context(), cfg, "test", "1", true)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func TestKeysAreMadeOnlyWhereAsked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := New(t.Context(), Config{DataDir: dir}, "test", "1", false)
	require.ErrorIs(t, err, keys.ErrNoKeys)
	p, err := New(t.Context(), Config{DataDir: dir}, "test", "1", true)
	require.NoError(t, err)
	require.NotEmpty(t, p.Policy.Methods(), "every linked RPC says who may call it")
	require.NoError(t, p.Close(t.Context()))
}

func TestDatabasesAreFilesInTheDataFolder(t *testing.T) {
	t.Parallel()
	p, err := newProcess(t, nil)
	require.NoError(t, err)
	db, err := p.DB(t.Context(), Intake)
	require.NoError(t, err)
	require.NoError(t, db.Ping(t.Context()))
	require.FileExists(t, p.Config.SQLiteFile(Intake))
	require.NoError(t, p.Close(t.Context()))
	require.Error(t, db.Ping(t.Context()), "Close gives the database back")
}

func TestDialNeedsAnAddress(t *testing.T) {
	t.Parallel()
	p, err := newProcess(t, func(c *Config) { c.SurveyAddr = "127.0.0.1:1" })
	require.NoError(t, err)
	_, err = p.Dial(t.Context(), Intake, Dispatch)
	require.ErrorContains(t, err, "dispatch-addr")
	_, err = p.Dial(t.Context(), Intake, Survey)
	require.NoError(t, err, "the peer may start later")
	require.NoError(t, p.Close(t.Context()))
}

func TestPlainTextGRPCStaysOnLoopback(t *testing.T) {
	t.Parallel()
	p, err := newProcess(t, nil)
	require.NoError(t, err)
	for _, address := range []string{"0.0.0.0:0", ":9000", "192.0.2.1:9000"} {
		_, err := p.GRPCPart(Intake, address)
		require.ErrorContains(t, err, "mutual-tls", address)
	}
}

func TestGRPCHealthFollowsTheServices(t *testing.T) {
	t.Parallel()
	p, err := newProcess(t, nil)
	require.NoError(t, err)
	for unwell, want := range map[bool]grpc_health_v1.HealthCheckResponse_ServingStatus{
		false: grpc_health_v1.HealthCheckResponse_SERVING, true: grpc_health_v1.HealthCheckResponse_NOT_SERVING,
	} {
		address, service := freeAddress(t), &idle{}
		service.unwell.Store(unwell)
		part, err := p.GRPCPart(Intake, address, service)
		require.NoError(t, err)
		require.NoError(t, part.Start(t.Context()))
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		require.NoError(t, err)
		answer, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}, grpc.WaitForReady(true))
		require.NoError(t, err)
		require.Equal(t, want, answer.GetStatus())
		require.NoError(t, conn.Close())
		require.NoError(t, part.Stop(t.Context()))
	}
}

func TestPeersAreAskedUntilTheyWereSeen(t *testing.T) {
	t.Parallel()
	address, service := freeAddress(t), &idle{}
	p, err := newProcess(t, func(c *Config) { c.IntakeAddr = address })
	require.NoError(t, err)
	conns, err := p.DialAll(t.Context(), Gateway, Intake)
	require.NoError(t, err)
	peers := NewPeers(conns)
	require.ErrorContains(t, peers.Seen(t.Context()), Intake, "nobody listens yet")

	part, err := p.GRPCPart(Intake, address, service)
	require.NoError(t, err)
	require.NoError(t, part.Start(t.Context()))
	require.Eventually(t, func() bool { return peers.Seen(t.Context()) == nil }, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, part.Stop(t.Context()))
	require.NoError(t, peers.Seen(t.Context()), "one service that is down does not take the gateway out of service")
	require.NoError(t, p.Close(t.Context()))
}

func TestHTTPPartServesAndStops(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	part := HTTPPart("http", address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }))
	require.NoError(t, part.Start(t.Context()))
	require.Error(t, HTTPPart("second", address, nil).Start(t.Context()), "a taken address is told at once")
	resp, err := http.Get("http://" + address)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, "here", string(body))
	require.NoError(t, part.Stop(t.Context()))
	_, err = http.Get("http://" + address)
	require.Error(t, err)
}

package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/aftersales-suite/aftersales/deploy/fleet"
	"github.com/aftersales-suite/aftersales/deploy/story"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// bin is the folder with the binaries under test, built once with the hooks of test builds.
var bin string

func TestMain(m *testing.M) { os.Exit(withBinaries(m)) }

func withBinaries(m *testing.M) int {
	dir, err := os.MkdirTemp("", "aftersales-e2e-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	const module = "github.com/aftersales-suite/aftersales/"
	cmd := exec.Command("go", "build", "-tags", "testhooks", "-o", dir+"/", module+"deploy/aftersales", module+"intake-svc/cmd/intake-svc",
		module+"dispatch-svc/cmd/dispatch-svc", module+"survey-svc/cmd/survey-svc", module+"gateway/cmd/gateway")
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	bin = dir
	return m.Run()
}

// form is one way to deploy the suite.
type form struct {
	name   string
	split  bool
	server bool // PostgreSQL and Redis
}

var forms = []form{{"one process, SQLite", false, false}, {"one process, PostgreSQL+Redis", false, true}, {"four processes, PostgreSQL+Redis", true, true}}

// deployment is a running form.
type deployment struct {
	*fleet.Fleet
	dir   string
	clock string
	login *story.JSON

	mu    sync.Mutex
	conns map[string]*grpc.ClientConn
}

// deploy starts the form on fresh data; it is stopped after the test, and a stop that fails fails the test.
func deploy(t *testing.T, f form, env ...string) *deployment {
	t.Helper()
	d := prepare(t, f, env...)
	require.NoError(t, d.Start(t.Context()))
	d.signIn(t)
	return d
}

// prepare makes everything but starts nothing.
func prepare(t *testing.T, f form, env ...string) *deployment {
	t.Helper()
	dir := t.TempDir()
	d := &deployment{dir: filepath.Join(dir, "data"), clock: filepath.Join(dir, "clock"), conns: map[string]*grpc.ClientConn{}}
	require.NoError(t, os.WriteFile(d.clock, []byte("0s"), 0o600))
	options := fleet.Options{Bin: bin, Split: f.split, Dir: d.dir, Env: append(env, "AFTERSALES_TEST_CLOCK="+d.clock, "AFTERSALES_REFLECTION=true",
		"AFTERSALES_GATEWAY_RATE_PER_SECOND=10000", "AFTERSALES_GATEWAY_RATE_BURST=10000")}
	if f.server {
		options.Database, options.Redis = database(t), redisURL(t)
	}
	var err error
	d.Fleet, err = fleet.New(options)
	require.NoError(t, err)
	t.Cleanup(func() {
		for _, conn := range d.conns {
			require.NoError(t, conn.Close())
		}
		http.DefaultClient.CloseIdleConnections()
		err := d.Stop()
		require.NoError(t, err)
	})
	return d
}

func (d *deployment) signIn(t *testing.T) {
	t.Helper()
	credentials, err := story.ReadCredentials(filepath.Join(d.dir, "demo-credentials.json"))
	require.NoError(t, err)
	d.login = &story.JSON{BaseURL: "http://" + d.HTTP, Credentials: credentials, Client: http.DefaultClient, Now: d.now}
}

// now is the time of the deployment's clock.
func (d *deployment) now() time.Time {
	data, err := os.ReadFile(d.clock)
	if err != nil {
		return time.Now()
	}
	offset, err := time.ParseDuration(strings.TrimSpace(string(data)))
	if err != nil {
		return time.Now()
	}
	return time.Now().Add(offset)
}

// conn answers the connection to the process that serves a proto package.
func (d *deployment) conn(pkg string) (grpc.ClientConnInterface, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := strings.TrimSuffix(strings.TrimPrefix(pkg, "aftersales."), ".v1")
	if conn := d.conns[name]; conn != nil {
		return conn, nil
	}
	conn, err := grpc.NewClient(d.GRPC[name], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err == nil {
		d.conns[name] = conn
	}
	return conn, err
}

func (d *deployment) callers() []story.Caller {
	return []story.Caller{d.login, &story.GRPC{Conn: d.conn, Login: d.login}}
}

// freeAddress asks the kernel for a free loopback address.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// serverOf is the address in an environment variable that `make test` sets; in CI its absence is a failure.
func serverOf(t *testing.T, name string) string {
	t.Helper()
	address := os.Getenv(name)
	if address != "" {
		return address
	}
	message := name + " is not set: run `make e2e` or `make test`, which start PostgreSQL and Redis"
	if os.Getenv("CI") != "" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}

// database makes an empty database that is dropped after the test.
func database(t *testing.T) string {
	t.Helper()
	address := serverOf(t, testkit.EnvPostgres)
	name := "e2e_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	admin(t, address, "CREATE DATABASE "+name)
	t.Cleanup(func() { admin(t, address, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(address)
	require.NoError(t, err)
	u.Path = "/" + name
	return u.String()
}

func admin(t *testing.T, address, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	require.NoError(t, err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	require.NoError(t, err)
}

// redisURL is the private Redis; everything in it can be lost, so deployments may share it.
func redisURL(t *testing.T) string {
	t.Helper()
	return serverOf(t, testkit.EnvRedis)
}

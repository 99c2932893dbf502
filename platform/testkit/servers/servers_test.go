package servers_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/testkit/servers"
)

// envChild makes the test binary the `servers` command.
const envChild = "SERVERS_TEST_CHILD"

func TestMain(m *testing.M) {
	if command := os.Getenv(envChild); command != "" {
		code, err := servers.Run(servers.Options{Redis: true}, func(set *servers.Set) []string {
			return []string{"REDIS=" + set.RedisURL}
		}, []string{"sh", "-c", command})
		if err != nil {
			code = 99
		}
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func TestServersStartAndLeaveNothing(t *testing.T) {
	temp := t.TempDir()
	require.NoError(t, os.Chmod(temp, 0o755))
	require.NoError(t, os.Chmod(filepath.Dir(temp), 0o755))
	t.Setenv("TMPDIR", temp)
	set, err := servers.Start(t.Context(), servers.Options{Postgres: true, Redis: true, Durable: true})
	require.NoError(t, err)

	conn, err := pgx.Connect(t.Context(), set.PostgresURL)
	require.NoError(t, err)
	var fsync string
	require.NoError(t, conn.QueryRow(t.Context(), `SHOW fsync`).Scan(&fsync))
	require.Equal(t, "on", fsync, "durable")
	require.NoError(t, conn.Close(t.Context()))

	options, err := redis.ParseURL(set.RedisURL)
	require.NoError(t, err)
	client := redis.NewClient(options)
	defer client.Close()
	require.NoError(t, client.Set(t.Context(), "a", "b", 0).Err())

	require.NoError(t, set.Stop())
	require.Error(t, client.Ping(t.Context()).Err())
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left)
}

func child(t *testing.T, command string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	temp := t.TempDir()
	require.NoError(t, os.Chmod(temp, 0o755))
	require.NoError(t, os.Chmod(filepath.Dir(temp), 0o755))
	cmd.Env = append(os.Environ(), envChild+"="+command, "TMPDIR="+temp)
	return cmd
}

func TestRunHandsOnTheExitCode(t *testing.T) {
	t.Parallel()
	cmd := child(t, `test -n "$REDIS" && exit 7`)
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Run(), &exit))
	require.Equal(t, 7, exit.ExitCode())
}

// Ctrl-C: the command gets the signal and ends in its own way, the servers end after it.
func TestRunHandsOnSignals(t *testing.T) {
	t.Parallel()
	cmd := child(t, `trap 'echo ended; exit 5' TERM; echo ready; while :; do sleep 0.02; done`)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	ready := make([]byte, len("ready\n"))
	_, err = out.Read(ready)
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	var rest bytes.Buffer
	_, err = rest.ReadFrom(out)
	require.NoError(t, err)
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Wait(), &exit))
	require.Equal(t, 5, exit.ExitCode())
	require.Equal(t, "ended", strings.TrimSpace(rest.String()))
}

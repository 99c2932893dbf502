package e2e

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/aftersales-suite/aftersales/deploy/story"
)

// A backup taken while cases are being filed restores into an empty place, where every archive verifies and work goes on.
func TestBackupWhileServingRestores(t *testing.T) {
	for _, f := range forms[:2] {
		t.Run(f.name, func(t *testing.T) {
			d := deploy(t, f)
			archived := walkLoop(t, d)
			file := filepath.Join(t.TempDir(), "backup.tar.gz")
			before := backUpWhileFiling(t, d, file)

			empty := prepare(t, f)
			command(t, empty, "restore", file)
			require.NoError(t, os.Link(filepath.Join(d.dir, "demo-credentials.json"), filepath.Join(empty.dir, "demo-credentials.json")))
			require.NoError(t, empty.Start(t.Context()))
			empty.signIn(t)
			found := listNumbers(t, empty)
			for number, key := range before {
				require.Equal(t, key, found[number], "filed before the backup")
			}
			verifies(t, empty, archived)
			status, body, err := fileCase(t.Context(), empty.login, "after-restore")
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status, "%s", body)
			require.NotContains(t, found, gjson.GetBytes(body, "caseNumber").String())
		})
	}
}

func backUpWhileFiling(t *testing.T, d *deployment, file string) map[string]string {
	t.Helper()
	l := &ledger{accepted: map[string]string{}, unknown: map[string]bool{}}
	ctx, cancel := context.WithCancel(t.Context())
	var filers sync.WaitGroup
	for range 4 {
		filers.Go(func() { l.keepFiling(ctx, d.login) })
	}
	before := listNumbers(t, d)
	command(t, d, "backup", file)
	cancel()
	filers.Wait()
	require.Empty(t, l.unknown, "writes wait for the backup, they do not fail")
	return before
}

func command(t *testing.T, d *deployment, args ...string) string {
	t.Helper()
	out, err := d.Command(t.Context(), args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// walkLoop plays the closed loop and answers the archived case's name.
func walkLoop(t *testing.T, d *deployment) string {
	t.Helper()
	loop, err := story.Named("loop")
	require.NoError(t, err)
	name := ""
	player := &story.Player{Caller: d.login, ClockFile: d.clock, Seen: func(_ story.Step, _ story.Request, body []byte) {
		if gjson.GetBytes(body, "state").String() == "ARCHIVED" && gjson.GetBytes(body, "name").Exists() {
			name = gjson.GetBytes(body, "name").String()
		}
	}}
	require.NoError(t, player.Play(t.Context(), loop), "%s", d.Output())
	require.NotEmpty(t, name)
	return name
}

// verifies downloads a case's archive and lets the offline command judge it.
func verifies(t *testing.T, d *deployment, name string) {
	t.Helper()
	status, body, err := d.login.Call(t.Context(), story.Request{As: "manager", Method: http.MethodGet, Target: "/v1/" + name + "/archive"})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, "%s", body)
	file := filepath.Join(t.TempDir(), "archive.zip")
	require.NoError(t, os.WriteFile(file, body, 0o600))
	command(t, d, "verify", file)
	body[len(body)/2] ^= 1
	require.NoError(t, os.WriteFile(file, body, 0o600))
	altered := d.Command(t.Context(), "verify", file)
	require.Error(t, altered.Run())
	require.Equal(t, 1, altered.ProcessState.ExitCode(), "one flipped bit is found")
}

//go:build testhooks

package clock_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/clock"
)

func TestOffsetFileMovesTime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "offset")
	t.Setenv(clock.EnvFile, file)
	c := clock.FromEnv()
	require.WithinDuration(t, time.Now(), c.Now(), time.Minute, "no file, no offset")
	require.NoError(t, os.WriteFile(file, []byte("72h\n"), 0o600))
	require.Eventually(t, func() bool { return c.Now().After(time.Now().Add(71 * time.Hour)) }, time.Second, time.Millisecond)
	require.NoError(t, os.WriteFile(file, []byte("nonsense"), 0o600))
	require.Eventually(t, func() bool { return c.Now().Before(time.Now().Add(time.Hour)) }, time.Second, time.Millisecond)
}

//go:build testhooks

package crashpoint_test

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/crashpoint"
)

func TestMain(m *testing.M) {
	if os.Getenv("CRASHPOINT_CHILD") != "" {
		crashpoint.Hit("other")
		crashpoint.Hit("here")
		crashpoint.Hit("here")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestHitKillsAtTheChosenVisit(t *testing.T) {
	t.Parallel()
	for point, killed := range map[string]bool{"here": true, "here:2": true, "here:3": false, "nowhere": false, "": false} {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "CRASHPOINT_CHILD=1", crashpoint.Env+"="+point)
		err := cmd.Run()
		var exit *exec.ExitError
		if !killed {
			require.NoError(t, err, point)
			continue
		}
		require.True(t, errors.As(err, &exit), point)
		require.Equal(t, syscall.SIGKILL, exit.Sys().(syscall.WaitStatus).Signal(), point)
	}
}

package clock_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/clock"
)

func TestSystemIsStorable(t *testing.T) {
	t.Parallel()
	now := clock.System.Now()
	require.Equal(t, time.UTC, now.Location())
	require.Equal(t, now, now.Truncate(clock.Precision))
	require.Equal(t, now, time.UnixMicro(now.UnixMicro()).UTC(), "what comes back from a row is equal")
	require.WithinDuration(t, time.Now(), now, time.Second)
}

func TestFromEnvIsTheSystemClockUnlessHooked(t *testing.T) {
	t.Setenv("AFTERSALES_TEST_CLOCK", "")
	require.Equal(t, clock.System, clock.FromEnv())
}

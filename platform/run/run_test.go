package run

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func recorder(seen *[]string, name string, startErr, stopErr error) Part {
	return Part{
		Name:  name,
		Start: func(context.Context) error { *seen = append(*seen, "start "+name); return startErr },
		Stop:  func(context.Context) error { *seen = append(*seen, "stop "+name); return stopErr },
	}
}

func TestPartsStopInReverse(t *testing.T) {
	t.Parallel()
	var seen []string
	ctx, cancel := context.WithCancel(t.Context())
	last := recorder(&seen, "b", nil, nil)
	start := last.Start
	last.Start = func(ctx context.Context) error { defer cancel(); return start(ctx) }
	require.NoError(t, Run(ctx, slog.New(slog.DiscardHandler), recorder(&seen, "a", nil, nil), last))
	require.Equal(t, []string{"start a", "start b", "stop b", "stop a"}, seen)
}

func TestAFailedStartStopsWhatWasStartedAndJoinsErrors(t *testing.T) {
	t.Parallel()
	var seen []string
	broken, stuck := errors.New("broken"), errors.New("stuck")
	err := Run(t.Context(), slog.New(slog.DiscardHandler),
		recorder(&seen, "a", nil, stuck), recorder(&seen, "b", broken, nil), recorder(&seen, "c", nil, nil))
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, err, stuck)
	require.Equal(t, []string{"start a", "start b", "stop a"}, seen)
}

func TestAPartsFailureEndsTheProcess(t *testing.T) {
	t.Parallel()
	var seen []string
	failed := make(chan error, 1)
	gone := errors.New("listener gone")
	part := recorder(&seen, "server", nil, nil)
	part.Failed = failed
	failed <- gone
	require.ErrorIs(t, Run(t.Context(), slog.New(slog.DiscardHandler), part), gone)
	require.Equal(t, []string{"start server", "stop server"}, seen)
}

func TestAPartThatHangsDoesNotKeepTheOthers(t *testing.T) {
	t.Parallel()
	var seen []string
	release := make(chan struct{})
	defer close(release)
	hangs := Part{Name: "hangs", Stop: func(context.Context) error { <-release; return nil }}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the time to stop is over
	err := stop(ctx, slog.New(slog.DiscardHandler), []Part{recorder(&seen, "a", nil, nil), hangs})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "stop hangs")
	require.Equal(t, []string{"stop a"}, seen)
}

// Not parallel: the signal reaches every Run of this process.
func TestASignalStopsInOrder(t *testing.T) {
	var seen []string
	kill := Part{Name: "kill", Start: func(context.Context) error { return syscall.Kill(os.Getpid(), syscall.SIGTERM) }}
	require.NoError(t, Run(t.Context(), slog.New(slog.DiscardHandler), recorder(&seen, "a", nil, nil), kill))
	require.Equal(t, []string{"start a", "stop a"}, seen)
}

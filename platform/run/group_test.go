package run

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// noting is a worker that writes down what happens to it.
type noting struct {
	name              string
	seen              *[]string
	startErr, stopErr error
}

func (n noting) Start(context.Context) error {
	*n.seen = append(*n.seen, "start "+n.name)
	return n.startErr
}

func (n noting) Stop(context.Context) error {
	*n.seen = append(*n.seen, "stop "+n.name)
	return n.stopErr
}

func TestAGroupStopsInReverseAndOnlyOnce(t *testing.T) {
	t.Parallel()
	var seen []string
	stuck := errors.New("stuck")
	var g Group
	g.Add(noting{"a", &seen, nil, nil}, noting{"b", &seen, nil, stuck})
	require.NoError(t, g.Start(t.Context()))
	require.ErrorIs(t, g.Stop(t.Context()), stuck)
	require.NoError(t, g.Stop(t.Context()))
	require.Equal(t, []string{"start a", "start b", "stop b", "stop a"}, seen)
}

func TestAGroupThatCannotStartIsStopped(t *testing.T) {
	t.Parallel()
	var seen []string
	broken := errors.New("broken")
	var g Group
	g.Add(noting{"a", &seen, nil, nil}, noting{"b", &seen, broken, nil}, noting{"c", &seen, nil, nil})
	require.ErrorIs(t, g.Start(t.Context()), broken)
	require.Equal(t, []string{"start a", "start b", "stop a"}, seen)
}

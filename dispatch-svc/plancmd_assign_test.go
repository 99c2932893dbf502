package dispatch

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// The bench asks every kind of job, measures updates, and gives a batch away.
func TestPlanAssignBench(t *testing.T) {
	t.Parallel()
	c := PlanAssignBenchCmd{Engineers: 300, Queries: 200, Batch: 20, Seed: 1}
	index, err := c.crew()
	require.NoError(t, err)
	require.Equal(t, 300, index.Len())
	var out bytes.Buffer
	require.NoError(t, c.ask(&out, index))
	require.NoError(t, c.updates(&out, index))
	require.NoError(t, c.batch(&out, index))
	for _, k := range kinds {
		require.Contains(t, out.String(), k.name)
	}
	for _, text := range []string{"all ", "CPU:", "wall:", "allocations a query", "update: book", "update: move", "update: cancel", "batch of 20", "one by one"} {
		require.Contains(t, out.String(), text)
	}
}

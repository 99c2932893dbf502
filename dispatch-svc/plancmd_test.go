package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/format"
	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

const smallSolomon = `SMALL
VEHICLE
NUMBER CAPACITY
3 10
CUSTOMER
CUST NO. XCOORD. YCOORD. DEMAND READY DUE SERVICE
0 0 0 0 0 100 0
1 10 0 4 0 50 10
2 10 5 4 20 60 10
3 -10 0 4 0 60 10
4 90 90 4 0 60 10
`

func smallFile(t *testing.T) *format.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "small.txt")
	require.NoError(t, os.WriteFile(path, []byte(smallSolomon), 0o600))
	f, err := format.Open(format.KindSolomon, path)
	require.NoError(t, err)
	return f
}

// What plan solve prints has the agreed fields, its own check accepts it, and a changed answer is refused.
func TestPlanSolveAndCheck(t *testing.T) {
	t.Parallel()
	f := smallFile(t)
	b := PlanBudget{Format: "solomon", Iterations: 2000, Seed: 1, Workers: 1}
	s, a, err := b.solve(context.Background(), f, 0)
	require.NoError(t, err)
	raw, err := json.Marshal(a)
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(raw, &fields))
	for _, key := range []string{"instance", "objective", "cpuSeconds", "iterations", "routes", "unassigned"} {
		require.Contains(t, fields, key)
	}
	require.Equal(t, "small", a.Instance)
	require.InDelta(t, 10+5+11.1+20, a.Objective, 1e-9)
	require.Len(t, a.Unassigned, 1)
	require.Equal(t, 4, a.Unassigned[0].Visit)
	require.NotEmpty(t, a.Unassigned[0].Reason)
	require.NotEmpty(t, a.Unassigned[0].Counterfactual)
	require.Len(t, s.Plan.Routes, 2)
	var out bytes.Buffer
	require.NoError(t, verdict(&out, f, &a))
	require.Contains(t, out.String(), "ok: small")
	a.Objective--
	require.ErrorIs(t, verdict(&out, f, &a), ErrPlanRefused)
	a.Objective++
	a.Routes[0].Visits = append(a.Routes[0].Visits, 4)
	require.ErrorIs(t, verdict(&out, f, &a), ErrPlanRefused)
}

// The same seed and iterations give the same answer.
func TestPlanSolveRepeats(t *testing.T) {
	t.Parallel()
	f := smallFile(t)
	b := PlanBudget{Format: "solomon", Iterations: 500, Seed: 5, Workers: 2}
	_, one, err := b.solve(context.Background(), f, 0)
	require.NoError(t, err)
	_, two, err := b.solve(context.Background(), f, 0)
	require.NoError(t, err)
	two.CPUSeconds = one.CPUSeconds
	require.Equal(t, one, two)
}

func TestPlanDrawsFile(t *testing.T) {
	t.Parallel()
	f := smallFile(t)
	b := PlanBudget{Format: "solomon", Iterations: 200, Seed: 1}
	s, _, err := b.solve(context.Background(), f, 0)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "plan.svg")
	require.NoError(t, drawFile(path, f, &s))
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(raw, []byte("<svg ")))
}

func TestPlanBenchTable(t *testing.T) {
	t.Parallel()
	best, err := readBest(strings.NewReader("# a comment\ninstance,best\nsmall,46.0,true\n"))
	require.NoError(t, err)
	require.Equal(t, map[string]float64{"small": 46}, best)
	best, err = readBest(strings.NewReader("# source\nAllOptimal = true\nsmall-K = 3\nsmall = 46.0\n"))
	require.NoError(t, err)
	require.InDelta(t, 46, best["small"], 0)
	row := benchRow{answer: format.Answer{Instance: "small", Objective: 46.1, CPUSeconds: 1}, best: 46, known: true}
	var out bytes.Buffer
	row.print(&out)
	summary(&out, []benchRow{row})
	require.Contains(t, out.String(), "0.217")
	require.Contains(t, out.String(), "mean gap 0.2174 %, worst 0.217 %, over 1")
}

// The command line is as agreed.
func TestPlanCommandLine(t *testing.T) {
	t.Parallel()
	var c PlanCmd
	p, err := kong.New(&c)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "x.txt")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = p.Parse([]string{"solve", "--format", "trsp", "--cpu", "2s", "--seed", "4", "--workers", "2", "--iterations", "9", file})
	require.NoError(t, err)
	require.Equal(t, "trsp", c.Solve.Format)
	require.EqualValues(t, 9, c.Solve.Iterations)
	_, err = p.Parse([]string{"assign-bench", "--engineers", "1000"})
	require.NoError(t, err)
	require.Equal(t, 1000, c.AssignBench.Engineers)
}

package plan

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/check"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/format"
	"github.com/stretchr/testify/require"
)

// dataDir finds the benchmark files by AFTERSALES_DATA, or beside the repository; without them a line says so and the generated
// problems of the other tests stand alone.
func dataDir(t *testing.T) string {
	t.Helper()
	for _, dir := range []string{os.Getenv("AFTERSALES_DATA"), "../../../../shared/data"} {
		if _, err := os.Stat(filepath.Join(dir, "dispatch", "solomon")); dir != "" && err == nil {
			return filepath.Join(dir, "dispatch")
		}
	}
	t.Log("NO DATA: set AFTERSALES_DATA to the folder with dispatch/solomon to run this test")
	return ""
}

// The optima of Solomon's first 25 customers are found.
func TestSolomon25Optima(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	if dir == "" {
		return
	}
	raw, err := os.ReadFile(filepath.Join(dir, "solomon-25.sol"))
	require.NoError(t, err)
	best := map[string]float64{}
	for line := range strings.Lines(string(raw)) {
		if key, value, ok := strings.Cut(line, "="); ok {
			if x, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
				best[strings.TrimSpace(key)] = x
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "solomon-25", "*.txt"))
	require.NoError(t, err)
	known := 0
	for _, path := range files {
		f, err := format.Open(format.KindSolomon, path)
		require.NoError(t, err)
		want, ok := best[f.Problem.Name]
		if !ok {
			continue
		}
		known++
		s, err := Solve(context.Background(), f.Problem, Options{Seed: 1, Iterations: 15_000})
		require.NoError(t, err)
		require.LessOrEqual(t, f.Answer(&s.Plan).Objective, want+1e-6, f.Problem.Name)
	}
	require.Greater(t, known, 20)
}

// The published TRSP routes have their published values by our reading of the rules, and pass the checker.
func TestPublishedTRSPRoutes(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	if dir == "" {
		return
	}
	r, err := os.Open(filepath.Join(dir, "trsp-bks.csv"))
	require.NoError(t, err)
	defer func() { _ = r.Close() }()
	lines := csv.NewReader(r)
	lines.Comment = '#'
	rows, err := lines.ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		paths, err := filepath.Glob(filepath.Join(dir, "trsp", row[0]+".*"))
		require.NoError(t, err)
		f, err := format.Open(format.KindTRSP, paths[0])
		require.NoError(t, err)
		tours := parseTours(t, row[3])
		want, err := strconv.ParseFloat(row[1], 64)
		require.NoError(t, err)
		require.InDelta(t, want, f.Objective(tours), 0.002, row[0])
		var seq []check.Sequence
		for _, tour := range tours {
			s := check.Sequence{Engineer: strconv.Itoa(tour.Engineer)}
			for _, v := range tour.Visits {
				s.Visits = append(s.Visits, strings.TrimPrefix(strconv.Itoa(v), "0"))
			}
			seq = append(seq, s)
		}
		plan := check.Schedule(f.Problem, seq)
		require.Empty(t, check.Check(f.Problem, &plan).Faults, row[0])
		require.Empty(t, plan.Unassigned)
	}
}

func parseTours(t *testing.T, text string) []format.AnswerTour {
	t.Helper()
	var out []format.AnswerTour
	for _, part := range strings.Split(text, "|") {
		who, visits, ok := strings.Cut(part, ":")
		require.True(t, ok)
		tour := format.AnswerTour{}
		tour.Engineer, _ = strconv.Atoi(who)
		for _, v := range strings.Fields(visits) {
			n, err := strconv.Atoi(v)
			require.NoError(t, err)
			tour.Visits = append(tour.Visits, n)
		}
		out = append(out, tour)
	}
	return slices.DeleteFunc(out, func(a format.AnswerTour) bool { return len(a.Visits) == 0 })
}

package exact_test

import (
	"math"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/exact"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/generate"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/stretchr/testify/require"
)

// line is a problem on a line: one engineer at 0 from tick 0 to 100 who travels at one unit a tick, and visits at x that last 10.
func line(xs ...float64) *model.Problem {
	p := &model.Problem{Travel: model.Plane{Scale: 1}, Weights: model.Weights{Travel: 1, Unserved: 1000},
		Engineers: []model.Engineer{{ID: "e", Shifts: []model.Shift{{End: 100}}}}}
	for i, x := range xs {
		p.Visits = append(p.Visits, model.Visit{ID: string(rune('a' + i)), Place: model.Point{X: x}, Duration: 10})
	}
	return p
}

func solved(t *testing.T, p *model.Problem) int64 {
	t.Helper()
	got, err := exact.Solve(p)
	require.NoError(t, err)
	return got
}

// Each constraint changes the optimum by what one can add up by hand.
func TestOptimaByHand(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(p *model.Problem)
		want   int64
	}{
		"one way out and back":          {func(*model.Problem) {}, 20 + 10},
		"window forces the other order": {func(p *model.Problem) { p.Visits[1].Windows = []model.Window{{From: 50, To: 50}} }, 30},
		"too late for one":              {func(p *model.Problem) { p.Visits[0].Windows = []model.Window{{From: 0, To: 5}} }, 10 + 1000},
		"shift too short for both":      {func(p *model.Problem) { p.Engineers[0].Shifts[0].End = 31 }, 10 + 1000},
		"overtime": {func(p *model.Problem) {
			p.Engineers[0].Shifts[0] = model.Shift{End: 40, Overtime: 20}
			p.Weights.Overtime = 2
		}, 30 + 2*10},
		"skill that nobody has":    {func(p *model.Problem) { p.Visits[0].Needs = []model.Need{{Name: "s", Level: 1}} }, 10 + 1000},
		"lateness":                 {func(p *model.Problem) { p.Visits[0].Promise, p.Visits[0].LateRate = 7, 3 }, 30 + 3*3},
		"tool by way of the depot": {func(p *model.Problem) { needTool(p, 4) }, 5 + 4 + 16 + 10},
		"break that the day has room for": {func(p *model.Problem) {
			p.Engineers[0].Shifts[0].Breaks = []model.Break{{Earliest: 0, Latest: 90, Length: 10}}
		}, 30},
		"break that takes the room": {func(p *model.Problem) {
			p.Engineers[0].Shifts[0] = model.Shift{End: 50, Breaks: []model.Break{{Earliest: 15, Latest: 30, Length: 30}}}
		}, 10 + 1000},
		"work paid without waiting": {func(p *model.Problem) { p.Weights.Work = 1; p.Visits[0].Windows = []model.Window{{From: 60, To: 90}} }, 30 + 50},
		"both on one tour":          {func(p *model.Problem) { twin(p); relate(p, model.SameTour) }, 30},
		"apart":                     {func(p *model.Problem) { twin(p); relate(p, model.Apart) }, 30},
		"excluded":                  {func(p *model.Problem) { p.Visits[1].Excluded = []string{"e"} }, 20 + 1000},
	}
	for name, c := range cases {
		p := line(10, -5)
		c.change(p)
		require.Equal(t, c.want, solved(t, p), name)
	}
}

// needTool makes visit a need what only a depot beside visit b has, y off the line.
func needTool(p *model.Problem, y float64) {
	p.Visits[0].Tools = []string{"t"}
	p.Depots = []model.Depot{{ID: "d", Place: model.Point{X: -5, Y: y}, AllTools: true}}
}

func twin(p *model.Problem) {
	e := p.Engineers[0]
	e.ID = "f"
	p.Engineers = append(p.Engineers, e)
}

func relate(p *model.Problem, kind model.RelationKind) {
	p.Relations = []model.Relation{{Kind: kind, First: "a", Second: "b"}}
}

// Before holds: the cheaper order is forbidden when windows make it the only one.
func TestBeforeLeavesOneOut(t *testing.T) {
	t.Parallel()
	p := line(10, 20)
	p.Visits[0].Windows = []model.Window{{From: 60, To: 60}}
	p.Visits[1].Windows = []model.Window{{From: 20, To: 30}}
	require.EqualValues(t, 40, solved(t, p))
	relate(p, model.Before)
	require.EqualValues(t, 20+1000, solved(t, p), "b cannot follow a, and a alone is the nearer one")
}

// Where only travel costs, the optimum is that of all permutations of a single tour.
func TestAgreesWithPermutations(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		p := generate.Homberger("R", 1, 6, 0, seed)
		p.Engineers = p.Engineers[:1]
		p.Engineers[0].Capacity = 0
		p.Engineers[0].Shifts[0].End = 1 << 20
		for i := range p.Visits {
			p.Visits[i].Windows = nil
		}
		require.Equal(t, shortest(p, nil, 0), solved(t, p), seed)
	}
}

func shortest(p *model.Problem, row []int, way int64) int64 {
	home := p.Engineers[0].Home
	at := home
	if len(row) > 0 {
		at = p.Visits[row[len(row)-1]].Place
	}
	if len(row) == len(p.Visits) {
		return way + p.Travel.Ticks(at, home)
	}
	best := int64(math.MaxInt64)
next:
	for v := range p.Visits {
		for _, r := range row {
			if r == v {
				continue next
			}
		}
		best = min(best, shortest(p, append(row, v), way+p.Travel.Ticks(at, p.Visits[v].Place)))
	}
	return best
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	_, err := exact.Solve(line(make([]float64, exact.MostVisits+1)...))
	require.ErrorIs(t, err, exact.ErrTooLarge)
}

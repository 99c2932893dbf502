package generate_test

import (
	"math"
	"slices"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/generate"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/stretchr/testify/require"
)

// A seed is a problem: the same twice, another for the next.
func TestSeedsRepeat(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(seed uint64) *model.Problem{
		"homberger": func(s uint64) *model.Problem { return generate.Homberger("RC", 1, 40, 0.5, s) },
		"trsp":      func(s uint64) *model.Problem { return generate.TRSP(40, s) },
		"day":       func(s uint64) *model.Problem { return generate.Day(40, s) },
		"tiny":      generate.Tiny,
	}
	for name, make := range kinds {
		require.Equal(t, make(3), make(3), name)
		require.NotEqual(t, make(3).Visits, make(4).Visits, name)
		require.NotEmpty(t, make(3).Engineers, name)
	}
	require.Equal(t, slices.Collect(generate.Crew(5, 1)), slices.Collect(generate.Crew(5, 1)))
	require.Len(t, slices.Collect(generate.Jobs(7, 1)), 7)
}

// Every customer can be reached, served in its window and left in time to be home, by an empty vehicle; density is the part with a
// window narrower than the horizon.
func TestHombergerCanBeServed(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"R", "C", "RC"} {
		for series := 1; series <= 2; series++ {
			p := generate.Homberger(kind, series, 200, 0.5, 9)
			require.Len(t, p.Visits, 200)
			e, narrow := &p.Engineers[0], 0
			for _, v := range p.Visits {
				way := p.Travel.Ticks(e.Home, v.Place)
				begin := max(way, v.Windows[0].From)
				require.LessOrEqual(t, begin, v.Windows[0].To, v.ID)
				require.LessOrEqual(t, begin+v.Duration+way, e.Shifts[0].End, v.ID)
				require.LessOrEqual(t, v.Load, e.Capacity)
				if v.Windows[0].From > 0 {
					narrow++
				}
			}
			require.InDelta(t, 100, narrow, 30, p.Name)
		}
	}
}

// Clusters are denser than an even spread: the nearest neighbour is closer.
func TestClustersAreDense(t *testing.T) {
	t.Parallel()
	spread, clustered := near(generate.Homberger("R", 1, 200, 0.5, 1)), near(generate.Homberger("C", 1, 200, 0.5, 1))
	require.Less(t, clustered, 0.6*spread)
}

// near is the mean way to the nearest other visit.
func near(p *model.Problem) float64 {
	sum := 0.0
	for i, a := range p.Visits {
		best := math.Inf(1)
		for j, b := range p.Visits {
			if i != j {
				best = min(best, math.Hypot(a.Place.X-b.Place.X, a.Place.Y-b.Place.Y))
			}
		}
		sum += best
	}
	return sum / float64(len(p.Visits))
}

// Every request of a technician problem finds its skill among the crew, and so does every job of a day.
func TestSomebodyHasTheSkill(t *testing.T) {
	t.Parallel()
	for _, p := range []*model.Problem{generate.TRSP(100, 2), generate.Day(100, 2)} {
		for _, v := range p.Visits {
			for _, n := range v.Needs {
				require.True(t, slices.ContainsFunc(p.Engineers, func(e model.Engineer) bool {
					return slices.ContainsFunc(e.Skills, func(s model.Skill) bool { return s.Name == n.Name && s.Level >= n.Level })
				}), "%s: %s", p.Name, v.ID)
			}
		}
	}
}

// Tiny problems switch every kind of constraint on now and then.
func TestTinyHasEverything(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	note := func(what string, on bool) {
		if on {
			seen[what]++
		}
	}
	for seed := range uint64(300) {
		p := generate.Tiny(seed)
		note("depot", len(p.Depots) > 0)
		note("fairness", p.Weights.Fairness > 0)
		for _, r := range p.Relations {
			note([]string{"", "same tour", "same engineer", "apart", "before"}[r.Kind], true)
		}
		for _, e := range p.Engineers {
			note("break", len(e.Shifts[0].Breaks) > 0)
			note("longest work", e.Shifts[0].MaxWork > 0)
			note("two days", len(e.Shifts) > 1)
		}
		for _, v := range p.Visits {
			note("lock", v.Lock != nil)
			note("published", v.Published != nil)
			note("promise", v.Promise > 0)
			note("windows", len(v.Windows) > 1)
			note("by level", v.ByLevel != nil)
			note("release", v.Release > 0)
			note("preferred", len(v.Preferred) > 0)
		}
	}
	require.Len(t, seen, 16)
	for what, n := range seen {
		require.Greater(t, n, 10, what)
	}
}

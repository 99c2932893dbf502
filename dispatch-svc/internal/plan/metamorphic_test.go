package plan

import (
	"context"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/exact"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/generate"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/stretchr/testify/require"
)

func cost(t *testing.T, p *model.Problem) int64 {
	t.Helper()
	s, err := Solve(context.Background(), p, Options{Seed: 1, Iterations: 3000})
	require.NoError(t, err)
	return s.Plan.Cost.Total
}

// Other names, another origin of time, and a skill that nobody needs change nothing; one more engineer costs nothing. The solver
// and the exact solver are both held to it.
func TestMetamorphic(t *testing.T) {
	t.Parallel()
	changes := map[string]func(p *model.Problem){
		"renaming": func(p *model.Problem) {
			rename := map[string]string{}
			for i := range p.Visits {
				rename[p.Visits[i].ID] = "visit-" + p.Visits[i].ID
				p.Visits[i].ID = "visit-" + p.Visits[i].ID
			}
			for i := range p.Relations {
				p.Relations[i].First, p.Relations[i].Second = rename[p.Relations[i].First], rename[p.Relations[i].Second]
			}
		},
		"time shift": func(p *model.Problem) { shift(p, 1_700_000_000) },
		"unused skill": func(p *model.Problem) {
			p.Engineers[0].Skills = append(p.Engineers[0].Skills, model.Skill{Name: "juggling", Level: 9})
		},
	}
	for seed := range uint64(25) {
		want, err := exact.Solve(generate.Tiny(seed))
		require.NoError(t, err)
		for name, change := range changes {
			p := generate.Tiny(seed)
			change(p)
			got, err := exact.Solve(p)
			require.NoError(t, err)
			require.Equal(t, want, got, "%s, seed %d, exact", name, seed)
			require.Equal(t, want, cost(t, p), "%s, seed %d", name, seed)
		}
		p := generate.Tiny(seed)
		twin := p.Engineers[0]
		twin.ID = "one more"
		p.Engineers = append(p.Engineers, twin)
		require.LessOrEqual(t, cost(t, p), want, "one more engineer, seed %d", seed)
	}
}

// shift moves all times of a problem.
func shift(p *model.Problem, by int64) {
	for i := range p.Engineers {
		e := &p.Engineers[i]
		for s := range e.Shifts {
			e.Shifts[s].Start += by
			e.Shifts[s].End += by
			for b := range e.Shifts[s].Breaks {
				e.Shifts[s].Breaks[b].Earliest += by
				e.Shifts[s].Breaks[b].Latest += by
			}
		}
		for s := range e.Skills {
			if e.Skills[s].Expires != 0 {
				e.Skills[s].Expires += by
			}
		}
	}
	for i := range p.Depots {
		d := &p.Depots[i]
		if d.Open != (model.Window{}) {
			d.Open = model.Window{From: d.Open.From + by, To: d.Open.To + by}
		}
		for r := range d.Parts {
			d.Parts[r].From += by
		}
	}
	for i := range p.Visits {
		v := &p.Visits[i]
		for w := range v.Windows {
			v.Windows[w] = model.Window{From: v.Windows[w].From + by, To: v.Windows[w].To + by}
		}
		if v.Promise != 0 {
			v.Promise += by
		}
		if v.Release != 0 {
			v.Release += by
		}
	}
}

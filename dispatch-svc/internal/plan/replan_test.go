package plan

import (
	"context"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/check"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/generate"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/stretchr/testify/require"
)

// published makes a day of n jobs and a plan for it.
func published(t *testing.T, n int, seed uint64) (*model.Problem, model.Plan) {
	t.Helper()
	p := generate.Day(n, seed)
	s, err := Solve(context.Background(), p, Options{Seed: 1, Iterations: int64(n) * 30})
	require.NoError(t, err)
	return p, s.Plan
}

// After each kind of event the new plan passes the checker, leaves nearly everybody else where he was, and is no worse than
// the published plan mended by insertion.
func TestReplanAfterEvents(t *testing.T) {
	t.Parallel()
	events := map[string]func(p *model.Problem, plan *model.Plan){
		"new job": func(p *model.Problem, _ *model.Plan) {
			v := p.Visits[0]
			v.ID = "new"
			p.Visits = append(p.Visits, v)
		},
		"ill engineer": func(p *model.Problem, plan *model.Plan) {
			for i := range p.Engineers {
				if p.Engineers[i].ID == plan.Routes[0].Engineer {
					p.Engineers[i].Shifts = nil
				}
			}
		},
		"overrun": func(p *model.Problem, plan *model.Plan) {
			for i := range p.Visits {
				if p.Visits[i].ID == plan.Routes[0].Stops[0].ID {
					p.Visits[i].Duration += hour
				}
			}
		},
		"no-show": func(p *model.Problem, plan *model.Plan) {
			for i := range p.Visits {
				if p.Visits[i].ID == plan.Routes[0].Stops[0].ID {
					p.Visits = append(p.Visits[:i], p.Visits[i+1:]...)
					break
				}
			}
		},
		"part missing": func(p *model.Problem, plan *model.Plan) {
			for i := range p.Visits {
				if p.Visits[i].ID == plan.Routes[0].Stops[0].ID {
					p.Visits[i].Parts = []model.Stock{{Part: "part-1", Count: 1}}
				}
			}
		},
	}
	for name, event := range events {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, before := published(t, 120, 5)
			event(p, &before)
			mended, err := Replan(context.Background(), p, &before, Options{Seed: 1, Iterations: 1})
			require.NoError(t, err)
			after, err := Replan(context.Background(), p, &before, Options{Seed: 1, Iterations: 3000})
			require.NoError(t, err)
			require.True(t, check.Check(p, &after.Plan).OK())
			require.LessOrEqual(t, after.Plan.Cost.Total, mended.Plan.Cost.Total)
			moved, both := Moved(&before, &after.Plan)
			require.Greater(t, both, 100)
			require.LessOrEqual(t, moved, both/20+6, "a tour of an ill engineer moves as well")
		})
	}
}

// Nothing changes when nothing happened and nothing pays, and a plan is never made worse.
func TestReplanNeverWorse(t *testing.T) {
	t.Parallel()
	p, before := published(t, 60, 6)
	after, err := Replan(context.Background(), p, &before, Options{Seed: 3, Iterations: 2000})
	require.NoError(t, err)
	require.LessOrEqual(t, after.Plan.Cost.Total, before.Cost.Total)
}

// Started visits stay where they are, and locked ones with their engineer.
func TestReplanKeepsStartedAndLocked(t *testing.T) {
	t.Parallel()
	p, before := published(t, 60, 7)
	r := &before.Routes[0]
	first := r.Stops[0]
	require.Equal(t, model.VisitStop, first.Kind)
	locked := before.Routes[1].Stops[0].ID
	for i := range p.Engineers {
		if p.Engineers[i].ID == r.Engineer {
			p.Engineers[i].Shifts[0].Driven = []model.Driven{{Visit: first.ID, Begin: first.Begin, Finish: first.Finish + hour/2}}
		}
	}
	for i := range p.Visits {
		if p.Visits[i].ID == locked {
			p.Visits[i].Lock = &model.Lock{Engineer: before.Routes[1].Engineer}
		}
	}
	after, err := Replan(context.Background(), p, &before, Options{Seed: 1, Iterations: 2000})
	require.NoError(t, err)
	for _, q := range after.Plan.Routes {
		for _, s := range q.Stops {
			require.NotEqual(t, first.ID, s.ID, "under way, no longer planned")
			if s.ID == locked {
				require.Equal(t, before.Routes[1].Engineer, q.Engineer)
			}
		}
		if q.Engineer == r.Engineer {
			require.Equal(t, first.Finish+hour/2, q.Start)
		}
	}
}

package plan

import (
	"context"
	"fmt"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/check"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/search"
)

// Options bound a search; see search.Options.
type Options = search.Options

// Progress tells how far a search is.
type Progress = search.Progress

// Solution is a checked plan.
type Solution struct {
	Plan       model.Plan
	Iterations int64
}

// BrokenPlanError says that the independent checker refused a plan of the solver; it is never published.
type BrokenPlanError struct{ Faults []check.Fault }

// Error implements error.
func (e *BrokenPlanError) Error() string {
	return fmt.Sprintf("plan: %d faults, first: %v", len(e.Faults), e.Faults[0])
}

// Solve plans a problem. The plan has passed the checker, every visit left over has a reason and a counterfactual, and it is
// never worse than Options.Start. When ctx ends, the best plan so far is answered.
func Solve(ctx context.Context, m *model.Problem, o Options) (Solution, error) {
	p, err := search.Compile(m)
	if err != nil {
		return Solution{}, fmt.Errorf("plan: %w", err)
	}
	r := search.Run(ctx, m, p, o)
	search.Explain(m, p, &r.Plan, formatUnix)
	s := Solution{Plan: r.Plan, Iterations: r.Iterations}
	if report := check.Check(m, &s.Plan); !report.OK() {
		return Solution{}, &BrokenPlanError{report.Faults}
	}
	return s, nil
}

// Replan mends a published plan after an event: m is the problem as it is now (new visits, an ill engineer without shifts,
// driven prefixes, locks). Every visit that leaves its published tour costs Weights.Change, so that the plan moves only what it
// pays to move; the answer costs no more than the published plan with the new visits left to where they fit.
func Replan(ctx context.Context, m *model.Problem, published *model.Plan, o Options) (Solution, error) {
	at := map[string]*model.Lock{}
	for i := range published.Routes {
		r := &published.Routes[i]
		for _, s := range r.Stops {
			if s.Kind == model.VisitStop {
				at[s.ID] = &model.Lock{Engineer: r.Engineer, Shift: r.Shift, Begin: s.Begin}
			}
		}
	}
	for i := range m.Visits {
		m.Visits[i].Published = at[m.Visits[i].ID]
	}
	o.Start, o.Gentle = published, true
	return Solve(ctx, m, o)
}

// Moved counts the visits that are in both plans on different tours.
func Moved(before, after *model.Plan) (moved, both int) {
	type tour struct {
		engineer string
		shift    int
	}
	at := map[string]tour{}
	for i := range before.Routes {
		for _, s := range before.Routes[i].Stops {
			if s.Kind == model.VisitStop {
				at[s.ID] = tour{before.Routes[i].Engineer, before.Routes[i].Shift}
			}
		}
	}
	for i := range after.Routes {
		for _, s := range after.Routes[i].Stops {
			if was, ok := at[s.ID]; ok && s.Kind == model.VisitStop {
				both++
				if was != (tour{after.Routes[i].Engineer, after.Routes[i].Shift}) {
					moved++
				}
			}
		}
	}
	return moved, both
}

// Within is Options for a CPU budget measured by clock.
func Within(cpu time.Duration, clock func() time.Duration) Options {
	return Options{Seed: 1, CPU: cpu, Clock: clock}
}

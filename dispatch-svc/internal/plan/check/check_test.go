package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/check"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/stretchr/testify/require"
)

// sample is a problem of two visits on a line and a plan by hand: home 0, depot at 10, a at 20, b at 30.
func sample() (*model.Problem, *model.Plan) {
	p := &model.Problem{Travel: model.Plane{Scale: 1}, Weights: model.Weights{Unserved: 1000, Late: 2, Overtime: 3, Work: 1, Travel: 1, Change: 7},
		Engineers: []model.Engineer{{ID: "e", Skills: []model.Skill{{Name: "s", Level: 2}}, Fixed: 5, Capacity: 3,
			Shifts: []model.Shift{{Start: 0, End: 100, Overtime: 20, Breaks: []model.Break{{Earliest: 40, Latest: 60, Length: 10}}}}}},
		Depots: []model.Depot{{ID: "d", Place: model.Point{X: 10}, Handling: 2, AllTools: true, Parts: []model.Ready{{Part: "p", From: 12}}}},
		Visits: []model.Visit{
			{ID: "a", Place: model.Point{X: 20}, Duration: 10, Windows: []model.Window{{From: 25, To: 40}}, Needs: []model.Need{{Name: "s", Level: 2}}, Load: 2, Tools: []string{"t"}},
			{ID: "b", Place: model.Point{X: 30}, Duration: 10, Parts: []model.Stock{{Part: "p", Count: 1}}, Load: 1, Promise: 50},
		}, Relations: []model.Relation{{Kind: model.Before, First: "a", Second: "b"}}}
	return p, &model.Plan{Routes: []model.Route{{Engineer: "e", Start: 3, End: 96, Stops: []model.Stop{
		{Kind: model.DepotStop, ID: "d", Begin: 13, Finish: 15},
		{Kind: model.VisitStop, ID: "a", Begin: 25, Finish: 35},
		{Kind: model.BreakStop, Begin: 45, Finish: 55},
		{Kind: model.VisitStop, ID: "b", Begin: 55, Finish: 65},
	}}}}
}

func TestGoodPlanAndItsCost(t *testing.T) {
	t.Parallel()
	p, plan := sample()
	r := check.Check(p, plan)
	require.Empty(t, r.Faults)
	require.Equal(t, model.Cost{Total: 93 + 60 + 5 + 10, Work: 93, Travel: 60, Fixed: 5, Late: 10}, r.Cost)
}

// Every rule that is broken is found.
func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	cases := map[string]func(p *model.Problem, plan *model.Plan){
		"outside its windows":       func(p *model.Problem, _ *model.Plan) { p.Visits[0].Windows[0].To = 24 },
		"before its release":        func(p *model.Problem, _ *model.Plan) { p.Visits[0].Release = 26 },
		"needs s at level 3":        func(p *model.Problem, _ *model.Plan) { p.Visits[0].Needs[0].Level = 3 },
		"needs s at level 2, not 0": func(p *model.Problem, _ *model.Plan) { p.Engineers[0].Skills[0].Expires = 110 },
		"must not be done by e":     func(p *model.Problem, _ *model.Plan) { p.Visits[0].Excluded = []string{"e"} },
		"outside the territory": func(p *model.Problem, _ *model.Plan) {
			p.Visits[0].Territory = "x"
			p.Engineers[0].Territory = []string{"y"}
		},
		"needs tool t":               func(p *model.Problem, _ *model.Plan) { p.Depots[0].AllTools = false },
		"needs 1 x p":                func(p *model.Problem, _ *model.Plan) { p.Depots[0].Parts[0].From = 14 },
		"load 3 exceeds 2":           func(p *model.Problem, _ *model.Plan) { p.Engineers[0].Capacity = 2 },
		"is locked":                  func(p *model.Problem, _ *model.Plan) { p.Visits[0].Lock = &model.Lock{Engineer: "e", Begin: 26} },
		"takes 10 instead of 11":     func(p *model.Problem, _ *model.Plan) { p.Visits[0].Duration = 11 },
		"works 93, more than 92":     func(p *model.Problem, _ *model.Plan) { p.Engineers[0].Shifts[0].MaxWork = 92 },
		"returns at 96, after":       func(p *model.Problem, _ *model.Plan) { p.Engineers[0].Shifts[0].End = 70 },
		"leaves at 3, before 4":      func(p *model.Problem, _ *model.Plan) { p.Engineers[0].Shifts[0].Start = 4 },
		"break begins at 45 outside": func(p *model.Problem, _ *model.Plan) { p.Engineers[0].Shifts[0].Breaks[0].Earliest = 46 },
		"break 0 is not taken": func(_ *model.Problem, plan *model.Plan) {
			s := plan.Routes[0].Stops
			plan.Routes[0].Stops = slices.Concat(s[:2], s[3:4])
		},
		"cannot begin at 25":      func(p *model.Problem, _ *model.Plan) { p.Visits[0].Place.Y = 20 },
		"is closed at 13":         func(p *model.Problem, _ *model.Plan) { p.Depots[0].Open = model.Window{From: 14, To: 20} },
		"neither served nor left": func(_ *model.Problem, plan *model.Plan) { plan.Routes[0].Stops = plan.Routes[0].Stops[:3] },
		"served, left over or": func(_ *model.Problem, plan *model.Plan) {
			plan.Unassigned = []model.Unassigned{{Visit: "a", Reason: "x"}}
		},
		"without a reason": func(_ *model.Problem, plan *model.Plan) { plan.Unassigned = []model.Unassigned{{Visit: "a"}} },
		"served twice":     func(_ *model.Problem, plan *model.Plan) { plan.Routes[0].Stops[3].ID = "a" },
		"does not hold":    func(p *model.Problem, _ *model.Plan) { p.Relations[0].First, p.Relations[0].Second = "b", "a" },
		"two tours":        func(_ *model.Problem, plan *model.Plan) { plan.Routes = append(plan.Routes, plan.Routes[0]) },
		"no such shift":    func(_ *model.Problem, plan *model.Plan) { plan.Routes[0].Shift = 1 },
		"a second stop at a depot": func(_ *model.Problem, plan *model.Plan) {
			plan.Routes[0].Stops = append(plan.Routes[0].Stops, plan.Routes[0].Stops[0])
		},
	}
	for text, spoil := range cases {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			p, plan := sample()
			spoil(p, plan)
			var all []string
			for _, f := range check.Check(p, plan).Faults {
				all = append(all, f.Error())
			}
			require.Contains(t, strings.Join(all, "\n"), text)
		})
	}
}

// A driven prefix fixes where and when the rest of the tour begins, and uses up parts.
func TestDrivenPrefix(t *testing.T) {
	t.Parallel()
	p, plan := sample()
	p.Engineers[0].Shifts[0].Driven = []model.Driven{{Depot: "d", Begin: 13, Finish: 15}, {Visit: "a", Begin: 25, Finish: 35}}
	plan.Routes[0].Start, plan.Routes[0].Stops = 35, plan.Routes[0].Stops[2:]
	require.Empty(t, check.Check(p, plan).Faults)
	plan.Routes[0].Start = 34
	require.NotEmpty(t, check.Check(p, plan).Faults)
}

package search

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/check"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/generate"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/stretchr/testify/require"
)

func run(t *testing.T, m *model.Problem, o Options) Result {
	t.Helper()
	p, err := Compile(m)
	require.NoError(t, err)
	r := Run(context.Background(), m, p, o)
	for i := range r.Plan.Unassigned {
		r.Plan.Unassigned[i].Reason = "TEST"
	}
	report := check.Check(m, &r.Plan)
	require.Empty(t, report.Faults)
	require.Equal(t, r.Plan.Cost, report.Cost, "the checker adds up the same")
	require.Equal(t, r.Cost, report.Cost.Total)
	return r
}

// Every plan of every family passes the checker, and the checker's sum is the solver's.
func TestPlansPassTheChecker(t *testing.T) {
	t.Parallel()
	var list []*model.Problem
	for seed := range uint64(2) {
		for _, kind := range []string{"R", "C", "RC"} {
			list = append(list, generate.Homberger(kind, 1, 60, 0.75, seed), generate.Homberger(kind, 2, 60, 0.5, seed))
		}
		list = append(list, generate.TRSP(60, seed), generate.Day(50, seed))
	}
	for _, m := range list {
		r := run(t, m, Options{Seed: 1, Iterations: 2000})
		require.Less(t, len(r.Plan.Unassigned), len(m.Visits)/3, m.Name)
	}
}

// For a seed and a number of steps the answer is the same, with one worker and with two; another seed is another search.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 2} {
		for _, m := range []*model.Problem{generate.Homberger("R", 1, 50, 0.75, 1), generate.TRSP(50, 1), generate.Day(50, 1)} {
			a := run(t, m, Options{Seed: 7, Iterations: 3000, Workers: workers})
			b := run(t, m, Options{Seed: 7, Iterations: 3000, Workers: workers})
			require.Equal(t, a, b, "%s, %d workers", m.Name, workers)
		}
	}
}

// More steps do not make a plan worse when they continue from it.
func TestNeverWorseThanStart(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		m := generate.Tiny(seed)
		first := run(t, m, Options{Seed: 1, Iterations: 10})
		again := run(t, m, Options{Seed: seed + 2, Iterations: 10, Start: &first.Plan})
		require.LessOrEqual(t, again.Cost, first.Cost, m.Name)
	}
}

// A search whose context has ended still answers a plan that stands.
func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	m := generate.TRSP(40, 2)
	p, err := Compile(m)
	require.NoError(t, err)
	r := Run(ctx, m, p, Options{Seed: 1})
	require.Equal(t, len(m.Visits), len(r.Plan.Unassigned)+served(&r.Plan))
	require.NotZero(t, served(&r.Plan))
}

func served(plan *model.Plan) int {
	n := 0
	for _, r := range plan.Routes {
		for _, s := range r.Stops {
			if s.Kind == model.VisitStop {
				n++
			}
		}
	}
	return n
}

// The CPU budget ends the search by the injected clock, and progress is reported with falling cost.
func TestBudgetAndProgress(t *testing.T) {
	t.Parallel()
	m := generate.Homberger("R", 1, 40, 0.75, 3)
	p, err := Compile(m)
	require.NoError(t, err)
	now := time.Duration(0)
	var seen []Progress
	Run(context.Background(), m, p, Options{Seed: 1, CPU: time.Second, Clock: func() time.Duration { now += time.Millisecond; return now },
		Progress: func(q Progress) { seen = append(seen, q) }})
	require.NotEmpty(t, seen)
	require.True(t, slices.IsSortedFunc(seen, func(a, b Progress) int { return int(b.Best - a.Best) }))
	require.GreaterOrEqual(t, now, time.Second)
	require.Less(t, now, 3*time.Second)
}

// Traffic by the hour: begins keep the checker's own times, and a slower morning costs no less.
func TestHourlyTravel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		m := generate.Day(15, seed)
		free := run(t, m, Options{Seed: 1, Iterations: 300})
		m.Travel = rush(100)
		require.Equal(t, free.Cost, run(t, m, Options{Seed: 1, Iterations: 300}).Cost, "no traffic is no change, seed %d", seed)
		m.Travel = rush(220)
		require.GreaterOrEqual(t, run(t, m, Options{Seed: 1, Iterations: 300}).Cost, free.Cost-free.Cost/50)
	}
}

func rush(percent int64) model.RushHours {
	r := model.RushHours{Travel: model.GreatCircle{}, Hour: 3600}
	for h := range r.Percent {
		r.Percent[h] = 100
	}
	for _, h := range []int{8, 9, 16, 17} {
		r.Percent[h] = percent
	}
	return r
}

// The best order of tours chosen from a pool is found when it is there.
func TestCoverFindsThePartition(t *testing.T) {
	t.Parallel()
	m := generate.Homberger("C", 1, 30, 0.5, 4)
	p, err := Compile(m)
	require.NoError(t, err)
	r := run(t, m, Options{Seed: 1, Iterations: 30_000})
	w := newWorker(p, 1, DefaultTuning())
	w.pool = newPool(p, 1000)
	w.begin()
	w.follow(m, &r.Plan)
	for k := range w.routes {
		if w.routes[k].visits > 0 {
			w.pool.add(w.p, &w.routes[k], int32(k))
		}
	}
	worse := newWorker(p, 9, DefaultTuning())
	worse.pool = w.pool
	worse.begin()
	worse.recreate()
	for k := range worse.routes {
		if worse.routes[k].visits > 0 {
			w.pool.add(w.p, &worse.routes[k], int32(k))
		}
	}
	cols := newCover(p, w.pool).solve(r.Cost+1, 200, 5000)
	require.NotNil(t, cols)
	var sum int64
	for _, j := range cols {
		sum += w.pool.cost[j]
	}
	require.Equal(t, r.Cost, sum)
}

// The counterfactual of every visit left over is true: with that one change the rest of the plan stands and the visit fits.
func TestCounterfactualsHold(t *testing.T) {
	t.Parallel()
	kinds := map[string]int{}
	for seed := range uint64(150) {
		m := generate.Tiny(seed)
		r := run(t, m, Options{Seed: 1, Iterations: 300})
		p, err := Compile(m)
		require.NoError(t, err)
		Explain(m, p, &r.Plan, func(t int64) string { return fmt.Sprint(t) })
		for _, u := range r.Plan.Unassigned {
			require.NotEmpty(t, u.Reason)
			require.NotEmpty(t, u.Counterfactual)
			kinds[u.Change.Kind]++
			if u.Change.Kind == "NONE" {
				continue
			}
			changed := apply(generate.Tiny(seed), u)
			c, err := Compile(changed)
			require.NoError(t, err)
			w := newWorker(c, 1, Tuning{Blink: 1e-12})
			w.begin()
			w.follow(changed, &r.Plan)
			v := slices.IndexFunc(changed.Visits, func(v model.Visit) bool { return v.ID == u.Visit })
			w.absent = slices.DeleteFunc(w.absent, func(a int32) bool { return int(a) == v })
			require.True(t, w.place(int32(v)), "seed %d: %s: %s", seed, u.Visit, u.Counterfactual)
		}
	}
	require.Greater(t, len(kinds), 4, "%v", kinds)
}

// apply makes the change that a counterfactual names, and serving the visit worth any price.
func apply(m *model.Problem, u model.Unassigned) *model.Problem {
	v := &m.Visits[slices.IndexFunc(m.Visits, func(v model.Visit) bool { return v.ID == u.Visit })]
	v.Price = 1 << 40
	at := slices.IndexFunc(m.Engineers, func(e model.Engineer) bool { return e.ID == u.Change.Engineer })
	if u.Change.Kind == "WINDOW" {
		v.Windows = []model.Window{u.Change.Window}
	}
	if at < 0 {
		return m
	}
	e := &m.Engineers[at]
	switch u.Change.Kind {
	case "OVERTIME":
		e.Shifts[u.Change.Shift].Overtime += u.Change.Ticks
	case "SKILL", "LEVEL":
		e.Skills = append(e.Skills, model.Skill{Name: u.Change.Name, Level: u.Change.Level})
	case "TOOL":
		e.Tools = append(e.Tools, u.Change.Name)
	case "PART":
		e.Kit = append(e.Kit, model.Stock{Part: u.Change.Name, Count: u.Change.Level})
	case "TERRITORY":
		e.Territory = append(e.Territory, u.Change.Name)
	case "ENGINEER":
		twin := *e
		twin.ID = "one more"
		m.Engineers = append(m.Engineers, twin)
		if len(v.Required) > 0 {
			v.Required = append(v.Required, twin.ID)
		}
		if v.Lock != nil {
			v.Lock = &model.Lock{Engineer: twin.ID, Shift: v.Lock.Shift}
		}
	}
	return m
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	_, err := Compile(&model.Problem{Visits: []model.Visit{{ID: "a"}, {ID: "a"}}})
	require.ErrorContains(t, err, "twice")
	_, err = Compile(&model.Problem{Visits: []model.Visit{{ID: "a"}}, Relations: []model.Relation{{Kind: model.Before, First: "a", Second: "b"}}})
	require.ErrorContains(t, err, "no two visits")
	_, err = Compile(&model.Problem{Engineers: []model.Engineer{{ID: "e", Shifts: []model.Shift{{End: 1 << 40}}}}})
	require.ErrorIs(t, err, ErrTooLong)
}

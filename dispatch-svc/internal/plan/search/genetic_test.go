package search

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/generate"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/stretchr/testify/require"
)

// drawn is an educator with visits dealt out at random over half of its tours.
func drawn(t *testing.T, seed uint64) *educator {
	t.Helper()
	m := generate.Homberger("RC", 1, 60, 0.75, seed)
	for i := range m.Engineers {
		m.Engineers[i].Fixed = int64(seed%2) * 500
		m.Engineers[i].Capacity = 60
	}
	p, err := Compile(m)
	require.NoError(t, err)
	require.True(t, p.genetic())
	w := newWorker(p, seed, DefaultTuning())
	e := newEducator(w)
	rows := make([][]int32, len(e.tours))
	for v := range p.n {
		k := w.intn(len(rows) / 2)
		rows[k] = append(rows[k], int32(v))
	}
	for k, row := range rows {
		e.set(k, row)
	}
	return e
}

// total prices the educator's plan from its visits alone.
func (e *educator) total() int64 {
	var sum int64
	for k := range e.tours {
		s := e.tours[k].s
		if len(s) == 2 {
			continue
		}
		now, load, warp := int64(e.start.own.Open), int64(0), int64(0)
		for i := 1; i < len(s); i++ {
			leg := int64(e.ticks(s[i-1].loc, s[i].loc))
			sum += leg * e.travel
			now = max(now+leg, int64(s[i].own.Open))
			if late := now - int64(s[i].own.Close); late > 0 {
				warp, now = warp+late, int64(s[i].own.Close)
			}
			if now += int64(s[i].own.Work); i < len(s)-1 {
				load += int64(e.p.visits[s[i].loc].load)
			}
		}
		sum += e.fixed + e.warpPrice*warp + e.overPrice*max(load-int64(e.capacity), 0)
	}
	return sum
}

// A move costs what was foreseen, of every kind, and no visit is lost.
func TestEducatorForeseesPrices(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		e := drawn(t, seed)
		made := map[string]int{}
		for range 4000 {
			u := int32(e.w.intn(e.p.n))
			b := int32(e.w.intn(len(e.tours)))
			a, i := e.seats[u].tour, e.seats[u].at
			x, y := &e.tours[a], &e.tours[b]
			j := int32(1 + e.w.intn(len(y.s)-1))
			before, kind, want := e.total(), "exchange", int64(0)
			switch m := int32(1 + e.w.intn(3)); {
			case a == b:
				kind = "inside"
				e.inside(a, i, j-1)
				require.LessOrEqual(t, e.total(), before)
			case e.w.intn(3) == 0:
				if want = e.tails(x, y, i, j); want < 0 {
					kind = "tails"
					e.doTails(a, b, i, j)
				}
			default:
				m = min(m, int32(len(x.s))-1-i)
				n := min(int32(e.w.intn(3)), m, int32(len(y.s))-1-j)
				if want = e.exchange(x, y, i, m, j, n); want < 0 {
					e.doExchange(a, b, i, m, j, n)
				}
			}
			if kind != "inside" && want < 0 {
				require.Equal(t, want, e.total()-before, kind)
				made[kind]++
			}
		}
		require.Greater(t, made["exchange"], 20)
		require.Positive(t, made["tails"])
		require.Equal(t, e.total(), e.cost(e.read()))
		all := slices.Concat(e.read().tours...)
		slices.Sort(all)
		require.Len(t, slices.Compact(all), e.p.n)
	}
}

// Moves inside a tour cost what was foreseen.
func TestEducatorForeseesInside(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		e := drawn(t, seed)
		for k := range e.tours {
			for range 200 {
				s := e.tours[k].s
				if len(s) < 5 {
					continue
				}
				i, j := int32(1+e.w.intn(len(s)-2)), int32(1+e.w.intn(len(s)-2))
				if i >= j {
					continue
				}
				before, want := e.total(), e.swap(&e.tours[k], i, j)
				if want >= 0 {
					continue
				}
				s[i].loc, s[j].loc, s[i].own, s[j].own = s[j].loc, s[i].loc, s[j].own, s[i].own
				e.update(int32(k))
				require.Equal(t, want, e.total()-before)
			}
		}
	}
}

// Local search ends where no plan has become dearer, and does nothing the second time.
func TestEducatorEnds(t *testing.T) {
	t.Parallel()
	e := drawn(t, 1)
	before := e.total()
	e.improve()
	once := e.total()
	require.Less(t, once, before)
	e.improve()
	require.LessOrEqual(t, e.total(), once)
}

// A population keeps its cheapest plan, no more plans than agreed, and the best sound one is sound by the compiled problem.
func TestGeneticFindsSoundPlans(t *testing.T) {
	t.Parallel()
	p, err := Compile(generate.Homberger("R", 1, 50, 0.75, 3))
	require.NoError(t, err)
	w := newWorker(p, 1, DefaultTuning())
	q := newGenetic(w)
	first := int64(math.MaxInt64)
	for i := range 300 {
		q.turn()
		require.LessOrEqual(t, len(q.sound), survivors+generation)
		require.LessOrEqual(t, len(q.broken), survivors+generation)
		if i == survivors && q.best != nil {
			first = q.best.way
		}
	}
	require.NotNil(t, q.best)
	require.Less(t, q.best.way, first)
	require.Same(t, q.best, q.sound[0])
	require.True(t, slices.IsSortedFunc(q.sound, func(a, b *genome) int { return int(a.way - b.way) }))
	for _, g := range q.sound {
		require.Len(t, slices.Concat(g.tours...), p.n)
	}
}

// The session uses genetic search for plain fleets only, and its plans pass the checker.
func TestGeneticInSession(t *testing.T) {
	t.Parallel()
	m := generate.Homberger("RC", 2, 50, 0.5, 2)
	tune := DefaultTuning()
	tune.Genes, tune.Short = 1, 0
	r := run(t, m, Options{Seed: 1, Iterations: 200_000, Tuning: &tune})
	require.Empty(t, r.Plan.Unassigned)
	for _, m := range []*model.Problem{generate.TRSP(20, 1), generate.Day(20, 1)} {
		p, err := Compile(m)
		require.NoError(t, err)
		require.False(t, p.genetic(), m.Name)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p, err := Compile(m)
	require.NoError(t, err)
	require.Less(t, Run(ctx, m, p, Options{Seed: 1, Tuning: &tune}).Iterations, int64(1000))
}

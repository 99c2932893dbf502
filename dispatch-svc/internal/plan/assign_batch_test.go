package plan

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/check"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/stretchr/testify/require"
)

// town is an index with what was put into it.
type town struct {
	index *Index
	list  []Booked
}

func newTown(t *testing.T, n int, seed uint64) *town {
	t.Helper()
	w := &town{index: NewIndex(IndexOptions{Depots: depots})}
	for _, b := range fullCrew(t, n, seed) {
		for s := range b.Engineer.Shifts {
			b.Engineer.Shifts[s].Breaks = nil // the checker's scheduler takes none
		}
		b = keepable(t, b)
		w.list = append(w.list, b)
		require.NoError(t, w.index.Put(b))
	}
	return w
}

// jobs draws a batch: many of them in one quarter, so that engineers are wanted by several.
func jobs(n int, seed uint64) Batch {
	rng := rand.New(rand.NewPCG(seed, 21))
	in := Batch{Now: 7 * hour, Horizon: 2 * 24 * hour}
	for i := range n {
		v := hardJob(rng).Visit
		v.ID, v.ByLevel, v.Place = fmt.Sprintf("J%d", i), nil, near(rng, 0.1)
		v.Duration = min(v.Duration, 2*hour)
		v.Load = min(v.Load, 1)
		in.Visits = append(in.Visits, v)
	}
	return in
}

// tours are the visits of every shift in their order.
type tours map[string][]string

func tourKey(engineer string, shift int) string { return fmt.Sprintf("%s/%d", engineer, shift) }

func (w *town) tours() tours {
	out := tours{}
	for _, b := range w.list {
		for _, t := range b.Tours {
			for _, s := range t.Stops {
				out[tourKey(b.Engineer.ID, t.Shift)] = append(out[tourKey(b.Engineer.ID, t.Shift)], s.Visit)
			}
		}
	}
	return out
}

func (o tours) add(s *Suggestion, visit string) {
	key := tourKey(s.Engineer, s.Shift)
	o[key] = slices.Insert(slices.Clone(o[key]), 1+slices.Index(o[key], s.After), visit)
}

// checked lets the independent checker walk through every tour, and gives the begin of every visit.
func (w *town) checked(t *testing.T, in Batch, o tours) map[string]int64 {
	t.Helper()
	p := &model.Problem{Travel: model.GreatCircle{}, Weights: model.Default(), Depots: nil}
	var seq []check.Sequence
	placed := map[string]bool{}
	for _, b := range w.list {
		p.Engineers = append(p.Engineers, b.Engineer)
		for _, tour := range b.Tours {
			for _, s := range tour.Stops {
				p.Visits = append(p.Visits, model.Visit{ID: s.Visit, Place: s.Place, Duration: s.Duration, Windows: []model.Window{s.Window}, Parts: inKit(b, tour, s), Load: s.Load})
			}
		}
		for s := range b.Engineer.Shifts {
			if visits := o[tourKey(b.Engineer.ID, s)]; len(visits) > 0 {
				seq = append(seq, check.Sequence{Engineer: b.Engineer.ID, Shift: s, Visits: visits})
				for _, v := range visits {
					placed[v] = true
				}
			}
		}
	}
	for _, v := range in.Visits {
		v.Release = max(v.Release, in.Now)
		p.Visits = append(p.Visits, v)
	}
	plan := check.Schedule(p, seq)
	begins := map[string]int64{}
	for i := range plan.Routes {
		for _, s := range plan.Routes[i].Stops {
			begins[s.ID] = s.Begin
		}
		leaveLater(p, &plan.Routes[i])
	}
	require.Empty(t, check.Check(p, &plan).Faults)
	require.Len(t, begins, len(placed))
	return begins
}

// leaveLater lets every stop begin as late as the next one allows, so that the day is no longer than it must be.
func leaveLater(p *model.Problem, r *model.Route) {
	visit := func(id string) *model.Visit {
		return &p.Visits[slices.IndexFunc(p.Visits, func(v model.Visit) bool { return v.ID == id })]
	}
	for i := len(r.Stops) - 2; i >= 0; i-- {
		s, next, v := &r.Stops[i], &r.Stops[i+1], visit(r.Stops[i].ID)
		last := next.Begin - p.Travel.Ticks(v.Place, visit(next.ID).Place) - v.Duration
		for _, w := range v.Windows {
			if w.From <= s.Begin && s.Begin <= w.To {
				last = min(last, w.To)
			}
		}
		s.Begin, s.Finish = last, last+v.Duration
	}
	e := p.Engineers[slices.IndexFunc(p.Engineers, func(e model.Engineer) bool { return e.ID == r.Engineer })]
	r.Start = max(e.Shifts[r.Shift].Start, r.Stops[0].Begin-p.Travel.Ticks(e.Home, visit(r.Stops[0].ID).Place))
}

// inKit leaves out parts that were promised beyond the kit: they come from elsewhere.
func inKit(b Booked, tour BookedTour, s BookedStop) []model.Stock {
	used := map[string]int{}
	for _, o := range tour.Stops {
		for _, p := range o.Parts {
			used[p.Part] += p.Count
		}
	}
	return slices.DeleteFunc(slices.Clone(s.Parts), func(p model.Stock) bool {
		have := 0
		for _, k := range b.Engineer.Kit {
			if k.Part == p.Part {
				have += k.Count
			}
		}
		return used[p.Part] > have
	})
}

// oneByOne is what a dispatcher does who takes the first suggestion for each job, on an index of its own.
func (w *town) oneByOne(t *testing.T, in Batch) tours {
	t.Helper()
	x, out := NewIndex(IndexOptions{Depots: depots}), w.tours()
	for _, b := range w.list {
		require.NoError(t, x.Put(b))
	}
	for _, v := range in.Visits {
		s, err := x.Suggest(context.Background(), Query{Visit: v, Now: in.Now, Horizon: in.Horizon, K: 1})
		if err != nil || len(s.Suggestions) == 0 {
			continue
		}
		g := &s.Suggestions[0]
		stop := BookedStop{Visit: v.ID, Place: v.Place, Window: model.Window{From: in.Now, To: in.Now + in.Horizon}, Duration: v.Duration, Parts: v.Parts, Load: v.Load}
		for _, win := range v.Windows {
			if win.From <= g.EarliestArrival && g.EarliestArrival <= win.To {
				stop.Window = model.Window{From: max(win.From, in.Now), To: min(win.To, in.Now+in.Horizon)}
			}
		}
		require.NoError(t, x.BookAfter(g.Engineer, g.Shift, g.After, stop))
		out.add(g, v.ID)
	}
	return out
}

// worthOf adds up what a plan is worth, by the definition of BatchPlan and the checker's times, not by the batch's own sums.
func (w *town) worthOf(t *testing.T, in Batch, o tours) float64 {
	t.Helper()
	begins, before := w.checked(t, in, o), w.tours()
	at := map[string]model.Point{}
	for _, b := range w.list {
		for _, tour := range b.Tours {
			for _, s := range tour.Stops {
				at[s.Visit] = s.Place
			}
		}
	}
	mine := map[string]*model.Visit{}
	for i := range in.Visits {
		at[in.Visits[i].ID], mine[in.Visits[i].ID] = in.Visits[i].Place, &in.Visits[i]
	}
	sum := 0.0
	for _, b := range w.list {
		for s := range b.Engineer.Shifts {
			key := tourKey(b.Engineer.ID, s)
			if len(o[key]) == len(before[key]) {
				continue
			}
			ways := func(visits []string) (travel, last int64, legs map[string]int64) {
				from, legs := b.Engineer.Home, map[string]int64{}
				for _, v := range append(slices.Clone(visits), "") {
					to, ok := at[v]
					if !ok {
						to = b.Engineer.Home
					}
					legs[v] = model.GreatCircle{}.Ticks(from, to)
					travel, from = travel+legs[v], to
				}
				return travel, legs[""], legs
			}
			now, home, legs := ways(o[key])
			then, homeThen, _ := ways(before[key])
			sum -= detourPoints * float64(now-then) / 60
			end := b.Engineer.Shifts[s].End
			over := func(visits []string, begins map[string]int64, home int64) int64 {
				if len(visits) == 0 {
					return 0
				}
				v := visits[len(visits)-1]
				return max(0, begins[v]+w.durationOf(in, v)+home-end)
			}
			sum -= overtimePoints * float64(over(o[key], begins, home)-over(before[key], w.checked(t, Batch{}, before), homeThen)) / 3600
			for _, v := range o[key] {
				if job := mine[v]; job != nil {
					sum += w.worthOfJob(in, job, b.Engineer, begins[v], legs[v])
				}
			}
		}
	}
	return sum
}

func (w *town) durationOf(in Batch, id string) int64 {
	for _, v := range in.Visits {
		if v.ID == id {
			return v.Duration
		}
	}
	for _, b := range w.list {
		for _, t := range b.Tours {
			for _, s := range t.Stops {
				if s.Visit == id {
					return s.Duration
				}
			}
		}
	}
	return 0
}

func (w *town) worthOfJob(in Batch, v *model.Visit, e model.Engineer, begin, leg int64) float64 {
	first := in.Now
	if len(v.Windows) > 0 {
		first = 1 << 60
		for _, win := range v.Windows {
			if win.To >= in.Now && win.From <= in.Now+in.Horizon {
				first = min(first, max(win.From, in.Now))
				break
			}
		}
	}
	rarest := len(w.list)
	for _, s := range e.Skills {
		n := 0
		for _, b := range w.list {
			if slices.ContainsFunc(b.Engineer.Skills, func(k model.Skill) bool { return k.Name == s.Name }) {
				n++
			}
		}
		if !needed(v.Needs, s.Name) {
			rarest = min(rarest, n)
		}
	}
	return worthOfServing + 100 - travelPoints*float64(leg)/60 - delayPoints*float64(max(0, begin-first))/3600 -
		scarcePoints*math.Log2(float64(len(w.list))/float64(rarest))
}

// A batch is never worth less than one job after the other, nobody's tour becomes impossible, and the sums are true.
func TestBatchIsNeverWorseThanOneByOne(t *testing.T) {
	t.Parallel()
	methods, gain, more := map[string]int{}, 0.0, 0
	for seed := range uint64(40) {
		w := newTown(t, 12+int(seed), seed)
		in := jobs(4+int(seed%5)*6, seed)
		got, err := w.index.AssignBatch(context.Background(), in)
		require.NoError(t, err)
		require.Len(t, in.Visits, len(got.Assigned)+len(got.Unserved))
		plan := w.tours()
		sorted := slices.Clone(got.Assigned)
		slices.SortFunc(sorted, func(a, b Assigned) int { return int(a.EarliestArrival - b.EarliestArrival) })
		for i := range sorted {
			plan.add(&sorted[i].Suggestion, sorted[i].Visit)
		}
		greedy := w.oneByOne(t, in)
		value, base := w.worthOf(t, in, plan), w.worthOf(t, in, greedy)
		require.InDelta(t, value, got.Value, 0.02, "seed %d", seed)
		require.InDelta(t, base, got.Greedy, 0.02, "seed %d", seed)
		require.GreaterOrEqual(t, value, base-1e-6)
		methods[got.Method]++
		gain += value - base
		more += len(got.Assigned)
	}
	t.Log("beginnings that won", methods, "mean gain in points", gain/40, "served", more)
	require.Positive(t, gain)
}

// The same batch gives the same plan.
func TestBatchRepeats(t *testing.T) {
	t.Parallel()
	w, in := newTown(t, 60, 5), jobs(40, 5)
	one, err := w.index.AssignBatch(context.Background(), in)
	require.NoError(t, err)
	two, err := w.index.AssignBatch(context.Background(), in)
	require.NoError(t, err)
	require.Equal(t, one, two)
}

// An engineer with a rare skill is kept for the job that needs it, and the price says so.
func TestScarceSkillIsKept(t *testing.T) {
	t.Parallel()
	window := []model.Window{{From: 8 * hour, To: 9 * hour}}
	rare, plain := one("rare", model.Skill{Name: "wash", Level: 1}, model.Skill{Name: "gas", Level: 1}), one("plain", model.Skill{Name: "wash", Level: 1})
	plain.Engineer.Home.X += 0.05
	x := indexOf(t, []Booked{rare, plain})
	job := func(id, skill string) model.Visit {
		return model.Visit{ID: id, Place: model.Point{X: 121.47, Y: 31.23}, Duration: 3 * hour, Windows: window, Needs: []model.Need{{Name: skill, Level: 1}}}
	}
	got, err := x.AssignBatch(context.Background(), Batch{Visits: []model.Visit{job("A", "wash"), job("B", "gas")}, Now: 7 * hour})
	require.NoError(t, err)
	require.Empty(t, got.Unserved)
	require.Equal(t, "plain", got.Assigned[0].Engineer)
	require.Equal(t, "rare", got.Assigned[1].Engineer)
	require.Greater(t, got.Value, got.Greedy+900, "one by one, the first job would have taken the only one for the second")
	require.Equal(t, SkillPrice{Skill: "gas", Demand: 1, Supply: 1, Points: 6}, got.Prices[0])

	alone := indexOf(t, []Booked{rare})
	got, err = alone.AssignBatch(context.Background(), Batch{Visits: []model.Visit{job("A", "wash"), job("B", "gas")}, Now: 7 * hour})
	require.NoError(t, err)
	require.Len(t, got.Assigned, 1)
	require.Len(t, got.Unserved, 1)
	require.Equal(t, "WINDOW", got.Unserved[0].Rejected[0].Code)
	require.NotNil(t, got.Unserved[0].Rejected[0].Change)
}

// A price is a reason of its own, and there is a second choice.
func TestBatchExplains(t *testing.T) {
	t.Parallel()
	skills := []model.Skill{{Name: "wash", Level: 1}, {Name: "gas", Level: 1}}
	x := indexOf(t, []Booked{one("a", skills...), one("b", skills...)})
	q := ask(model.Need{Name: "wash", Level: 1})
	other := ask(model.Need{Name: "gas", Level: 1})
	other.Visit.ID = "K"
	got, err := x.AssignBatch(context.Background(), Batch{Visits: []model.Visit{q.Visit, other.Visit}, Now: q.Now})
	require.NoError(t, err)
	require.Len(t, got.Assigned, 2)
	for _, a := range got.Assigned {
		require.NotNil(t, a.Second)
		sum, codes := 100.0, []string{}
		for _, r := range a.Reasons {
			sum += r.Points
			codes = append(codes, r.Code)
			require.NotEmpty(t, r.Text)
		}
		require.InDelta(t, a.Score, sum, 0.06)
		require.Contains(t, codes, "SKILL_PRICE")
	}
}

func TestBatchNeedsNames(t *testing.T) {
	t.Parallel()
	_, err := NewIndex(IndexOptions{}).AssignBatch(context.Background(), Batch{Visits: []model.Visit{{ID: "A"}, {ID: "A"}}})
	require.ErrorIs(t, err, ErrBatch)
}

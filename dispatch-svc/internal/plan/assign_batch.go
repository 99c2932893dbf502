package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

const (
	batchCandidates = 12
	// worthOfServing a job, in points, when it has no price of its own: more than any way costs.
	worthOfServing = 1_000
	// mostAsked bounds how many engineers are asked for one job.
	mostAsked = 200
)

// ErrBatch says that a batch names a job twice or not at all.
var ErrBatch = errors.New("plan: the jobs of a batch need different names")

// mate is an engineer of the batch: a copy of what the index knows, which the batch books on.
type mate struct {
	entry
	first   []tour // as the index knows them
	before  []load
	spot    spot // of the tours as they are now
	area    spot // of first
	changed bool
}

// load is the travel and overtime of a tour.
type load struct{ travel, overtime int64 }

// task is a job of the batch.
type task struct {
	q       Query
	judge   judge
	cands   []int // members asked
	cutoff  float64
	all     bool // everybody who fits at first is among cands
	asked   int
	first   Suggestions
	chosen  int // member; -1
	options []option
}

// crowd is a batch under way.
type crowd struct {
	x      *Index
	in     *Batch
	team   []*mate
	byID   map[int32]int
	tasks  []*task
	named  map[string]int // by the name of the booking
	prices map[string]SkillPrice
	busy   []int // members changed, in the order of change
}

// AssignBatch gives many jobs away at once. It looks at each job's best engineers, prices the skills that are scarce for this batch,
// tries three ways (one after the other, by regret, by matchings) and improves the best. It changes nothing in the index, and is the
// same for the same index and batch.
func (x *Index) AssignBatch(ctx context.Context, in Batch) (BatchPlan, error) {
	b := &crowd{x: x, in: &in, byID: map[int32]int{}, named: map[string]int{}, prices: map[string]SkillPrice{}}
	if in.K <= 0 {
		in.K = batchCandidates
	}
	for i := range in.Visits {
		if _, twice := b.named[booking(in.Visits[i].ID)]; twice || in.Visits[i].ID == "" {
			return BatchPlan{}, fmt.Errorf("%w: %q", ErrBatch, in.Visits[i].ID)
		}
		b.named[booking(in.Visits[i].ID)] = i
		if err := b.add(ctx, in.Visits[i]); err != nil {
			return BatchPlan{}, err
		}
	}
	b.setPrices()
	greedy, err := b.try(ctx, b.oneByOne)
	if err != nil {
		return BatchPlan{}, err
	}
	best, method := greedy, "GREEDY"
	for _, way := range []struct {
		name string
		run  func(context.Context) error
	}{{"REGRET", b.byRegret}, {"MATCHING", b.byMatching}} {
		t, err := b.try(ctx, way.run)
		if err != nil {
			return BatchPlan{}, err
		}
		if t.value > best.value+1e-9 {
			best, method = t, way.name
		}
	}
	b.restore(best)
	moves, err := b.improve(ctx)
	if err != nil {
		return BatchPlan{}, err
	}
	out := b.answer(ctx)
	out.Greedy, out.Method, out.Moves = greedy.value, method, moves
	return out, nil
}

// booking is how a job of the batch is called in a tour, so that it is no booked visit's name.
func booking(id string) string { return "\x00" + id }

// add asks the index for a job's best engineers.
func (b *crowd) add(ctx context.Context, v model.Visit) error {
	t := &task{q: Query{Visit: v, Now: b.in.Now, Horizon: b.in.Horizon, K: b.in.K, Chinese: b.in.Chinese}, chosen: -1}
	b.x.mu.RLock()
	t.judge = newJudge(b.x, &t.q, nil)
	b.x.mu.RUnlock()
	b.tasks = append(b.tasks, t)
	if len(t.judge.windows) == 0 {
		t.all = true
		return nil
	}
	return b.ask(ctx, t, nil)
}

// ask takes more engineers into a job's list; those in without are left out.
func (b *crowd) ask(ctx context.Context, t *task, without []string) error {
	x := b.x
	x.mu.RLock()
	defer x.mu.RUnlock()
	q := t.q
	q.Visit.Excluded = append(slices.Clone(q.Visit.Excluded), without...)
	p := x.probe(&q)
	defer x.scratch.Put(p)
	p.qualify()
	if err := p.search(ctx); err != nil {
		return err
	}
	t.all = len(p.top) < q.K && !p.spent()
	t.cutoff = math.Inf(-1)
	if n := len(p.top); n > 0 {
		t.cutoff = p.top[n-1].score
	}
	for i := range p.top {
		if m := b.enrol(p.top[i].eng); !slices.Contains(t.cands, m) {
			t.cands = append(t.cands, m)
		}
	}
	t.asked += q.K
	if len(t.cands) == 0 && len(without) == 0 {
		p.explain(ctx)
		t.first = p.answer()
	}
	return nil
}

// enrol copies an engineer out of the index, once.
func (b *crowd) enrol(e int32) int {
	if m, ok := b.byID[e]; ok {
		return m
	}
	from := &b.x.eng[e]
	m := &mate{entry: entry{who: from.who, tours: slices.Clone(from.tours), holders: from.holders, expires: from.expires}}
	m.first = slices.Clone(m.tours)
	for t := range m.tours {
		m.before = append(m.before, m.tours[t].sums())
	}
	m.area = b.x.spots[e]
	m.spot = m.area
	b.byID[e] = len(b.team)
	b.team = append(b.team, m)
	return len(b.team) - 1
}

// sums is a tour's travel and overtime.
func (t *tour) sums() load {
	l := load{overtime: int64(max(t.stops[len(t.stops)-1].dep-t.over, 0))}
	for i := range t.stops {
		l.travel += int64(t.stops[i].leg)
	}
	return l
}

// setPrices compares, skill by skill, how many jobs need it with how many engineers were found who have it.
func (b *crowd) setPrices() {
	supply := map[string]map[int]bool{}
	for _, t := range b.tasks {
		for _, n := range t.q.Visit.Needs {
			p := b.prices[n.Name]
			p.Skill = n.Name
			p.Demand++
			b.prices[n.Name] = p
			if supply[n.Name] == nil {
				supply[n.Name] = map[int]bool{}
			}
			for _, m := range t.cands {
				supply[n.Name][m] = true
			}
		}
	}
	for name, p := range b.prices {
		p.Supply = len(supply[name])
		p.Points = pricePoints * min(mostPressure, float64(p.Demand)/float64(max(1, p.Supply)))
		b.prices[name] = p
	}
}

const (
	pricePoints  = 6.0 // of a skill that as many jobs need as engineers have
	mostPressure = 3.0
)

// price is what an engineer costs a job by the dearest skill that the job does not need.
func (b *crowd) price(m *mate, v *model.Visit) (float64, string) {
	points, name := 0.0, ""
	for i := range m.who.Skills {
		s := &m.who.Skills[i]
		if p, ok := b.prices[s.Name]; ok && p.Points > points && !needed(v.Needs, s.Name) {
			points, name = p.Points, s.Name
		}
	}
	return points, name
}

// option is the best that a member can do for a job now, when it scores above floor, with the price in its score.
func (b *crowd) option(t *task, m int, floor float64, priced bool) (option, bool) {
	who, price := b.team[m], 0.0
	if priced {
		price, _ = b.price(who, &t.q.Visit)
	}
	o, ok := t.judge.best(int32(m), &who.entry, floor+price, func(o *option, tr *tour) { t.judge.rate(o, &who.entry, tr) })
	o.points[reasonPrice] = -price
	o.score -= price
	return o, ok
}

// suits says whether an engineer meets what does not depend on the tour.
func suits(who *model.Engineer, v *model.Visit) bool {
	for _, n := range v.Needs {
		if levelOf(who, n.Name, math.MinInt64) < max(n.Level, 1) {
			return false
		}
	}
	for _, tool := range v.Tools {
		if !slices.Contains(who.Tools, tool) {
			return false
		}
	}
	for _, p := range v.Parts {
		if p.Count > 0 && !slices.ContainsFunc(who.Kit, func(k model.Stock) bool { return k.Part == p.Part && k.Count >= min(p.Count, maxPieces) }) {
			return false
		}
	}
	only := v.Required
	if v.Lock != nil {
		only = []string{v.Lock.Engineer}
	}
	return (v.Territory == "" || len(who.Territory) == 0 || slices.Contains(who.Territory, v.Territory)) &&
		(len(only) == 0 || slices.Contains(only, who.ID)) && !slices.Contains(v.Excluded, who.ID)
}

// put books a job on a member's tour at an option.
func (b *crowd) put(i int, o *option) error {
	m, t := b.team[o.eng], b.tasks[i]
	tr := &m.tours[o.tour]
	stops := tr.booked()
	at := 0
	for g := 1; g < o.gap; g++ {
		if tr.stops[g].visit >= 0 {
			at++
		}
	}
	v := &t.q.Visit
	w := model.Window{From: o.begin, To: o.begin}
	for _, c := range t.judge.windows {
		if c.From <= o.begin && o.begin <= c.To {
			w = model.Window{From: c.From, To: c.To}
		}
	}
	stop := BookedStop{Visit: booking(v.ID), Place: v.Place, Window: w, Duration: t.judge.duration(&m.entry, tr), Parts: v.Parts, Load: v.Load}
	fresh, err := b.x.compileTour(m.who, int(tr.shift), slices.Insert(stops, at, stop))
	if err != nil { // a break moved to where it cannot be: pin nothing, say so
		return err
	}
	b.set(int(o.eng), o.tour, fresh)
	t.chosen = int(o.eng)
	return nil
}

// set replaces a member's tour.
func (b *crowd) set(m, tour int, fresh tour) {
	b.team[m].tours[tour] = fresh
	b.team[m].spot = b.x.spotOf(&b.team[m].entry)
	if !b.team[m].changed {
		b.team[m].changed = true
		b.busy = append(b.busy, m)
	}
}

// take removes a job from the plan.
func (b *crowd) take(i int) {
	t := b.tasks[i]
	m := b.team[t.chosen]
	for k := range m.tours {
		stops := m.tours[k].booked()
		at := slices.IndexFunc(stops, func(s BookedStop) bool { return s.Visit == booking(t.q.Visit.ID) })
		if at < 0 {
			continue
		}
		if fresh, err := b.x.compileTour(m.who, int(m.tours[k].shift), slices.Delete(stops, at, at+1)); err == nil {
			b.set(t.chosen, k, fresh)
		}
	}
	t.chosen = -1
}

// trial is a finished way of giving the jobs away.
type trial struct {
	value  float64
	chosen []int
	tours  map[int][]tour
}

// try runs a way from the beginning and keeps what it made.
func (b *crowd) try(ctx context.Context, run func(context.Context) error) (trial, error) {
	b.restore(trial{})
	if err := run(ctx); err != nil {
		return trial{}, err
	}
	return b.snapshot(), nil
}

func (b *crowd) snapshot() trial {
	out := trial{value: b.value(), tours: map[int][]tour{}}
	for _, t := range b.tasks {
		out.chosen = append(out.chosen, t.chosen)
	}
	for _, m := range b.busy {
		out.tours[m] = slices.Clone(b.team[m].tours)
	}
	return out
}

// restore goes back to a trial; the zero one is the state before the batch.
func (b *crowd) restore(t trial) {
	for _, m := range b.busy {
		b.team[m].changed, b.team[m].spot = false, b.team[m].area
		copy(b.team[m].tours, b.team[m].first)
	}
	b.busy = b.busy[:0]
	for i := range b.tasks {
		b.tasks[i].chosen = -1
		if t.chosen != nil {
			b.tasks[i].chosen = t.chosen[i]
		}
	}
	members := make([]int, 0, len(t.tours))
	for m := range t.tours {
		members = append(members, m)
	}
	slices.Sort(members)
	for _, m := range members {
		copy(b.team[m].tours, t.tours[m])
		b.team[m].spot = b.x.spotOf(&b.team[m].entry)
		b.team[m].changed = true
		b.busy = append(b.busy, m)
	}
}

// value is what the plan is worth.
func (b *crowd) value() float64 {
	sum := 0.0
	for _, m := range slices.Sorted(slices.Values(b.busy)) {
		sum += b.valueOf(b.team[m])
	}
	return sum
}

// valueOf is a member's part of it: what his jobs are worth less their ways, delays, promises and scarcity, and less the travel and
// overtime that they add together.
func (b *crowd) valueOf(m *mate) float64 {
	sum, day := 0.0, b.x.opt.Day
	for k := range m.tours {
		tr := &m.tours[k]
		ours := false
		for g := range tr.stops {
			s := &tr.stops[g]
			if s.visit < 0 {
				continue
			}
			if i, ok := b.named[tr.names[s.visit]]; ok {
				ours = true
				sum += b.valueOfJob(i, m, tr, s)
			}
		}
		if ours {
			now := tr.sums()
			sum -= perMinute(detourPoints, now.travel-m.before[k].travel, day) + perHour(overtimePoints, now.overtime-m.before[k].overtime, day)
		}
	}
	return sum
}

func (b *crowd) valueOfJob(i int, m *mate, tr *tour, s *anchorStop) float64 {
	t := b.tasks[i]
	o := option{begin: tr.open + int64(s.dep-s.dur), in: int64(s.leg)}
	t.judge.rate(&o, &m.entry, tr)
	o.score -= o.points[reasonLoad] // of the tour, not of the job
	worth := float64(t.q.Visit.Price)
	if worth == 0 {
		worth = worthOfServing
	}
	return worth + o.score
}

func byScoreThenName(b *crowd) func(x, y option) int {
	return func(x, y option) int {
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(b.team[x.eng].who.ID, b.team[y.eng].who.ID))
	}
}

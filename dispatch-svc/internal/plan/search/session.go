package search

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// Options bound and steer a search. Without Iterations and CPU it runs until its context ends.
type Options struct {
	Seed       uint64
	Iterations int64                // steps of ruin and recreate in all; 0 is no bound
	CPU        time.Duration        // CPU time in all; 0 is no bound
	Clock      func() time.Duration // CPU time of all threads since any moment; needed for CPU
	Workers    int                  // 0 is 1
	Start      *model.Plan          // the answer is never worse than it
	Gentle     bool                 // only improve Start step by step, as re-planning does
	Progress   func(Progress)       // called by one goroutine at a time; may be nil
	Tuning     *Tuning              // nil: DefaultTuning
}

// Progress tells how far a search is.
type Progress struct {
	Iterations int64
	Best       int64
	Unserved   int
	Spent      float64 // part of the budget
}

// Result is the best plan found.
type Result struct {
	Plan       model.Plan
	Iterations int64
	Cost       int64
}

// session is one worker's search.
type session struct {
	ctx     context.Context
	w       *worker
	o       Options
	t       Tuning
	begin   time.Duration
	unit    float64 // cost that temperatures are measured in
	done    int64
	limit   int64 // steps of this worker, 0: no bound
	best    elite
	empty   elite
	pop     population
	cover   *cover
	round   int64 // steps for a plan from nothing
	turns   int
	every   int
	renewed int
	gen     *genetic
	decided bool // between one plan and a population
}

// Run searches for a plan of m, of which p is the compiled form.
func Run(ctx context.Context, m *model.Problem, p *Instance, o Options) Result {
	workers := max(1, o.Workers)
	list := make([]*session, workers)
	for i := range list {
		list[i] = newSession(ctx, m, p, o, uint64(i))
	}
	for running(list) {
		var wg sync.WaitGroup
		for _, s := range list {
			wg.Go(s.turnsUntilShare)
		}
		wg.Wait()
		share(list)
		list[0].tell(list)
	}
	best, done := list[0], int64(0)
	for _, s := range list {
		done += s.done
		if s.best.cost < best.best.cost {
			best = s
		}
	}
	return Result{Plan: best.w.p.plan(m, &best.best), Iterations: done, Cost: best.best.cost}
}

func running(list []*session) bool {
	for _, s := range list {
		if s.spent() < 1 {
			return true
		}
	}
	return false
}

// share gives the best plan of all to every worker's population.
func share(list []*session) {
	if len(list) == 1 {
		return
	}
	best := list[0]
	for _, s := range list[1:] {
		if s.best.cost < best.best.cost {
			best = s
		}
	}
	for _, s := range list {
		if s != best && best.best.cost < s.best.cost {
			s.w.loadForeign(&best.best)
			s.w.keep()
			s.improve()
			s.pop.admit(s.w)
		}
	}
}

func (s *session) tell(list []*session) {
	if s.o.Progress == nil {
		return
	}
	p := Progress{Best: math.MaxInt64, Spent: s.spent()}
	for _, t := range list {
		p.Iterations += t.done
		if t.best.cost < p.Best {
			p.Best, p.Unserved = t.best.cost, len(t.best.absent)-len(t.w.p.gone)
		}
	}
	s.o.Progress(p)
}

func newSession(ctx context.Context, m *model.Problem, p *Instance, o Options, number uint64) *session {
	t := DefaultTuning()
	if o.Tuning != nil {
		t = *o.Tuning
	}
	s := &session{ctx: ctx, o: o, t: t, w: newWorker(p, o.Seed*1_000_003+number, t), every: int(t.Every)}
	if o.Clock != nil {
		s.begin = o.Clock()
	}
	if o.Iterations > 0 {
		s.limit = max(1, o.Iterations/int64(max(1, o.Workers)))
	}
	w := s.w
	w.pool = newPool(w.p, mostTours)
	s.cover = newCover(w.p, w.pool)
	s.round = int64(t.Round) * int64(max(p.n, 10))
	s.empty.copyFrom(w.routes, w.absent, w.cost)
	s.best.copyFrom(w.routes, w.absent, w.cost)
	s.measure()
	if o.Start != nil {
		s.adopt(m, o.Start)
	}
	return s
}

const mostTours = 60_000 // remembered

// measure finds the unit of temperatures: what a visit of a greedy plan costs beside its own duration.
func (s *session) measure() {
	w := s.w
	w.begin()
	w.recreate()
	w.keep()
	s.improve()
	var sum int64
	for k := range w.routes {
		r := &w.routes[k]
		sum += r.cost - r.late
		for i := range r.stops {
			if v := r.stops[i].node; v >= 0 {
				sum -= int64(w.p.duration(v, int32(k))) * w.p.vehicles[k].work
			}
		}
	}
	s.unit = max(1, float64(sum)/float64(max(1, w.cards)))
}

// adopt makes a given plan the best so far; visits that cannot be where it has them are inserted elsewhere.
func (s *session) adopt(m *model.Problem, plan *model.Plan) {
	w := s.w
	w.load(s.empty.routes, s.empty.absent, s.empty.cost)
	w.begin()
	w.follow(m, plan)
	w.keep()
	s.best.copyFrom(w.best, w.bestA, w.bestVal)
	s.pop.found(w.best, w.bestA, w.bestVal)
	w.recreate()
	w.keep()
	s.improve()
}

// spent is the part of the budget that is used.
func (s *session) spent() float64 {
	if s.ctx.Err() != nil || s.w.p.n == 0 || len(s.w.routes) == 0 {
		return 1
	}
	f := 0.0
	if s.limit > 0 {
		f = float64(s.done) / float64(s.limit)
	}
	if s.o.CPU > 0 && s.o.Clock != nil {
		f = max(f, float64(s.o.Clock()-s.begin)/float64(s.o.CPU))
	}
	return f
}

const turnsPerShare = 4

func (s *session) turnsUntilShare() {
	for range turnsPerShare {
		if s.spent() >= 1 {
			return
		}
		s.turn()
	}
}

// turn makes one plan from nothing or from two parents, and now and then chooses among all tours seen.
func (s *session) turn() {
	switch {
	case s.o.Gentle || s.short():
		s.long()
	case s.w.p.genetic() && len(s.best.absent) == 0 && s.w.unit() < s.t.Genes:
		s.genes()
	case len(s.pop.list) < int(s.t.First):
		s.fresh()
	default:
		s.child()
	}
	s.improve()
	if s.turns++; s.turns%s.every == 0 && len(s.pop.list) >= int(s.t.First) {
		s.recombine()
	}
	if s.pop.stale > int(s.t.Stale) { // grown together: begin again, every other time with the best plan among the new ones
		s.pop = population{}
		s.round = int64(float64(s.round) * s.t.Grow)
		if s.renewed++; s.renewed%2 == 0 {
			s.pop.found(s.best.routes, s.best.absent, s.best.cost)
		}
	}
}

// vary draws how much a round removes at a step, and its first temperature, between half and twice the usual: rounds that all work
// alike end alike.
func (s *session) vary(hot float64) float64 {
	s.w.tune.Remove = s.t.Remove * (0.5 + s.w.unit())
	s.w.near = s.w.p.near
	if s.w.intn(2) == 0 {
		s.w.near = s.w.p.close
	}
	return hot * math.Pow(4, s.w.unit()-0.5)
}

// fresh makes a plan from nothing.
func (s *session) fresh() {
	w := s.w
	w.load(s.empty.routes, s.empty.absent, s.empty.cost)
	w.begin()
	w.recreate()
	s.anneal(s.round, s.vary(s.t.Hot)*s.unit, s.t.Cold*s.unit)
	s.pop.found(w.best, w.bestA, w.bestVal)
}

// child makes a plan from two of the population.
func (s *session) child() {
	w := s.w
	i, j := w.intn(len(s.pop.list)), w.intn(len(s.pop.list)-1)
	if j >= i {
		j++
	}
	w.cross(s.pop.list[i], s.pop.list[j])
	s.anneal(s.part(s.t.Child), s.vary(s.t.Warm)*s.unit, s.t.Cold*s.unit)
	s.pop.replace(w, i, j)
}

// part is a part of a round in steps.
func (s *session) part(f float64) int64 { return int64(float64(s.round) * f) }

// improve keeps the round's best plan when it is the best of all.
func (s *session) improve() {
	if s.w.bestVal < s.best.cost {
		s.best.copyFrom(s.w.best, s.w.bestA, s.w.bestVal)
	}
}

// anneal cools the current plan down; the best plan on the way is left in w.best.
func (s *session) anneal(steps int64, hot, cold float64) {
	w := s.w
	w.keep()
	for i := int64(0); i < steps; i += batch {
		if s.spent() >= 1 {
			return
		}
		s.steps(hot * math.Pow(cold/hot, float64(i)/float64(steps)))
	}
}

const batch = 128 // steps between two looks at the clock

func (s *session) steps(t float64) {
	n := int64(batch)
	if s.limit > 0 {
		n = min(n, s.limit-s.done)
	}
	for range n {
		s.w.try(t)
	}
	s.done += n
}

// short says that the budget is too small for a population: less than a few rounds.
func (s *session) short() bool {
	if s.decided {
		return false
	}
	s.decided = true
	f := s.spent()
	if s.done < 4*batch {
		s.steps(s.t.Hot * s.unit)
		f = s.spent()
	}
	rounds := s.t.Short * float64(s.w.p.n) / 100
	return f > 0 && float64(s.done)/f < rounds*float64(s.round)
}

// long cools one plan down over all that is left of the budget.
func (s *session) long() {
	w := s.w
	hot, cold := s.t.Long*s.unit, s.t.Cold*s.unit
	if s.o.Gentle {
		hot = s.t.Gentle * s.unit
		w.load(s.best.routes, s.best.absent, s.best.cost)
		w.bind()
	}
	w.keep()
	from := s.spent()
	for f := from; f < 1; f = s.spent() {
		s.steps(hot * math.Pow(cold/hot, (f-from)/(1-from)))
		if w.bestVal < s.best.cost {
			s.improve()
			s.tell([]*session{s})
		}
	}
	s.improve()
}

// recombine chooses among all tours seen; every failure makes the next try rarer.
func (s *session) recombine() {
	w := s.w
	seen := len(w.pool.cost)
	ok := s.combine(int(s.t.Steps), int(s.t.Nodes))
	if seen > mostTours/2 {
		s.cover.thin()
	}
	if !ok {
		s.every++
		s.turns = 0
		return
	}
	s.every, s.turns = int(s.t.Every), 0
	s.improve()
	w.load(w.best, w.bestA, w.bestVal)
	s.anneal(s.part(s.t.Child), s.t.Warm*s.unit, s.t.Cold*s.unit)
	s.improve()
	s.pop.admit(w)
}

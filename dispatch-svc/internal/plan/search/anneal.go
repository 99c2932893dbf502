package search

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"
)

// Options bound a search.
type Options struct {
	Seed       uint64
	Iterations int64                // steps in all, 0: no bound
	CPU        time.Duration        // 0: no bound
	Clock      func() time.Duration // CPU time used so far; nil: no bound by CPU
	Tuning     Tuning
	Trace      func(iter int64, best int64)
}

var debugSP = os.Getenv("DEBUGSP") != ""

const batch = 128 // steps between two looks at the clock

// Run improves a plan from nothing and answers tours of visits and the cost.
func Run(ctx context.Context, p *Instance, o Options) ([][]int32, int64, int64) {
	w := newWorker(p, o.Seed, o.Tuning)
	s := &session{ctx: ctx, w: w, o: o, leg: p.meanLeg() * float64(p.travel+p.vehicles[0].work)}
	s.run()
	out := make([][]int32, len(s.best.routes))
	for k := range s.best.routes {
		for _, st := range s.best.routes[k].stops {
			if st.node >= 0 {
				out[k] = append(out[k], st.node)
			}
		}
	}
	return out, s.best.cost, s.done
}

type session struct {
	ctx   context.Context
	w     *worker
	o     Options
	leg   float64
	done  int64
	best  elite
	pop   population
	cover *cover
	empty elite
}

// spent is the part of the budget that is used.
func (s *session) spent() float64 {
	f := 0.0
	if s.o.Iterations > 0 {
		f = float64(s.done) / float64(s.o.Iterations)
	}
	if s.o.CPU > 0 && s.o.Clock != nil {
		f = max(f, float64(s.o.Clock())/float64(s.o.CPU))
	}
	if s.ctx.Err() != nil {
		return 1
	}
	return f
}

func (s *session) run() {
	w, t := s.w, s.o.Tuning
	w.pool = newPool(w.p, 60000)
	s.cover = newCover(w.p, w.pool)
	s.empty.copyFrom(w.routes, w.absent, w.cost)
	s.best.copyFrom(w.routes, w.absent, w.cost)
	round := int64(t.Round) * int64(s.w.p.n)
	rounds, every := 0, int(t.Every)
	for s.spent() < 1 {
		if len(s.pop.list) < int(t.First) {
			w.load(s.empty.routes, s.empty.absent, s.empty.cost)
			w.begin()
			w.recreate()
			s.anneal(round, t.Hot*s.leg, t.Cold*s.leg)
			s.pop.found(w.best, w.bestA, w.bestVal)
		} else {
			i, j := w.intn(len(s.pop.list)), w.intn(len(s.pop.list)-1)
			if j >= i {
				j++
			}
			w.cross(s.pop.list[i], s.pop.list[j])
			s.anneal(int64(float64(round)*t.Child), t.Warm*s.leg, t.Cold*s.leg)
			s.pop.replace(w, i, j)
		}
		s.improve()
		rounds++
		if rounds%every == 0 && len(s.pop.list) >= int(t.First) {
			t0 := s.o.Clock()
			before := s.best.cost
			old := len(w.pool.cost)
			ok := s.combine(int(t.Steps), int(t.Nodes))
			if old > w.pool.most/2 {
				s.cover.thin()
			}
			if ok {
				s.improve()
				w.load(w.best, w.bestA, w.bestVal)
				s.anneal(int64(float64(round)*t.Child), t.Warm*s.leg, t.Cold*s.leg)
				s.improve()
				s.pop.list[w.intn(len(s.pop.list))].copyFrom(w.best, w.bestA, w.bestVal)
			}
			if debugSP {
				fmt.Printf("  sp at %.2f pool=%d cols=%d bound=%.0f upper=%d->%d nodes=%d dt=%v ok=%v stale=%d pop=", s.spent(), old, len(s.cover.cols), s.cover.bound, before, s.best.cost, s.cover.nodes, s.o.Clock()-t0, ok, s.pop.stale)
				for _, e := range s.pop.list {
					fmt.Printf("%d ", e.cost)
				}
				fmt.Println()
			}
		}
		if s.pop.stale > int(t.Stale) {
			s.pop = population{}
		}
	}
}

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
		t := hot * math.Pow(cold/hot, float64(i)/float64(steps))
		for range batch {
			w.try(t)
		}
		s.done += batch
	}
}

// meanLeg is the mean travel from a visit to its ten nearest.
func (p *Instance) meanLeg() float64 {
	var sum, cnt float64
	for v := range p.near {
		for _, c := range p.near[v][:min(10, len(p.near[v]))] {
			sum += float64(p.ticks(int32(v), c))
			cnt++
		}
	}
	return max(1, sum/max(1, cnt))
}

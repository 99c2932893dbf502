package search

import (
	"context"
	"math"
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

// DefaultTuning holds the constants found by experiment (see the package documentation of plan).
func DefaultTuning() Tuning {
	return Tuning{Remove: 10, String: 10, Split: 0.5, Blink: 0.01, Hot: 0.5, Cold: 0.005}
}

const batch = 128 // steps between two looks at the clock

// Run improves a plan from nothing and answers tours of visits and the cost.
func Run(ctx context.Context, p *Instance, o Options) ([][]int32, int64, int64) {
	w := newWorker(p, o.Seed, o.Tuning)
	w.begin()
	w.recreate()
	w.keep()
	leg := p.meanLeg() * float64(p.travel)
	hot, cold := o.Tuning.Hot*leg, o.Tuning.Cold*leg
	var it int64
	start := time.Duration(0)
	if o.Clock != nil {
		start = o.Clock()
	}
	_ = start
	for ctx.Err() == nil {
		f := 0.0
		if o.Iterations > 0 {
			f = float64(it) / float64(o.Iterations)
		}
		if o.CPU > 0 && o.Clock != nil {
			f = max(f, float64(o.Clock())/float64(o.CPU))
		}
		if f >= 1 {
			break
		}
		t := hot * math.Pow(cold/hot, f)
		for range batch {
			w.try(t)
		}
		it += batch
	}
	out := make([][]int32, len(w.best))
	for k := range w.best {
		for _, s := range w.best[k].stops {
			if s.node >= 0 {
				out[k] = append(out[k], s.node)
			}
		}
	}
	return out, w.bestVal, it
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

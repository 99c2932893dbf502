package search

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// cached is the best place of a visit in a tour of one version.
type cached struct {
	cost     int64 // inf: nowhere
	ver      uint32
	pos      int32
	thorough bool
}

// worker holds one current plan and changes it; it allocates nothing once it runs.
type worker struct {
	p      *Instance
	rng    *rand.PCG
	routes []route
	saved  []route // tours as they were when this step began, where touched
	dirty  []int32 // touched tours
	mark   []uint32
	step   uint32
	nextV  uint32

	where  []int32 // tour of a visit, -1 when absent
	absent []int32
	saveA  []int32
	keys   []int64
	cost   int64 // of the current plan, with prices of absent visits
	cache  []cached
	cards  int32 // visits served
	used   int32 // tours used

	best    []route
	bestA   []int32
	bestVal int64
	tune    Tuning
	drop    []uint32 // visit is being removed in this step
	classAt []uint32

	nextC        uint32
	look         []int32 // tours that a visit looks at
	listed       []uint32
	nextL        uint32
	leash, moved int       // visits that may be, and are, away from their published tours; leash -1: any
	near         [][]int32 // of the instance, by way or by way and time
	pool         *pool
	succ         []int32
	tailA, tailB []stop
}

func newWorker(shared *Instance, seed uint64, t Tuning) *worker {
	n, k := shared.n, len(shared.vehicles)
	where := make([]int32, n)
	p := shared.owned(where)
	w := &worker{p: p, rng: rand.NewPCG(seed, 0x9e3779b97f4a7c15), tune: t,
		routes: make([]route, k), saved: make([]route, k), mark: make([]uint32, k), best: make([]route, k),
		where: where, succ: make([]int32, n), keys: make([]int64, n), drop: make([]uint32, n), cache: make([]cached, n*k),
		classAt: make([]uint32, p.classes), listed: make([]uint32, k)}
	w.near, w.leash = p.near, -1
	for i := range w.routes {
		p.empty(&w.routes[i], int32(i))
		w.routes[i].ver = w.version()
		w.best[i].copyFrom(&w.routes[i])
	}
	for v := range w.where {
		w.where[v] = -1
		w.absent = append(w.absent, int32(v))
		w.cost += p.visits[v].price
	}
	w.bestVal = w.cost
	w.bestA = append(w.bestA, w.absent...)
	return w
}

func (w *worker) version() uint32 {
	w.nextV++
	return w.nextV
}

// intn draws from [0, n).
func (w *worker) intn(n int) int {
	hi, _ := bits.Mul64(w.rng.Uint64(), uint64(n))
	return int(hi)
}

// unit draws from [0, 1).
func (w *worker) unit() float64 { return float64(w.rng.Uint64()>>11) * 0x1p-53 }

// touch saves tour k once per step, before it changes.
func (w *worker) touch(k int32) *route {
	r := &w.routes[k]
	if w.mark[k] != w.step {
		w.mark[k] = w.step
		w.dirty = append(w.dirty, k)
		w.saved[k].copyFrom(r)
	}
	return r
}

// begin starts a step that can be undone.
func (w *worker) begin() {
	w.step++
	w.dirty = w.dirty[:0]
	w.saveA = append(w.saveA[:0], w.absent...)
}

// undo restores the plan as it was at begin.
func (w *worker) undo(cost int64) {
	for _, v := range w.absent {
		w.where[v] = -1
	}
	for _, k := range w.dirty {
		w.used += used(&w.saved[k]) - used(&w.routes[k])
		w.cards += w.saved[k].visits - w.routes[k].visits
		w.routes[k], w.saved[k] = w.saved[k], w.routes[k]
		for i := range w.routes[k].stops {
			if v := w.routes[k].stops[i].node; v >= 0 {
				w.where[v] = k
			}
		}
	}
	w.absent = append(w.absent[:0], w.saveA...)
	for _, v := range w.absent {
		w.where[v] = -1
	}
	w.cost = cost
}

func used(r *route) int32 {
	if r.visits > 0 {
		return 1
	}
	return 0
}

// keep makes the current plan the best one.
func (w *worker) keep() {
	w.bestVal = w.cost
	for k := range w.routes {
		if w.best[k].ver != w.routes[k].ver {
			w.best[k].copyFrom(&w.routes[k])
			if w.pool != nil && w.routes[k].visits > 0 {
				w.pool.add(w.p, &w.routes[k], int32(k))
			}
		}
	}
	w.bestA = append(w.bestA[:0], w.absent...)
}

// load makes a stored plan the current one.
func (w *worker) load(routes []route, absent []int32, cost int64) {
	for v := range w.where {
		w.where[v] = -1
	}
	w.cards, w.used = 0, 0
	for k := range routes {
		r := &w.routes[k]
		if r.ver != routes[k].ver {
			r.copyFrom(&routes[k])
		}
		w.used += used(r)
		w.cards += r.visits
		for i := range r.stops {
			if v := r.stops[i].node; v >= 0 {
				w.where[v] = int32(k)
			}
		}
	}
	w.absent = append(w.absent[:0], absent...)
	w.cost = cost
}

// loadForeign makes another worker's plan the current one; its versions mean nothing here.
func (w *worker) loadForeign(e *elite) {
	w.load(e.routes, e.absent, e.cost)
	for k := range w.routes {
		w.routes[k].copyFrom(&e.routes[k])
		w.routes[k].ver = w.version()
	}
}

// accept decides by simulated annealing at temperature t.
func (w *worker) accept(before int64, t float64) bool {
	if w.cost <= before {
		return true
	}
	return float64(w.cost-before) < -t*math.Log(1-w.unit())
}

// try makes one step of ruin and recreate and says whether it was kept.
func (w *worker) try(t float64) bool {
	before := w.cost
	if w.unit() < w.tune.Tails {
		if !w.tails(t) {
			return false
		}
	} else {
		w.begin()
		w.ruin()
		w.recreate()
		if !w.accept(before, t) || w.roams() {
			w.undo(before)
			return false
		}
	}
	if w.cost < before && float64(w.cost) < float64(w.bestVal)*w.tune.Near {
		for _, k := range w.dirty {
			if w.routes[k].visits > 0 {
				w.pool.add(w.p, &w.routes[k], k)
			}
		}
	}
	if w.cost < w.bestVal {
		w.keep()
	}
	return true
}

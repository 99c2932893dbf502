package search

import "slices"

// elite is a kept plan.
type elite struct {
	routes []route
	absent []int32
	cost   int64
}

func (e *elite) copyFrom(routes []route, absent []int32, cost int64) {
	if e.routes == nil {
		e.routes = make([]route, len(routes))
	}
	for k := range routes {
		if e.routes[k].ver != routes[k].ver || len(e.routes[k].stops) == 0 {
			e.routes[k].copyFrom(&routes[k])
		}
	}
	e.absent = append(e.absent[:0], absent...)
	e.cost = cost
}

// population keeps a few good plans that differ.
type population struct {
	list  []*elite
	stale int // children in a row that replaced nobody
}

// found adds a plan made from nothing.
func (q *population) found(routes []route, absent []int32, cost int64) {
	e := &elite{}
	e.copyFrom(routes, absent, cost)
	q.list = append(q.list, e)
}

// replace puts a child in the place of the more similar of its parents when it is cheaper (deterministic crowding, Mahfoud 1995),
// unless the population has its like.
func (q *population) replace(w *worker, i, j int) {
	q.stale++
	for _, e := range q.list {
		if e.cost == w.bestVal {
			return
		}
	}
	if w.likeness(q.list[j]) > w.likeness(q.list[i]) {
		i = j
	}
	if w.bestVal < q.list[i].cost {
		q.list[i].copyFrom(w.best, w.bestA, w.bestVal)
		q.stale = 0
	}
}

// admit puts the worker's best plan in the place of the worst.
func (q *population) admit(w *worker) {
	if len(q.list) == 0 {
		return
	}
	worst := q.list[0]
	for _, e := range q.list {
		if e.cost == w.bestVal {
			return
		}
		if e.cost > worst.cost {
			worst = e
		}
	}
	if w.bestVal < worst.cost {
		worst.copyFrom(w.best, w.bestA, w.bestVal)
	}
}

// likeness counts the legs between visits that the round's best plan shares with e.
func (w *worker) likeness(e *elite) int {
	for k := range e.routes {
		s := e.routes[k].stops
		for i := 1; i < len(s); i++ {
			if s[i-1].node >= 0 {
				w.succ[s[i-1].node] = s[i].node
			}
		}
	}
	same := 0
	for k := range w.best {
		s := w.best[k].stops
		for i := 1; i < len(s); i++ {
			if s[i-1].node >= 0 && w.succ[s[i-1].node] == s[i].node {
				same++
			}
		}
	}
	return same
}

// cross makes the current plan a child of a and b: some neighbouring tours of a give way to the tours of b that cover most of
// the same visits, and what is left out is inserted (after the selective route exchange of Nagata, Braysy and Dullaert 2010).
func (w *worker) cross(a, b *elite) {
	w.load(a.routes, a.absent, a.cost)
	w.begin()
	k := 1 + w.intn(max(1, int(w.used)/2))
	gone := w.clearNear(k)
	for _, r := range w.mostShared(b, gone) {
		w.adopt(&b.routes[r], int32(r))
	}
	if w.p.ties != nil {
		w.loosen()
	}
	w.recreate()
}

// clearNear empties k tours around a drawn visit and answers their number.
func (w *worker) clearNear(k int) int {
	seed := int32(w.intn(w.p.n))
	gone := 0
	if t := w.where[seed]; t >= 0 {
		w.clearTour(t)
		gone++
	}
	for _, c := range w.near[seed] {
		if gone >= k {
			break
		}
		if t := w.where[c]; t >= 0 {
			w.clearTour(t)
			gone++
		}
	}
	return gone
}

func (w *worker) clearTour(t int32) {
	r := w.touch(t)
	for i := range r.stops {
		if v := r.stops[i].node; v >= 0 {
			w.drop[v] = w.step
		}
	}
	w.cut(r, t)
}

// mostShared names the n tours of b that cover most absent visits.
func (w *worker) mostShared(b *elite, n int) []int {
	type share struct{ r, n int }
	var all []share
	for r := range b.routes {
		s := share{r, 0}
		for i := range b.routes[r].stops {
			if v := b.routes[r].stops[i].node; v >= 0 && w.where[v] < 0 {
				s.n++
			}
		}
		if s.n > 0 {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(x, y share) int { return y.n - x.n })
	var out []int
	for i := range min(n, len(all)) {
		out = append(out, all[i].r)
	}
	return out
}

// adopt takes over a tour of another plan, on a free vehicle of the same class, else on the same vehicle.
func (w *worker) adopt(o *route, k int32) {
	class := w.p.vehicles[k].class
	for j := range w.routes {
		if w.routes[j].visits == 0 && w.p.vehicles[j].class == class {
			k = int32(j)
			break
		}
	}
	if w.routes[k].visits > 0 {
		w.clearTour(k)
	}
	for i := range o.stops {
		if v := o.stops[i].node; v >= 0 && w.where[v] >= 0 {
			w.drop[v] = w.step
			t := w.where[v]
			w.cut(w.touch(t), t)
		}
	}
	w.absent = slices.DeleteFunc(w.absent, func(v int32) bool {
		if position(o.stops, v) < 0 {
			return false
		}
		w.cost -= w.p.visits[v].price
		w.where[v] = k
		return true
	})
	r := w.touch(k)
	w.cost -= r.cost
	r.copyFrom(o)
	w.cost += r.cost
	w.cards += r.visits
	w.used++
}

// combine chooses among remembered tours and makes the choice the current plan; false when nothing cheaper was found.
func (s *session) combine(steps, nodes int) bool {
	w := s.w
	cols := s.cover.solve(s.best.cost, steps, nodes)
	if cols == nil {
		return false
	}
	w.load(s.empty.routes, s.empty.absent, s.empty.cost)
	w.begin()
	for _, j := range cols {
		k := w.freeVehicle(w.pool.class[j])
		w.install(k, w.pool.nodes[j])
	}
	if w.p.ties != nil {
		w.loosen()
	}
	w.recreate()
	w.keep()
	return true
}

func (w *worker) freeVehicle(class int32) int32 {
	for k := range w.routes {
		if w.routes[k].visits == 0 && w.p.vehicles[k].class == class {
			return int32(k)
		}
	}
	return -1
}

// install gives the unused vehicle k a row of stops.
func (w *worker) install(k int32, nodes []int32) {
	r := w.touch(k)
	end := r.stops[1]
	r.stops = r.stops[:1]
	for _, v := range nodes {
		if v < 0 {
			continue
		}
		r.stops = append(r.stops, stop{node: v, loc: v})
		r.load += w.p.visits[v].load
		r.visits++
		w.where[v] = k
		w.cost -= w.p.visits[v].price
	}
	r.stops = append(r.stops, end)
	w.absent = slices.DeleteFunc(w.absent, func(v int32) bool { return w.where[v] >= 0 })
	w.cards += r.visits
	w.used++
	if !w.p.rebuild(r, k) {
		w.dropAll(r, k)
	}
	w.cost += r.cost
	r.ver = w.version()
}

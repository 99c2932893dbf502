package search

import "github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"

// warpedStop is a stop of a plan that may break windows and capacities.
type warpedStop struct {
	loc       int32
	load      int32 // up to and with this stop
	own       segment.Warped
	pre, post segment.Warped // the row up to and with this stop; from this stop to the end
}

// warpedTour is a tour between two stops at its ends.
type warpedTour struct {
	s       []warpedStop
	warp    int32
	load    int32
	penalty int64
	changed int32 // move at which it last changed
}

type seat struct{ tour, at int32 }

// educator improves plans by local search that may pass through broken windows and capacities, at a price (Vidal, Crainic,
// Gendreau and Prins 2013). It knows fleets of one class that only travel, keep one window each, and carry load.
type educator struct {
	p           *Instance
	w           *worker // random numbers
	tours       []warpedTour
	seats       []seat
	own         []segment.Warped
	start, end  warpedStop
	capacity    int32
	fixed       int64
	travel      int64 // of a tick on the way, in 64ths
	warpPrice   int64 // of a tick turned back, in 64ths
	overPrice   int64 // of a unit of load too much, in 64ths
	moves, most int32
	tested      []int32
	order       []int32
	keepA, keep []warpedStop
}

func newEducator(w *worker) *educator {
	p := w.p
	v := &p.vehicles[0]
	e := &educator{p: p, w: w, tours: make([]warpedTour, len(p.vehicles)), seats: make([]seat, p.n), tested: make([]int32, p.n),
		own: make([]segment.Warped, p.n), capacity: v.capacity, fixed: 64 * v.fixed, travel: 64 * p.travel, warpPrice: 64 * p.travel, overPrice: 64 * p.travel * 10}
	e.most = int32(w.tune.Most)
	home := segment.WarpedSingle(v.open, min(v.departBy, v.close), 0)
	e.start = warpedStop{loc: v.start, own: home, pre: home}
	back := segment.WarpedSingle(v.open, v.close, 0)
	e.end = warpedStop{loc: v.end, own: back, post: back}
	for i := range e.own {
		d := &p.visits[i]
		e.own[i] = segment.WarpedSingle(d.from, d.to, d.service)
		e.order = append(e.order, int32(i))
	}
	return e
}

func (e *educator) ticks(a, b int32) int32 { return e.p.out[int(a)*e.p.m+int(b)] }

// price is what breaking windows and capacities costs.
func (e *educator) price(warp, load int32) int64 {
	return e.warpPrice*int64(warp) + e.overPrice*int64(max(load-e.capacity, 0))
}

// set gives tour k a row of visits.
func (e *educator) set(k int, visits []int32) {
	t := &e.tours[k]
	t.s = append(t.s[:0], e.start)
	for _, v := range visits {
		t.s = append(t.s, warpedStop{loc: v, own: e.own[v]})
	}
	t.s = append(t.s, e.end)
	e.moves = 1
	e.update(int32(k))
}

// settled says that tour k is as an improved plan had it, so that moves between two such tours need no look.
func (e *educator) settled(k int) { e.tours[k].changed = 0 }

// update recomputes the rows of a tour.
func (e *educator) update(k int32) {
	t := &e.tours[k]
	s := t.s
	last := len(s) - 1
	for i := 1; i <= last; i++ {
		s[i].pre = s[i-1].pre.Then(&s[i].own, e.ticks(s[i-1].loc, s[i].loc))
		s[i].load = s[i-1].load
		if i < last {
			v := s[i].loc
			s[i].load += e.p.visits[v].load
			e.seats[v] = seat{k, int32(i)}
		}
	}
	for i := last - 1; i >= 0; i-- {
		s[i].post = s[i].own.Then(&s[i+1].post, e.ticks(s[i].loc, s[i+1].loc))
	}
	t.warp, t.load = s[last].pre.Warp, s[last].load
	t.penalty = e.price(t.warp, t.load)
	t.changed = e.moves
}

// reprice follows a change of the prices.
func (e *educator) reprice() {
	for k := range e.tours {
		t := &e.tours[k]
		t.penalty = e.price(t.warp, t.load)
		t.changed = 1
	}
	e.moves = 1
}

// improve moves visits until no move between neighbours pays.
func (e *educator) improve() {
	for i := len(e.order) - 1; i > 0; i-- {
		j := e.w.intn(i + 1)
		e.order[i], e.order[j] = e.order[j], e.order[i]
	}
	clear(e.tested)
	for again := true; again; {
		again = false
		for _, u := range e.order {
			since := e.tested[u]
			e.tested[u] = e.moves
			if e.visit(u, since) {
				again = true
			}
		}
	}
}

// visit tries the moves that put u behind one of its neighbours; since is the move after which tours count as changed.
func (e *educator) visit(u, since int32) bool {
	moved := false
	near := e.p.close[u]
	for _, v := range near[:min(int(e.w.tune.Granular), len(near))] {
		a, b := e.seats[u].tour, e.seats[v].tour
		if e.tours[a].changed <= since && e.tours[b].changed <= since {
			continue
		}
		if e.pair(u, b, e.seats[v].at) {
			moved = true
		}
		if s := e.seats[v]; s.at == 1 && e.pair(u, s.tour, 0) {
			moved = true
		}
	}
	if a := e.seats[u].tour; e.tours[a].changed > since {
		if k := e.unused(); k >= 0 && e.pair(u, k, 0) {
			moved = true
		}
	}
	return moved
}

func (e *educator) unused() int32 {
	for k := range e.tours {
		if len(e.tours[k].s) == 2 {
			return int32(k)
		}
	}
	return -1
}

// pair makes the best of the moves that put u behind stop j of tour b, if it pays.
func (e *educator) pair(u, b, j int32) bool {
	a, i := e.seats[u].tour, e.seats[u].at
	if a == b {
		return e.inside(a, i, j)
	}
	x, y := &e.tours[a], &e.tours[b]
	left, right := int32(len(x.s))-1-i, int32(len(y.s))-2-j
	best, la, lb := int64(0), int32(0), int32(0)
	for m := int32(1); m <= min(e.most, left); m++ {
		for n := int32(0); n <= min(m, 2, right); n++ {
			if c := e.exchange(x, y, i, m, j+1, n); c < best {
				best, la, lb = c, m, n
			}
		}
	}
	if c := e.tails(x, y, i, j+1); c < best {
		e.doTails(a, b, i, j+1)
		return true
	}
	if best < 0 {
		e.doExchange(a, b, i, la, j+1, lb)
		return true
	}
	return false
}

// exchange is the price of giving the m stops from i on of tour x the places of the n stops from j on of tour y.
func (e *educator) exchange(x, y *warpedTour, i, m, j, n int32) int64 {
	p, q := x.s, y.s
	a, a0, a1, a2 := &p[i-1], &p[i], &p[i+m-1], &p[i+m]
	b, b2 := &q[j-1], &q[j+n]
	toA, fromA := e.ticks(b.loc, a0.loc), e.ticks(a1.loc, b2.loc)
	way := toA + fromA - e.ticks(a.loc, a0.loc) - e.ticks(a1.loc, a2.loc)
	var toB, fromB int32
	if n > 0 {
		b0, b1 := &q[j], &q[j+n-1]
		toB, fromB = e.ticks(a.loc, b0.loc), e.ticks(b1.loc, a2.loc)
		way += toB + fromB - e.ticks(b.loc, b0.loc) - e.ticks(b1.loc, b2.loc)
	} else {
		toB = e.ticks(a.loc, a2.loc)
		way += toB - e.ticks(b.loc, b2.loc)
	}
	cost := int64(way) * e.travel
	if e.fixed != 0 {
		cost += e.fixed * int64(opened(q, m-n)-closed(p, m-n))
	}
	now := x.penalty + y.penalty
	if cost >= now {
		return cost
	}
	carried := a1.load - a.load
	if n > 0 {
		carried -= q[j+n-1].load - b.load
	}
	cost -= now
	cost += (e.overPrice * int64(max(x.load-carried-e.capacity, 0)+max(y.load+carried-e.capacity, 0)))
	if cost >= 0 {
		return cost
	}
	row := e.row(p, i, m)
	row = b.pre.Then(&row, toA)
	warp := row.WarpThen(&b2.post, fromA)
	cost += (e.warpPrice * int64(warp))
	if cost >= 0 {
		return cost
	}
	if n > 0 {
		row = e.row(q, j, n)
		row = a.pre.Then(&row, toB)
		warp = row.WarpThen(&a2.post, fromB)
	} else {
		warp = a.pre.WarpThen(&a2.post, toB)
	}
	return cost + e.warpPrice*int64(warp)
}

func opened(s []warpedStop, more int32) int32 {
	if len(s) == 2 && more > 0 {
		return 1
	}
	return 0
}

func closed(s []warpedStop, less int32) int32 {
	if len(s)-2 == int(less) {
		return 1
	}
	return 0
}

// row joins n stops from i on.
func (e *educator) row(s []warpedStop, i, n int32) segment.Warped {
	row := s[i].own
	for ; n > 1; n-- {
		row = row.Then(&s[i+1].own, e.ticks(s[i].loc, s[i+1].loc))
		i++
	}
	return row
}

// tails is the price of exchanging the rests of x from i on and of y from j on.
func (e *educator) tails(x, y *warpedTour, i, j int32) int64 {
	p, q := x.s, y.s
	a, a0, b, b0 := &p[i-1], &p[i], &q[j-1], &q[j]
	toA, toB := e.ticks(b.loc, a0.loc), e.ticks(a.loc, b0.loc)
	cost := int64(toA+toB-e.ticks(a.loc, a0.loc)-e.ticks(b.loc, b0.loc)) * e.travel
	now := x.penalty + y.penalty
	if cost >= now {
		return cost
	}
	if e.fixed != 0 {
		if i == 1 && int(j) == len(q)-1 {
			cost -= e.fixed
		}
		if len(q) == 2 && i > 1 {
			cost += e.fixed
		}
	}
	cost -= now
	la, lb := b.load+x.load-a.load, a.load+y.load-b.load
	return cost + e.price(b.pre.WarpThen(&a0.post, toA), la) + e.price(a.pre.WarpThen(&b0.post, toB), lb)
}

func (e *educator) doTails(a, b, i, j int32) {
	x, y := &e.tours[a], &e.tours[b]
	e.keepA = append(e.keepA[:0], x.s[i:]...)
	x.s = append(x.s[:i], y.s[j:]...)
	y.s = append(y.s[:j], e.keepA...)
	e.done(a, b)
}

func (e *educator) doExchange(a, b, i, m, j, n int32) {
	x, y := &e.tours[a], &e.tours[b]
	e.keepA = append(e.keepA[:0], x.s[i:i+m]...)
	e.keep = append(e.keep[:0], y.s[j:j+n]...)
	tail := append([]warpedStop(nil), x.s[i+m:]...)
	x.s = append(append(x.s[:i], e.keep...), tail...)
	tail = append(tail[:0], y.s[j+n:]...)
	y.s = append(append(y.s[:j], e.keepA...), tail...)
	e.done(a, b)
}

func (e *educator) done(a, b int32) {
	e.moves++
	e.update(a)
	if b != a {
		e.update(b)
	}
}

// inside makes the best of the moves that put one to three stops from i on behind stop j of the same tour, or swap stop i with
// the one behind j, if it pays.
func (e *educator) inside(k, i, j int32) bool {
	t := &e.tours[k]
	left := int32(len(t.s)) - 1 - i
	best, size := int64(0), int32(0)
	for m := int32(1); m <= min(e.most, left); m++ {
		if j >= i && j < i+m || j == i-1 {
			continue
		}
		if c := e.shift(t, i, m, j); c < best {
			best, size = c, m
		}
	}
	if q := j + 1; q != i && int(q) < len(t.s)-1 {
		if c := e.swap(t, min(i, q), max(i, q)); c < best {
			t.s[i].loc, t.s[q].loc = t.s[q].loc, t.s[i].loc
			t.s[i].own, t.s[q].own = t.s[q].own, t.s[i].own
			e.done(k, k)
			return true
		}
	}
	if best >= 0 {
		return false
	}
	e.keepA = append(e.keepA[:0], t.s[i:i+size]...)
	if j > i {
		copy(t.s[i:], t.s[i+size:j+1])
		copy(t.s[j+1-size:], e.keepA)
	} else {
		copy(t.s[j+1+size:], t.s[j+1:i])
		copy(t.s[j+1:], e.keepA)
	}
	e.done(k, k)
	return true
}

// shift is the price of putting m stops from i on behind stop j.
func (e *educator) shift(t *warpedTour, i, m, j int32) int64 {
	s := t.s
	first, last, before, after := s[i].loc, s[i+m-1].loc, s[i-1].loc, s[i+m].loc
	way := e.ticks(before, after) + e.ticks(s[j].loc, first) + e.ticks(last, s[j+1].loc) -
		e.ticks(before, first) - e.ticks(last, after) - e.ticks(s[j].loc, s[j+1].loc)
	cost := int64(way) * e.travel
	if cost >= t.penalty {
		return cost
	}
	var row segment.Warped
	var at, to int32
	if j > i {
		row, at = e.walk(s[i-1].pre, before, s, i+m, j+1)
		row, at = e.walk(row, at, s, i, i+m)
		to = j + 1
	} else {
		row, at = e.walk(s[j].pre, s[j].loc, s, i, i+m)
		row, at = e.walk(row, at, s, j+1, i)
		to = i + m
	}
	warp := row.WarpThen(&s[to].post, e.ticks(at, s[to].loc))
	return cost - t.penalty + e.price(warp, t.load)
}

// walk joins stops from to to-1 to a row.
func (e *educator) walk(row segment.Warped, at int32, s []warpedStop, from, to int32) (segment.Warped, int32) {
	for ; from < to; from++ {
		row = row.Then(&s[from].own, e.ticks(at, s[from].loc))
		at = s[from].loc
	}
	return row, at
}

// swap is the price of exchanging stops i and j, i before j.
func (e *educator) swap(t *warpedTour, i, j int32) int64 {
	s := t.s
	var way int32
	if j == i+1 {
		way = e.ticks(s[i-1].loc, s[j].loc) + e.ticks(s[j].loc, s[i].loc) + e.ticks(s[i].loc, s[j+1].loc) -
			e.ticks(s[i-1].loc, s[i].loc) - e.ticks(s[i].loc, s[j].loc) - e.ticks(s[j].loc, s[j+1].loc)
	} else {
		way = e.ticks(s[i-1].loc, s[j].loc) + e.ticks(s[j].loc, s[i+1].loc) + e.ticks(s[j-1].loc, s[i].loc) + e.ticks(s[i].loc, s[j+1].loc) -
			e.ticks(s[i-1].loc, s[i].loc) - e.ticks(s[i].loc, s[i+1].loc) - e.ticks(s[j-1].loc, s[j].loc) - e.ticks(s[j].loc, s[j+1].loc)
	}
	cost := int64(way) * e.travel
	if cost >= t.penalty {
		return cost
	}
	row, at := e.walk(s[i-1].pre, s[i-1].loc, s, j, j+1)
	row, at = e.walk(row, at, s, i+1, j)
	row, at = e.walk(row, at, s, i, i+1)
	warp := row.WarpThen(&s[j+1].post, e.ticks(at, s[j+1].loc))
	return cost - t.penalty + e.price(warp, t.load)
}

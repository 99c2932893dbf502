package search

import (
	"math"
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"
)

// warpedStop is a stop of a tour that may break windows and capacities.
type warpedStop struct {
	loc       int32 // of a visit its number
	load      int32 // up to and with this stop
	own       segment.Warped
	pre, post segment.Warped // the row up to and with this stop; from this stop to the end
}

// warpedTour is a row of visits between two stops at its ends.
type warpedTour struct {
	s          []warpedStop
	warp, load int32
	penalty    int64
	changed    int32 // move at which it last changed; 0: as an improved plan had it
}

type seat struct{ tour, at int32 }

// educator improves plans by local search that may pass through broken windows and capacities, at a price (Vidal, Crainic,
// Gendreau and Prins 2013). It knows fleets of one class that only travel, keep one window each, and carry load. Prices are in
// 64ths of the problem's, so that they can be adjusted in small steps and sums of them stay exact.
type educator struct {
	p          *Instance
	w          *worker // for its random numbers
	tours      []warpedTour
	seats      []seat
	own        []segment.Warped
	start, end warpedStop
	capacity   int32
	fixed      int64 // of a used vehicle
	travel     int64 // of a tick on the way
	warpPrice  int64 // of a tick turned back
	overPrice  int64 // of a unit of load too much
	moves      int32
	tested     []int32 // move at which a visit was last looked at
	order      []int32
	rowA, rowB []warpedStop // scratch space
}

const (
	granular = 25 // neighbours of a visit that moves look at
	longest  = 3  // visits that a move takes along at most
)

// genetic says whether the educator knows problems of this kind.
func (p *Instance) genetic() bool { return p.plain && p.classes == 1 && p.fit == nil && p.n > 3 }

func newEducator(w *worker) *educator {
	p := w.p
	v := &p.vehicles[0]
	e := &educator{p: p, w: w, tours: make([]warpedTour, len(p.vehicles)), seats: make([]seat, p.n), tested: make([]int32, p.n),
		own: make([]segment.Warped, p.n), capacity: v.capacity, fixed: 64 * v.fixed, travel: 64 * p.travel,
		warpPrice: 64 * p.travel, overPrice: 640 * p.travel}
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

// reprice changes the prices.
func (e *educator) reprice(warp, over int64) {
	e.warpPrice, e.overPrice = warp, over
	for k := range e.tours {
		t := &e.tours[k]
		t.penalty = e.price(t.warp, t.load)
		t.changed = 1
	}
	e.moves = 1
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

// insert puts v where it costs least.
func (e *educator) insert(v int32) {
	best, tour, at, unused := int64(math.MaxInt64), int32(-1), 0, e.unused()
	load := e.p.visits[v].load
	for k := range e.tours {
		t := &e.tours[k]
		over := e.overPrice*int64(max(t.load+load-e.capacity, 0)) - t.penalty
		if len(t.s) == 2 {
			if int32(k) != unused {
				continue
			}
			over += e.fixed
		}
		if c, i := e.place(t, v, over, best); i > 0 {
			best, tour, at = c, int32(k), i
		}
	}
	t := &e.tours[tour]
	t.s = slices.Insert(t.s, at, warpedStop{loc: v, own: e.own[v]})
	e.update(tour)
}

// place finds the stop of t before which v costs least beside base, if less than best.
func (e *educator) place(t *warpedTour, v int32, base, best int64) (int64, int) {
	at := 0
	for i := 1; i < len(t.s); i++ {
		a, b := &t.s[i-1], &t.s[i]
		x, y := e.ticks(a.loc, v), e.ticks(v, b.loc)
		cost := int64(x+y-e.ticks(a.loc, b.loc))*e.travel + base
		if cost >= best {
			continue
		}
		row := a.pre.Then(&e.own[v], x)
		if cost += e.warpPrice * int64(row.WarpThen(&b.post, y)); cost < best {
			best, at = cost, i
		}
	}
	return best, at
}

// unused is the first tour without visits, -1 when there is none.
func (e *educator) unused() int32 {
	return int32(slices.IndexFunc(e.tours, func(t warpedTour) bool { return len(t.s) == 2 }))
}

// improve moves visits until no move between neighbours pays. Pairs of tours that an improved plan had need no look.
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
			again = e.beside(u, since) || again
		}
	}
}

// beside tries the moves that put u behind one of its neighbours or alone on a tour, where a tour has changed since.
func (e *educator) beside(u, since int32) bool {
	moved := false
	near := e.p.close[u]
	for _, v := range near[:min(granular, len(near))] {
		if e.tours[e.seats[u].tour].changed <= since && e.tours[e.seats[v].tour].changed <= since {
			continue
		}
		if s := e.seats[v]; e.pair(u, s.tour, s.at) {
			moved = true
		}
		if s := e.seats[v]; s.at == 1 && e.pair(u, s.tour, 0) {
			moved = true
		}
	}
	if e.tours[e.seats[u].tour].changed > since {
		if k := e.unused(); k >= 0 && e.pair(u, k, 0) {
			moved = true
		}
	}
	return moved
}

// pair makes the best of the moves that put u behind stop j of tour b, if it pays: an exchange of up to three visits, or of the
// rests of both tours.
func (e *educator) pair(u, b, j int32) bool {
	a, i := e.seats[u].tour, e.seats[u].at
	if a == b {
		return e.inside(a, i, j)
	}
	x, y := &e.tours[a], &e.tours[b]
	left, right := int32(len(x.s))-1-i, int32(len(y.s))-2-j
	best, la, lb := int64(0), int32(0), int32(0)
	for m := int32(1); m <= min(longest, left); m++ {
		for n := int32(0); n <= min(m, longest-1, right); n++ {
			if c := e.exchange(x, y, i, m, j+1, n); c < best {
				best, la, lb = c, m, n
			}
		}
	}
	if e.tails(x, y, i, j+1) < best {
		e.doTails(a, b, i, j+1)
		return true
	}
	if best < 0 {
		e.doExchange(a, b, i, la, j+1, lb)
	}
	return best < 0
}

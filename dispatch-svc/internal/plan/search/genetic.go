package search

import (
	"cmp"
	"slices"
)

const (
	survivors  = 25   // of a population that is cut down
	generation = 40   // children until then
	barren     = 1000 // plans in a row without a better one after which a population is made anew
	seasons    = 50   // plans until prices are adjusted
)

// genetic is a hybrid genetic search (Vidal, Crainic, Gendreau and Prins 2013; for windows Kool, Juninck, Roos, Cornelissen,
// Agterberg, van Hoorn and Visser 2022): selective route exchange, local search through broken windows, survival by price and
// by difference.
type genetic struct {
	e             *educator
	w             *worker
	sound, broken []*genome // by price
	best          *genome   // sound
	made, stale   int
	inTime, light int    // of the last plans, those that kept windows and capacities
	lately        int    // plans since prices were adjusted
	seen          []bool // visits that a child has
	row           []int32
	laid          int
	tourOf        []int32
}

func newGenetic(w *worker) *genetic {
	return &genetic{e: newEducator(w), w: w, seen: make([]bool, w.p.n), tourOf: make([]int32, w.p.n)}
}

// turn makes one plan; every other one that breaks something is mended.
func (q *genetic) turn() {
	if q.made++; q.made <= survivors {
		q.random()
	} else {
		q.cross()
	}
	q.e.improve()
	g := q.e.read()
	q.note(g)
	q.admit(g)
	if g.sound() || q.w.intn(2) == 0 {
		return
	}
	warp, over := q.e.warpPrice, q.e.overPrice
	q.e.reprice(10*warp, 10*over)
	q.e.improve()
	q.e.reprice(warp, over)
	if g = q.e.read(); g.sound() {
		q.admit(g)
	}
}

// note raises prices when too few plans are sound, and lowers them when too many are.
func (q *genetic) note(g *genome) {
	if g.warp == 0 {
		q.inTime++
	}
	if g.over == 0 {
		q.light++
	}
	if q.lately++; q.lately < seasons {
		return
	}
	q.e.warpPrice, q.e.overPrice = adjusted(q.e.warpPrice, q.inTime), adjusted(q.e.overPrice, q.light)
	q.lately, q.inTime, q.light = 0, 0, 0
	slices.SortStableFunc(q.broken, func(a, b *genome) int { return cmp.Compare(q.e.cost(a), q.e.cost(b)) })
}

// adjusted is the price after so many of the last plans did without breaking what it is for.
func adjusted(price int64, kept int) int64 {
	switch part := float64(kept) / seasons; {
	case part < 0.38:
		return min(price*5/4+1, 1<<24)
	case part > 0.48:
		return max(price*17/20, 1)
	}
	return price
}

// admit adds a plan to its population and cuts that down when it is full.
func (q *genetic) admit(g *genome) {
	list := &q.broken
	q.stale++
	if g.sound() {
		list = &q.sound
		if q.best == nil || g.way < q.best.way {
			q.best, q.stale = g, 0
		}
	}
	for _, o := range *list {
		n := g.unlike(o)
		g.meet(o, n)
		o.meet(g, n)
	}
	at, _ := slices.BinarySearchFunc(*list, q.e.cost(g), func(o *genome, c int64) int { return cmp.Compare(q.e.cost(o), c) })
	*list = slices.Insert(*list, at, g)
	if len(*list) > survivors+generation {
		for len(*list) > survivors {
			*list = drop(*list)
		}
	}
}

// drop removes the least fit of the plans that have their like, else of all but the cheapest.
func drop(list []*genome) []*genome {
	rank(list)
	at, twin := 1, false
	for i, g := range list[1:] {
		t := g.kin[0].legs == 0
		if t && !twin || t == twin && g.fit > list[at].fit {
			at, twin = i+1, t
		}
	}
	gone := list[at]
	list = slices.Delete(list, at, at+1)
	for _, o := range list {
		o.kin = slices.DeleteFunc(o.kin, func(k kin) bool { return k.g == gone })
	}
	return list
}

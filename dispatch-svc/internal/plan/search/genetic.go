package search

import (
	"math"
	"slices"
)

// genome is a plan of the genetic search; it may break windows and capacities.
type genome struct {
	tours      [][]int32
	succ, pred []int32
	way        int64 // price of travel and of vehicles used
	warp, over int64
	kin        []kin // others by likeness
	fit        float64
}

type kin struct {
	g    *genome
	legs int // that the two do not share
}

const (
	generation = 40 // children until a population is cut down
	survivors  = 25
	close5     = 5 // likenesses that count
	elites     = 4
)

// genetic is a hybrid genetic search (Vidal, Crainic, Gendreau and Prins 2013; Kool, Juninck, Roos et al. 2022): selective route exchange,
// local search through broken windows, and survival by price and difference.
type genetic struct {
	e        *educator
	w        *worker
	sound    []*genome
	broken   []*genome
	best     *genome
	stale    int
	made     int
	lately   []bool // whether the last children kept all windows
	lateLoad []bool
	inTour   []int32
	marks    []bool
	left     []int32
}

func newGenetic(w *worker) *genetic {
	return &genetic{e: newEducator(w), w: w, inTour: make([]int32, w.p.n), marks: make([]bool, w.p.n)}
}

// fits says whether the genetic search knows problems of this kind.
func (p *Instance) genetic() bool { return p.plain && p.classes == 1 && p.fit == nil && p.n > 3 }

func (q *genetic) cost(g *genome) int64 {
	return g.way + q.e.warpPrice*g.warp + q.e.overPrice*g.over
}

// turn makes one plan.
func (q *genetic) turn() *genome {
	if float64(q.made) < q.w.tune.Initial {
		q.made++
		q.random()
	} else {
		q.cross(q.parent(), q.parent())
	}
	return q.educate()
}

// educate improves the plan in the educator, and mends it every other time when it breaks something.
func (q *genetic) educate() *genome {
	q.e.improve()
	g := q.read()
	q.note(g)
	q.admit(g)
	if (g.warp > 0 || g.over > 0) && q.w.intn(2) == 0 {
		wp, op := q.e.warpPrice, q.e.overPrice
		q.e.warpPrice, q.e.overPrice = 10*wp, 10*op
		q.e.reprice()
		q.e.improve()
		q.e.warpPrice, q.e.overPrice = wp, op
		if g = q.read(); g.warp == 0 && g.over == 0 {
			q.admit(g)
		}
	}
	return g
}

// note raises prices when too few children are sound, and lowers them when too many are.
func (q *genetic) note(g *genome) {
	q.lately = append(q.lately, g.warp == 0)
	q.lateLoad = append(q.lateLoad, g.over == 0)
	if len(q.lately) < 50 {
		return
	}
	adjust(&q.e.warpPrice, q.lately)
	adjust(&q.e.overPrice, q.lateLoad)
	q.lately, q.lateLoad = q.lately[:0], q.lateLoad[:0]
	slices.SortStableFunc(q.broken, func(a, b *genome) int { return int(min(max(q.cost(a)-q.cost(b), -1), 1)) })
}

func adjust(price *int64, kept []bool) {
	n := 0
	for _, k := range kept {
		if k {
			n++
		}
	}
	switch part := float64(n) / float64(len(kept)); {
	case part < 0.38:
		*price = min(*price*5/4+1, 1<<24)
	case part > 0.48:
		*price = max(*price*17/20, 1)
	}
}

// random fills the educator with a plan drawn at random: half of them pure chance, half built greedily in a drawn order.
func (q *genetic) random() {
	e := q.e
	for k := range e.tours {
		e.set(k, nil)
	}
	q.left = q.left[:0]
	for v := range q.w.p.n {
		q.left = append(q.left, int32(v))
	}
	for i := len(q.left) - 1; i > 0; i-- {
		j := q.w.intn(i + 1)
		q.left[i], q.left[j] = q.left[j], q.left[i]
	}
	if q.w.unit() < q.w.tune.Chance {
		n := 1 + q.w.intn(len(e.tours))
		rows := make([][]int32, n)
		for _, v := range q.left {
			k := q.w.intn(n)
			rows[k] = append(rows[k], v)
		}
		for k, r := range rows {
			e.set(k, r)
		}
		return
	}
	q.insertLeft()
}

// insertLeft puts the visits left over where they cost least.
func (q *genetic) insertLeft() {
	for _, v := range q.left {
		q.e.insert(v)
	}
}

// insert puts v where it costs least.
func (e *educator) insert(v int32) {
	best, tour, at := int64(math.MaxInt64), int32(-1), 0
	empty := false
	d := &e.p.visits[v]
	for k := range e.tours {
		t := &e.tours[k]
		if len(t.s) == 2 {
			if empty {
				continue
			}
			empty = true
		}
		over := e.overPrice*int64(max(t.load+d.load-e.capacity, 0)) - t.penalty
		if len(t.s) == 2 {
			over += e.fixed
		}
		for i := 1; i < len(t.s); i++ {
			a, b := &t.s[i-1], &t.s[i]
			x, y := e.ticks(a.loc, v), e.ticks(v, b.loc)
			cost := int64(x+y-e.ticks(a.loc, b.loc))*e.travel + over
			if cost >= best {
				continue
			}
			row := a.pre.Then(&e.own[v], x)
			if cost += (e.warpPrice * int64(row.WarpThen(&b.post, y))); cost < best {
				best, tour, at = cost, int32(k), i
			}
		}
	}
	t := &e.tours[tour]
	t.s = slices.Insert(t.s, at, warpedStop{loc: v, own: e.own[v]})
	e.update(tour)
}

// read copies the educator's plan.
func (q *genetic) read() *genome {
	n := q.w.p.n
	both := make([]int32, 2*n)
	g := &genome{succ: both[:n], pred: both[n:]}
	for k := range q.e.tours {
		t := &q.e.tours[k]
		if len(t.s) == 2 {
			continue
		}
		row := make([]int32, 0, len(t.s)-2)
		var way int64
		for i := 1; i < len(t.s); i++ {
			way += int64(q.e.ticks(t.s[i-1].loc, t.s[i].loc))
			if i < len(t.s)-1 {
				v := t.s[i].loc
				row = append(row, v)
				g.pred[v], g.succ[v] = -1, -1
				if i > 1 {
					g.pred[v] = t.s[i-1].loc
				}
				if i < len(t.s)-2 {
					g.succ[v] = t.s[i+1].loc
				}
			}
		}
		g.way += way*q.e.travel + q.e.fixed
		g.warp += int64(t.warp)
		g.over += int64(max(t.load-q.e.capacity, 0))
		g.tours = append(g.tours, row)
	}
	return g
}

// admit adds a plan to its population and cuts that down when it is full.
func (q *genetic) admit(g *genome) {
	list := &q.sound
	if g.warp > 0 || g.over > 0 {
		list = &q.broken
	}
	for _, o := range *list {
		k := apart(g, o)
		g.meet(o, k)
		o.meet(g, k)
	}
	c := q.cost(g)
	at, _ := slices.BinarySearchFunc(*list, c, func(o *genome, c int64) int { return int(min(max(q.cost(o)-c, -1), 1)) })
	*list = slices.Insert(*list, at, g)
	if list == &q.sound && (q.best == nil || c < q.best.way) {
		q.best, q.stale = g, 0
	} else {
		q.stale++
	}
	if len(*list) > survivors+generation {
		for len(*list) > survivors {
			q.drop(list)
		}
	}
}

func (g *genome) meet(o *genome, legs int) {
	at, _ := slices.BinarySearchFunc(g.kin, legs, func(k kin, legs int) int { return k.legs - legs })
	g.kin = slices.Insert(g.kin, at, kin{o, legs})
}

// apart counts the legs of a that b lacks.
func apart(a, b *genome) int {
	n := 0
	for v := range a.succ {
		if a.succ[v] != b.succ[v] {
			n++
		}
		if a.pred[v] < 0 && b.pred[v] >= 0 {
			n++
		}
	}
	return n
}

func (g *genome) lonely() float64 {
	n := min(close5, len(g.kin))
	sum := 0
	for _, k := range g.kin[:n] {
		sum += k.legs
	}
	return float64(sum) / float64(max(n, 1))
}

// rank computes the biased fitness of a population.
func rank(list []*genome) {
	if len(list) == 0 {
		return
	}
	type pos struct {
		g *genome
		d float64
		r int
	}
	all := make([]pos, len(list))
	for i, g := range list {
		all[i] = pos{g, g.lonely(), i}
	}
	slices.SortStableFunc(all, func(a, b pos) int {
		switch {
		case a.d > b.d:
			return -1
		case a.d < b.d:
			return 1
		}
		return 0
	})
	n := float64(len(list))
	share := 1 - min(1, elites/n)
	for i, a := range all {
		a.g.fit = float64(a.r)/n + share*float64(i)/n
	}
}

// drop removes a plan that has its like, else the least fit.
func (q *genetic) drop(list *[]*genome) {
	rank(*list)
	worst, at, twin := -1.0, 0, false
	for i, g := range *list {
		if i == 0 {
			continue
		}
		t := len(g.kin) > 0 && g.kin[0].legs == 0
		if t && !twin || t == twin && g.fit > worst {
			worst, at, twin = g.fit, i, t
		}
	}
	gone := (*list)[at]
	*list = slices.Delete(*list, at, at+1)
	for _, o := range *list {
		o.kin = slices.DeleteFunc(o.kin, func(k kin) bool { return k.g == gone })
	}
}

// parent is the fitter of two drawn plans.
func (q *genetic) parent() *genome {
	rank(q.sound)
	rank(q.broken)
	a, b := q.draw(), q.draw()
	if b.fit < a.fit {
		return b
	}
	return a
}

func (q *genetic) draw() *genome {
	i := q.w.intn(len(q.sound) + len(q.broken))
	if i < len(q.sound) {
		return q.sound[i]
	}
	return q.broken[i-len(q.sound)]
}

// cross fills the educator with a child: some neighbouring tours of a give way to those of b that cover most of the same visits
// (Nagata, Braysy and Dullaert 2010).
func (q *genetic) cross(a, b *genome) {
	n := 1 + q.w.intn(max(1, min(len(a.tours), len(b.tours))-1))
	out := q.around(a, n)
	in := q.covering(b, n)
	e := q.e
	clear(q.inTour)
	k := 0
	keepA := q.w.intn(2) == 0 // which parent keeps a visit that both sides have
	mark := func(v int32) { q.inTour[v] = 1 }
	if keepA {
		for i, t := range a.tours {
			if !out[i] {
				for _, v := range t {
					mark(v)
				}
			}
		}
	} else {
		for _, i := range in {
			for _, v := range b.tours[i] {
				mark(v)
			}
		}
	}
	kept := []int32{}
	add := func(t []int32, filter bool) {
		kept = kept[:0]
		for _, v := range t {
			if !filter || q.inTour[v] == 0 {
				kept = append(kept, v)
			}
		}
		if len(kept) > 0 {
			e.set(k, kept)
			if len(kept) == len(t) {
				e.settled(k)
			}
			k++
		}
	}
	for i, t := range a.tours {
		if !out[i] {
			add(t, !keepA)
		}
	}
	for _, i := range in {
		add(b.tours[i], keepA)
	}
	for ; k < len(e.tours); k++ {
		e.set(k, nil)
	}
	clear(q.inTour)
	for k := range e.tours {
		for _, s := range e.tours[k].s[1 : len(e.tours[k].s)-1] {
			q.inTour[s.loc] = 1
		}
	}
	q.left = q.left[:0]
	for v, t := range q.inTour {
		if t == 0 {
			q.left = append(q.left, int32(v))
		}
	}
	q.insertLeft()
}

// around draws n neighbouring tours of a; q.marks holds their visits.
func (q *genetic) around(a *genome, n int) []bool {
	for i, t := range a.tours {
		for _, v := range t {
			q.inTour[v] = int32(i)
		}
	}
	out := make([]bool, len(a.tours))
	clear(q.marks)
	take := func(v int32) {
		if t := q.inTour[v]; n > 0 && !out[t] {
			out[t] = true
			n--
			for _, v := range a.tours[t] {
				q.marks[v] = true
			}
		}
	}
	seed := int32(q.w.intn(q.w.p.n))
	take(seed)
	for _, v := range q.w.p.near[seed] {
		take(v)
	}
	return out
}

// covering names the n tours of b with most marked visits.
func (q *genetic) covering(b *genome, n int) []int {
	type share struct{ tour, hits, rest int }
	var all []share
	for i, t := range b.tours {
		s := share{tour: i}
		for _, v := range t {
			if q.marks[v] {
				s.hits++
			} else {
				s.rest++
			}
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(x, y share) int { return (y.hits - y.rest) - (x.hits - x.rest) })
	var out []int
	for _, s := range all[:min(n, len(all))] {
		if s.hits > 0 {
			out = append(out, s.tour)
		}
	}
	return out
}

// take makes a sound plan of the genetic search the worker's.
func (w *worker) take(s *session, g *genome) {
	w.load(s.empty.routes, s.empty.absent, s.empty.cost)
	w.begin()
	for k, t := range g.tours {
		w.install(int32(k), t)
	}
	w.recreate()
	w.keep()
}

// inject adds a sound plan made elsewhere.
func (q *genetic) inject(g *elite) {
	if len(g.absent) > 0 {
		return
	}
	k := 0
	for i := range g.routes {
		if g.routes[i].visits > 0 {
			q.e.set(k, inner(nil, &g.routes[i]))
			k++
		}
	}
	for ; k < len(q.e.tours); k++ {
		q.e.set(k, nil)
	}
	q.educate()
}

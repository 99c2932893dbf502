package search

import (
	"cmp"
	"slices"
)

// random fills the educator with a plan built greedily in a drawn order.
func (q *genetic) random() {
	clear(q.seen)
	q.laid = 0
	q.finish()
}

// parent is the fitter of two drawn plans.
func (q *genetic) parent() *genome {
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

// cross fills the educator with a child: some neighbouring tours of one parent give way to those of the other that cover most of
// the same visits (selective route exchange, Nagata, Braysy and Dullaert 2010). What both sides have stays on one of them, drawn.
func (q *genetic) cross() {
	rank(q.sound)
	rank(q.broken)
	a, b := q.parent(), q.parent()
	n := 1 + q.w.intn(max(1, min(len(a.tours), len(b.tours))-1))
	out := q.around(a, n)
	in := q.covering(b, out)
	clear(q.seen)
	q.laid = 0
	first := q.w.intn(2) == 0
	if first {
		q.layAll(b, in)
	}
	for i, t := range a.tours {
		if !out[i] {
			q.lay(t)
		}
	}
	if !first {
		q.layAll(b, in)
	}
	q.finish()
}

func (q *genetic) layAll(g *genome, tours []int) {
	for _, i := range tours {
		q.lay(g.tours[i])
	}
}

// lay makes a tour of those visits of t that the child does not have yet.
func (q *genetic) lay(t []int32) {
	q.row = q.row[:0]
	for _, v := range t {
		if !q.seen[v] {
			q.seen[v] = true
			q.row = append(q.row, v)
		}
	}
	if len(q.row) == 0 {
		return
	}
	q.e.set(q.laid, q.row)
	if len(q.row) == len(t) {
		q.e.tours[q.laid].changed = 0
	}
	q.laid++
}

// finish leaves the other vehicles unused and puts the visits that the child lacks where they cost least, in a drawn order.
func (q *genetic) finish() {
	for k := q.laid; k < len(q.e.tours); k++ {
		q.e.set(k, nil)
	}
	q.row = q.row[:0]
	for v, seen := range q.seen {
		if !seen {
			q.row = append(q.row, int32(v))
		}
	}
	for i := len(q.row) - 1; i >= 0; i-- {
		j := q.w.intn(i + 1)
		q.row[i], q.row[j] = q.row[j], q.row[i]
		q.e.insert(q.row[i])
	}
}

// around draws n neighbouring tours of a.
func (q *genetic) around(a *genome, n int) []bool {
	for i, t := range a.tours {
		for _, v := range t {
			q.tourOf[v] = int32(i)
		}
	}
	out := make([]bool, len(a.tours))
	seed := int32(q.w.intn(q.w.p.n))
	out[q.tourOf[seed]] = true
	n--
	for _, v := range q.w.p.near[seed] {
		if t := q.tourOf[v]; n > 0 && !out[t] {
			out[t] = true
			n--
		}
	}
	return out
}

// covering names as many tours of b as around took out of a, those that have most visits in common with those and fewest others.
func (q *genetic) covering(b *genome, out []bool) []int {
	type share struct{ tour, gain int }
	n := 0
	for _, o := range out {
		if o {
			n++
		}
	}
	all := make([]share, len(b.tours))
	for i, t := range b.tours {
		all[i] = share{i, -len(t)}
		for _, v := range t {
			if out[q.tourOf[v]] {
				all[i].gain += 2
			}
		}
	}
	slices.SortStableFunc(all, func(x, y share) int { return cmp.Compare(y.gain, x.gain) })
	in := make([]int, 0, n)
	for _, s := range all[:min(n, len(all))] {
		if s.gain > -len(b.tours[s.tour]) {
			in = append(in, s.tour)
		}
	}
	return in
}

// genes makes some plans by genetic search, after a population that came to nothing more a new one; what the old one came to is
// annealed like a child.
func (s *session) genes() {
	if s.gen != nil && s.gen.stale > barren {
		if s.gen.best != nil {
			s.follow(s.gen.best)
			s.anneal(s.part(s.t.Child), s.vary(s.t.Warm)*s.unit, s.t.Cold*s.unit)
			s.improve()
			s.pop.admit(s.w)
		}
		s.gen = nil
	}
	if s.gen == nil {
		s.gen = newGenetic(s.w)
	}
	for range seasons {
		before := s.gen.best
		s.gen.turn()
		s.done += int64(3 * s.w.p.n) // what it costs in steps of ruin and recreate
		if b := s.gen.best; b != before && b.way/64 < s.best.cost {
			s.follow(b)
			s.improve()
		}
		if s.spent() >= 1 {
			return
		}
	}
}

// follow makes a sound plan of the genetic search the worker's.
func (s *session) follow(g *genome) {
	w := s.w
	w.load(s.empty.routes, s.empty.absent, s.empty.cost)
	w.begin()
	for k, t := range g.tours {
		w.install(int32(k), t)
	}
	w.recreate()
	w.keep()
}

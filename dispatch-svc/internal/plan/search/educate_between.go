package search

import "github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"

// exchange is the price of giving the m stops from i on of tour x the places of the n stops from j on of tour y. It stops adding up
// where the price can no longer be negative.
func (e *educator) exchange(x, y *warpedTour, i, m, j, n int32) int64 {
	p, q := x.s, y.s
	a, first, last, b := &p[i-1], &p[i], &p[i+m-1], &p[i+m]
	c, d := &q[j-1], &q[j+n]
	to, from := e.ticks(c.loc, first.loc), e.ticks(last.loc, d.loc)
	way := to + from - e.ticks(a.loc, first.loc) - e.ticks(last.loc, b.loc)
	carried := last.load - a.load
	var back, on int32
	if n > 0 {
		head, tail := &q[j], &q[j+n-1]
		back, on = e.ticks(a.loc, head.loc), e.ticks(tail.loc, b.loc)
		way += back + on - e.ticks(c.loc, head.loc) - e.ticks(tail.loc, d.loc)
		carried -= tail.load - c.load
	} else {
		back = e.ticks(a.loc, b.loc)
		way += back - e.ticks(c.loc, d.loc)
	}
	cost := int64(way)*e.travel - x.penalty - y.penalty
	if len(q) == 2 {
		cost += e.fixed
	}
	if n == 0 && len(p)-2 == int(m) {
		cost -= e.fixed
	}
	if cost >= 0 {
		return cost
	}
	cost += e.overPrice * int64(max(x.load-carried-e.capacity, 0)+max(y.load+carried-e.capacity, 0))
	if cost >= 0 {
		return cost
	}
	row := e.row(p, i, m)
	row = c.pre.Then(&row, to)
	if cost += e.warpPrice * int64(row.WarpThen(&d.post, from)); cost >= 0 {
		return cost
	}
	if n == 0 {
		return cost + e.warpPrice*int64(a.pre.WarpThen(&b.post, back))
	}
	row = e.row(q, j, n)
	row = a.pre.Then(&row, back)
	return cost + e.warpPrice*int64(row.WarpThen(&b.post, on))
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

// tails is the price of exchanging the rests of x from i on and of y from j on (2-opt*).
func (e *educator) tails(x, y *warpedTour, i, j int32) int64 {
	p, q := x.s, y.s
	a, b, c, d := &p[i-1], &p[i], &q[j-1], &q[j]
	to, back := e.ticks(c.loc, b.loc), e.ticks(a.loc, d.loc)
	cost := int64(to+back-e.ticks(a.loc, b.loc)-e.ticks(c.loc, d.loc))*e.travel - x.penalty - y.penalty
	if i == 1 && int(j) == len(q)-1 && len(q) > 2 {
		cost -= e.fixed
	}
	if len(q) == 2 && i > 1 {
		cost += e.fixed
	}
	if cost >= 0 {
		return cost
	}
	return cost + e.price(c.pre.WarpThen(&b.post, to), c.load+x.load-a.load) +
		e.price(a.pre.WarpThen(&d.post, back), a.load+y.load-c.load)
}

func (e *educator) doTails(a, b, i, j int32) {
	x, y := &e.tours[a], &e.tours[b]
	e.rowA = append(e.rowA[:0], x.s[i:]...)
	x.s = append(x.s[:i], y.s[j:]...)
	y.s = append(y.s[:j], e.rowA...)
	e.done(a, b)
}

func (e *educator) doExchange(a, b, i, m, j, n int32) {
	x, y := &e.tours[a], &e.tours[b]
	e.rowA = append(append(e.rowA[:0], y.s[j:j+n]...), x.s[i+m:]...)
	e.rowB = append(append(e.rowB[:0], x.s[i:i+m]...), y.s[j+n:]...)
	x.s = append(x.s[:i], e.rowA...)
	y.s = append(y.s[:j], e.rowB...)
	e.done(a, b)
}

// done brings the tours of a move up to date.
func (e *educator) done(a, b int32) {
	e.moves++
	e.update(a)
	if b != a {
		e.update(b)
	}
}

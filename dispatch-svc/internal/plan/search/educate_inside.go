package search

import "github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"

// inside makes the best of the moves that put one to three stops from i on behind stop j of the same tour, or exchange stop i and
// the one behind j, if it pays.
func (e *educator) inside(k, i, j int32) bool {
	t := &e.tours[k]
	best, size := int64(0), int32(0)
	for m := int32(1); m <= min(longest, int32(len(t.s))-1-i); m++ {
		if j >= i && j < i+m || j == i-1 {
			continue
		}
		if c := e.shift(t, i, m, j); c < best {
			best, size = c, m
		}
	}
	if q := j + 1; q != i && int(q) < len(t.s)-1 && e.swap(t, min(i, q), max(i, q)) < best {
		t.s[i].loc, t.s[q].loc = t.s[q].loc, t.s[i].loc
		t.s[i].own, t.s[q].own = t.s[q].own, t.s[i].own
		e.done(k, k)
		return true
	}
	if best == 0 {
		return false
	}
	e.rowA = append(e.rowA[:0], t.s[i:i+size]...)
	if j > i {
		copy(t.s[i:], t.s[i+size:j+1])
		copy(t.s[j+1-size:], e.rowA)
	} else {
		copy(t.s[j+1+size:], t.s[j+1:i])
		copy(t.s[j+1:], e.rowA)
	}
	e.done(k, k)
	return true
}

// shift is the price of putting m stops from i on behind stop j.
func (e *educator) shift(t *warpedTour, i, m, j int32) int64 {
	s := t.s
	way := e.ticks(s[i-1].loc, s[i+m].loc) + e.ticks(s[j].loc, s[i].loc) + e.ticks(s[i+m-1].loc, s[j+1].loc) -
		e.ticks(s[i-1].loc, s[i].loc) - e.ticks(s[i+m-1].loc, s[i+m].loc) - e.ticks(s[j].loc, s[j+1].loc)
	if int64(way)*e.travel >= t.penalty {
		return 0
	}
	if j > i {
		row, at := e.walk(s[i-1].pre, s[i-1].loc, s[i+m:j+1])
		row, at = e.walk(row, at, s[i:i+m])
		return e.ending(t, way, row, at, j+1)
	}
	row, at := e.walk(s[j].pre, s[j].loc, s[i:i+m])
	row, at = e.walk(row, at, s[j+1:i])
	return e.ending(t, way, row, at, i+m)
}

// swap is the price of exchanging stops i and j, i before j.
func (e *educator) swap(t *warpedTour, i, j int32) int64 {
	s := t.s
	a, b, c, d := s[i-1].loc, s[i].loc, s[j].loc, s[j+1].loc
	way := e.ticks(a, c) + e.ticks(b, d) - e.ticks(a, b) - e.ticks(c, d)
	if j == i+1 {
		way += e.ticks(c, b) - e.ticks(b, c)
	} else {
		next, prev := s[i+1].loc, s[j-1].loc
		way += e.ticks(c, next) + e.ticks(prev, b) - e.ticks(b, next) - e.ticks(prev, c)
	}
	if int64(way)*e.travel >= t.penalty {
		return 0
	}
	row, at := e.walk(s[i-1].pre, a, s[j:j+1])
	row, at = e.walk(row, at, s[i+1:j])
	row, at = e.walk(row, at, s[i:i+1])
	return e.ending(t, way, row, at, j+1)
}

// walk joins stops to a row that ends at place at.
func (e *educator) walk(row segment.Warped, at int32, stops []warpedStop) (segment.Warped, int32) {
	for i := range stops {
		row = row.Then(&stops[i].own, e.ticks(at, stops[i].loc))
		at = stops[i].loc
	}
	return row, at
}

// ending is the price of a tour that becomes a row ending at place at and its own stops from to on, with a way longer by way.
func (e *educator) ending(t *warpedTour, way int32, row segment.Warped, at, to int32) int64 {
	warp := row.WarpThen(&t.s[to].post, e.ticks(at, t.s[to].loc))
	return int64(way)*e.travel - t.penalty + e.price(warp, t.load)
}

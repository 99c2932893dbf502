package search

import "github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"

// rest puts the breaks of vehicle k where they cost least, or outside the tour where that is allowed, and times the tour.
func (p *Instance) rest(r *route, k int32) bool {
	rests := p.vehicles[k].rests
	if len(rests) == 0 {
		return p.timing(r, k)
	}
	for b := range rests {
		if !p.restOnce(r, k, b) {
			return false
		}
	}
	return p.timing(r, k)
}

// restOnce chooses among taking break b before the tour, after it, and before each of its stops.
func (p *Instance) restOnce(r *route, k int32, b int) bool {
	br := p.vehicles[k].rests[b]
	best, at := inf, -2
	before, after := r.notBefore, r.notAfter
	r.notAfter = min(after, br.to)
	if p.timing(r, k) {
		best, at = r.cost, -1
	}
	r.notBefore, r.notAfter = max(before, br.from+br.length), after
	if p.timing(r, k) && r.cost < best {
		best, at = r.cost, 0
	}
	r.notBefore = before
	node := restNode
	for i := 1; i < len(r.stops); i++ {
		for _, n := range [2]int32{restNode, stayNode} {
			p.putRest(r, i, n-int32(b))
			if p.timing(r, k) && r.cost < best {
				best, at, node = r.cost, i, n
			}
			p.takeRest(r, i)
		}
	}
	switch {
	case at == -2:
		return false
	case at == -1:
		r.notAfter = min(after, br.to)
	case at == 0:
		r.notBefore = max(before, br.from+br.length)
	default:
		p.putRest(r, at, node-int32(b))
	}
	return true
}

func (p *Instance) putRest(r *route, i int, node int32) {
	r.stops = append(r.stops, stop{})
	copy(r.stops[i+1:], r.stops[i:])
	r.stops[i] = stop{node: node}
	if r.depotAt >= i {
		r.depotAt++
	}
}

func (p *Instance) takeRest(r *route, i int) {
	copy(r.stops[i:], r.stops[i+1:])
	r.stops = r.stops[:len(r.stops)-1]
	if r.depotAt > i {
		r.depotAt--
	}
}

// timing computes begins, segments and the price of the stops of r as they stand; false when something is too late.
func (p *Instance) timing(r *route, k int32) bool {
	p.places(r, k)
	p.waits = waiting{visit: -1}
	if p.hourly != nil {
		return p.hours(r, k)
	}
	ok := p.early(r, k)
	if ok && p.several && p.n <= fewVisits {
		return p.postpone(r, k)
	}
	return ok
}

// waiting makes one visit wait for a later window than the first that it can have.
type waiting struct{ visit, from int32 }

// postpone makes one visit wait for a later window where that costs less: overtime may be cheaper than hours of waiting.
func (p *Instance) postpone(r *route, k int32) bool {
	best, choice := r.cost, p.waits
	for i := range r.stops {
		n := r.stops[i].node
		if n < 0 || len(p.visits[n].windows) < 2 {
			continue
		}
		for _, w := range p.visits[n].windows[1:] {
			p.waits = waiting{n, w.from}
			if p.early(r, k) && r.cost < best {
				best, choice = r.cost, p.waits
			}
		}
	}
	p.waits = choice
	return p.early(r, k)
}

// early times the stops as early as possible.
func (p *Instance) early(r *route, k int32) bool {
	if !p.ahead(r) {
		return false
	}
	if p.several {
		p.laterWindows(r)
	}
	return p.segments(r, k)
}

// places sets locations, legs, windows and durations. A break happens where the next stop is, after the way there, or where the
// stop before it is, before that is left.
func (p *Instance) places(r *route, k int32) {
	s := r.stops
	n := len(s)
	if cap(r.ext) < n {
		r.ext = make([]extra, n, n+8)
	}
	r.ext = r.ext[:n]
	veh := &p.vehicles[k]
	s[0].loc, s[n-1].loc = veh.start, veh.end
	for i := n - 2; i > 0; i-- {
		if isRest(s[i].node) {
			s[i].loc = s[i+1].loc
		}
	}
	for i := 1; i < n-1; i++ {
		if isStay(s[i].node) {
			s[i].loc = s[i-1].loc
		}
	}
	for i := 1; i < n; i++ {
		s[i].leg = p.ticks(s[i-1].loc, s[i].loc)
	}
	for i := range s {
		x := &r.ext[i]
		x.from, x.due, x.work = p.slot(r, k, i)
		x.to = x.due
	}
}

// slot is the window and duration of stop i.
func (p *Instance) slot(r *route, k int32, i int) (from, to, work int32) {
	veh := &p.vehicles[k]
	switch n := r.stops[i].node; {
	case n >= 0:
		v := &p.visits[n]
		return v.from, v.to, p.duration(n, k)
	case n == startNode:
		return max(veh.open, r.notBefore), veh.departBy, 0
	case n == endNode:
		return veh.open, min(veh.close, r.notAfter), 0
	case isDepot(n):
		d := &p.depots[depotNode-n]
		return r.ready, d.to, d.handling
	default:
		b := &veh.rests[restOf(n)]
		return b.from, b.to, b.length
	}
}

// restOf is the number of the break that a stop is.
func restOf(n int32) int32 {
	if isStay(n) {
		return stayNode - n
	}
	return restNode - n
}

// ahead computes the earliest begins, chooses windows, and adds up lateness.
func (p *Instance) ahead(r *route) bool {
	s, x := r.stops, r.ext
	now := x[0].from
	if now > x[0].to {
		return false
	}
	s[0].dep = now
	r.late = 0
	for i := 1; i < len(s); i++ {
		begin := max(now+s[i].leg, x[i].from)
		if n := s[i].node; n >= 0 {
			begin = p.choose(&x[i], n, now+s[i].leg)
			p.promised(r, i, n, begin)
		}
		if begin > x[i].due {
			return false
		}
		now = begin + x[i].work
		s[i].dep = now
	}
	r.end = now
	return true
}

// choose takes the first window that is not over on arrival.
func (p *Instance) choose(x *extra, v, arrival int32) int32 {
	if w := p.visits[v].windows; len(w) > 1 {
		for _, w := range w {
			x.from, x.due, x.to = w.from, w.to, w.to
			if arrival <= w.to && (v != p.waits.visit || w.from >= p.waits.from) {
				break
			}
		}
	}
	return max(arrival, x.from)
}

// promised closes the window at the promise while that can be kept, else at the begin, and prices lateness.
func (p *Instance) promised(r *route, i int, v, begin int32) {
	d := &p.visits[v]
	r.ext[i].to = min(r.ext[i].due, max(begin, d.promise))
	if begin > d.promise {
		r.late += int64(begin-d.promise) * d.late
	}
}

// laterWindows moves visits into later windows where that only shortens waiting, from the last to the first.
func (p *Instance) laterWindows(r *route) {
	s, x := r.stops, r.ext
	next := s[len(s)-1].dep
	for i := len(s) - 2; i > 0; i-- {
		latest := next - s[i+1].leg - x[i].work // begins later than this would delay the rest
		if n := s[i].node; n >= 0 {
			for _, w := range p.visits[n].windows {
				if w.from > x[i].from && w.from <= latest && w.from <= max(p.visits[n].promise, s[i].dep-x[i].work) {
					x[i].from, x[i].due = w.from, w.to
					x[i].to = min(w.to, max(w.from, p.visits[n].promise))
				}
			}
		}
		next = min(latest, x[i].to)
	}
}

// segments joins the stops from both sides and prices the tour.
func (p *Instance) segments(r *route, k int32) bool {
	s, x := r.stops, r.ext
	last := len(s) - 1
	var ok bool
	x[0].pre = segment.Single(x[0].from, x[0].to, 0)
	for i := 1; i <= last; i++ {
		if x[i].pre, ok = segment.Join(x[i-1].pre, segment.Single(x[i].from, x[i].to, x[i].work), s[i].leg); !ok {
			return false
		}
		s[i].dep = x[i].pre.Leave()
	}
	x[last].suf, x[last].hard = segment.Single(x[last].from, x[last].to, 0), x[last].due
	s[last].late = x[last].to
	for i := last - 1; i >= 0; i-- {
		x[i].suf, _ = segment.Join(segment.Single(x[i].from, x[i].to, x[i].work), x[i+1].suf, s[i+1].leg)
		x[i].hard = min(x[i].due, x[i+1].hard-s[i+1].leg-x[i].work)
		s[i].late = x[i].suf.Close
	}
	r.work = x[last].pre.Work
	r.end = x[last].pre.Leave()
	return p.sum(r, k)
}

// sum prices a timed tour.
func (p *Instance) sum(r *route, k int32) bool {
	c := p.timed(k, r.work, r.end)
	if c >= inf {
		return false
	}
	r.time = c
	c += distance(r.stops)*p.travel + r.late + p.vehicles[k].fixed
	if p.fit != nil {
		for i := range r.stops {
			if v := r.stops[i].node; v >= 0 {
				c += p.fits(v, k)
			}
		}
	}
	r.cost = c
	return true
}

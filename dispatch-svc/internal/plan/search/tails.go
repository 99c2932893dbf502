package search

import "math"

// mostTails is how many neighbours a step looks at for an exchange of tails.
const mostTails = 16

// tails makes a step of another kind: a drawn visit c is followed by a near visit d of another tour, and the rests of the two
// tours change places (2-opt*, Potvin and Rousseau 1995), if the price is accepted at temperature t. Strings of ruin and
// recreate are too short to do this to long tours.
func (w *worker) tails(t float64) bool {
	c := int32(w.intn(w.p.n))
	a := w.where[c]
	if a < 0 {
		return false
	}
	allow := int64(-t * math.Log(1-w.unit()))
	if w.p.classes > 1 && w.unit() < w.tune.Crew {
		return w.swapCrew(a, allow)
	}
	i := position(w.routes[a].stops, c)
	near := w.p.near[c]
	for _, d := range near[:min(mostTails, len(near))] {
		b := w.where[d]
		if b < 0 || b == a {
			continue
		}
		j := position(w.routes[b].stops, d)
		if w.tailsCost(a, b, i, j) <= allow && w.swapTails(a, b, i, j, allow) {
			return true
		}
	}
	return false
}

// swapCrew gives the visits of tour a to another vehicle, which hands over its own.
func (w *worker) swapCrew(a int32, allow int64) bool {
	b := int32(w.intn(len(w.routes)))
	return b != a && w.p.vehicles[a].class != w.p.vehicles[b].class && w.swapTails(a, b, 0, 1, allow)
}

// tailsCost foresees the price of the exchange in travel, inf when it is too late somewhere.
func (w *worker) tailsCost(a, b int32, i, j int) int64 {
	s, o := w.routes[a].stops, w.routes[b].stops
	if isRest(s[i+1].node) || isStay(s[i+1].node) || o[j-1].node <= restNode {
		return inf
	}
	to := w.p.ticks(s[i].loc, o[j].loc)
	back := w.p.ticks(o[j-1].loc, s[i+1].loc)
	if s[i].dep+to > o[j].late || o[j-1].dep+back > s[i+1].late {
		return inf
	}
	if !w.p.plain {
		return 0 // settled to know
	}
	return (int64(to) + int64(back) - int64(o[j].leg) - int64(s[i+1].leg)) * w.p.travel
}

// swapTails exchanges what is behind stop i of tour a and from stop j on of tour b; nothing changes when it must not be, or
// costs more than allowed.
func (w *worker) swapTails(a, b int32, i, j int, allow int64) bool {
	before := w.cost
	w.begin()
	ra, rb := w.touch(a), w.touch(b)
	w.tailA = append(w.tailA[:0], w.saved[a].stops[i+1:]...)
	w.tailB = append(w.tailB[:0], w.saved[b].stops[j:]...)
	endA, endB := w.tailA[len(w.tailA)-1], w.tailB[len(w.tailB)-1]
	ra.stops = append(append(ra.stops[:i+1], w.tailB[:len(w.tailB)-1]...), endA)
	rb.stops = append(append(rb.stops[:j], w.tailA[:len(w.tailA)-1]...), endB)
	if w.resum(ra, a) && w.resum(rb, b) && w.resettle(ra, a) && w.resettle(rb, b) && w.cost-before <= allow &&
		(w.p.ties == nil || w.tied(ra) && w.tied(rb)) {
		return true
	}
	w.undo(before)
	return false
}

// resum recounts a tour and claims its visits; false when the vehicle must not carry or do them.
func (w *worker) resum(r *route, k int32) bool {
	w.used -= used(r)
	w.cards -= r.visits
	r.visits, r.load = 0, 0
	ok := true
	for _, s := range r.stops {
		if s.node >= 0 {
			r.visits++
			r.load += w.p.visits[s.node].load
			w.where[s.node] = k
			ok = ok && w.p.fits(s.node, k) < inf
		}
	}
	w.used += used(r)
	w.cards += r.visits
	return ok && r.load <= w.p.vehicles[k].capacity
}

// resettle times and prices a tour again.
func (w *worker) resettle(r *route, k int32) bool {
	was := r.cost
	if r.visits == 0 {
		w.p.empty(r, k)
	} else if !w.p.rebuild(r, k) {
		return false
	}
	r.ver = w.version()
	w.cost += r.cost - was
	return true
}

// tied says whether the relations of all visits of a tour hold.
func (w *worker) tied(r *route) bool {
	for _, s := range r.stops {
		if s.node < 0 {
			continue
		}
		for _, t := range w.p.ties[s.node] {
			if !w.satisfied(s.node, t) {
				return false
			}
		}
	}
	return true
}

package search

import "github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"

// Stops that are not visits carry numbers below these.
const (
	restNode  = int32(-10)  // break b on arrival at the next stop is restNode-b
	stayNode  = int32(-50)  // break b before leaving the stop before is stayNode-b
	depotNode = int32(-100) // depot d is depotNode-d
)

func isDepot(n int32) bool { return n <= depotNode }
func isRest(n int32) bool  { return n <= restNode && n > stayNode }
func isStay(n int32) bool  { return n <= stayNode && n > depotNode }

// extra is what the general evaluator keeps of a stop beside stop: the rows before and behind it.
type extra struct {
	pre, suf       segment.Segment // the row up to and with this stop; from this stop to the end
	from, to, work int32           // window in use (closed at the promise while that is kept), duration
	hard           int32           // latest begin that breaks no hard window behind
	due            int32           // hard end of the window in use
}

// general is the part of a route that only the general evaluator needs.
type general struct {
	ext       []extra
	kit       []int32 // pieces left in the van that no visit of the tour needs
	depotAt   int     // stop at the depot, 0: none
	notBefore int32   // departure, when a break is taken before the tour
	notAfter  int32   // return, when a break is taken after the tour
	ready     int32   // earliest begin of the stop at the depot
	late      int64   // cost of lateness
	time      int64   // cost of working time, overtime and fairness
	end       int32   // earliest return
	work      int32
}

// duration is how long visit v takes the engineer of vehicle k.
func (p *Instance) duration(v, k int32) int32 {
	if p.service == nil {
		return p.visits[v].service
	}
	return p.service[int(v)*len(p.vehicles)+int(k)]
}

// settle finds the best depot stop and breaks for the visits of r in their order, times the tour and prices it; false when
// there is no way. It alone decides what a tour costs; scans only foresee it.
func (p *Instance) settle(r *route, k int32) bool {
	strip(r)
	if r.visits == 0 {
		p.empty(r, k)
		return true
	}
	reach := p.reach(r, k)
	if reach == int(r.visits) {
		return p.rest(r, k)
	}
	if !p.timing(r, k) {
		return false
	}
	return p.settleDepot(r, k, reach)
}

// strip takes out everything but visits.
func strip(r *route) {
	keep := r.stops[:1]
	for _, s := range r.stops[1:] {
		if s.node >= endNode {
			keep = append(keep, s)
		}
	}
	r.stops = keep
	r.depotAt, r.notBefore, r.notAfter = 0, 0, never
}

// reach counts the first visits that can be served from the van, and leaves in r.kit what they leave over.
func (p *Instance) reach(r *route, k int32) int {
	veh := &p.vehicles[k]
	r.kit = append(r.kit[:0], veh.kit...)
	for i := 1; i < len(r.stops)-1; i++ {
		v := &p.visits[r.stops[i].node]
		if v.tools&^veh.tools != 0 || !enough(r.kit, v.parts) {
			return i - 1
		}
		for _, n := range v.parts {
			r.kit[n.part] -= n.count
		}
	}
	return int(r.visits)
}

func enough(kit []int32, parts []need) bool {
	for _, n := range parts {
		if kit[n.part] < n.count {
			return false
		}
	}
	return true
}

// settleDepot tries every depot at every stop up to reach.
func (p *Instance) settleDepot(r *route, k int32, reach int) bool {
	best, at, which := inf, -1, 0
	if p.vehicles[k].supplied {
		return false
	}
	simple := p.simple && len(p.vehicles[k].rests) == 0
	for d := range p.depots {
		for i := 0; i <= reach; i++ {
			ready, ok := p.supplies(r, k, d, i)
			if !ok {
				continue
			}
			var cost int64
			if simple {
				cost = p.withDepot(r, k, d, i, ready)
			} else {
				cost = p.tryDepot(r, k, d, i)
			}
			if cost < best {
				best, at, which = cost, i, d
			}
		}
	}
	if at < 0 {
		return false
	}
	p.putDepot(r, k, which, at)
	return p.rest(r, k)
}

// supplies says whether depot d, reached after i visits, gives all that the visits behind lack, and from when.
func (p *Instance) supplies(r *route, k int32, d, i int) (int32, bool) {
	dep := &p.depots[d]
	tools := p.vehicles[k].tools | dep.tools
	kit := append(p.kitA[:0], p.vehicles[k].kit...) //nolint:gocritic // scratch space that is kept, and grows in place
	ready := dep.from
	for j := 1; j < len(r.stops)-1; j++ {
		v := &p.visits[r.stops[j].node]
		if j <= i {
			for _, n := range v.parts {
				kit[n.part] -= n.count
			}
			continue
		}
		if v.tools&^tools != 0 {
			return 0, false
		}
		for _, n := range v.parts {
			if kit[n.part] >= n.count {
				kit[n.part] -= n.count
				continue
			}
			if dep.ready[n.part] == never {
				return 0, false
			}
			ready = max(ready, dep.ready[n.part])
		}
	}
	p.kitA = kit
	return ready, ready <= dep.to
}

// withDepot prices the timed tour r with depot d after i visits by joining three segments.
func (p *Instance) withDepot(r *route, k int32, d, i int, ready int32) int64 {
	dep := &p.depots[d]
	s, x := r.stops, r.ext
	a, ok := segment.Join(x[i].pre, segment.Single(ready, dep.to, dep.handling), p.ticks(s[i].loc, dep.loc))
	if !ok {
		return inf
	}
	out := p.ticks(dep.loc, s[i+1].loc)
	a, ok = segment.Join(a, x[i+1].suf, out)
	if !ok {
		return inf
	}
	travel := int64(p.ticks(s[i].loc, dep.loc)) + int64(out) - int64(s[i+1].leg)
	return p.timed(k, a.Work, a.Leave()) + travel*p.travel
}

// tryDepot prices the same by settling a copy.
func (p *Instance) tryDepot(r *route, k int32, d, i int) int64 {
	t := &p.spareA
	t.stops = append(t.stops[:0], r.stops...)
	t.visits, t.load = r.visits, r.load
	t.depotAt, t.notBefore, t.notAfter = 0, 0, never
	p.putDepot(t, k, d, i)
	if !p.rest(t, k) {
		return inf
	}
	return t.cost
}

// putDepot puts the stop at depot d behind i visits and keeps in r.kit what no visit needs.
func (p *Instance) putDepot(r *route, k int32, d, i int) {
	ready, _ := p.supplies(r, k, d, i)
	r.kit = append(r.kit[:0], p.kitA...)
	r.stops = append(r.stops, stop{})
	copy(r.stops[i+2:], r.stops[i+1:])
	r.stops[i+1] = stop{node: depotNode - int32(d), loc: p.depots[d].loc}
	r.depotAt, r.ready = i+1, ready
}

// timed is the price of a tour's time.
func (p *Instance) timed(k, work, end int32) int64 {
	veh := &p.vehicles[k]
	if work > veh.maxWork {
		return inf
	}
	w := int64(work)
	return w*veh.work + int64(max(0, end-veh.shiftEnd))*p.overtime + p.fairness*(w*w>>20)
}

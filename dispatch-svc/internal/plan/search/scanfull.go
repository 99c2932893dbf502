package search

import "github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"

// scanFull finds the cheapest place for v in a tour of the general kind. Most places are checked by joining three segments;
// where the stop at a depot, a break, or a promise would have to give way, a copy is settled.
func (p *Instance) scanFull(r *route, v, k int32, thorough bool) (int64, int32) {
	lo, hi := 1, len(r.stops)-1
	if p.ties != nil {
		if lo, hi = p.between(r, v, k); lo > hi {
			return inf, 0
		}
	}
	veh := &p.vehicles[k]
	rests := len(veh.rests) > 0
	if p.hourly != nil || rests && r.visits == 0 {
		return p.scanSlow(r, v, k, lo, hi)
	}
	best, pos := p.scanFast(r, v, k, lo, hi)
	switch {
	case p.simple && !rests:
		if best == inf && r.depotAt == 0 && len(p.depots) > 0 && !veh.supplied {
			return p.scanDepot(r, v, k, lo, hi)
		}
	case thorough:
		if c, at := p.scanSlow(r, v, k, lo, hi); c < best {
			return c, at
		}
	}
	return best, pos
}

// fewVisits is the size up to which every place is settled, where a scan by segments may overlook one.
const fewVisits = 60

// scanFast checks every place by the segments around it and answers the cost it adds.
func (p *Instance) scanFast(r *route, v, k int32, lo, hi int) (int64, int32) {
	d := &p.visits[v]
	best, pos := inf, int32(0)
	s, x := r.stops, r.ext
	work := p.duration(v, k)
	base := p.before(r, k)
	van := p.vanServes(r, d, k)
	behind := r.depotAt > 0 && p.depotServes(r, d, k)
	for i := lo; i <= hi; i++ {
		if s[i].late < d.from+work {
			continue
		}
		if s[i-1].dep > d.to {
			break
		}
		if i > r.depotAt && r.depotAt > 0 && !behind || (r.depotAt == 0 || i <= r.depotAt) && !van {
			continue
		}
		for _, w := range d.windows {
			if c := p.joined(s, x, i, v, k, w, work); c < inf && c-base < best {
				best, pos = c-base, int32(i)
			}
		}
	}
	return best, pos
}

// before is what the time of the tour costs without the visit; an unused tour costs nothing, not even its way home.
func (p *Instance) before(r *route, k int32) int64 {
	if r.visits == 0 {
		return -p.vehicles[k].fixed - int64(r.stops[1].leg)*p.travel
	}
	return r.time
}

// joined prices the tour with v before stop i, without the lateness that is there already.
func (p *Instance) joined(s []stop, x []extra, i int, v, k int32, w span, work int32) int64 {
	d := &p.visits[v]
	prev, in := i-1, int32(0)
	a := x[prev].pre
	if isRest(s[prev].node) { // the break moves to where v is
		prev--
		if isRest(s[prev].node) || isStay(s[prev].node) {
			return inf
		}
		in = p.ticks(s[prev].loc, v)
		var ok bool
		if a, ok = segment.Join(x[prev].pre, segment.Single(x[i-1].from, x[i-1].to, x[i-1].work), in); !ok {
			return inf
		}
	}
	leg := p.ticks(s[prev].loc, v)
	way := leg
	if prev != i-1 {
		way = 0
	}
	begin := segment.Begin(a.Leave(), way, w.from)
	if begin > w.to {
		return inf
	}
	late := int64(0)
	to := min(w.to, max(begin, d.promise))
	if begin > d.promise {
		late = int64(begin-d.promise) * d.late
	}
	a, ok := segment.Join(a, segment.Single(w.from, to, work), way)
	if !ok {
		return inf
	}
	if isStay(s[i].node) { // the break stays before the way on, now from where v is
		if a, ok = segment.Join(a, segment.Single(x[i].from, x[i].to, x[i].work), 0); !ok || s[i+1].node <= restNode {
			return inf
		}
		i++
	}
	out := p.ticks(v, s[i].loc)
	if a, ok = segment.Join(a, x[i].suf, out); !ok {
		return inf
	}
	travel := int64(leg) + int64(out) - int64(p.ticks(s[prev].loc, s[i].loc))
	c := p.timed(k, a.Work, a.Leave())
	if c >= inf {
		return inf
	}
	return c + late + travel*p.travel
}

// vanServes says whether the van has what v needs beside what the tour needs.
func (p *Instance) vanServes(r *route, d *visit, k int32) bool {
	if r.visits == 0 {
		return d.tools&^p.vehicles[k].tools == 0 && enough(p.vehicles[k].kit, d.parts)
	}
	return d.tools&^p.vehicles[k].tools == 0 && enough(r.kit, d.parts)
}

// depotServes says whether v can follow the stop at the depot without changing when that begins.
func (p *Instance) depotServes(r *route, d *visit, k int32) bool {
	dep := &p.depots[depotNode-r.stops[r.depotAt].node]
	if d.tools&^(p.vehicles[k].tools|dep.tools) != 0 {
		return false
	}
	for _, n := range d.parts {
		if r.kit[n.part] < n.count && dep.ready[n.part] > r.ready {
			return false
		}
	}
	return true
}

// scanDepot tries v together with a new stop at a depot before it, joining segments from the depot on.
func (p *Instance) scanDepot(r *route, v, k int32, lo, hi int) (int64, int32) {
	best, pos := inf, int32(0)
	d := &p.visits[v]
	work, base := p.duration(v, k), p.before(r, k)
	s, x := r.stops, r.ext
	for di := range p.depots {
		dep := &p.depots[di]
		ready, ok := p.stocked(dep, d, k)
		if !ok {
			continue
		}
		for i := 1; i <= hi; i++ {
			a, ok := segment.Join(x[i-1].pre, segment.Single(ready, dep.to, dep.handling), p.ticks(s[i-1].loc, dep.loc))
			if !ok {
				break
			}
			from := dep.loc
			travel := int64(p.ticks(s[i-1].loc, dep.loc))
			for j := i; j <= hi; j++ {
				if j >= lo {
					if c := p.joinedAfter(a, from, s, x, j, v, k, work); c < inf {
						c += (travel + int64(p.ticks(from, v)) + int64(p.ticks(v, s[j].loc)) - p.legs(s, i, j)) * p.travel
						if c-base < best {
							best, pos = c-base, int32(j)
						}
					}
				}
				travel += int64(p.ticks(from, s[j].loc))
				if a, ok = segment.Join(a, segment.Single(x[j].from, x[j].to, x[j].work), p.ticks(from, s[j].loc)); !ok {
					break
				}
				from = s[j].loc
			}
		}
	}
	return best, pos
}

// legs sums the ways into stops i to j.
func (p *Instance) legs(s []stop, i, j int) int64 {
	if p.travel == 0 {
		return 0
	}
	var d int64
	for ; i <= j; i++ {
		d += int64(s[i].leg)
	}
	return d
}

// stocked says whether a depot gives v what the van of k lacks, and from when.
func (p *Instance) stocked(dep *depot, d *visit, k int32) (int32, bool) {
	if d.tools&^(p.vehicles[k].tools|dep.tools) != 0 {
		return 0, false
	}
	ready := dep.from
	for _, n := range d.parts {
		if dep.ready[n.part] == never {
			if p.vehicles[k].kit[n.part] < n.count {
				return 0, false
			}
			continue
		}
		ready = max(ready, dep.ready[n.part])
	}
	return ready, ready <= dep.to
}

// joinedAfter prices the time of a tour that comes from a row a at place from, serves v and goes on at stop j.
func (p *Instance) joinedAfter(a segment.Segment, from int32, s []stop, x []extra, j int, v, k, work int32) int64 {
	d := &p.visits[v]
	best := inf
	for _, w := range d.windows {
		b, ok := segment.Join(a, segment.Single(w.from, w.to, work), p.ticks(from, v))
		if !ok {
			continue
		}
		if b, ok = segment.Join(b, x[j].suf, p.ticks(v, s[j].loc)); ok {
			best = min(best, p.timed(k, b.Work, b.Leave()))
		}
	}
	return best
}

// scanSlow settles a copy of the tour for every place that the hard windows leave.
func (p *Instance) scanSlow(r *route, v, k int32, lo, hi int) (int64, int32) {
	best, pos := inf, int32(0)
	moves := p.n <= fewVisits && (len(p.vehicles[k].rests) > 0 || r.depotAt > 0) // a stop there may be earlier with a break or depot elsewhere
	for i := lo; i <= hi; i++ {
		if s := r.stops[i-1]; s.node >= 0 && s.dep > p.visits[v].to && !moves {
			break
		}
		t := &p.spareB
		t.stops = append(t.stops[:0], r.stops...)
		t.visits, t.load = r.visits, r.load
		squeeze(t, v, i)
		if p.settle(t, k) && t.cost-r.cost < best {
			best, pos = t.cost-r.cost, int32(i)
		}
	}
	return best, pos
}

// squeeze puts v before stop i without timing anything.
func squeeze(r *route, v int32, i int) {
	r.stops = append(r.stops, stop{})
	copy(r.stops[i+1:], r.stops[i:])
	r.stops[i] = stop{node: v, loc: v}
	r.visits++
}

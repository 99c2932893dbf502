package search

// scan finds the cheapest place for visit v in the tour of vehicle k: the cost it adds and the stop it goes before.
func (p *Instance) scan(r *route, v, k int32, thorough bool) (int64, int32) {
	extra := p.fits(v, k)
	if extra >= inf {
		return inf, 0
	}
	if r.load+p.visits[v].load > p.vehicles[k].capacity {
		return inf, 0
	}
	if !p.plain {
		c, pos := p.scanFull(r, v, k, thorough)
		if c >= inf {
			return inf, 0
		}
		return c + extra, pos
	}
	add, pos := p.scanPlain(r, v)
	if add == never {
		return inf, 0
	}
	c := int64(add)*p.travel + extra
	if r.visits == 0 {
		s := r.stops
		c += p.vehicles[k].fixed + int64(s[1].leg)*p.travel
	}
	return c, pos
}

// scanPlain checks every place by the two segments around it: travel only, one hard window.
func (p *Instance) scanPlain(r *route, v int32) (int32, int32) {
	out, in := p.out[int(v)*p.m:int(v+1)*p.m], p.in[int(v)*p.m:int(v+1)*p.m]
	d := &p.visits[v]
	from, to, service := d.from, d.to, d.service
	best, pos := never, int32(0)
	s := r.stops
	prev := &s[0]
	for i := 1; i < len(s); i++ {
		cur := &s[i]
		if cur.late < from+service {
			prev = cur
			continue
		}
		if prev.dep > to {
			break
		}
		t := in[prev.loc]
		u := out[cur.loc]
		if add := t + u - cur.leg; add < best {
			if at := prev.dep + t; at <= to && max(at, from)+service+u <= cur.late {
				best, pos = add, int32(i)
			}
		}
		prev = cur
	}
	return best, pos
}

// rebuild recomputes a tour after visits were taken out; false when what is left cannot be kept, which only happens where a
// detour is shorter than the direct way.
func (p *Instance) rebuild(r *route, k int32) bool {
	if !p.plain {
		return p.settle(r, k)
	}
	s := r.stops
	for i := 1; i < len(s); i++ {
		s[i].leg = p.ticks(s[i-1].loc, s[i].loc)
	}
	p.forward(s, 1)
	p.backward(s, len(s)-2)
	r.cost = p.price(r, k)
	return true
}

// price is the cost of a tour.
func (p *Instance) price(r *route, k int32) int64 {
	if r.visits == 0 {
		return 0
	}
	c := distance(r.stops)*p.travel + p.vehicles[k].fixed
	if p.fit != nil {
		for i := range r.stops {
			if v := r.stops[i].node; v >= 0 {
				c += p.fits(v, k)
			}
		}
	}
	return c
}

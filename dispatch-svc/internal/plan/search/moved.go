package search

// published notes the vehicle that the published plan has each visit on, -1 when it has none or that shift is gone.
func (c *compiler) published() {
	p := c.p
	p.home = make([]int32, p.n)
	for i := range c.m.Visits {
		p.home[i] = -1
		if q := c.m.Visits[i].Published; q != nil {
			p.home[i] = p.vehicleOf(c.m, q.Engineer, q.Shift)
		}
	}
}

// mostMoved is how many visits that nothing happened to may leave their tours in re-planning: one in twenty.
func (p *Instance) mostMoved() int {
	n := 0
	for _, k := range p.home {
		if k >= 0 {
			n++
		}
	}
	return n / 20
}

// away counts the visits of a tour that the published plan has elsewhere.
func (p *Instance) away(r *route, k int32) int {
	n := 0
	for i := range r.stops {
		if v := r.stops[i].node; v >= 0 && p.home[v] >= 0 && p.home[v] != k {
			n++
		}
	}
	return n
}

// roams says whether this step took more visits from their tours than re-planning may, and else notes how many are away.
func (w *worker) roams() bool {
	if w.leash < 0 {
		return false
	}
	now := w.moved
	for _, k := range w.dirty {
		now += w.p.away(&w.routes[k], k) - w.p.away(&w.saved[k], k)
	}
	if now > w.leash && now > w.moved {
		return true
	}
	w.moved = now
	return false
}

// bind holds re-planning to few moves, counted from the current plan.
func (w *worker) bind() {
	w.leash, w.moved, w.tune.Tails = w.p.mostMoved(), 0, 0
	for k := range w.routes {
		w.moved += w.p.away(&w.routes[k], int32(k))
	}
}

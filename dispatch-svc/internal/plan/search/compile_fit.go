package search

import (
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// fitAll fills the matrix of who can do what and at which extra cost; it stays nil when everybody can do everything.
func (c *compiler) fitAll() {
	p := c.p
	fit := make([]int64, p.n*len(p.vehicles))
	used := false
	for i := range p.visits {
		for k := range p.vehicles {
			f := c.fitOne(i, k)
			fit[i*len(p.vehicles)+k] = f
			used = used || f != 0
		}
	}
	for _, v := range p.gone {
		p.visits[v].price = 0
		used = true
		for k := range p.vehicles {
			fit[int(v)*len(p.vehicles)+k] = inf
		}
	}
	if used {
		p.fit = fit
	}
	c.durations()
}

func (c *compiler) fitOne(i, k int) int64 {
	v, veh := &c.m.Visits[i], &c.p.vehicles[k]
	e := &c.m.Engineers[veh.engineer]
	if !c.qualified(v, e, &e.Shifts[veh.shift]) || !c.supplied(i, k) || !c.inTime(i, k) {
		return inf
	}
	var cost int64
	if l := v.Lock; l != nil && (l.Engineer != e.ID || l.Shift != veh.shift) {
		return inf
	}
	if len(v.Preferred) > 0 && !slices.Contains(v.Preferred, e.ID) {
		cost += v.PreferCost
	}
	if q := v.Published; q != nil && (q.Engineer != e.ID || q.Shift != veh.shift) {
		cost += c.m.Weights.Change
	}
	return cost
}

// qualified checks skills, certificates, territory and named engineers.
func (c *compiler) qualified(v *model.Visit, e *model.Engineer, sh *model.Shift) bool {
	if len(v.Required) > 0 && !slices.Contains(v.Required, e.ID) || slices.Contains(v.Excluded, e.ID) {
		return false
	}
	if v.Territory != "" && len(e.Territory) > 0 && !slices.Contains(e.Territory, v.Territory) {
		return false
	}
	for _, n := range v.Needs {
		if Level(e, n.Name, sh) < max(n.Level, 1) {
			return false
		}
	}
	return true
}

// Level is an engineer's level of a skill on a shift, 0 when he lacks it or a certificate ends before the shift with its
// overtime does.
func Level(e *model.Engineer, name string, sh *model.Shift) int {
	level := 0
	for _, s := range e.Skills {
		if s.Name == name && (s.Expires == 0 || s.Expires >= sh.End+sh.Overtime) {
			level = max(level, s.Level)
		}
	}
	return level
}

// supplied checks that the van, alone or with one depot, can have the tools and parts.
func (c *compiler) supplied(i, k int) bool {
	v, veh := &c.p.visits[i], &c.p.vehicles[k]
	if v.tools&^veh.tools == 0 && enough(veh.kit, v.parts) {
		return true
	}
	if veh.supplied {
		return false
	}
	for d := range c.p.depots {
		if _, ok := c.p.stocked(&c.p.depots[d], v, int32(k)); ok {
			return true
		}
	}
	return false
}

// inTime checks that a window meets the shift.
func (c *compiler) inTime(i, k int) bool {
	veh := &c.p.vehicles[k]
	return slices.ContainsFunc(c.p.visits[i].windows, func(w span) bool { return w.from <= veh.close && w.to >= veh.open })
}

// durations fills the matrix of durations when they depend on the engineer.
func (c *compiler) durations() {
	p := c.p
	if !slices.ContainsFunc(c.m.Visits, func(v model.Visit) bool { return len(v.ByLevel) > 0 }) {
		return
	}
	p.service = make([]int32, p.n*len(p.vehicles))
	for i := range c.m.Visits {
		v := &c.m.Visits[i]
		for k := range p.vehicles {
			e := &c.m.Engineers[p.vehicles[k].engineer]
			p.service[i*len(p.vehicles)+k] = clamp(DurationOf(v, e, &e.Shifts[p.vehicles[k].shift]))
		}
	}
}

// DurationOf is how long a visit takes an engineer.
func DurationOf(v *model.Visit, e *model.Engineer, sh *model.Shift) int64 {
	if len(v.ByLevel) > 0 && len(v.Needs) > 0 {
		if d, ok := v.ByLevel[Level(e, v.Needs[0].Name, sh)]; ok {
			return d
		}
	}
	return v.Duration
}

package search

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// visit compiles what a visit asks for.
func (c *compiler) visit(v *model.Visit) error {
	d := visit{service: clamp(v.Duration), load: int32(v.Load), price: v.Price, promise: never, late: v.LateRate,
		tools: c.toolSet(v.Tools)}
	if len(c.tools) > 64 {
		return errors.New("more than 64 kinds of tools")
	}
	if d.price == 0 {
		d.price = c.m.Weights.Unserved
	}
	if v.Promise != 0 {
		d.promise = c.tick(v.Promise)
	}
	if d.late == 0 {
		d.late = c.m.Weights.Late
	}
	if d.late == 0 {
		d.promise = never
	}
	for _, s := range v.Parts {
		if s.Count > 0 {
			d.parts = append(d.parts, need{c.part(s.Part), int32(s.Count)})
		}
	}
	c.windows(&d, v)
	c.p.visits = append(c.p.visits, d)
	return nil
}

// windows cuts a visit's windows at its release and at a fixed begin.
func (c *compiler) windows(d *visit, v *model.Visit) {
	ws := v.Windows
	if len(ws) == 0 {
		ws = []model.Window{{From: c.origin, To: c.origin + 1<<29}}
	}
	for _, w := range ws {
		if v.Release != 0 {
			w.From = max(w.From, v.Release)
		}
		if v.Lock != nil && v.Lock.Begin != 0 {
			w = model.Window{From: max(w.From, v.Lock.Begin), To: min(w.To, v.Lock.Begin)}
		}
		if w.From <= w.To {
			d.windows = append(d.windows, span{c.tick(w.From), c.tick(w.To)})
		}
	}
	slices.SortFunc(d.windows, func(a, b span) int { return int(a.from - b.from) })
	if len(d.windows) == 0 {
		d.windows = []span{{never - 1, -1}} // cannot be begun at all
	}
	d.from, d.to = d.windows[0].from, d.windows[len(d.windows)-1].to
}

// engineer makes a vehicle of each shift.
func (c *compiler) engineer(e int) {
	m := &c.m.Engineers[e]
	for s := range m.Shifts {
		sh := &m.Shifts[s]
		v := vehicle{engineer: e, shift: s, open: c.tick(sh.Start), close: c.tick(sh.End + sh.Overtime), shiftEnd: c.tick(sh.End),
			departBy: c.tick(sh.End + sh.Overtime), maxWork: never, capacity: never, tools: c.toolSet(m.Tools),
			work: c.m.Weights.Work + m.Rate, fixed: m.Fixed}
		v.start, v.end = c.place(orHome(sh.From, m)), c.place(orHome(sh.To, m))
		if sh.MaxWork > 0 {
			v.maxWork = clamp(sh.MaxWork)
		}
		if m.Capacity > 0 {
			v.capacity = int32(m.Capacity)
		}
		for _, b := range sh.Breaks {
			v.rests = append(v.rests, rest{c.tick(b.Earliest), c.tick(b.Latest), clamp(b.Length)})
		}
		for _, k := range m.Kit {
			c.stock(&v, k.Part, int32(k.Count))
		}
		c.driven(&v, sh)
		c.p.vehicles = append(c.p.vehicles, v)
	}
}

func orHome(q *model.Point, e *model.Engineer) model.Point {
	if q != nil {
		return *q
	}
	return e.Home
}

func (c *compiler) stock(v *vehicle, part string, count int32) {
	i := int(c.part(part))
	for len(v.kit) <= i {
		v.kit = append(v.kit, 0)
	}
	v.kit[i] += count
}

// driven begins a tour where its last started stop ends, with what the van still holds.
func (c *compiler) driven(v *vehicle, sh *model.Shift) {
	for _, d := range sh.Driven {
		if i, ok := c.visitAt[d.Visit]; ok {
			v.start = int32(i)
			v.capacity -= c.p.visits[i].load
			for _, n := range c.p.visits[i].parts {
				c.stock(v, c.m.Visits[i].Parts[0].Part, 0)
				for len(v.kit) <= int(n.part) {
					v.kit = append(v.kit, 0)
				}
				if !v.supplied {
					v.kit[n.part] -= n.count
				}
			}
			c.p.gone = append(c.p.gone, int32(i))
		}
		for i := range c.m.Depots {
			if dep := &c.m.Depots[i]; dep.ID == d.Depot && d.Depot != "" {
				c.fromDepot(v, dep)
			}
		}
		v.open, v.departBy = c.tick(d.Finish), c.tick(d.Finish)
		if v.maxWork < never {
			v.maxWork = max(0, clamp(sh.MaxWork-(d.Finish-sh.Driven[0].Begin)))
		}
	}
}

// fromDepot gives a van that has been at a depot its tools and as many pieces of its parts as anybody can need.
func (c *compiler) fromDepot(v *vehicle, d *model.Depot) {
	v.supplied = true
	v.start = c.place(d.Place)
	v.tools |= c.depotTools(d)
	for part := range c.parts {
		if d.AllParts || slices.ContainsFunc(d.Parts, func(r model.Ready) bool { return r.Part == part }) {
			c.stock(v, part, 1<<20)
		}
	}
}

func (c *compiler) depotTools(d *model.Depot) uint64 {
	if d.AllTools {
		return ^uint64(0)
	}
	return c.toolSet(d.Tools)
}

func (c *compiler) depot(d *model.Depot) {
	x := depot{loc: c.place(d.Place), handling: clamp(d.Handling), from: c.tick(d.Open.From), to: c.tick(d.Open.To),
		tools: c.depotTools(d)}
	if d.Open == (model.Window{}) {
		x.from, x.to = -1<<29, 1<<29
	}
	x.ready = make([]int32, len(c.parts))
	for i := range x.ready {
		x.ready[i] = never
		if d.AllParts {
			x.ready[i] = x.from
		}
	}
	for _, r := range d.Parts {
		if i, ok := c.parts[r.Part]; ok {
			x.ready[i] = max(x.from, c.tick(r.From))
		}
	}
	c.p.depots = append(c.p.depots, x)
}

// pad makes all kits as long as there are parts.
func (c *compiler) pad() {
	for k := range c.p.vehicles {
		v := &c.p.vehicles[k]
		for len(v.kit) < len(c.parts) {
			v.kit = append(v.kit, 0)
		}
	}
	for d := range c.p.depots {
		for len(c.p.depots[d].ready) < len(c.parts) {
			c.p.depots[d].ready = append(c.p.depots[d].ready, never)
		}
	}
}

func (c *compiler) relations() error {
	for _, r := range c.m.Relations {
		a, ok := c.visitAt[r.First]
		b, ok2 := c.visitAt[r.Second]
		if !ok || !ok2 || a == b {
			return fmt.Errorf("relation between %q and %q names no two visits", r.First, r.Second)
		}
		if c.p.ties == nil {
			c.p.ties = make([][]tie, c.p.n)
		}
		c.p.ties[a] = append(c.p.ties[a], tie{r.Kind, int32(b), true})
		c.p.ties[b] = append(c.p.ties[b], tie{r.Kind, int32(a), false})
	}
	return nil
}

// classes finds vehicles that are the same for every visit.
func (c *compiler) classes() {
	p := c.p
	known := map[string]int32{}
	for k := range p.vehicles {
		v := p.vehicles[k]
		var key strings.Builder
		if p.ties != nil {
			fmt.Fprintf(&key, "%d ", k)
		}
		v.engineer, v.shift = 0, 0
		fmt.Fprintf(&key, "%v", v)
		for i := range p.n {
			if p.fit != nil && p.fit[i*len(p.vehicles)+k] != 0 {
				fmt.Fprintf(&key, " %d:%d", i, p.fit[i*len(p.vehicles)+k])
			}
			if p.service != nil {
				fmt.Fprintf(&key, " %d", p.service[i*len(p.vehicles)+k])
			}
		}
		class, ok := known[key.String()]
		if !ok {
			class = int32(len(known))
			known[key.String()] = class
		}
		p.vehicles[k].class = class
	}
	p.classes = len(known)
}

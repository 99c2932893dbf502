package search

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// ErrTooLong says that a problem spans more ticks than segments can hold.
var ErrTooLong = errors.New("search: a problem must fit into 2^30 ticks")

// compiler turns a problem into an instance.
type compiler struct {
	m       *model.Problem
	p       *Instance
	origin  int64
	points  []model.Point
	at      map[model.Point]int32
	tools   map[string]int
	parts   map[string]int
	visitAt map[string]int
	engAt   map[string]int
}

// Compile turns a problem into flat arrays and refuses one that names what it does not have.
func Compile(m *model.Problem) (*Instance, error) {
	c := &compiler{m: m, p: &Instance{n: len(m.Visits)}, at: map[model.Point]int32{}, tools: map[string]int{},
		parts: map[string]int{}, visitAt: map[string]int{}, engAt: map[string]int{}}
	if err := c.names(); err != nil {
		return nil, err
	}
	if err := c.start(); err != nil {
		return nil, err
	}
	for i := range m.Visits {
		if err := c.visit(&m.Visits[i]); err != nil {
			return nil, fmt.Errorf("visit %s: %w", m.Visits[i].ID, err)
		}
	}
	for e := range m.Engineers {
		c.engineer(e)
	}
	for i := range m.Depots {
		c.depot(&m.Depots[i])
	}
	c.pad()
	c.fitAll()
	if err := c.relations(); err != nil {
		return nil, err
	}
	if err := c.matrix(); err != nil {
		return nil, err
	}
	c.kind()
	c.classes()
	c.neighbours()
	c.candidates()
	c.published()
	return c.p, nil
}

// names checks that identifiers are unique and finds the tools and parts.
func (c *compiler) names() error {
	for i, v := range c.m.Visits {
		if _, twice := c.visitAt[v.ID]; twice {
			return fmt.Errorf("visit %s occurs twice", v.ID)
		}
		c.visitAt[v.ID] = i
		c.points = append(c.points, v.Place)
	}
	for i, e := range c.m.Engineers {
		if _, twice := c.engAt[e.ID]; twice {
			return fmt.Errorf("engineer %s occurs twice", e.ID)
		}
		c.engAt[e.ID] = i
	}
	if c.m.Travel == nil {
		c.m.Travel = model.GreatCircle{}
	}
	return nil
}

// start chooses the origin and checks the span.
func (c *compiler) start() error {
	lo, hi := int64(1)<<62, int64(-1)<<62
	for _, e := range c.m.Engineers {
		for _, s := range e.Shifts {
			lo, hi = min(lo, s.Start), max(hi, s.End+s.Overtime)
		}
	}
	if hi-lo > 1<<29 {
		return ErrTooLong
	}
	if lo > hi {
		lo = 0
	}
	c.origin = lo
	c.p.origin = lo
	return nil
}

// tick makes a tick relative to the origin and keeps it inside the range of segments.
func (c *compiler) tick(t int64) int32 { return clamp(t - c.origin) }

func clamp(t int64) int32 { return int32(min(max(t, -1<<29), 1<<29)) }

func (c *compiler) place(q model.Point) int32 {
	if i, ok := c.at[q]; ok {
		return i
	}
	c.points = append(c.points, q)
	c.at[q] = int32(len(c.points) - 1)
	return c.at[q]
}

func (c *compiler) part(name string) int32 {
	i, ok := c.parts[name]
	if !ok {
		i = len(c.parts)
		c.parts[name] = i
	}
	return int32(i)
}

// toolSet gives each tool a bit.
func (c *compiler) toolSet(names []string) uint64 {
	var set uint64
	for _, n := range names {
		i, ok := c.tools[n]
		if !ok {
			i = len(c.tools)
			c.tools[n] = i
		}
		set |= 1 << i
	}
	return set
}

// matrix asks for all travel times.
func (c *compiler) matrix() error {
	p := c.p
	p.m = len(c.points)
	p.out, p.in = make([]int32, p.m*p.m), make([]int32, p.m*p.m)
	both, _ := c.m.Travel.(interface{ Symmetric() bool })
	symmetric := both != nil && both.Symmetric()
	for i, a := range c.points {
		for j, b := range c.points {
			if i == j {
				continue
			}
			if symmetric && j < i {
				p.out[i*p.m+j], p.in[j*p.m+i] = p.out[j*p.m+i], p.out[j*p.m+i]
				continue
			}
			t := c.m.Travel.Ticks(a, b)
			if t < 0 {
				return fmt.Errorf("travel from %v to %v takes %d ticks", a, b, t)
			}
			p.out[i*p.m+j] = clamp(t)
			p.in[j*p.m+i] = clamp(t)
		}
	}
	if h, ok := c.m.Travel.(model.Hourly); ok {
		points, origin := c.points, c.origin
		p.hourly = func(from, to, depart int32) int32 {
			if from == to {
				return 0
			}
			return clamp(h.TicksAt(points[from], points[to], int64(depart)+origin))
		}
	}
	return nil
}

// kind finds out which of the evaluator's shortcuts hold.
func (c *compiler) kind() {
	p, w := c.p, c.m.Weights
	p.travel, p.overtime, p.fairness = w.Travel, w.Overtime, w.Fairness
	p.plain = p.hourly == nil && p.ties == nil && p.service == nil && w.Fairness == 0
	for i := range p.vehicles {
		v := &p.vehicles[i]
		p.plain = p.plain && v.work == 0 && v.maxWork == never && len(v.rests) == 0 && (w.Overtime == 0 || v.shiftEnd == v.close)
	}
	for i := range p.visits {
		v := &p.visits[i]
		p.promises = p.promises || v.promise < v.to
		p.several = p.several || len(v.windows) > 1
		p.plain = p.plain && v.tools == 0 && len(v.parts) == 0
	}
	p.plain = p.plain && !p.promises && !p.several
	p.simple = !p.promises && !p.several && p.hourly == nil
}

const mostNear = 250 // neighbours remembered of a visit

// neighbours sorts the other visits by the way to them, and again with the waiting and lateness that one after the other would mean.
func (c *compiler) neighbours() {
	p := c.p
	p.near = p.sorted(func(i, j int32) int64 { return int64(p.ticks(i, j)) })
	p.close = p.sorted(func(i, j int32) int64 { return min(p.apart(i, j), p.apart(j, i)) })
}

func (p *Instance) sorted(key func(i, j int32) int64) [][]int32 {
	out := make([][]int32, p.n)
	keys := make([]int64, 0, p.n)
	for i := range out {
		keys = keys[:0]
		for j := range p.n {
			if j != i {
				keys = append(keys, key(int32(i), int32(j))<<32|int64(j))
			}
		}
		slices.Sort(keys)
		for _, k := range keys[:min(len(keys), mostNear)] {
			out[i] = append(out[i], int32(k))
		}
	}
	return out
}

// apart is how far j is behind i in place and time (Vidal et al. 2013, section 4.5.2, with their weights 0.2 and 1).
func (p *Instance) apart(i, j int32) int64 {
	a, b, t := &p.visits[i], &p.visits[j], int64(p.ticks(i, j))
	wait := int64(b.from) - t - int64(a.service) - int64(a.to)
	late := int64(a.from) + int64(a.service) + t - int64(b.to)
	return min(t+max(0, wait)/5+max(0, late), 1<<30)
}

const (
	fewVehicles = 40 // up to so many that fit a visit are all looked at
	nearVisits  = 40 // else the tours of so many neighbours
	nearHomes   = 12 // and so many tours that start close by
)

// candidates lists the vehicles that a visit looks at: all that fit when they are few, else those that start close by, to which a
// step adds the tours of the visit's neighbours.
func (c *compiler) candidates() {
	p := c.p
	p.able, p.homes = make([][]int32, p.n), make([][]int32, p.n)
	for v := range p.n {
		var keys []int64
		for k := range p.vehicles {
			if p.fits(int32(v), int32(k)) < inf {
				keys = append(keys, int64(p.ticks(p.vehicles[k].start, int32(v)))<<32|int64(k))
			}
		}
		if len(keys) > fewVehicles {
			slices.Sort(keys)
			for _, k := range keys[:nearHomes] {
				p.homes[v] = append(p.homes[v], int32(k))
			}
			continue
		}
		for _, k := range keys {
			p.able[v] = append(p.able[v], int32(k))
		}
	}
}

package search

import (
	"fmt"
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// explainer finds out for a visit that is left over why, and the smallest change that would let somebody serve it without
// moving anything else.
type explainer struct {
	m      *model.Problem
	p      *Instance // general, with a visit table of its own
	routes []route
	format func(int64) string
}

// obstacle is why one vehicle cannot, when it is a single thing.
type obstacle struct {
	code  string
	name  string
	level int
	text  string
}

// Explain fills in reasons and counterfactuals of the visits that a plan leaves over.
func Explain(m *model.Problem, p *Instance, plan *model.Plan, format func(int64) string) {
	if len(plan.Unassigned) == 0 {
		return
	}
	w := newWorker(p, 1, DefaultTuning())
	w.pool = newPool(p, 0)
	w.begin()
	w.follow(m, plan)
	x := &explainer{m: m, p: w.p, routes: w.routes, format: format}
	x.p.plain = false
	x.p.visits = slices.Clone(p.visits)
	x.p.vehicles = slices.Clone(p.vehicles)
	for k := range x.routes {
		x.p.settle(&x.routes[k], int32(k))
	}
	at := map[string]int32{}
	for i := range m.Visits {
		at[m.Visits[i].ID] = int32(i)
	}
	for i := range plan.Unassigned {
		x.explain(&plan.Unassigned[i], at[plan.Unassigned[i].Visit])
	}
}

// explain tries changes in the order in which a dispatcher would.
func (x *explainer) explain(u *model.Unassigned, v int32) {
	counts, single := map[string]int{}, map[int]obstacle{}
	var able []int32
	for k := range x.p.vehicles {
		switch o := x.obstacles(v, k); len(o) {
		case 0:
			able = append(able, int32(k))
		case 1:
			single[k] = o[0]
			counts[o[0].code]++
		default:
			counts[o[0].code]++
		}
	}
	u.Reason = reason(counts, len(able))
	if len(able) > 0 && x.fits(u, v, able) {
		return
	}
	if x.window(u, v, able) || x.overtime(u, v, able) || x.gain(u, v, single) || x.another(u, v, able) {
		return
	}
	u.Change = model.Change{Kind: "NONE"}
	u.Counterfactual = "no single change lets anybody serve it"
}

// reason names what keeps most vehicles away, NO_ROOM when some could but for the time.
func reason(counts map[string]int, able int) string {
	if able > 0 {
		return "NO_ROOM"
	}
	best := "NO_ENGINEER"
	for _, code := range []string{"EXCLUDED", "TERRITORY", "SKILL", "LEVEL", "TOOL", "PART", "SHIFT"} {
		if counts[code] > counts[best] {
			best = code
		}
	}
	return best
}

// obstacles lists what keeps vehicle k from visit v whatever its tour.
func (x *explainer) obstacles(v int32, k int) []obstacle {
	d, veh := &x.m.Visits[v], &x.p.vehicles[k]
	e := &x.m.Engineers[veh.engineer]
	sh := &e.Shifts[veh.shift]
	var out []obstacle
	if len(d.Required) > 0 && !slices.Contains(d.Required, e.ID) || slices.Contains(d.Excluded, e.ID) ||
		d.Lock != nil && (d.Lock.Engineer != e.ID || d.Lock.Shift != veh.shift) {
		out = append(out, obstacle{code: "EXCLUDED"})
	}
	if d.Territory != "" && len(e.Territory) > 0 && !slices.Contains(e.Territory, d.Territory) {
		out = append(out, obstacle{"TERRITORY", d.Territory, 0, "worked in " + d.Territory})
	}
	for _, n := range d.Needs {
		switch l := Level(e, n.Name, sh); {
		case l == 0:
			out = append(out, obstacle{"SKILL", n.Name, max(1, n.Level), fmt.Sprintf("had %s at level %d", n.Name, max(1, n.Level))})
		case l < n.Level:
			out = append(out, obstacle{"LEVEL", n.Name, n.Level, fmt.Sprintf("had level %d of %s", n.Level, n.Name)})
		}
	}
	out = append(out, x.goods(v, k)...)
	if !slices.ContainsFunc(x.p.visits[v].windows, func(w span) bool { return w.from <= veh.close && w.to >= veh.open }) {
		out = append(out, obstacle{code: "SHIFT"})
	}
	return out
}

// goods lists tools and parts that neither the van nor a depot gives.
func (x *explainer) goods(v int32, k int) []obstacle {
	d, veh := &x.m.Visits[v], &x.p.vehicles[k]
	if veh.supplied || len(x.p.depots) == 0 {
		return append(x.tools(d, k), x.parts(v, k)...)
	}
	for i := range x.p.depots {
		if _, ok := x.p.stocked(&x.p.depots[i], &x.p.visits[v], int32(k)); ok {
			return nil
		}
	}
	return append(x.tools(d, k), x.parts(v, k)...)
}

func (x *explainer) tools(d *model.Visit, k int) []obstacle {
	var out []obstacle
	e := &x.m.Engineers[x.p.vehicles[k].engineer]
	for _, t := range d.Tools {
		if !slices.Contains(e.Tools, t) {
			out = append(out, obstacle{"TOOL", t, 0, "carried " + t})
		}
	}
	return out
}

func (x *explainer) parts(v int32, k int) []obstacle {
	var out []obstacle
	veh := &x.p.vehicles[k]
	for i, n := range x.p.visits[v].parts {
		if veh.kit[n.part] < n.count {
			s := x.m.Visits[v].Parts[i]
			out = append(out, obstacle{"PART", s.Part, s.Count, fmt.Sprintf("had %d x %s in the van", s.Count, s.Part)})
		}
	}
	return out
}

// room looks for a place for v in tour k and answers the stop it would be, in p.spareB; false when there is none.
func (x *explainer) room(v, k int32, see func(r *route, at int)) bool {
	r := &x.routes[k]
	if r.load+x.p.visits[v].load > x.p.vehicles[k].capacity {
		return false
	}
	lo, hi := 1, len(r.stops)-1
	if x.p.ties != nil {
		lo, hi = x.p.between(r, v, k)
	}
	found := false
	for i := lo; i <= hi; i++ {
		t := &x.p.spareB
		t.stops = append(t.stops[:0], r.stops...)
		t.visits, t.load = r.visits, r.load
		squeeze(t, v, i)
		if x.p.settle(t, k) {
			found = true
			see(t, position(t.stops, v))
		}
	}
	return found
}

// fits reports a visit that could be served but costs more than its price.
func (x *explainer) fits(u *model.Unassigned, v int32, able []int32) bool {
	least := inf
	for _, k := range able {
		x.room(v, k, func(r *route, _ int) { least = min(least, r.cost-x.routes[k].cost+x.p.fits(v, k)) })
	}
	if least >= inf {
		return false
	}
	u.Reason = "PRICE"
	u.Change = model.Change{Kind: "PRICE", Ticks: least + 1}
	u.Counterfactual = fmt.Sprintf("would be served if leaving it out cost more than %d", least)
	return true
}

// window looks for the smallest extension of the visit's windows.
func (x *explainer) window(u *model.Unassigned, v int32, able []int32) bool {
	saved := x.p.visits[v]
	defer func() { x.p.visits[v] = saved }()
	best := model.Change{Ticks: inf}
	for _, w := range saved.windows {
		for _, k := range able {
			x.widen(v, k, span{w.from, never - 1}, &best, func(r *route, at int) (int32, model.Window) {
				begin := r.stops[at].dep - r.ext[at].work
				return begin - w.to, model.Window{From: x.abs(w.from), To: x.abs(max(w.to, begin))}
			})
			x.widen(v, k, span{-1 << 28, w.to}, &best, func(r *route, at int) (int32, model.Window) {
				begin := min(r.stops[at].late, w.to)
				return w.from - begin, model.Window{From: x.abs(min(w.from, begin)), To: x.abs(w.to)}
			})
		}
	}
	if best.Ticks >= inf {
		return false
	}
	best.Kind = "WINDOW"
	u.Change = best
	if u.Counterfactual = "would fit if the window ended " + x.format(best.Window.To); best.Level < 0 {
		u.Counterfactual = "would fit if the window began " + x.format(best.Window.From)
	}
	u.Counterfactual += " (engineer " + best.Engineer + ")"
	best.Level = 0
	u.Change = best
	return true
}

func (x *explainer) abs(t int32) int64 { return int64(t) + x.p.origin }

// widen tries one wider window on one tour and keeps the smallest extension.
func (x *explainer) widen(v, k int32, w span, best *model.Change, by func(*route, int) (int32, model.Window)) {
	d := &x.p.visits[v]
	d.windows, d.from, d.to = []span{w}, w.from, w.to
	x.room(v, k, func(r *route, at int) {
		ticks, window := by(r, at)
		if int64(ticks) < best.Ticks {
			veh := &x.p.vehicles[k]
			*best = model.Change{Engineer: x.m.Engineers[veh.engineer].ID, Shift: veh.shift, Window: window, Ticks: int64(ticks)}
			if w.from < -1<<27 {
				best.Level = -1
			}
		}
	})
}

// overtime looks for the shift that would have to be extended least.
func (x *explainer) overtime(u *model.Unassigned, v int32, able []int32) bool {
	best := model.Change{Kind: "OVERTIME", Ticks: inf}
	for _, k := range able {
		veh := &x.p.vehicles[k]
		close := veh.close
		veh.close, veh.departBy = never-1, max(veh.departBy, never-1)
		x.room(v, k, func(r *route, _ int) {
			if more := int64(r.end - close); more < best.Ticks {
				best = model.Change{Kind: "OVERTIME", Engineer: x.m.Engineers[veh.engineer].ID, Shift: veh.shift, Ticks: more}
			}
		})
		veh.close = close
		veh.departBy = close
	}
	if best.Ticks >= inf {
		return false
	}
	u.Change = best
	u.Counterfactual = fmt.Sprintf("would fit if engineer %s returned %d ticks later", best.Engineer, best.Ticks)
	return true
}

// gain looks for an engineer with time who lacks a single thing.
func (x *explainer) gain(u *model.Unassigned, v int32, single map[int]obstacle) bool {
	saved := x.p.visits[v]
	defer func() { x.p.visits[v] = saved }()
	for _, code := range []string{"LEVEL", "SKILL", "TOOL", "PART", "TERRITORY"} {
		for k := range x.p.vehicles {
			o, ok := single[k]
			if !ok || o.code != code {
				continue
			}
			d := &x.p.visits[v]
			if *d = saved; code == "TOOL" {
				d.tools = 0
			} else if code == "PART" {
				d.parts = nil
			}
			if x.room(v, int32(k), func(*route, int) {}) {
				veh := &x.p.vehicles[k]
				e := x.m.Engineers[veh.engineer].ID
				u.Change = model.Change{Kind: code, Engineer: e, Shift: veh.shift, Name: o.name, Level: o.level}
				u.Counterfactual = fmt.Sprintf("would fit if engineer %s %s", e, o.text)
				return true
			}
		}
	}
	return false
}

// another asks for one more engineer like one who could but for his other visits.
func (x *explainer) another(u *model.Unassigned, v int32, able []int32) bool {
	if x.p.ties != nil && len(x.p.ties[v]) > 0 {
		return false // where its others are matters
	}
	for _, k := range able {
		var t route
		x.p.empty(&t, k)
		squeeze(&t, v, 1)
		if x.p.settle(&t, k) {
			veh := &x.p.vehicles[k]
			e := x.m.Engineers[veh.engineer].ID
			u.Change = model.Change{Kind: "ENGINEER", Engineer: e, Shift: veh.shift}
			u.Counterfactual = "would fit with one more engineer like " + e
			return true
		}
	}
	return false
}

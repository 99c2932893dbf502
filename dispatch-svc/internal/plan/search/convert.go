package search

import (
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// follow gives the vehicles the tours of a plan as far as they can be kept; the current plan must be empty.
func (w *worker) follow(m *model.Problem, plan *model.Plan) {
	number := map[string]int32{}
	for i := range m.Visits {
		number[m.Visits[i].ID] = int32(i)
	}
	for i := range plan.Routes {
		k := w.p.vehicleOf(m, plan.Routes[i].Engineer, plan.Routes[i].Shift)
		if k < 0 || w.routes[k].visits > 0 {
			continue
		}
		var nodes []int32
		load := int32(0)
		for _, s := range plan.Routes[i].Stops {
			v, ok := number[s.ID]
			if s.Kind != model.VisitStop || !ok || w.where[v] >= 0 || slices.Contains(nodes, v) || w.p.fits(v, k) >= inf {
				continue
			}
			if load += w.p.visits[v].load; load <= w.p.vehicles[k].capacity {
				nodes = append(nodes, v)
			}
		}
		if len(nodes) > 0 {
			w.install(k, nodes)
		}
	}
	if w.p.ties != nil {
		w.loosen()
	}
}

func (p *Instance) vehicleOf(m *model.Problem, engineer string, shift int) int32 {
	for k := range p.vehicles {
		if p.vehicles[k].shift == shift && m.Engineers[p.vehicles[k].engineer].ID == engineer {
			return int32(k)
		}
	}
	return -1
}

// plan writes a plan down with begins as early as the latest sensible departure allows.
func (p *Instance) plan(m *model.Problem, e *elite) model.Plan {
	var out model.Plan
	for k := range e.routes {
		r := &e.routes[k]
		if r.visits > 0 && p.timing(r, int32(k)) {
			out.Routes = append(out.Routes, p.tour(m, r, int32(k), &out.Cost))
		}
	}
	for _, v := range e.absent {
		if !slices.Contains(p.gone, v) {
			out.Unassigned = append(out.Unassigned, model.Unassigned{Visit: m.Visits[v].ID})
			out.Cost.Unserved += p.visits[v].price
		}
	}
	c := &out.Cost
	c.Total = c.Unserved + c.Late + c.Overtime + c.Work + c.Travel + c.Fixed + c.Preference + c.Change + c.Fairness
	return out
}

func (p *Instance) tour(m *model.Problem, r *route, k int32, cost *model.Cost) model.Route {
	veh := &p.vehicles[k]
	last := len(r.stops) - 1
	now := r.ext[last].pre.Open
	if p.hourly != nil {
		now = r.stops[0].late
	}
	out := model.Route{Engineer: m.Engineers[veh.engineer].ID, Shift: veh.shift, Start: int64(now) + p.origin}
	for i := 1; i <= last; i++ {
		s, x := &r.stops[i], &r.ext[i]
		leg := s.leg
		if p.hourly != nil {
			leg = p.hourly(r.stops[i-1].loc, s.loc, now)
		}
		begin := max(now+leg, x.from)
		now = begin + x.work
		if i < last {
			out.Stops = append(out.Stops, p.stop(m, s.node, begin, now))
		}
	}
	out.End = int64(now) + p.origin
	p.account(m, r, k, cost)
	return out
}

func (p *Instance) stop(m *model.Problem, node, begin, end int32) model.Stop {
	s := model.Stop{Begin: int64(begin) + p.origin, Finish: int64(end) + p.origin}
	switch {
	case node >= 0:
		s.ID = m.Visits[node].ID
	case isDepot(node):
		s.Kind, s.ID = model.DepotStop, m.Depots[depotNode-node].ID
	default:
		s.Kind, s.Break = model.BreakStop, int(restOf(node))
	}
	return s
}

// account splits the price of a tour into its parts.
func (p *Instance) account(m *model.Problem, r *route, k int32, c *model.Cost) {
	veh := &p.vehicles[k]
	work := int64(r.work)
	c.Work += work * veh.work
	c.Overtime += int64(max(0, r.end-veh.shiftEnd)) * p.overtime
	c.Fairness += p.fairness * (work * work >> 20)
	c.Travel += distance(r.stops) * p.travel
	c.Fixed += veh.fixed
	c.Late += r.late
	for _, s := range r.stops {
		if s.node < 0 {
			continue
		}
		v := &m.Visits[s.node]
		if q := v.Published; q != nil && (q.Engineer != m.Engineers[veh.engineer].ID || q.Shift != veh.shift) {
			c.Change += m.Weights.Change
		}
		if len(v.Preferred) > 0 && !slices.Contains(v.Preferred, m.Engineers[veh.engineer].ID) {
			c.Preference += v.PreferCost
		}
	}
}

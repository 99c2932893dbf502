package check

import "github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"

// Sequence is a tour without times, as a solution file gives it: visits by name, an empty name for the first depot.
type Sequence struct {
	Engineer string
	Shift    int
	Visits   []string
}

// Schedule gives tours times, each stop as early as possible in its first window that is not over, so that Check can verify
// them; a tour that cannot be kept shows as faults there.
func Schedule(p *model.Problem, tours []Sequence) model.Plan {
	var plan model.Plan
	served := map[string]bool{}
	for _, t := range tours {
		for i := range p.Engineers {
			if e := &p.Engineers[i]; e.ID == t.Engineer && t.Shift < len(e.Shifts) {
				plan.Routes = append(plan.Routes, schedule(p, e, &t, served))
			}
		}
	}
	for _, v := range p.Visits {
		if !served[v.ID] {
			plan.Unassigned = append(plan.Unassigned, model.Unassigned{Visit: v.ID, Reason: "NOT_SERVED"})
		}
	}
	return plan
}

func schedule(p *model.Problem, e *model.Engineer, t *Sequence, served map[string]bool) model.Route {
	sh := &e.Shifts[t.Shift]
	r := model.Route{Engineer: e.ID, Shift: t.Shift, Start: sh.Start}
	at, now := place(sh.From, e), sh.Start
	for _, id := range t.Visits {
		s := model.Stop{Kind: model.VisitStop, ID: id}
		to, from, work := at, now, int64(0)
		if id == "" && len(p.Depots) > 0 {
			d := &p.Depots[0]
			s.Kind, s.ID, to, from, work = model.DepotStop, d.ID, d.Place, d.Open.From, d.Handling
		} else if v := find(p, id); v != nil {
			served[id] = true
			to, work = v.Place, v.Duration
			from = opening(v, now+p.Travel.Ticks(at, to))
		}
		s.Begin = max(from, now+p.Travel.Ticks(at, to))
		s.Finish = s.Begin + work
		at, now = to, s.Finish
		r.Stops = append(r.Stops, s)
	}
	r.End = now + p.Travel.Ticks(at, place(sh.To, e))
	r.Start = leaving(p, e, &r)
	return r
}

// leaving is the latest departure that keeps the first begin.
func leaving(p *model.Problem, e *model.Engineer, r *model.Route) int64 {
	sh := &e.Shifts[r.Shift]
	if len(r.Stops) == 0 {
		return sh.Start
	}
	to := e.Home
	if v := find(p, r.Stops[0].ID); v != nil && r.Stops[0].Kind == model.VisitStop {
		to = v.Place
	} else if len(p.Depots) > 0 {
		to = p.Depots[0].Place
	}
	return max(sh.Start, r.Stops[0].Begin-p.Travel.Ticks(place(sh.From, e), to))
}

func find(p *model.Problem, id string) *model.Visit {
	for i := range p.Visits {
		if p.Visits[i].ID == id {
			return &p.Visits[i]
		}
	}
	return nil
}

// opening is when the first window that is not over on arrival opens.
func opening(v *model.Visit, arrival int64) int64 {
	for _, w := range v.Windows {
		if arrival <= w.To {
			return max(w.From, v.Release)
		}
	}
	return v.Release
}

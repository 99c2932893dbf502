package check

import (
	"fmt"
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// Fault is one thing that is wrong with a plan.
type Fault struct {
	Route int    // index into Plan.Routes; -1 when it concerns the plan
	Stop  int    // index into Stops; -1 when it concerns the tour
	Text  string // what is wrong
}

// Error makes a fault an error.
func (f Fault) Error() string { return fmt.Sprintf("tour %d, stop %d: %s", f.Route, f.Stop, f.Text) }

// Report is what a check finds: the faults and the cost by the checker's own sums.
type Report struct {
	Faults []Fault
	Cost   model.Cost
}

// OK says whether nothing was found.
func (r Report) OK() bool { return len(r.Faults) == 0 }

type checker struct {
	p         *model.Problem
	report    Report
	engineers map[string]*model.Engineer
	visits    map[string]*model.Visit
	depots    map[string]*model.Depot
	served    map[string]served
	begun     map[string]served // under way before the plan
	tours     map[tour]bool
}

type tour struct {
	engineer string
	shift    int
}

// served is where and when a visit happens.
type served struct {
	tour
	route, order  int
	begin, finish int64
}

// Check verifies a plan against its problem.
func Check(p *model.Problem, plan *model.Plan) Report {
	c := &checker{p: p, engineers: map[string]*model.Engineer{}, visits: map[string]*model.Visit{}, depots: map[string]*model.Depot{},
		served: map[string]served{}, begun: map[string]served{}, tours: map[tour]bool{}}
	c.know()
	for i := range plan.Routes {
		c.route(i, &plan.Routes[i])
	}
	c.unassigned(plan)
	c.relations()
	r := &c.report.Cost
	r.Total = r.Unserved + r.Late + r.Overtime + r.Work + r.Travel + r.Fixed + r.Preference + r.Change + r.Fairness
	return c.report
}

func (c *checker) fault(route, stop int, format string, args ...any) {
	c.report.Faults = append(c.report.Faults, Fault{route, stop, fmt.Sprintf(format, args...)})
}

func (c *checker) know() {
	for i := range c.p.Visits {
		c.visits[c.p.Visits[i].ID] = &c.p.Visits[i]
	}
	for i := range c.p.Depots {
		c.depots[c.p.Depots[i].ID] = &c.p.Depots[i]
	}
	for i := range c.p.Engineers {
		e := &c.p.Engineers[i]
		c.engineers[e.ID] = e
		for s := range e.Shifts {
			for o, d := range e.Shifts[s].Driven {
				if d.Visit != "" {
					c.begun[d.Visit] = served{tour{e.ID, s}, -1, o - 1000, d.Begin, d.Finish}
				}
			}
		}
	}
}

// route checks one tour.
func (c *checker) route(i int, r *model.Route) {
	e := c.engineers[r.Engineer]
	if e == nil || r.Shift < 0 || r.Shift >= len(e.Shifts) {
		c.fault(i, -1, "no such shift: engineer %q, shift %d", r.Engineer, r.Shift)
		return
	}
	key := tour{r.Engineer, r.Shift}
	if c.tours[key] {
		c.fault(i, -1, "engineer %s has two tours on shift %d", r.Engineer, r.Shift)
	}
	c.tours[key] = true
	if !slices.ContainsFunc(r.Stops, func(s model.Stop) bool { return s.Kind == model.VisitStop }) {
		c.fault(i, -1, "a tour without visits")
		return
	}
	w := &walk{checker: c, i: i, r: r, e: e, shift: &e.Shifts[r.Shift]}
	w.run()
}

// unassigned checks that every visit is served once, left over once, or under way.
func (c *checker) unassigned(plan *model.Plan) {
	left := map[string]bool{}
	for _, u := range plan.Unassigned {
		if left[u.Visit] {
			c.fault(-1, -1, "visit %s is left over twice", u.Visit)
		}
		left[u.Visit] = true
		if c.visits[u.Visit] == nil {
			c.fault(-1, -1, "no such visit: %q", u.Visit)
		}
		if u.Reason == "" {
			c.fault(-1, -1, "visit %s is left over without a reason", u.Visit)
		}
	}
	for _, v := range c.p.Visits {
		_, done := c.served[v.ID]
		_, begun := c.begun[v.ID]
		switch n := count(done) + count(begun) + count(left[v.ID]); {
		case n == 0:
			c.fault(-1, -1, "visit %s is neither served nor left over", v.ID)
		case n > 1:
			c.fault(-1, -1, "visit %s is served, left over or under way at once", v.ID)
		}
		if left[v.ID] {
			price := v.Price
			if price == 0 {
				price = c.p.Weights.Unserved
			}
			c.report.Cost.Unserved += price
		}
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// relations checks ties between visits.
func (c *checker) relations() {
	for _, r := range c.p.Relations {
		a, ok := c.where(r.First)
		b, ok2 := c.where(r.Second)
		if !ok2 {
			continue
		}
		if !ok {
			if r.Kind == model.Before {
				c.fault(b.route, -1, "visit %s is served without %s, which must come before it", r.Second, r.First)
			}
			continue
		}
		if !holds(r.Kind, a, b) {
			c.fault(b.route, -1, "relation %d between %s and %s does not hold", r.Kind, r.First, r.Second)
		}
	}
}

func (c *checker) where(id string) (served, bool) {
	if s, ok := c.served[id]; ok {
		return s, true
	}
	s, ok := c.begun[id]
	return s, ok
}

func holds(k model.RelationKind, a, b served) bool {
	switch k {
	case model.SameTour:
		return a.tour == b.tour
	case model.SameEngineer:
		return a.engineer == b.engineer
	case model.Apart:
		return a.engineer != b.engineer
	default:
		return a.finish <= b.begin && (a.tour != b.tour || a.order < b.order)
	}
}

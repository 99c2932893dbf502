package casefile

import (
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Order is a work order as far as the case must know it.
type Order struct {
	Name       string `json:"name"` // workOrders/…
	Round      int    `json:"round"`
	Solution   string `json:"solution,omitempty"` // id; empty for a service request's own visit
	Measure    string `json:"measure,omitempty"`
	Outcome    string `json:"outcome,omitempty"`
	Over       bool   `json:"over,omitempty"`
	Inspection bool   `json:"inspection,omitempty"` // a visit to look, before any solution (R105)
}

// OrderStep is a step of a work order, as dispatch tells it.
type OrderStep struct {
	WorkOrder    string
	Solution     string // id
	Purpose      string
	Round        int
	State        string
	Outcome      string
	Engineer     string
	EngineerName string
	From, To     time.Time // appointment
	Open         int       // work orders of the case that are open after the step
	ServingOrg   string    // whom dispatch has released it to
	Entry        timeline.Entry
}

// outcomes that end the matter; all others ask for another solution.
var solvedOutcomes = []string{"", "FIXED", "NO_FAULT_FOUND"}

// OrderCreated takes a work order that a task asked for: SOLUTION_AGREED (or ACCEPTED) -> IN_SERVICE. When the case has gone
// another way meanwhile, the order is called off.
func (c *Case) OrderCreated(m Moment, t Task, workOrder string) Change {
	s := c.begin(m)
	s.dropTask(t.ID)
	if t.Inspect > 0 {
		return s.inspectionOrdered(t, workOrder)
	}
	if t.Round != c.RoundNumber() || !c.awaitsOrder() {
		s.task(Task{Kind: TaskCancelWorkOrders, Reason: "case is " + string(c.State)})
		return s.change
	}
	s.startOrder(Order{Name: workOrder, Round: t.Round, Solution: t.Solution, Measure: t.Measure})
	return s.change
}

// awaitsOrder says that a work order may come into being: the gate of consent (R151) is passed.
func (c *Case) awaitsOrder() bool {
	switch c.State {
	case SolutionAgreed, InService:
		return true
	case Accepted:
		return c.Kind == ServiceRequest // the visit itself is what was asked for; quote and consent happen in the work order
	}
	return false
}

// startOrder takes an order in, once.
func (s *step) startOrder(o Order) {
	if s.order(o.Name) != nil {
		return
	}
	s.Orders = append(s.Orders, o)
	if p := s.Solution(o.Solution); p != nil {
		if q := p.measureFor(o); q != nil {
			q.WorkOrder = o.Name
			p.become(p.State, s.At)
		}
	}
	facts := map[string]string{"workOrder": o.Name}
	if s.State != InService {
		s.move(StartService, InService)
	}
	s.note("SERVICE_STARTED", timeline.Entry{Facts: facts})
}

// measureFor finds the measure that an order carries out: by its id, or by the first visit without an order.
func (p *Solution) measureFor(o Order) *Measure {
	if q := p.measure(o.Measure); q != nil {
		return q
	}
	i := slices.IndexFunc(p.Measures, func(q Measure) bool { return q.Mode == ModeVisit && q.WorkOrder == "" })
	if i < 0 {
		return nil
	}
	return &p.Measures[i]
}

func (c *Case) order(name string) *Order {
	i := slices.IndexFunc(c.Orders, func(o Order) bool { return o.Name == name })
	if i < 0 {
		return nil
	}
	return &c.Orders[i]
}

// OrderChanged takes a step of a work order. Every step is written down; only those that end an order change the case. Steps
// of an earlier round, or of a case that has ended, are written down and nothing else.
func (c *Case) OrderChanged(m Moment, in OrderStep) Change {
	s := c.begin(m)
	in.Entry.Round = in.Round
	s.change.Entries = append(s.change.Entries, in.Entry)
	s.change.Quiet = true
	if in.Round != c.RoundNumber() {
		return s.change
	}
	s.ServingOrg = in.ServingOrg
	s.Visit = &Visit{WorkOrder: in.WorkOrder, State: in.State, Engineer: in.Engineer, Name: in.EngineerName, From: in.From, To: in.To}
	s.settleReleases()
	s.waitsForPart(in)
	s.attemptedAtVisit(in)
	if s.inspected(in) || !c.awaitsOrder() {
		return s.change
	}
	if c.order(in.WorkOrder) == nil { // the event was faster than the answer to the call
		s.startOrder(Order{Name: in.WorkOrder, Round: in.Round, Solution: in.Solution})
		s.dropOrderTask(in.WorkOrder)
		s.change.Quiet = false
	}
	s.ended(in)
	return s.change
}

// dropOrderTask takes away the task that the known order fulfils.
func (s *step) dropOrderTask(workOrder string) {
	o := s.order(workOrder)
	for _, t := range s.Tasks {
		if t.Kind == TaskCreateWorkOrder && t.Solution == o.Solution {
			if p := s.Solution(o.Solution); p == nil || p.measure(t.Measure) == nil || p.measure(t.Measure).WorkOrder == workOrder {
				s.dropTask(t.ID)
				return
			}
		}
	}
}

// ended looks whether the step ended the order, and what that means for the case.
func (s *step) ended(in OrderStep) {
	o := s.order(in.WorkOrder)
	if o.Over {
		return
	}
	solved := slices.Contains(solvedOutcomes, in.Outcome)
	switch {
	case in.State == "CONFIRMED" && solved:
		s.orderDone(o, in)
	case in.State == "CONFIRMED", in.State == "DONE" && in.Outcome == "FEE_REFUSED":
		s.failService(o, in.Outcome, in.Open)
	case in.State == "CANCELLED":
		s.failService(o, "CANCELLED", in.Open)
	}
}

func (s *step) orderDone(o *Order, in OrderStep) {
	s.change.Quiet = false
	o.Over, o.Outcome = true, in.Outcome
	if len(s.Items) == 1 {
		s.Items[0].Outcome = in.Outcome
	}
	if p := s.Solution(o.Solution); p != nil {
		for i := range p.Measures {
			if p.Measures[i].WorkOrder == o.Name {
				p.Measures[i].State = MeasureDone
				p.become(p.State, s.At)
			}
		}
	}
	s.finishWhenDone()
}

// finishWhenDone resolves the case when every measure and every order of the round is done.
func (s *step) finishWhenDone() {
	p := s.Current()
	if p != nil && (p.State != SolutionAccepted || !p.done()) || s.itemsOpen() {
		return
	}
	if slices.ContainsFunc(s.Orders, func(o Order) bool { return o.Round == s.RoundNumber() && !o.Over && !o.Inspection }) {
		return
	}
	if p != nil {
		p.become(SolutionCarriedOut, s.At)
	}
	s.resolved(FinishMeasures, "MEASURES_DONE", timeline.Entry{})
}

// failService: the work ended without a solution, e.g. the fee was refused at the door: -> SOLUTION_PROPOSED, another one is needed.
func (s *step) failService(o *Order, outcome string, open int) {
	s.change.Quiet = false
	o.Over, o.Outcome = true, outcome
	if p := s.Solution(o.Solution); p != nil {
		p.DeclineReason = outcome
		p.become(SolutionFailed, s.At)
		for i := range p.Measures {
			if p.Measures[i].State != MeasureDone {
				p.Measures[i].State = MeasureDropped
			}
		}
	}
	s.dropTasks(TaskCreateWorkOrder)
	s.change.Void = "outcome " + outcome
	s.move(FailService, SolutionProposed)
	s.note("SERVICE_FAILED", timeline.Entry{Facts: map[string]string{"workOrder": o.Name, "outcome": outcome}})
	if open > 0 {
		s.task(Task{Kind: TaskCancelWorkOrders, Reason: "outcome " + outcome})
	}
}

// TaskDone takes away a task that needs no further word.
func (c *Case) TaskDone(id string) Change {
	c.dropTask(id)
	return Change{Quiet: true}
}

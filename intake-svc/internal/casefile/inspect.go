package casefile

import (
	"slices"
	"strconv"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ErrInspectionOpen is a visit of inspection while another is under way; metadata: workOrder.
var ErrInspectionOpen = apierr.Define(codes.FailedPrecondition, "INSPECTION_OPEN",
	"已有现场检查尚未完成:{workOrder}", "an inspection is under way: {workOrder}")

// Inspection is a visit to look.
type Inspection struct {
	Instruction string
	Words       ConsentWords // the customer's consent to the visit
	Channel     string
	Policy      string // company rule that allows it without
	Skills      []string
}

// OrderInspection sends somebody to look before there is a solution (R105): with consent or by policy; a hazard needs neither.
func (c *Case) OrderInspection(m Moment, in Inspection) (Change, error) {
	to, err := c.check(OrderInspection, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.complainsAbout(m.By) {
		return Change{}, ErrInvestigator.New()
	}
	if in.Words.Note == "" && in.Policy == "" && c.Hazard == nil {
		return Change{}, ErrConsent.New("what", "inspection: consent.note or policy_basis")
	}
	if open := c.openInspection(); open != "" {
		return Change{}, ErrInspectionOpen.New("workOrder", open)
	}
	s := c.begin(m)
	basis := "hazard"
	switch {
	case in.Words.Note != "":
		basis = "consent"
	case in.Policy != "":
		basis = "policy"
	}
	s.move(OrderInspection, to)
	s.note("INSPECTION_ORDERED", timeline.Entry{
		Place: in.Channel, Points: join(in.Words.Person, in.Words.Note, in.Policy), Measures: in.Instruction, Facts: map[string]string{"basis": basis},
	})
	s.task(Task{Kind: TaskCreateWorkOrder, Purpose: "INSPECT", Inspect: c.inspections() + 1, Instruction: in.Instruction, Skills: in.Skills})
	return s.change, nil
}

func join(parts ...string) (text string) {
	for _, p := range parts {
		if p != "" && text != "" {
			text += ": "
		}
		text += p
	}
	return text
}

// inspections counts the visits of inspection of all rounds.
func (c *Case) inspections() (n int) {
	for i := range c.Orders {
		if c.Orders[i].Inspection {
			n++
		}
	}
	return n
}

// openInspection names the visit under way, also one that is still being ordered; "" when there is none.
func (c *Case) openInspection() string {
	if i := slices.IndexFunc(c.Tasks, func(t Task) bool { return t.Inspect > 0 }); i >= 0 {
		return "inspection " + strconv.Itoa(c.Tasks[i].Inspect)
	}
	for i := range c.Orders {
		if o := &c.Orders[i]; o.Inspection && !o.Over {
			return o.Name
		}
	}
	return ""
}

func (c *Case) inspecting() bool { return c.openInspection() != "" }

// Inspections names the visits of the current round.
func (c *Case) Inspections() (names []string) {
	for i := range c.Orders {
		if o := &c.Orders[i]; o.Inspection && o.Round == c.RoundNumber() {
			names = append(names, o.Name)
		}
	}
	return names
}

// inspectionOrdered takes the work order of an inspection; the case stays where it is. One that has ended meanwhile calls it off.
func (s *step) inspectionOrdered(t Task, workOrder string) Change {
	if !s.State.Open() || t.Round != s.RoundNumber() {
		s.task(Task{Kind: TaskCancelWorkOrders, Reason: "case is " + string(s.State)})
		return s.change
	}
	s.startInspection(workOrder)
	return s.change
}

func (s *step) startInspection(workOrder string) {
	if s.order(workOrder) == nil {
		s.Orders = append(s.Orders, Order{Name: workOrder, Round: s.RoundNumber(), Inspection: true})
		s.note("INSPECTION_CREATED", timeline.Entry{Facts: map[string]string{"workOrder": workOrder}})
	}
}

// inspected takes a step of an inspection; false when the order is none.
func (s *step) inspected(in OrderStep) bool {
	i := slices.IndexFunc(s.Tasks, func(t Task) bool { return t.Inspect > 0 })
	if s.order(in.WorkOrder) == nil && in.Purpose == "INSPECT" && i >= 0 { // the event was faster than the answer to the call
		s.dropTask(s.Tasks[i].ID)
		s.startInspection(in.WorkOrder)
		s.change.Quiet = false
	}
	o := s.order(in.WorkOrder)
	if o == nil || !o.Inspection {
		return false
	}
	if (in.State == "CONFIRMED" || in.State == "CANCELLED") && !o.Over {
		o.Over, o.Outcome = true, in.Outcome
		s.change.Quiet = false
		s.note("INSPECTION_ENDED", timeline.Entry{Facts: map[string]string{"workOrder": o.Name, "state": in.State, "outcome": in.Outcome}})
	}
	return true
}

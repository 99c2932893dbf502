package workorder

import (
	"slices"
	"time"
)

// New is the first step of an order.
func New(o *Order, s Step) Change {
	o.State, o.CreatedAt, o.UpdatedAt, o.Version = Created, s.Now, s.Now, 0
	if o.Secrecy == "" {
		o.Secrecy = "NORMAL"
	}
	if o.Round == 0 {
		o.Round = 1
	}
	if len(o.Skills) == 0 {
		o.Skills = []SkillNeed{{Skill: string(o.Purpose), Level: 1}}
	}
	c := Change{Verb: VerbCreate, Event: "WORK_ORDER_CREATED", To: Created, Step: s, Points: o.Problem, Measures: o.Instruction}
	c.fact("purpose", string(o.Purpose))
	return c
}

// Release offers the order to a provider until the deadline.
func (o *Order) Release(s Step, provider string, deadline time.Time) (Change, error) {
	c, err := o.move(VerbOffer, s)
	if err != nil {
		return c, err
	}
	o.ServingOrg, o.Released = provider, true
	o.Offer = Offer{At: s.Now, Deadline: deadline}
	c.fact("servingOrg", provider)
	c.fact("deadline", deadline.Format(time.RFC3339))
	return c, nil
}

// AcceptOffer is the provider's yes.
func (o *Order) AcceptOffer(s Step) (Change, error) {
	late := o.State == Offered && !s.Now.Before(o.Offer.Deadline)
	c, err := o.move(VerbAcceptOffer, s)
	if err == nil && late {
		return c, ErrOfferOver.New()
	}
	return c, err
}

// DeclineOffer is the provider's no; it loses sight of the order.
func (o *Order) DeclineOffer(s Step, reason string) (Change, error) {
	c, err := o.move(VerbDeclineOffer, s)
	if err != nil {
		return c, err
	}
	o.Released, o.Offer.DeclineReason, c.Points = false, reason, reason
	c.fact("servingOrg", o.ServingOrg)
	return c, nil
}

// ExpireOffer ends an offer that nobody answered in time.
func (o *Order) ExpireOffer(s Step) (Change, error) {
	c, err := o.move(VerbExpireOffer, s)
	if err != nil {
		return c, err
	}
	o.Released = false
	c.fact("servingOrg", o.ServingOrg)
	return c, nil
}

// Candidate is the engineer whom an order is given to.
type Candidate struct {
	Engineer, Name, Org string
	Active              bool
	Excluded            bool // kept away from the household
	Reasons             []Reason
}

// Waits says whether the order waits for an engineer.
func (o *Order) Waits() bool { return o.Open() && find(o.State, VerbAssign, o.Purpose) != nil }

// Assign names the engineer. With replaces the order is taken from that engineer (R155).
func (o *Order) Assign(s Step, who Candidate, replaces, why string) (Change, error) {
	verb := VerbAssign
	if replaces != "" {
		verb = VerbReassign
		if find(o.State, verb, o.Purpose) != nil && o.Engineer != replaces {
			return Change{}, ErrAssignmentChanged.New()
		}
	}
	lost := o.Engineer
	c, err := o.move(verb, s)
	if err != nil {
		return c, err
	}
	if !who.Active || !slices.Contains(s.By.Orgs, who.Org) || who.Engineer == lost {
		return c, ErrEngineer.New("engineer", who.Engineer)
	}
	if who.Excluded {
		return c, ErrExcluded.New("engineer", who.Engineer)
	}
	o.Engineer, o.EngineerName, o.Reasons, o.HoldReason = who.Engineer, who.Name, who.Reasons, ""
	o.clearAppointment()
	c.Lost, c.Points = lost, why
	c.fact("engineer", who.Engineer)
	c.fact("replaces", lost)
	return c, nil
}

// Accept is the engineer's yes.
func (o *Order) Accept(s Step) (Change, error) { return o.move(VerbAccept, s) }

// Decline is the engineer's no; nobody is assigned afterwards.
func (o *Order) Decline(s Step, reason string) (Change, error) {
	c, err := o.move(VerbDecline, s)
	if err != nil {
		return c, err
	}
	c.Lost, c.Points = o.Engineer, reason
	c.fact("engineer", o.Engineer)
	o.Engineer, o.EngineerName, o.Reasons = "", "", nil
	return c, nil
}

// Cancel calls the order off; who was assigned is told.
func (o *Order) Cancel(s Step, reason string) (Change, error) {
	c, err := o.move(VerbCancel, s)
	if err != nil {
		return c, err
	}
	o.CancelReason, c.Points = reason, reason
	o.clearAppointment()
	return c, nil
}

func (o *Order) clearAppointment() {
	o.WindowStart, o.WindowEnd, o.BookingNote = time.Time{}, time.Time{}, ""
	o.DepartedAt, o.ArrivedAt = time.Time{}, time.Time{}
}

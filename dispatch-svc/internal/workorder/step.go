package workorder

import (
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Actor is who takes a step.
type Actor struct {
	Subject  string // "users/<id>", "services/intake", "system"
	Engineer string // "engineers/<id>" of an engineer
	Roles    []string
	Orgs     []string // whose rows the actor works on
	System   bool     // a service or a timer of the suite
}

// Step is when and by whom a step is taken.
type Step struct {
	By     Actor
	Now    time.Time // the server's clock
	Device time.Time // the phone's clock, for steps sent later; zero when none
}

// skew is how far a phone's clock may be ahead before it is recorded.
const skew = 5 * time.Minute

// Happened is when the step was done: by the phone, where its clock is plausible.
func (s Step) Happened() time.Time {
	if s.Device.IsZero() || s.Device.After(s.Now) {
		return s.Now
	}
	return s.Device
}

// Change is what a step did, for the timeline and for events.
type Change struct {
	Verb     Verb
	Event    string
	From, To State // From is empty for the first
	Via      []State
	Step
	OnBehalf         string // "customer" where it was not the actor's own will
	Points, Measures string // for people; may be personal
	Facts            map[string]string
	Lost             string // engineer who lost the order with this step
}

// fact adds a fact for machines; never personal.
func (c *Change) fact(name, value string) {
	if value == "" {
		return
	}
	if c.Facts == nil {
		c.Facts = map[string]string{}
	}
	c.Facts[name] = value
}

// move takes the step of the table: it is the only place where a state changes.
func (o *Order) move(verb Verb, s Step) (Change, error) {
	row := find(o.State, verb, o.Purpose)
	if row == nil && o.State == Suspended && !s.By.System && s.By.Engineer != "" && s.By.Engineer == o.Engineer {
		return Change{}, ErrSuspended.New()
	}
	if row == nil || !o.movable() {
		return Change{}, ErrState.New("state", string(o.State), "verb", string(verb))
	}
	if !o.allows(row, s.By) {
		return Change{}, apierr.ErrForbidden.New("verb", string(verb))
	}
	c := Change{Verb: verb, Event: row.Event, From: o.State, To: row.To, Via: row.Via, Step: s}
	for _, via := range row.Via {
		c.fact("via", string(via))
	}
	o.State = row.To
	o.UpdatedAt = s.Now
	if s.Device.After(s.Now.Add(skew)) {
		o.deviate("DEVICE_TIME_SKEW", verb, int64(s.Device.Sub(s.Now).Seconds()), &c)
	}
	return c, nil
}

// allows says whether the actor stands in one of the row's relations to the order.
func (o *Order) allows(row *Row, by Actor) bool {
	staff := func(org string) bool {
		return org != "" && slices.Contains(by.Orgs, org) &&
			slices.ContainsFunc(row.Roles, func(r string) bool { return slices.Contains(by.Roles, r) })
	}
	switch {
	case row.By&System != 0 && by.System:
		return true
	case row.By&Engineer != 0 && o.Engineer != "" && by.Engineer == o.Engineer:
		return true
	case row.By&Owner != 0 && staff(o.OwnerOrg):
		return true
	case row.By&Carrier != 0 && staff(o.CarrierOrg()):
		return true
	}
	return row.By&Provider != 0 && o.Released && staff(o.ServingOrg)
}

// CarrierOrg is the organisation that carries the order out: the provider once it took the offer, else the owner.
func (o *Order) CarrierOrg() string {
	if o.Released && o.State != Offered {
		return o.ServingOrg
	}
	return o.OwnerOrg
}

func (o *Order) deviate(kind string, verb Verb, amount int64, c *Change) {
	o.Deviations = append(o.Deviations, Deviation{Kind: kind, Verb: verb, Amount: amount, At: c.Now})
	c.fact("deviation", kind)
}

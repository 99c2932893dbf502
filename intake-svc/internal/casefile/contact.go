package casefile

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Results of an attempt to reach the customer.
const (
	Reached      = "REACHED"
	NoAnswer     = "NO_ANSWER"
	Busy         = "BUSY"
	WrongNumber  = "WRONG_NUMBER"
	Refused      = "REFUSED"
	Delivered    = "DELIVERED" // a message was handed over
	NotDelivered = "FAILED"    // or was not
)

// Attempt is one attempt to reach the customer; the store keeps every one as a row.
type Attempt struct {
	ID      string
	Round   int
	Channel string
	Result  string
	Points  string // personal
	Notice  string // of a message; empty for a call by people
	Actor   string
	At      time.Time

	Inbound  bool   // the customer turned to us
	Place    string // where it took place; never a full address
	Person   string // with whom; personal
	Subject  string // what it was about; personal
	Measures string // what was agreed or done; personal
	Duration time.Duration
}

// NoReply is how far the way to closing basis NO_REPLY has been gone in this round.
type NoReply struct {
	HalfDays []string  `json:"halfDays"` // local half-days with failed attempts
	Noticed  time.Time `json:"noticed,omitzero"`
	Until    time.Time `json:"until,omitzero"` // end of the waiting time
}

// Attempted records an attempt by people. When as many as the policy asks for have failed, in as many different half-days, the
// customer counts as unreachable and gets a written notice. Reaching the customer ends that.
func (c *Case) Attempted(m Moment, a *Attempt) (Change, error) {
	to, err := c.check(Contact, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	a.ID, a.Round, a.Actor = m.NewID(), c.RoundNumber(), m.By.Name
	s.note("CONTACT_ATTEMPT", timeline.Entry{
		Place: cmp.Or(a.Place, a.Channel), Points: a.told(), Measures: a.Measures, // R186
		Facts: map[string]string{"result": a.Result, "attempt": a.ID, "channel": a.Channel, "direction": a.Direction()},
	})
	s.change.Facts = append(s.change.Facts, Fact{Verb: Contact, State: to, Previous: to, At: m.At})
	switch a.Result {
	case Reached, Refused:
		s.customerSpoke()
		s.unflag(FlagCustomerWrote)
	default:
		s.missed(a.At)
	}
	if a.Result == Reached {
		s.spokenTo()
	}
	return s.change, nil
}

// told is what an entry says was said: with whom, about what, and the points.
func (a *Attempt) told() string {
	var parts []string
	for _, part := range []string{a.Person, a.Subject, a.Points} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "; ")
}

// Direction of the contact as it is told.
func (a *Attempt) Direction() string {
	if a.Inbound {
		return "INBOUND"
	}
	return "OUTBOUND"
}

// spokenTo: talking with the customer is the first response (R196), and news (R161).
func (s *step) spokenTo() {
	s.endClock(ClockRespond)
	if c := s.runningClock(ClockNews); c != nil {
		s.promiseIn(ClockNews)
	}
}

func (s *step) missed(at time.Time) {
	if s.NoReply == nil {
		s.NoReply = &NoReply{}
	}
	if half := s.Policy.halfDay(at); !slices.Contains(s.NoReply.HalfDays, half) {
		s.NoReply.HalfDays = append(s.NoReply.HalfDays, half)
	}
	if len(s.NoReply.HalfDays) < s.Policy.NoReplyAttempts || s.Flagged(FlagUnreachable) {
		return
	}
	s.flag(FlagUnreachable, "attempts failed: "+strings.Join(s.NoReply.HalfDays, ", "), s.At)
	s.settlePauses() // only what may pause stops (process.md)
	s.note("CUSTOMER_UNREACHABLE", timeline.Entry{Facts: map[string]string{"attempts": strconv.Itoa(len(s.NoReply.HalfDays))}})
	s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeNoReply})
}

// customerSpoke ends all waiting for the customer.
func (s *step) customerSpoke() {
	s.NoReply = nil
	s.endClock(ClockNoReply)
	s.unflag(FlagUnreachable, FlagNoReplyReady, FlagWaitingForCustomer)
	s.settlePauses()
	s.change.Heard = true
	s.Tasks = slices.DeleteFunc(s.Tasks, func(t Task) bool { return t.Notice == NoticeNoReply })
}

// NoticeTried records one attempt to deliver a notice. A delivered one is done, and may finish a measure or start the waiting
// time for NO_REPLY; a failed one is tried again.
func (c *Case) NoticeTried(m Moment, t Task, a *Attempt) Change {
	s := c.begin(m)
	a.ID, a.Round, a.Notice, a.Actor, a.At = m.NewID(), t.Round, t.Notice, m.By.Name, m.At
	event := "NOTICE_DELIVERED"
	if a.Result != Delivered {
		event = "NOTICE_FAILED"
	}
	s.note(event, timeline.Entry{Place: a.Channel, Measures: a.Points, Facts: map[string]string{"notice": t.Notice, "channel": a.Channel, "attempt": a.ID}})
	s.change.Quiet = true
	if a.Result != Delivered {
		return s.change
	}
	s.dropTask(t.ID)
	delete(s.Personal.Codes, t.ID)
	if t.Party != "" {
		s.told(t.Party)
	}
	if t.Round == c.RoundNumber() {
		s.noticed(t)
	}
	return s.change
}

func (s *step) noticed(t Task) {
	switch {
	case t.Notice == NoticeNoReply && s.NoReply != nil:
		s.change.Quiet = false
		s.NoReply.Noticed, s.NoReply.Until = s.At, s.At.Add(s.Policy.NoReplyWait)
		at := s.At.Format(time.RFC3339)
		s.startClock(ClockNoReply, ClockLegal, s.NoReply.Until, "书面通知 "+at+",此后等待 "+s.Policy.NoReplyWait.String(),
			"written notice "+at+", then "+s.Policy.NoReplyWait.String())
	case t.Measure != "":
		p := s.Solution(t.Solution)
		if p == nil || p.State != SolutionAccepted {
			return
		}
		s.change.Quiet = false
		if q := p.measure(t.Measure); q != nil {
			q.State = MeasureDone
			p.become(p.State, s.At)
		}
		s.finishWhenDone()
	}
}

// noReply checks the conditions of closing basis NO_REPLY.
func (c *Case) noReply(m Moment) error {
	n := c.NoReply
	switch {
	case n == nil || len(n.HalfDays) < m.Policy.NoReplyAttempts:
		return ErrClosing.New("unmet", "CONTACT_ATTEMPTS")
	case n.Noticed.IsZero():
		return ErrClosing.New("unmet", "WRITTEN_NOTICE")
	case m.At.Before(n.Until):
		return ErrClosing.New("unmet", "WAITING_TIME", "until", n.Until.Format(time.RFC3339))
	}
	return nil
}

// attemptedAtVisit: attempts of engineer and dispatcher to agree on an appointment count like those of the desk, and an appointment that
// people made says that the customer was reached.
func (s *step) attemptedAtVisit(in OrderStep) {
	switch {
	case in.State == "BOOKING_FAILED":
		s.change.Quiet = false
		s.missed(firstTime(in.Entry.Device, in.Entry.Occurred, s.At))
	case in.State == "BOOKED" && s.NoReply != nil && in.Entry.Facts["partArrived"] == "":
		s.change.Quiet = false
		s.customerSpoke()
	}
}

// firstTime is the first that is told.
func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

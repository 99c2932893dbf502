package hotline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Event of a call.
type Event string

// Events.
const (
	Ringing       Event = "RINGING"
	Connected     Event = "CONNECTED"
	AgentAnswered Event = "AGENT_ANSWERED"
	HungUp        Event = "HUNG_UP"
)

// Events lists every event, in the order in which they should happen.
var Events = []Event{Ringing, Connected, AgentAnswered, HungUp}

// ErrLinked is a call that is another case's; metadata: case.
var ErrLinked = apierr.Define(codes.FailedPrecondition, "CALL_LINKED", "该通话已关联 {case}", "the call is linked to {case}")

// Policy says from where to where a wait is measured, and how long it may be (R191).
type Policy struct {
	From, To Event
	Limit    time.Duration
}

// DefaultPolicy is R191: 30 seconds from connected to the agent's answer.
var DefaultPolicy = Policy{From: Connected, To: AgentAnswered, Limit: 30 * time.Second}

// PolicyOf reads the SLA policy of promise HOTLINE_ANSWER: its events may be written with CALL_ before them. ok is false when no wait can run so.
func PolicyOf(from, to string, limit time.Duration) (p Policy, ok bool) {
	p = Policy{From: Event(strings.TrimPrefix(from, "CALL_")), To: Event(strings.TrimPrefix(to, "CALL_")), Limit: limit}
	start, end := slices.Index(Events, p.From), slices.Index(Events, p.To)
	return p, start >= 0 && end > start
}

// Call is one telephone call.
type Call struct {
	ID         string
	Org        string
	ExternalID string // the telephone system's
	Phone      string // personal
	Agent      string
	Queue      string
	CaseID     string
	Created    time.Time

	Rang, Connected, Answered, Ended time.Time
}

// Report is what the telephone system tells.
type Report struct {
	Event               Event
	At                  time.Time
	Phone, Agent, Queue string
}

// Take takes a report in. Reports come twice and in any order: the first of each event counts. changed is false when it
// told nothing new.
func (c *Call) Take(r Report) (changed bool) {
	before := *c
	at := c.at(r.Event)
	if at.IsZero() {
		*at = r.At
	}
	c.Phone, c.Queue = cmp.Or(c.Phone, r.Phone), cmp.Or(c.Queue, r.Queue)
	if r.Event == AgentAnswered || c.Agent == "" {
		c.Agent = cmp.Or(c.Agent, r.Agent)
	}
	return *c != before
}

func (c *Call) at(e Event) *time.Time {
	switch e {
	case Ringing:
		return &c.Rang
	case Connected:
		return &c.Connected
	case AgentAnswered:
		return &c.Answered
	}
	return &c.Ended
}

// Wait is how long the caller waited by the policy; ok is false while it cannot be told. Clocks that disagree do not make a
// wait negative.
func (c *Call) Wait(p Policy) (wait time.Duration, ok bool) {
	from, to := *c.at(p.From), *c.at(p.To)
	if from.IsZero() || to.IsZero() {
		return 0, false
	}
	return max(to.Sub(from), 0), true
}

// InTime says that the wait kept the limit.
func (c *Call) InTime(p Policy) bool {
	wait, ok := c.Wait(p)
	return ok && wait <= p.Limit
}

// Missed says that it ended and nobody had answered.
func (c *Call) Missed() bool { return !c.Ended.IsZero() && c.Answered.IsZero() }

// Link says which case it was about; the same case again is no change.
func (c *Call) Link(caseID string) (changed bool, err error) {
	if c.CaseID != "" && c.CaseID != caseID {
		return false, ErrLinked.New("case", "cases/"+c.CaseID)
	}
	changed = c.CaseID == ""
	c.CaseID = caseID
	return changed, nil
}

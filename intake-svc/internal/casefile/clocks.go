package casefile

import (
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Clocks of a case.
const (
	ClockAcknowledge = "ACKNOWLEDGE"
	ClockResolve     = "RESOLVE"
	ClockNoReply     = "NO_REPLY" // a waiting time, not a promise: its end is no breach
)

// Types of clocks.
const (
	ClockPromise = "PROMISE"
	ClockLegal   = "LEGAL"
)

// Clock is one deadline.
type Clock struct {
	Code        string    `json:"code"`
	Type        string    `json:"type"`
	Started     time.Time `json:"started"`
	Due         time.Time `json:"due"`
	Ended       time.Time `json:"ended,omitzero"`
	Breached    time.Time `json:"breached,omitzero"` // when it was found overdue
	Paused      time.Time `json:"paused,omitzero"`
	Explanation []string  `json:"explanation,omitempty"`
}

func (k *Clock) running() bool { return k.Ended.IsZero() && k.Paused.IsZero() }

// startClock starts a clock of the code, ending one that runs.
func (s *step) startClock(code, kind string, due time.Time, explanation string) {
	s.endClock(code)
	s.Clocks = append(s.Clocks, Clock{Code: code, Type: kind, Started: s.At, Due: due, Explanation: []string{explanation}})
}

// endClock ends the running clock of the code. One that ends after its time was breached, whether or not the sweeper saw it.
func (s *step) endClock(code string) {
	for i := range s.Clocks {
		k := &s.Clocks[i]
		if k.Code != code || !k.Ended.IsZero() {
			continue
		}
		s.resume(k)
		k.Ended = s.At
		if k.Breached.IsZero() && code != ClockNoReply && s.At.After(k.Due) {
			k.Breached = s.At
		}
	}
}

func (s *step) endClocks() {
	for _, code := range []string{ClockAcknowledge, ClockResolve, ClockNoReply} {
		s.endClock(code)
	}
}

// Deadline is the nearest deadline that runs; zero when none does.
func (c *Case) Deadline() (due time.Time) {
	for i := range c.Clocks {
		if k := &c.Clocks[i]; k.running() {
			due = earlier(due, k.Due)
		}
	}
	return due
}

// NextDue is when somebody must look at the case: a deadline that nobody has seen pass, or a task that waits for its job.
func (c *Case) NextDue() (due time.Time) {
	for i := range c.Clocks {
		if k := &c.Clocks[i]; k.running() && k.Breached.IsZero() {
			due = earlier(due, k.Due)
		}
	}
	for _, t := range c.Tasks {
		due = earlier(due, t.Wake)
	}
	return due
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Overdue looks after what is due: breaches are recorded once, a waiting time that is over makes the case ready for closing by
// NO_REPLY, and tasks whose job was lost are woken again.
func (c *Case) Overdue(m Moment) Change {
	s := c.begin(m)
	s.change.Quiet = true
	for i := range s.Clocks {
		if k := &s.Clocks[i]; k.running() && k.Breached.IsZero() && !m.At.Before(k.Due) {
			s.passed(k)
		}
	}
	for i := range s.Tasks {
		if t := &s.Tasks[i]; !m.At.Before(t.Wake) {
			t.Wake = m.At.Add(taskPatience)
			s.change.Tasks = append(s.change.Tasks, *t)
		}
	}
	return s.change
}

func (s *step) passed(k *Clock) {
	k.Breached = s.At
	if k.Code == ClockNoReply {
		s.flag(FlagNoReplyReady, "", s.At)
		s.note("NO_REPLY_WAITED", timeline.Entry{})
		return
	}
	s.note("DEADLINE_MISSED", timeline.Entry{Facts: map[string]string{
		"clock": k.Code, "due": k.Due.Format(time.RFC3339), "late": s.At.Sub(k.Due).String(),
	}})
	s.watch("deadline missed: " + k.Code)
	s.change.Facts = append(s.change.Facts, Fact{Verb: "deadlineMissed", State: s.State, Previous: s.State, At: s.At})
}

// inTime says that no promise of the current round was missed.
func (c *Case) inTime() bool {
	since := c.Round().Started
	return !slices.ContainsFunc(c.Clocks, func(k Clock) bool {
		return k.Type == ClockPromise && !k.Breached.IsZero() && k.Code != ClockNoReply && !k.Started.Before(since)
	})
}

package casefile

import (
	"cmp"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Reasons of alerts.
const (
	AlertNear   = "DEADLINE_NEAR"
	AlertNews   = "NEWS_DUE" // the reminder that the customer is to be told something
	AlertMissed = "DEADLINE_MISSED"
	AlertUrged  = "URGED"
)

// Alert is a line of a work list: somebody must look after the case. The store keeps it as a row until it is taken on or settled.
type Alert struct {
	ID       string
	Reason   string
	Role     string
	Assignee string // users/…; "" when only the role is known
	Clock    int    // place of the clock; -1 for urging
	Code     string // of the clock
	Tier     int    // from 1; 0 for a warning
	Due      time.Time
	Late     time.Duration // how late it was found
	At       time.Time
}

// Overdue looks after what is due: warnings and breaches are told once each, tiers of escalation one after the other, a waiting time
// that is over makes the case ready for closing by NO_REPLY, and tasks whose job was lost are woken again. It may come late, e.g. after
// the process was down: what has become pointless meanwhile, a warning, is not told any more.
func (c *Case) Overdue(m Moment) Change {
	s := c.begin(m)
	s.change.Quiet = true
	for i := range s.Clocks {
		s.lookAt(i)
	}
	for i := range s.Tasks {
		if t := &s.Tasks[i]; !m.At.Before(t.Wake) {
			t.Wake = m.At.Add(taskPatience)
			s.change.Tasks = append(s.change.Tasks, *t)
		}
	}
	return s.change
}

func (s *step) lookAt(n int) {
	k := &s.Clocks[n]
	for k.running() {
		wake := k.Wake()
		if wake.IsZero() || s.At.Before(wake) {
			return
		}
		switch {
		case !k.Breached.IsZero():
			s.nextTier(n)
		case !s.At.Before(k.Due):
			s.late(n)
		default:
			s.near(n)
		}
	}
}

// near warns who is responsible.
func (s *step) near(n int) {
	k := &s.Clocks[n]
	k.Warned = s.At
	s.touched(n)
	reason, event := AlertNear, "DEADLINE_NEAR"
	if k.Code == ClockNews {
		reason, event = AlertNews, "NEWS_DUE"
	}
	role, assignee := s.responsible()
	s.alert(Alert{Reason: reason, Role: role, Assignee: assignee, Clock: n, Code: k.Code, Due: k.Due})
	s.tell("deadlineNear", event, timeline.Entry{Facts: k.facts("role", role)})
}

// late records that a deadline was missed, once, and how late that was found; then tells the tiers that are due.
func (s *step) late(n int) {
	k := &s.Clocks[n]
	k.Breached = s.At
	s.touched(n)
	if k.Code == ClockNoReply {
		s.flag(FlagNoReplyReady, "", s.At)
		s.note("NO_REPLY_WAITED", timeline.Entry{})
		return
	}
	s.watch("deadline missed: " + k.Code)
	role, assignee := s.responsible()
	s.alert(Alert{Reason: AlertMissed, Role: role, Assignee: assignee, Clock: n, Code: k.Code, Due: k.Due, Late: s.At.Sub(k.Due)})
	s.tell("deadlineMissed", "DEADLINE_MISSED", timeline.Entry{Facts: k.facts("late", s.At.Sub(k.Due).String())})
	for k.Reached < len(k.TierAt) && !s.At.Before(k.TierAt[k.Reached]) {
		s.nextTier(n)
	}
}

// nextTier tells the next named role that a deadline is missed and nobody has met it.
func (s *step) nextTier(n int) {
	k := &s.Clocks[n]
	t := k.Tiers[k.Reached]
	k.Reached++
	s.touched(n)
	s.alert(Alert{Reason: AlertMissed, Role: t.Role, Clock: n, Code: k.Code, Tier: k.Reached, Due: k.Due, Late: s.At.Sub(k.Due)})
	s.tell("escalated", "ESCALATED", timeline.Entry{Facts: k.facts("tier", itoa(k.Reached), "role", t.Role, "late", s.At.Sub(k.Due).String())})
}

func (s *step) alert(a Alert) {
	a.ID, a.At = s.NewID(), s.At
	s.change.Alerts = append(s.change.Alerts, a)
}

// responsible is whose turn it is: the investigator while it is investigated, the handler else, the front desk before acceptance.
func (c *Case) responsible() (role, assignee string) {
	switch c.State {
	case Received:
		return RoleAgent, ""
	case UnderInvestigation, SolutionProposed:
		if i := c.Round().Investigation; i != nil && i.Investigator != "" {
			return RoleInvestigator, i.Investigator
		}
		return RoleInvestigator, ""
	case SolutionAgreed, InService:
		return RoleDispatcher, ""
	}
	return RoleAgent, cmp.Or(c.Handler, "")
}

// External is a deadline that somebody else set.
type External struct {
	Code, Type string
	Due        time.Time
	Reason     string
}

// externalTiers tell the manager when an external deadline is missed, and the warning goes out a day before, or when half of a shorter time is over.
var externalTiers = []promise.Tier{{After: 0, Role: RoleManager}}

// SetDeadline sets an external clock: law, regulator or platform. It never pauses (process.md: platform steps in, regulator).
func (c *Case) SetDeadline(m Moment, in External) (n int, change Change, err error) {
	if _, err := c.check(SetDeadline, m.By); err != nil {
		return 0, Change{}, err
	}
	if err := in.valid(m); err != nil {
		return 0, Change{}, err
	}
	s := c.begin(m)
	k := s.startClock(in.Code, in.Type, in.Due, in.Reason, in.Reason)
	lead := min(24*time.Hour, in.Due.Sub(m.At)/2)
	k.Warn, k.Tiers, k.TierAt = in.Due.Add(-lead), externalTiers, []time.Time{in.Due}
	s.tell(SetDeadline, "DEADLINE_SET", timeline.Entry{Points: in.Reason, Facts: k.facts()})
	n = len(s.Clocks) - 1
	s.steppedIn(&s.Clocks[n])
	return n, s.change, nil
}

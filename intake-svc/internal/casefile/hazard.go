package casefile

import (
	"slices"
	"strconv"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// TaskDutyCall calls the tiers one after the other until somebody acknowledges.
const TaskDutyCall TaskKind = "DUTY_CALL"

// RaiseHazard tells a danger, at any time before the case is closed: stop-use text at once, and a duty call round the clock.
func (c *Case) RaiseHazard(m Moment, h Hazard) (Change, error) {
	to, err := c.check(RaiseHazard, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	if s.Hazard != nil { // known already: what is new is written down, the duty call goes on
		s.note("HAZARD_RAISED", timeline.Entry{Facts: map[string]string{"kind": h.Kind, "again": "true"}, Points: h.Description})
		return s.change, nil
	}
	s.move(RaiseHazard, to)
	s.raiseHazard(h)
	return s.change, nil
}

// hear takes a danger from what somebody wrote about an open case; one that is known already needs no second alarm.
func (s *step) hear(h *Hazard) {
	if h == nil || s.Hazard != nil || !slices.Contains(openStates, s.State) {
		return
	}
	s.raiseHazard(*h)
	s.change.Facts = append(s.change.Facts, Fact{Verb: RaiseHazard, State: s.State, Previous: s.State, At: s.At})
}

// alarm is what follows from a hazard at once.
func (s *step) alarm() {
	s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeStopUse})
	s.task(Task{Kind: TaskDutyCall})
}

// DutyDue says whether the next tier is to be called now, and which.
func (c *Case) DutyDue(m Moment) (tier int, role string, due bool) {
	h := c.Hazard
	if h == nil || !h.Acknowledged.IsZero() {
		return 0, "", false
	}
	if h.Tier > 0 && m.At.Before(h.Called.Add(m.Policy.Hard.DutyAfter)) {
		return h.Tier, h.Role, false
	}
	return h.Tier + 1, m.Policy.Hard.tier(h.Tier + 1), true
}

// DutyCalled records the call of a tier; the task sleeps until the next one is due. Without an open hazard the task is over.
func (c *Case) DutyCalled(m Moment, t Task, tier int, result string) Change {
	s := c.begin(m)
	s.change.Quiet = true
	if s.Hazard == nil || !s.Hazard.Acknowledged.IsZero() {
		s.dropTask(t.ID)
		return s.change
	}
	if next, role, due := c.DutyDue(m); due && next == tier {
		s.Hazard.Tier, s.Hazard.Role, s.Hazard.Called = tier, role, m.At
		s.note("DUTY_CALLED", timeline.Entry{Facts: map[string]string{"tier": strconv.Itoa(tier), "role": role, "result": result}})
	}
	for i := range s.Tasks {
		if s.Tasks[i].ID == t.ID {
			s.Tasks[i].Wake = s.Hazard.Called.Add(m.Policy.Hard.DutyAfter)
		}
	}
	return s.change
}

// AcknowledgeHazard takes the duty call: nobody further is called.
func (c *Case) AcknowledgeHazard(m Moment, note string) (Change, error) {
	to, err := c.check(AcknowledgeHazard, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.Hazard == nil {
		return Change{}, ErrHazardNone.New()
	}
	s := c.begin(m)
	if !s.Hazard.Acknowledged.IsZero() {
		return s.change, nil
	}
	s.Hazard.Acknowledged, s.Hazard.Acknowledger = m.At, m.By.Name
	s.dropTasks(TaskDutyCall)
	s.move(AcknowledgeHazard, to)
	s.note("HAZARD_ACKNOWLEDGED", timeline.Entry{Points: note, Facts: map[string]string{"tier": strconv.Itoa(s.Hazard.Tier)}})
	return s.change, nil
}

// ClearHazard ends the hazard: the quality supervisor only, with what was found.
func (c *Case) ClearHazard(m Moment, finding string) (Change, error) {
	to, err := c.check(ClearHazard, m.By)
	if err != nil {
		return Change{}, err
	}
	switch {
	case c.complainsAbout(m.By):
		return Change{}, ErrApprover.New()
	case c.Hazard == nil:
		return Change{}, ErrHazardNone.New()
	case c.Hazard.Acknowledged.IsZero():
		return Change{}, ErrHazardUnanswered.New()
	}
	s := c.begin(m)
	h := *s.Hazard
	h.Cleared, h.Clearer, h.Finding = m.At, m.By.Name, finding
	s.PastHazards, s.Hazard = append(s.PastHazards, h), nil
	s.unflag(FlagHazard)
	s.move(ClearHazard, to)
	s.note("HAZARD_CLEARED", timeline.Entry{Points: finding, Facts: map[string]string{"kind": h.Kind}})
	return s.change, nil
}

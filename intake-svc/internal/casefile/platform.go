package casefile

import (
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// AlertPlatform names the duty person when a platform has stepped in.
const AlertPlatform = "PLATFORM_STEPPED_IN"

// PlatformDecision is the outcome of a dispute at the platform, in its own code.
type PlatformDecision struct{ Outcome, Reason, Reference string }

// steppedIn: a platform that sets a deadline has stepped in; the case gets priority and a person on duty.
func (s *step) steppedIn(k *Clock) {
	if k.Type != ClockPlatform {
		return
	}
	s.alert(Alert{Reason: AlertPlatform, Role: RoleManager, Clock: -1, Due: k.Due})
	s.prioritise()
	s.reprice()
}

// PlatformDecided takes the platform's outcome, which overrides the state: any open one -> RESOLVED. What we had agreed on is given up.
func (c *Case) PlatformDecided(m Moment, d PlatformDecision) (Change, error) {
	if _, err := c.check(PlatformDecides, m.By); err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	before := string(s.State)
	if p := s.Current(); p != nil && (p.pending() || p.State == SolutionAccepted) {
		s.giveUp(p)
	}
	s.dropTasks(TaskCreateWorkOrder)
	if s.RunningOrder() != "" {
		s.task(Task{Kind: TaskCancelWorkOrders, Reason: "platform: " + d.Outcome})
	}
	for i := range s.Clocks {
		if k := &s.Clocks[i]; k.Type == ClockPlatform && k.running() {
			s.end(i)
		}
	}
	s.change.Void = "platform: " + d.Outcome
	s.resolved(PlatformDecides, "PLATFORM_DECIDED", timeline.Entry{Points: d.Reason, Facts: map[string]string{
		"outcome": d.Outcome, "reference": d.Reference, "from": before,
	}})
	return s.change, nil
}

// giveUp drops what of a solution is not done.
func (s *step) giveUp(p *Solution) {
	for i := range p.Measures {
		if p.Measures[i].State != MeasureDone {
			p.Measures[i].State = MeasureDropped
		}
	}
	p.become(SolutionSuperseded, s.At)
}

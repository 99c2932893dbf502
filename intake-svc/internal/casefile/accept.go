package casefile

import (
	"cmp"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Acceptance is the classification at acceptance (R57-R95). Codes have been looked up.
type Acceptance struct {
	ContentClass     string
	SecondaryClasses []string
	Nature           string // VALID when empty: the customer has the benefit of the doubt (R239)
	Urgency          string // as filed, else NORMAL
	Severity         string
	Scope            string
	ProblemNature    string
	Hazard           *Hazard
	ComplainedAbout  []string
	Purpose          string // of the visit of a service request; REPAIR when empty
	Skills           []string
	Found            Findings // what was looked up
}

// Accept accepts and classifies: RECEIVED -> ACCEPTED. The acknowledgement is sent; a service request asks for its visit.
func (c *Case) Accept(m Moment, in Acceptance) (Change, error) {
	to, err := c.check(Accept, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	s.classify(in)
	s.Handler, s.AcceptedAt = m.By.Name, m.At
	s.move(Accept, to)
	s.note("CASE_ACCEPTED", timeline.Entry{Facts: map[string]string{
		"contentClass": c.ContentClass, "nature": c.Nature, "urgency": c.Urgency,
	}})
	if in.Hazard != nil && s.Hazard == nil {
		s.raiseHazard(*in.Hazard)
	}
	s.found(in.Found)
	s.assigned(in.Found.Assign)
	s.endClock(ClockAcknowledge)
	s.reprice()
	s.promiseResolution()
	s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeAcknowledgement})
	if c.Kind == ServiceRequest && c.Failed == nil { // after the second failed repair the visit is not the first thing to offer
		s.task(Task{Kind: TaskCreateWorkOrder, Purpose: c.Purpose})
	}
	return s.change, nil
}

func (s *step) classify(in Acceptance) {
	s.ContentClass, s.SecondaryClasses = in.ContentClass, in.SecondaryClasses
	s.Nature = cmp.Or(in.Nature, "VALID")
	s.Urgency = cmp.Or(in.Urgency, s.Urgency, "NORMAL")
	s.Severity, s.Scope, s.ProblemNature = in.Severity, in.Scope, in.ProblemNature
	for _, name := range in.ComplainedAbout {
		if !slices.Contains(s.ComplainedAbout, name) {
			s.ComplainedAbout = append(s.ComplainedAbout, name)
		}
	}
	if s.Kind == ServiceRequest {
		s.Purpose, s.Skills = cmp.Or(in.Purpose, "REPAIR"), in.Skills
	}
}

func (s *step) raiseHazard(h Hazard) {
	h.Raiser, h.Raised = s.By.Name, s.At
	s.Hazard = &h
	s.flag(FlagHazard, h.Kind, s.At)
	s.note("HAZARD_RAISED", timeline.Entry{Facts: map[string]string{"kind": h.Kind}, Points: h.Description})
	s.alarm()
}

// promiseResolution promises what follows on acceptance: to resolve, by urgency, and the next news (R161, R198). Where no policy fits, as for
// enquiries and feedback, nothing is promised.
func (s *step) promiseResolution() {
	s.promiseIn(ClockResolve)
	s.promiseIn(ClockNews)
}

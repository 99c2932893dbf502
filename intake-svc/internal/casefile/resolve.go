package casefile

import (
	"cmp"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// ResolveNow resolves an enquiry or feedback in one call (R81): -> RESOLVED, and by policy at once -> CLOSED.
func (c *Case) ResolveNow(m Moment, r Resolution) (Change, error) {
	if _, err := c.check(ResolveNow, m.By); err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	if c.Handler == "" {
		c.AcceptedAt = m.At
	}
	r.FirstContact = c.Handler == "" || c.Handler == m.By.Name
	s.resolveNow(&r)
	return s.change, nil
}

func (s *step) resolveNow(r *Resolution) {
	r.Kind, r.Resolver = cmp.Or(r.Kind, "EXPLANATION"), s.By.Name
	s.Handler = cmp.Or(s.Handler, s.By.Name)
	s.Round().Resolution = r
	s.resolved(ResolveNow, "RESOLVED_AT_ONCE", timeline.Entry{Measures: r.Explanation, Facts: map[string]string{"kind": r.Kind}})
	if !s.Policy.KeepEnquiriesOpen && s.answeredRegulator() == nil {
		s.closeByPolicy()
	}
}

// closeByPolicy closes what was resolved in one contact, with a sample asked by survey instead of an approver.
func (s *step) closeByPolicy() {
	resolver := s.By
	s.By = System
	s.close(CloseByPolicy, Closed, BasisFirstContact, Summary{Solution: s.Round().Resolution.Explanation})
	s.By = resolver
}

// resolved puts the case into RESOLVED and has the customer asked (R169, R173).
func (s *step) resolved(v Verb, event string, e timeline.Entry) {
	s.Round().ResolvedAt = s.At
	s.move(v, Resolved)
	s.note(event, e)
	for _, code := range []string{ClockAcknowledge, ClockRespond, ClockResolve, ClockNews} {
		s.endClock(code)
	}
	s.unflag(byHand...)
	if p := s.Current(); v == FinishMeasures && p != nil && !p.byNotice() {
		s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeResult}) // R164
	}
	s.task(Task{Kind: TaskInvite, Purpose: inviteNow})
}

// Purposes of invitations.
const (
	inviteNow   = "SURVEY"
	inviteWeek  = "CALL_BACK_WEEK"
	inviteMonth = "CALL_BACK_MONTH"
)

// Invited takes away the task of an invitation. The call-backs follow the invitation of today (R173), so that whoever looks in
// between finds the one to be answered now.
func (c *Case) Invited(m Moment, t Task) Change {
	s := c.begin(m)
	s.change.Quiet = true
	s.dropTask(t.ID)
	if t.Purpose != inviteNow || t.Round != c.RoundNumber() || c.Kind != Complaint && c.Kind != ServiceRequest {
		return s.change
	}
	resolved := c.Round().ResolvedAt
	s.task(Task{Kind: TaskInvite, Purpose: inviteWeek, NotBefore: resolved.Add(m.Policy.CallBackWeek)})
	s.task(Task{Kind: TaskInvite, Purpose: inviteMonth, NotBefore: resolved.Add(m.Policy.CallBackMonth)})
	return s.change
}

// Withdraw ends the case by the customer's will: any open state -> WITHDRAWN. What runs outside is called off.
func (c *Case) Withdraw(m Moment, reason string) (Change, error) {
	to, err := c.check(Withdraw, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.Hazard != nil {
		return Change{}, ErrHazard.New("verb", string(Withdraw))
	}
	s := c.begin(m)
	working := c.awaitsOrder() || c.inspecting()
	s.change.Void = "withdrawn by the customer"
	s.Tasks = nil
	if p := c.Current(); p != nil && (p.pending() || p.State == SolutionAccepted) {
		p.become(SolutionSuperseded, m.At)
	}
	s.move(Withdraw, to)
	s.keepForPeriod()
	s.note("CASE_WITHDRAWN", timeline.Entry{Points: reason})
	s.endClocks()
	s.unflag(FlagWaitingForCustomer, FlagUnreachable, FlagNoReplyReady, FlagCloseRequested)
	if working {
		s.task(Task{Kind: TaskCancelWorkOrders, Reason: "withdrawn by the customer"})
	}
	return s.change, nil
}

// byNotice says that a notice was all there was to do: the customer knows the result already.
func (p *Solution) byNotice() bool {
	return !slices.ContainsFunc(p.Measures, func(q Measure) bool { return q.Mode != ModeNotice })
}

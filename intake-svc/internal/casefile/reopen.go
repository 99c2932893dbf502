package casefile

import (
	"slices"
	"strconv"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Reopen starts the next round (R171, R172): RESOLVED, CLOSED or ARCHIVED -> UNDER_INVESTIGATION for a complaint, ACCEPTED for
// the other kinds. Number, earlier rounds and everything written stay. A service request asks for its visit again.
func (c *Case) Reopen(m Moment, reason string) (Change, error) {
	to, err := c.check(Reopen, m.By)
	if err != nil {
		return Change{}, err
	}
	if err := c.reopenable(m); err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	s.reopen(to, reason)
	return s.change, nil
}

func (s *step) reopen(to State, reason string) {
	s.dropTasks(TaskInvite)
	if s.silentBefore() {
		s.prioritise()
	}
	s.Rounds = append(s.Rounds, Round{Number: len(s.Rounds) + 1, Started: s.At, Reason: reason, Opener: s.By.Name})
	s.unflag(FlagCloseRequested, FlagSecondApproval, FlagSampleReview)
	s.Retention = nil
	s.NoReply, s.Visit, s.Urges = nil, nil, nil
	s.move(Reopen, to)
	s.note("CASE_REOPENED", timeline.Entry{Points: reason, Facts: map[string]string{"round": strconv.Itoa(s.RoundNumber())}})
	s.watch("reopened")
	s.promiseIn(ClockRespond)
	s.promiseResolution()
	if s.Kind == ServiceRequest {
		s.task(Task{Kind: TaskCreateWorkOrder, Purpose: s.Purpose})
	}
}

// silentBefore says that the case was closed because the customer could not be reached, and that this is not long ago.
func (s *step) silentBefore() bool {
	r := s.Round()
	return (s.State == Closed || s.State == Archived) && r.Basis == BasisNoReply && s.At.Before(r.ClosedAt.Add(s.Policy.NoReplyReopen))
}

// backAgain: any contact within the policy's time reopens what was closed on basis NO_REPLY, with number and priority (process.md).
func (s *step) backAgain(words string) {
	if !s.silentBefore() || Courtesy(words) {
		return
	}
	if to, err := s.check(Reopen, System); err == nil {
		s.reopen(to, words)
	}
}

// prioritise raises the urgency to HIGH at least.
func (s *step) prioritise() {
	if s.Urgency == "HIGH" || s.Urgency == "CRITICAL" {
		return
	}
	s.note("URGENCY_CHANGED", timeline.Entry{Facts: map[string]string{"from": s.Urgency, "to": "HIGH"}})
	s.Urgency = "HIGH"
}

// Answer is a survey response.
type Answer struct {
	Satisfaction
	Round    int
	NewClaim string // in the customer's words
	MoreHelp bool
	Entry    timeline.Entry
}

// Bad says that the answer reopens: not solved, a new claim, more help wanted, or plainly dissatisfied. Middling is not bad.
func (a *Answer) Bad() bool {
	return !a.Solved || a.NewClaim != "" || a.MoreHelp || !a.Satisfied && a.Overall <= 2
}

// Answered takes a survey response of the current round; a bad one reopens the case.
func (c *Case) Answered(m Moment, a Answer) Change {
	s := c.begin(m)
	a.Entry.Round = a.Round
	if !c.knows(a) {
		s.change.Entries = append(s.change.Entries, a.Entry)
	}
	if Courtesy(a.NewClaim) { // "thank you" is no claim (R172)
		a.NewClaim = ""
	}
	s.change.Quiet = true
	if a.Round != c.RoundNumber() || !slices.Contains(finished, c.State) {
		return s.change
	}
	s.change.Quiet = false
	s.Updated = m.At
	s.Round().Satisfaction = a.given()
	s.customerSpoke()
	if !a.Bad() {
		s.change.Facts = append(s.change.Facts, Fact{Verb: "answered", State: c.State, Previous: c.State, At: m.At})
		s.closeByAnswer()
		return s.change
	}
	if to, err := c.check(Reopen, m.By); err == nil {
		s.reopen(to, a.reason())
	}
	return s.change
}

// given is the answer as the case keeps it.
func (a *Answer) given() *Satisfaction {
	kept := a.Satisfaction
	kept.FurtherClaim = a.NewClaim != "" || a.MoreHelp
	return &kept
}

// knows says that the answer was fetched at the closing, where it was written down.
func (c *Case) knows(a Answer) bool {
	known := c.Round().Satisfaction
	return a.Round == c.RoundNumber() && known != nil && known.Invitation == a.Invitation && known.At.Equal(a.At)
}

func (a *Answer) reason() string {
	switch {
	case a.NewClaim != "":
		return a.NewClaim
	case !a.Solved:
		return "survey: not solved"
	case a.MoreHelp:
		return "survey: more help is wanted"
	}
	return "survey: dissatisfied"
}

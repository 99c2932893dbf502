package survey

import "slices"

// CaseNews is what is known of the case an invitation is about.
type CaseNews struct {
	State string // e.g. "WITHDRAWN"
	Kind  string // e.g. "COMPLAINT"
	Round int
}

// moot are the states of a case after which nobody is asked how it went.
var moot = []string{"WITHDRAWN", "REJECTED", "MERGED"}

// Outdated says why the case's course makes the invitation pointless from the start; empty when it does not. A closed case
// does not: enquiries are closed in the call that asks for the survey.
func (i *Invitation) Outdated(news CaseNews) string {
	switch {
	case !i.State.Open():
		return ""
	case slices.Contains(moot, news.State):
		return "CASE_" + news.State
	case news.Round > i.Round:
		return ReasonCaseReopened // the next round is asked about by its own invitation
	}
	return ""
}

// OvertakenBy says why news of the case cancel an invitation that is there; empty when they do not. Closing a complaint
// cancels a survey whose message has not gone out: its answer was a condition of closing, and is no longer waited for.
// Messages that are out stay answerable (a late "not solved" is what reopens a case), and so do the call-backs, which
// come after closing by nature (R173).
func (i *Invitation) OvertakenBy(news CaseNews) string {
	if reason := i.Outdated(news); reason != "" {
		return reason
	}
	closed := news.State == "CLOSED" || news.State == "ARCHIVED"
	if closed && news.Kind == "COMPLAINT" && i.Purpose == PurposeSurvey && i.State == Scheduled {
		return ReasonCaseClosed
	}
	return ""
}

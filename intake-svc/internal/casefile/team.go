package casefile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Team is who may investigate a kind of matter (R7, R99).
type Team struct {
	ID           string // what routing rules call it
	DisplayName  string
	Lead         string // users/…
	ExcludeLeads bool   // the lead of who is complained about does not investigate either
	Members      []Member
	Version      int64
	Updated      time.Time
}

// Member is one person of a team. Engineers are members so that their lead is known; cases are given to users.
type Member struct {
	Name    string // users/… or engineers/…
	Complex bool   // takes complex cases
	MaxOpen int    // 0: no bound
	Away    time.Time
	Open    int       // complaints that wait for, or are with, this investigator
	Last    time.Time // when a case was last given
}

// Etag is what a reader gives back to write on the basis of what was read.
func (t *Team) Etag() string { return fmt.Sprint(t.Version) }

// Reasons why a member is passed over.
const (
	overComplainedAbout = "COMPLAINED_ABOUT"
	overLead            = "LEAD_OF_COMPLAINED_ABOUT"
	overAway            = "AWAY"
	overFull            = "FULL"
	overNotComplex      = "NOT_FOR_COMPLEX"
)

// Pick gives a complaint to the member with the fewest open cases who is free and independent; of equals to who was given one longest ago. A
// complex case goes to those who take complex ones, as long as one of them is free. leads are the leads of who is complained about. The reason
// says who was chosen over whom; without a member left the team as a whole has the case.
func (t *Team) Pick(c *Case, leads []string, now time.Time) Assignment {
	complex := c.Complex()
	var free []Member
	var over []string
	for _, m := range t.Members {
		if !strings.HasPrefix(m.Name, "users/") {
			continue
		}
		if why := t.passedOver(c, m, leads, now); why != "" {
			over = append(over, m.Name+"="+why)
			continue
		}
		free = append(free, m)
	}
	if senior := slices.DeleteFunc(slices.Clone(free), func(m Member) bool { return !m.Complex }); complex && len(senior) > 0 {
		for _, m := range free {
			if !m.Complex {
				over = append(over, m.Name+"="+overNotComplex)
			}
		}
		free = senior
	}
	a := Assignment{Team: t.ID, Over: over, Complex: complex}
	if len(free) == 0 {
		a.Reason = fmt.Sprintf("团队 %s 暂无可派人员,由团队整体负责", t.ID)
		return a
	}
	chosen := slices.MinFunc(free, func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.Open, b.Open), a.Last.Compare(b.Last), cmp.Compare(a.Name, b.Name))
	})
	a.Investigator = chosen.Name
	a.Reason = fmt.Sprintf("团队 %s 中在办最少(%d 件,共 %d 人可派)", t.ID, chosen.Open, len(free))
	return a
}

// passedOver says why a member does not get the case; "" when nothing speaks against it.
func (t *Team) passedOver(c *Case, m Member, leads []string, now time.Time) string {
	switch {
	case slices.Contains(c.ComplainedAbout, m.Name):
		return overComplainedAbout
	case t.ExcludeLeads && slices.Contains(leads, m.Name):
		return overLead
	case now.Before(m.Away):
		return overAway
	case m.MaxOpen > 0 && m.Open >= m.MaxOpen:
		return overFull
	}
	return ""
}

// assigned gives a complaint to who was picked, and says why in the timeline (R99).
func (s *step) assigned(a *Assignment) {
	if a == nil || s.Kind != Complaint || a.Investigator == "" && a.Team == "" {
		return
	}
	given := *a
	given.By, given.At = System.Name, s.At
	s.Assigned = &given
	s.note("INVESTIGATOR_ASSIGNED", timeline.Entry{Points: a.Reason, Facts: a.facts()})
}

func (a *Assignment) facts() map[string]string {
	facts := map[string]string{"investigator": a.Investigator, "team": a.Team}
	for name, value := range map[string]string{"rule": a.Rule, "passedOver": strings.Join(a.Over, " ")} {
		if value != "" {
			facts[name] = value
		}
	}
	if a.Complex {
		facts["complex"] = "true"
	}
	return facts
}

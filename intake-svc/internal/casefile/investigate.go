package casefile

import (
	"slices"
	"strconv"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// StartInvestigation makes the actor the investigator (R99): ACCEPTED -> UNDER_INVESTIGATION; in a new round the state stays.
func (c *Case) StartInvestigation(m Moment, plan string) (Change, error) {
	to, err := c.check(StartInvestigate, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.complainsAbout(m.By) {
		return Change{}, ErrInvestigator.New()
	}
	s := c.begin(m)
	s.Round().Investigation = &Investigation{Investigator: m.By.Name, Plan: plan, Started: m.At}
	s.move(StartInvestigate, to)
	s.note("INVESTIGATION_STARTED", timeline.Entry{Measures: plan})
	return s.change, nil
}

// Conclude keeps what was found (R117-R120); the state stays until a solution is proposed.
func (c *Case) Conclude(m Moment, found Conclusion) (Change, error) {
	to, err := c.check(Conclude, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.complainsAbout(m.By) {
		return Change{}, ErrInvestigator.New()
	}
	if err := found.valid(); err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	inv := s.Round().Investigation
	if inv == nil { // reopened: the findings come from who takes it up
		inv = &Investigation{Investigator: m.By.Name, Started: m.At}
	}
	inv.Concluded, inv.Conclusion = m.At, &found
	s.Round().Investigation = inv
	s.move(Conclude, to)
	s.note("INVESTIGATION_CONCLUDED", timeline.Entry{Points: found.Findings, Facts: map[string]string{
		"cause": found.Cause, "liability": found.Liability, "pattern": found.Pattern, "upheld": strconv.FormatBool(found.Upheld),
	}})
	return s.change, nil
}

func (f *Conclusion) valid() error {
	sum := 0
	for _, share := range f.Shares {
		sum += share.Percent
	}
	if len(f.Shares) > 0 && sum != 100 {
		return apierr.Invalid("liability_shares", "各方责任比例合计应为 100", "shares must be 100 together")
	}
	if f.Validity == "AUTHORITY_VERIFIED" && f.Authority == nil { // R85, R260
		return apierr.Invalid("authority_finding", "主管部门查实的投诉须登记其结论", "is needed where an authority has verified the complaint")
	}
	return nil
}

// complainsAbout says that the actor is complained about.
func (c *Case) complainsAbout(a Actor) bool { return slices.ContainsFunc(c.ComplainedAbout, a.is) }

// concluded says that the current round has its findings.
func (c *Case) concluded() bool {
	inv := c.Round().Investigation
	return inv != nil && inv.Conclusion != nil
}

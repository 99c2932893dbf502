package casefile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (d *desk) filing(t *testing.T, c *Case) *Case {
	t.Helper()
	c.ID, c.ProgressSecret = d.as(anAgent).NewID(), NewProgressSecret()
	if c.Problem == "" {
		c.Problem = "仍然漏水"
	}
	if c.Personal.Parties == nil {
		c.Personal.Parties = []Party{{Roles: PartyRoles, DisplayName: "王小明", Phone: "13800138000"}}
	}
	_, err := File(d.as(anAgent), c)
	require.NoError(t, err)
	c.Number = "AS-" + c.ID
	return c
}

func (d *desk) takenOn(t *testing.T, in Acceptance) *Case {
	t.Helper()
	c := d.filing(t, &Case{Kind: Complaint, Channel: "HOTLINE"})
	_, err := c.Accept(d.as(anAgent), in)
	require.NoError(t, err)
	return c
}

func clockOf(c *Case, code string) *Clock {
	for i := range c.Clocks {
		if c.Clocks[i].Code == code {
			return &c.Clocks[i]
		}
	}
	return nil
}

// R56: the case waits for the customer, the promise with it; what others set runs on; the supplement ends it.
func TestInformationIsAskedForAndTold(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.takenOn(t, Acceptance{ContentClass: "PARTS"})
	c.Clocks = append(c.Clocks, Clock{Code: "REPLY", Type: "REGULATOR", Started: d.now, Due: d.now.Add(time.Hour)})
	d.now = d.now.Add(10 * time.Minute)
	change, err := c.RequestInfo(d.as(anAgent), []string{"model"}, "型号是什么")
	require.NoError(t, err)
	require.Equal(t, NoticeInfoRequest, change.Tasks[0].Notice)
	require.True(t, c.Flagged(FlagWaitingForCustomer))
	require.Equal(t, d.now, clockOf(c, ClockResolve).Paused)
	require.True(t, clockOf(c, "REPLY").Paused.IsZero(), "a regulator's clock never pauses")
	require.Equal(t, Accepted, c.State)

	d.now = d.now.Add(3 * time.Hour)
	change, err = c.Supplement(d.as(aCustomer), Supplement{Item: &Item{Model: "XQG100"}, EvidenceAnswer: "NONE_OFFERED", Problem: "脱水时漏水"})
	require.NoError(t, err)
	require.Contains(t, events(change), "SUPPLEMENTED")
	require.Equal(t, "XQG100", c.Items[0].Model)
	require.Equal(t, "NONE_OFFERED", c.EvidenceAnswer) // R262
	require.Contains(t, change.Entries[0].Points, "仍然漏水 -> 脱水时漏水", "the earlier words stay")
	require.False(t, c.Flagged(FlagWaitingForCustomer))
	require.Equal(t, d.now, c.InfoRequest.Answered)
	require.False(t, clockOf(c, ClockResolve).Due.IsZero())
	require.True(t, clockOf(c, ClockResolve).Paused.IsZero())
	require.Equal(t, 3*time.Hour, clockOf(c, ClockResolve).Pauses[0].To.Sub(clockOf(c, ClockResolve).Pauses[0].From))

	_, err = c.Supplement(d.as(anAgent), Supplement{})
	requireReason(t, err, "FIELD_INVALID")
	_, err = c.RequestInfo(d.as(anAgent), nil, " ")
	requireReason(t, err, "FIELD_INVALID")
}

// A clock that ends while it is paused was met, however long the customer took.
func TestAPausedClockIsNotBreached(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.takenOn(t, Acceptance{ContentClass: "PARTS"})
	_, err := c.RequestInfo(d.as(anAgent), nil, "型号")
	require.NoError(t, err)
	d.now = d.now.Add(60 * 24 * time.Hour)
	_, err = c.Withdraw(d.as(anAgent), "不用了")
	require.NoError(t, err)
	k := clockOf(c, ClockResolve)
	require.Equal(t, d.now, k.Ended)
	require.True(t, k.Breached.IsZero())
}

// R35, R56: contact data can be told later; an anonymous customer who tells it is no longer anonymous.
func TestContactDataIsSupplemented(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.filing(t, &Case{Kind: Complaint, Channel: "HOTLINE", Personal: Personal{Parties: []Party{{Roles: PartyRoles, Anonymous: true}}}})
	_, err := c.Supplement(d.as(anAgent), Supplement{Customer: &Party{DisplayName: "王小明", Phone: "139", Region: "310115"}, Prior: &PriorService{EngineerNumber: "E-1"}})
	require.NoError(t, err)
	p := c.Personal.Party(PartyCustomer)
	require.Equal(t, "139", p.Phone)
	require.False(t, p.Anonymous)
	require.Equal(t, "310115", c.Region)
	require.Equal(t, "E-1", c.PriorService.EngineerNumber)
}

// R91: a communicative complaint is watched; when something goes wrong re-grading is due, and done it becomes valid.
func TestACommunicativeComplaintIsWatched(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.takenOn(t, Acceptance{ContentClass: "PROCESS", Nature: "VENTING", Found: Findings{Communicative: true}})
	require.True(t, c.Watched)
	d.now = d.now.Add(30 * 24 * time.Hour)
	require.Contains(t, events(c.Overdue(d.as(System))), "REGRADE_DUE")
	require.True(t, c.Flagged(FlagRegradeDue))
	require.NotContains(t, events(c.Overdue(d.as(System))), "REGRADE_DUE", "once")
	change, err := c.Regrade(d.as(anAgent), Regrading{Nature: "VALID", Urgency: "HIGH", Reason: "超时"})
	require.NoError(t, err)
	require.Contains(t, events(change), "CASE_REGRADED")
	require.Equal(t, "VALID", c.Nature)
	require.False(t, c.Watched)
	require.False(t, c.Flagged(FlagRegradeDue))
	require.Equal(t, "VENTING", c.Regrades[0].PreviousNature)
	_, err = c.Regrade(d.as(anAgent), Regrading{Nature: "VALID", Reason: "x"})
	requireReason(t, err, "FIELD_INVALID")
}

// A class that becomes the primary one is no secondary one.
func TestRegradingTheClass(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.takenOn(t, Acceptance{ContentClass: "PARTS", SecondaryClasses: []string{"FEE", "ATTITUDE"}})
	_, err := c.Regrade(d.as(anAgent), Regrading{Class: "FEE", Common: "SERVICE_QUALITY", Reason: "其实是费用"})
	require.NoError(t, err)
	require.Equal(t, []string{"ATTITUDE"}, c.SecondaryClasses)
	require.Equal(t, "SERVICE_QUALITY", c.CommonClass)
}

// R96, R97, R115: what was found at the acceptance.
func TestFindingsOfTheAcceptance(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.takenOn(t, Acceptance{ContentClass: "ATTITUDE", Found: Findings{
		Repeat:  Repeat{Complaints: 2, Failures: 2, NotUpheld: 1},
		Running: []Running{{Case: "cases/other", WorkOrder: "workOrders/w9", By: "PHONE"}},
		Matches: []RuleMatch{{Rule: "rules/x", Kind: "ROUTING", Explanation: "rule 7 (x) matched because …"}}, Route: "manager",
	}})
	require.True(t, c.Flagged(FlagRepeatComplaints))
	require.True(t, c.Flagged(FlagRepeatFailures))
	require.True(t, c.Flagged(FlagDuringService))
	require.Equal(t, []Link{{Target: "workOrders/w9", Relation: LinkRunning}}, c.Links)
	require.Equal(t, "manager", c.Route)
	require.Equal(t, 1, c.Repeat.NotUpheld)
}

// R265, R257: acts that are recorded.
func TestRecordedActs(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.takenOn(t, Acceptance{ContentClass: "OPERATION"})
	change, err := c.Apologise(d.as(anAgent), Apology{Channel: "HOTLINE", Measure: "立即派人"}, "非常抱歉") // R265
	require.NoError(t, err)
	require.Equal(t, "立即派人", change.Entries[0].Measures)
	require.Equal(t, "users/agent", c.Apologies[0].Actor)
	_, err = c.DecideGuidance(d.as(anAgent), Guidance{Needed: true, Reason: "x"}, false)
	requireReason(t, err, "FIELD_INVALID")
	change, err = c.DecideGuidance(d.as(anAgent), Guidance{Needed: true, Mode: GuideManual, Reason: "不会用"}, false) // R257
	require.NoError(t, err)
	require.Equal(t, NoticeManual, change.Tasks[0].Notice)
	require.True(t, c.Flagged(FlagGuidancePlanned))
	_, err = c.DecideGuidance(d.as(anAgent), Guidance{Needed: true, Mode: GuideManual, Reason: "不会用"}, true)
	require.NoError(t, err)
	require.False(t, c.Flagged(FlagGuidancePlanned))
	require.Equal(t, d.now, c.Guidance.Done)
	_, err = c.DecideGuidance(d.as(anAgent), Guidance{Mode: GuideManual, Reason: "已会用"}, false)
	require.NoError(t, err)
	require.Empty(t, c.Guidance.Mode, "what is not needed has no mode")
}

package casefile

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var aPrivacyOfficer = user("privacy", RolePrivacy)

// full is a closed case with something written in every field that a person writes in.
func (d *desk) full(t *testing.T) *Case {
	t.Helper()
	c := d.at(t, Closed)
	c.Problem, c.Expectation, c.Rejection = "SECRET", "SECRET", "SECRET"
	c.Personal.OnBehalfOf, c.Filer = "SECRET", "customers/SECRET"
	c.ExternalRefs = []ExternalRef{{Platform: "mall", OrderID: "SECRET", AfterSaleID: "SECRET", SubOrderID: "SECRET", DisputeID: "SECRET"}}
	c.Items = []Item{{Brand: "海风", Serial: "SN-1", ProofNumber: "SECRET", Problem: "SECRET"}}
	c.PriorService = &PriorService{Place: "SECRET", Description: "SECRET", EngineerNumber: "E-1"}
	c.PastHazards = []Hazard{{Kind: "FIRE", Description: "SECRET", Duty: Duty{Finding: "SECRET"}}}
	c.Flags = []Flag{{Code: FlagUnreachable, Reason: "SECRET"}}
	c.Transfers = []Transfer{{Reason: "SECRET", Answer: "SECRET"}}
	c.Regrades = []Regrade{{Reason: "SECRET"}}
	c.RuleMatches = []RuleMatch{{Rule: "rules/x", Explanation: "SECRET"}}
	c.Guidance, c.Assigned = &Guidance{Reason: "SECRET"}, &Assignment{Reason: "SECRET"}
	c.Regulator = &Regulator{Body: "12315", DocumentNumber: "SECRET", Receipt: "SECRET"}
	c.InfoRequest = &InfoRequest{Question: "SECRET"}
	r := c.Round()
	r.Reason, r.Draft, r.Resolution = "SECRET", &Summary{RootCause: "SECRET"}, &Resolution{Explanation: "SECRET"}
	r.Summary = &Summary{RootCause: "SECRET", Solution: "SECRET", Measures: "SECRET", ResolveSeconds: 60}
	r.Investigation.Plan = "SECRET"
	r.Investigation.Conclusion.Findings, r.Investigation.Conclusion.Authority = "SECRET", &AuthorityFinding{Body: "质监", DocumentNumber: "SECRET", Finding: "SECRET"}
	p := &c.Solutions[0]
	p.Explanation, p.Timetable, p.DeclineReason, p.Measures[0].Description = "SECRET", "SECRET", "SECRET", "SECRET"
	p.Alternatives, p.Approvals = []Alternative{{Explanation: "SECRET"}}, []Approval{{Note: "SECRET"}}
	return c
}

// R188: what is erased is in no field any more; what figures need stays.
func TestErasureLeavesNothingPersonal(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.full(t)
	d.now = c.Retention.Until
	secret := c.ProgressSecret
	change, err := c.Erase(d.as(aPrivacyOfficer), "", "")
	require.NoError(t, err)
	for _, part := range []any{c, c.Personal} {
		kept, err := json.Marshal(part)
		require.NoError(t, err)
		require.NotContains(t, string(kept), "SECRET")
		require.NotContains(t, string(kept), "王小明")
	}
	require.Empty(t, c.Filer)
	require.NotEqual(t, secret, c.ProgressSecret, "the link leads nowhere")
	require.Equal(t, int64(60), c.Round().Summary.ResolveSeconds)
	require.Equal(t, "SN-1", c.Items[0].Serial)
	require.Equal(t, []string{"CASE_ERASED"}, events(change))
	require.Equal(t, ActErased, change.Retained[0].Act)
	require.False(t, c.Erased.Early)
	for _, verb := range []func() error{
		func() error { _, err := c.Reopen(d.as(anAgent), "又坏了"); return err },
		func() error { _, err := c.Erase(d.as(aPrivacyOfficer), "again", ""); return err },
		func() error { _, err := c.Archive(d.as(aManager)); return err },
		func() error { _, err := c.RevealContact(d.as(aManager), []string{c.OwnerOrg}, "x"); return err },
	} {
		requireReason(t, verb(), "CASE_ERASED")
	}
}

// R181, R188: before its end a reason is needed, and a hold bars it whatever the period says.
func TestRetentionGates(t *testing.T) {
	t.Parallel()
	d := newDesk()
	d.policy.Hard.RetentionYears = map[string]int{"": 3, "PARTS": 5}
	c := d.at(t, Closed)
	c.ContentClass = "PARTS"
	end := c.Retention.Until
	_, err := c.Erase(d.as(aManager), "x", "")
	requireReason(t, err, "PERMISSION_DENIED")
	_, err = c.Erase(d.as(aPrivacyOfficer), " ", "")
	requireReason(t, err, "RETENTION_REASON_REQUIRED")
	for _, other := range []time.Time{end.AddDate(-1, 0, 0), end.AddDate(9, 0, 0)} {
		_, err = c.SetRetention(d.as(aPrivacyOfficer), other, "")
		requireReason(t, err, "RETENTION_REASON_REQUIRED")
	}
	change, err := c.SetRetention(d.as(aPrivacyOfficer), end.AddDate(9, 0, 0), "产品责任诉讼时效")
	require.NoError(t, err)
	require.Equal(t, end.AddDate(9, 0, 0), change.Retained[0].Until)
	_, err = c.ReleaseRetention(d.as(aPrivacyOfficer), "x")
	requireReason(t, err, "RETENTION_NOT_HELD")
	_, err = c.HoldRetention(d.as(aPrivacyOfficer), "诉讼")
	require.NoError(t, err)
	_, err = c.HoldRetention(d.as(aPrivacyOfficer), "再次")
	requireReason(t, err, "RETENTION_HELD")
	_, err = c.Erase(d.as(aPrivacyOfficer), "客户要求删除", "")
	requireReason(t, err, "RETENTION_HELD")
	_, err = c.ReleaseRetention(d.as(aPrivacyOfficer), "结案")
	require.NoError(t, err)
	_, err = c.Erase(d.as(aPrivacyOfficer), "客户要求删除", "")
	require.NoError(t, err)
	require.True(t, c.Erased.Early)
}

// Every end of a case starts its period, by class; a reopened one has none.
func TestEveryEndStartsThePeriod(t *testing.T) {
	t.Parallel()
	d := newDesk()
	d.policy.Hard.RetentionYears = map[string]int{"": 3, "PARTS": 5}
	c := d.at(t, Accepted)
	c.ContentClass = "PARTS"
	_, err := c.Withdraw(d.as(aCustomer), "不用了")
	require.NoError(t, err)
	require.Equal(t, d.now.AddDate(5, 0, 0), c.Retention.Until)
	c = d.at(t, Accepted)
	c.ContentClass = "FEE"
	_, err = c.Reject(d.as(aManager), "非本公司产品")
	require.NoError(t, err)
	require.Equal(t, d.now.AddDate(3, 0, 0), c.Retention.Until)
	c = d.at(t, Closed)
	_, err = c.HoldRetention(d.as(aPrivacyOfficer), "诉讼")
	require.NoError(t, err)
	_, err = c.Reopen(d.as(anAgent), "又漏")
	require.NoError(t, err)
	require.Nil(t, c.Retention)
	require.NotNil(t, c.Hold, "a hold outlasts the round")
}

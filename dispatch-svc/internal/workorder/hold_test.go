package workorder

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A later date is a slip, an earlier one is not; the wait counts from its beginning (process.md "part missing for two weeks"). R132 R147
func TestAwaitPartCountsSlips(t *testing.T) {
	t.Parallel()
	o := order(Diagnosed, Repair)
	o.WindowStart, o.WindowEnd = noon, noon.Add(time.Hour)
	wait := func(after, promised time.Duration) Change {
		c, err := o.AwaitPart(Step{By: almighty, Now: noon.Add(after)}, PartWait{Promised: noon.Add(promised), Parts: []PartNeed{{Number: "DP-1", Quantity: 2}}})
		require.NoError(t, err)
		return c
	}
	first := wait(0, 48*time.Hour)
	require.Equal(t, WaitingPart, o.State)
	require.Equal(t, "2 × DP-1", first.Points)
	require.NotContains(t, first.Facts, "slip")
	require.True(t, o.WindowStart.IsZero(), "the appointment is dropped")
	require.Equal(t, "1", wait(time.Hour, 72*time.Hour).Facts["slip"])
	require.NotContains(t, wait(2*time.Hour, 60*time.Hour).Facts, "slip")
	require.Equal(t, 1, o.PartWait.Slips)
	require.Equal(t, noon, o.PartWait.Since)
	_, err := o.AwaitPart(Step{By: almighty, Now: noon}, PartWait{Promised: noon})
	require.Error(t, err, "a date in the past is no promise")
}

func TestPartArrivedBooks(t *testing.T) {
	t.Parallel()
	o := order(WaitingPart, Repair)
	o.PartWait = &PartWait{}
	_, err := o.PartArrived(Step{By: Actor{Engineer: "engineers/e"}, Now: noon}, Window{noon, noon.Add(time.Hour)}, "")
	require.Error(t, err, "only the suite does that")
	c, err := o.PartArrived(Step{By: Actor{System: true}, Now: noon}, Window{noon, noon.Add(time.Hour)}, "到货")
	require.NoError(t, err)
	require.Equal(t, Booked, o.State)
	require.Equal(t, "true", c.Facts["partArrived"])
	require.NotContains(t, order(WaitingPart, Repair).NextVerbs(), string(VerbPartArrived))
}

// The engineer of a suspended order reads "contact the dispatcher", not why; another one takes it over (process.md "complaint about an engineer").
func TestSuspendTellsTheEngineerNothing(t *testing.T) {
	t.Parallel()
	o := order(OnSite, Repair)
	c, err := o.Suspend(Step{By: Actor{System: true}, Now: noon}, "客户投诉")
	require.NoError(t, err)
	require.Equal(t, "请联系调度 / contact the dispatcher", c.Points)
	require.Equal(t, "客户投诉", o.HoldReason)
	engineer := Actor{Engineer: "engineers/e", Roles: []string{"engineer"}}
	require.False(t, o.ShowsContact(engineer, noon))
	_, err = o.Diagnose(Step{By: engineer, Now: noon}, Diagnosis{})
	require.ErrorIs(t, err, ErrSuspended)

	excluded := Candidate{Engineer: "engineers/f", Org: "organisations/o", Active: true, Excluded: true}
	dispatcher := Actor{Roles: []string{"dispatcher"}, Orgs: []string{"organisations/o"}}
	o.OwnerOrg, o.Released = "organisations/o", false
	before := *o
	_, err = o.Assign(Step{By: dispatcher, Now: noon}, excluded, "", "")
	require.ErrorIs(t, err, ErrExcluded)
	*o = before
	excluded.Excluded = false
	c, err = o.Assign(Step{By: dispatcher, Now: noon}, excluded, "", "")
	require.NoError(t, err)
	require.Equal(t, "engineers/e", c.Lost)
	require.Empty(t, o.HoldReason)
}

func TestResume(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		engineer       string
		released, kept bool
		want           State
	}{
		"goes on with the same engineer":          {"engineers/e", false, false, Rescheduled},
		"nobody had it":                           {"", false, false, Created},
		"the engineer is kept away":               {"engineers/e", false, true, Created},
		"the provider's engineer is kept away":    {"engineers/e", true, true, ProviderAccepted},
		"a provider has it, but no engineer does": {"", true, false, ProviderAccepted},
	} {
		o := order(Suspended, Repair)
		o.Engineer, o.Released = c.engineer, c.released
		change, err := o.Resume(Step{By: Actor{System: true}, Now: noon}, "", c.kept)
		require.NoError(t, err, name)
		require.Equal(t, c.want, o.State, name)
		require.Equal(t, o.State, change.To, name)
		require.Equal(t, c.want == Rescheduled, o.Engineer != "", name)
	}
	o := order(Offered, Repair)
	_, err := o.Suspend(Step{By: Actor{System: true}, Now: noon}, "x")
	require.NoError(t, err)
	require.False(t, o.Released, "an offer of a suspended order cannot be taken")
}

func TestTakeAwayAndAppraisal(t *testing.T) {
	t.Parallel()
	o := order(Diagnosed, Repair)
	engineer := Step{By: Actor{Engineer: "engineers/e"}, Now: noon}
	_, err := o.TakeAway(engineer, Workshop{Receipt: "r-1"})
	require.Error(t, err, "what is taken must be said")
	_, err = o.TakeAway(engineer, Workshop{Receipt: "r-1", Serials: []string{"SN1"}})
	require.NoError(t, err)
	_, err = o.AwaitAppraisal(engineer, Appraisal{Appraiser: "厂家", Reason: "责任不清"})
	require.NoError(t, err)
	require.Equal(t, WaitingAppraisal, o.State)
	_, err = o.Book(engineer, Window{noon.Add(time.Hour), noon.Add(2 * time.Hour)}, "", Money{})
	require.NoError(t, err)
	require.Equal(t, "SN1", o.Workshop.Serials[0], "the receipt stays")
}

func TestTransferHandsBack(t *testing.T) {
	t.Parallel()
	o := order(Accepted, Repair)
	o.OwnerOrg, o.ServingOrg = "organisations/o", "organisations/p"
	c, err := o.Transfer(Step{By: Actor{Roles: []string{"dispatcher"}, Orgs: []string{"organisations/p"}}, Now: noon}, "没有配件")
	require.NoError(t, err)
	require.Equal(t, Transferred, o.State)
	require.False(t, o.Released)
	require.Equal(t, "engineers/e", c.Lost)
	require.Equal(t, "organisations/o", o.CarrierOrg())
}

// Sign-off, audit and payment are by different people; an audited order is no open one.
func TestAuditAndSettle(t *testing.T) {
	t.Parallel()
	by := func(name, role string) Step {
		return Step{By: Actor{Subject: "users/" + name, Roles: []string{role}, Orgs: []string{"organisations/o"}}, Now: noon}
	}
	o := order(Confirmed, Repair)
	o.Confirmation.Actor = "users/boss"
	before := *o
	_, err := o.Audit(by("boss", "manager"), Money{Fen: 100}, "")
	require.ErrorIs(t, err, ErrAuditor)
	*o = before
	_, err = o.Audit(by("q", "quality"), Money{Fen: -1}, "")
	require.Error(t, err)
	c, err := o.Audit(by("q", "quality"), Money{Fen: 12_000}, "照片齐全")
	require.NoError(t, err)
	require.Equal(t, "12000", c.Facts["payableFen"])
	require.False(t, o.Open())
	before = *o
	_, err = o.Settle(by("q", "manager"), "V-1")
	require.ErrorIs(t, err, ErrAuditor)
	*o = before
	_, err = o.Settle(by("f", "finance"), "V-1")
	require.NoError(t, err)
	require.Equal(t, Settled, o.State)
	require.Equal(t, "V-1", o.Settlement.Reference)
	_, err = o.Settle(by("f", "finance"), "V-2")
	require.ErrorIs(t, err, ErrState, "paid once")
}

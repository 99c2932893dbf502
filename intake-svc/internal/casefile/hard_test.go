package casefile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (d *desk) hazardous(t *testing.T) *Case {
	t.Helper()
	c := d.at(t, UnderInvestigation)
	_, err := c.RaiseHazard(d.as(anAgent), Hazard{Kind: "FIRE", Description: "冒烟"})
	require.NoError(t, err)
	return c
}

func dutyTask(c *Case) Task {
	for _, t := range c.Tasks {
		if t.Kind == TaskDutyCall {
			return t
		}
	}
	return Task{}
}

// R189: stop-use text at once; the duty call goes from tier to tier every 15 minutes, at night too, until somebody acknowledges.
func TestTheDutyCallClimbsUntilAcknowledged(t *testing.T) {
	t.Parallel()
	d := newDesk()
	d.now = time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC) // 03:00 in Shanghai
	c := d.hazardous(t)
	notices := 0
	for _, task := range c.Tasks {
		if task.Notice == NoticeStopUse {
			notices++
		}
	}
	require.Equal(t, 1, notices)
	for tier, role := range []string{RoleQuality, RoleManager, RoleAdmin, RoleAdmin} {
		task := dutyTask(c)
		next, who, due := c.DutyDue(d.as(System), task)
		require.True(t, due)
		require.Equal(t, role, who)
		require.Equal(t, tier+1, next)
		c.DutyCalled(d.as(System), task, next, Delivered)
		require.Equal(t, d.now.Add(15*time.Minute), dutyTask(c).Wake, "the sweeper wakes the next tier")
		d.now = d.now.Add(15*time.Minute - time.Second)
		_, _, due = c.DutyDue(d.as(System), task)
		require.False(t, due)
		d.now = d.now.Add(time.Second)
	}
	_, err := c.AcknowledgeHazard(d.as(aManager), "已联系")
	require.NoError(t, err)
	require.Empty(t, dutyTask(c).ID)
	_, _, due := c.DutyDue(d.as(System), Task{})
	require.False(t, due)
}

// R189: it cannot be withdrawn or closed; only the quality supervisor ends it, after the acknowledgement.
func TestAHazardEndsOnlyWithQuality(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.hazardous(t)
	_, err := c.Withdraw(d.as(aCustomer), "算了")
	requireReason(t, err, "HAZARD_OPEN")
	_, err = c.ClearHazard(d.as(aManager), "没事")
	requireReason(t, err, "PERMISSION_DENIED")
	_, err = c.ClearHazard(d.as(aQuality), "没事")
	requireReason(t, err, "HAZARD_NOT_ACKNOWLEDGED")
	_, err = c.AcknowledgeHazard(d.as(aQuality), "")
	require.NoError(t, err)
	_, err = c.ClearHazard(d.as(aQuality), "排查无隐患")
	require.NoError(t, err)
	require.Nil(t, c.Hazard)
	require.False(t, c.Flagged(FlagHazard))
	require.Equal(t, "排查无隐患", c.PastHazards[0].Finding)
	_, err = c.Withdraw(d.as(aCustomer), "算了")
	require.NoError(t, err)
	_, err = c.ClearHazard(d.as(aQuality), "x")
	requireReason(t, err, "CASE_STATE_INVALID")
}

// Transfer: the giver answers until it is accepted, no clock stops, the third one is a manager's.
func TestTransfers(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, UnderInvestigation)
	due := c.Deadline()
	there := []string{"organisations/other"}
	offer := func(by Actor) error {
		_, err := c.Transfer(d.as(by), there[0], "属于门店")
		return err
	}
	require.NoError(t, offer(anAgent))
	require.Equal(t, "organisations/brand", c.OwnerOrg)
	requireReason(t, offer(anAgent), "TRANSFER_OPEN")
	_, err := c.AcceptTransfer(d.as(anAgent), []string{"organisations/brand"})
	requireReason(t, err, "TRANSFER_NOT_PENDING")
	_, err = c.ReturnTransfer(d.as(anAgent), there, "不是我们的")
	require.NoError(t, err)
	require.NoError(t, offer(anAgent))
	d.now = d.now.Add(5 * time.Hour)
	_, err = c.ReturnTransfer(d.as(anAgent), there, "太晚")
	requireReason(t, err, "TRANSFER_RETURN_LATE")
	change, err := c.AcceptTransfer(d.as(anAgent), there)
	require.NoError(t, err)
	require.Equal(t, there[0], c.OwnerOrg)
	require.Equal(t, due, c.Deadline(), "the clocks run on")
	require.Equal(t, NoticeTransferred, change.Tasks[0].Notice, "the customer is told")
	there = []string{"organisations/third"}
	requireReason(t, offer(anAgent), "TRANSFER_NEEDS_MANAGER")
	require.NoError(t, offer(aManager))
}

// Several products: resolved when all have an outcome; split takes some out, never all.
func TestSplit(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, Accepted)
	c.Items = []Item{{Serial: "A"}, {Serial: "B"}, {Serial: "C"}}
	require.True(t, c.itemsOpen())
	_, _, _, err := c.Split(d.as(anAgent), []int{0, 1, 2}, "全部")
	requireReason(t, err, "SPLIT_LEAVES_NOTHING")
	_, _, _, err = c.Split(d.as(anAgent), []int{3}, "没有")
	requireReason(t, err, "FIELD_INVALID")
	child, filed, _, err := c.Split(d.as(anAgent), []int{1, 1}, "另案处理")
	require.NoError(t, err)
	require.Equal(t, "B", child.Items[0].Serial)
	require.Equal(t, []string{"A", "C"}, []string{c.Items[0].Serial, c.Items[1].Serial})
	require.Equal(t, c.Name(), child.Parent)
	require.Equal(t, []string{child.Name()}, c.Children)
	require.NotEmpty(t, filed.Entries)
}

// R172: a polite answer reopens nothing.
func TestCourtesy(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "谢谢", "非常感谢！", "没有了，谢谢师傅", "Thank you very much!", "ok, thanks", "好的，辛苦了。"} {
		require.True(t, Courtesy(text), text)
	}
	for _, text := range []string{"还是漏水", "谢谢，但是又漏水了", "退款", "no, it still leaks", "E2"} {
		require.False(t, Courtesy(text), text)
	}
}

// R259: an anonymous matter is answered by its decision; who can be asked is asked.
func TestAnonymousDecided(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, UnderInvestigation)
	closing := Closing{Basis: BasisAnonymous, Summary: Summary{RootCause: "查实"}}
	c.Round().Investigation.Conclusion = &Conclusion{Findings: "查实"}
	_, err := c.Close(d.as(aManager), closing)
	requireReason(t, err, "CLOSE_BASIS_INVALID")
	c.Personal.Parties = []Party{{Roles: PartyRoles, Anonymous: true}}
	_, err = c.Close(d.as(aManager), closing)
	require.NoError(t, err)
	require.Equal(t, Closed, c.State)
}

// R179: with nothing left to offer two different approvers close, and the ways outside were told.
func TestOptionsExhausted(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, UnderInvestigation)
	c.Round().Investigation.Conclusion = &Conclusion{Findings: "已穷尽"}
	closing := Closing{Basis: BasisExhausted, Summary: Summary{RootCause: "无法达成一致"}}
	_, err := c.Close(d.as(aManager), closing)
	requireReason(t, err, "CLOSING_CONDITION_UNMET")
	closing.Recourse = "可向 12315 申诉或起诉"
	_, err = c.Close(d.as(aManager), closing)
	require.NoError(t, err)
	require.Equal(t, UnderInvestigation, c.State)
	require.True(t, c.Flagged(FlagSecondApproval))
	_, err = c.Close(d.as(aManager), closing)
	requireReason(t, err, "SECOND_APPROVER_REQUIRED")
	_, err = c.Close(d.as(aQuality), closing)
	require.NoError(t, err)
	require.Equal(t, BasisExhausted, c.Round().Basis)
	require.False(t, c.Flagged(FlagSecondApproval))
}

// R179: by policy a confirmed answer closes by itself, unless class, amount, hazard or a regulator ask for somebody; a sample is reviewed.
func TestClosingByPolicy(t *testing.T) {
	t.Parallel()
	good := Answer{Satisfaction: Satisfaction{Solved: true, Satisfied: true, Overall: 5}, Round: 1}
	for name, alter := range map[string]func(d *desk, c *Case){
		"closed":    func(*desk, *Case) {},
		"off":       func(d *desk, _ *Case) { d.policy.Hard.AutoCloseKinds = nil },
		"class":     func(d *desk, c *Case) { d.policy.Hard.AutoCloseExcept = []string{c.ContentClass} },
		"hazard":    func(_ *desk, c *Case) { c.Hazard = &Hazard{Kind: "FIRE"} },
		"regulator": func(_ *desk, c *Case) { c.Channel = "REGULATOR_12315" },
	} {
		d := newDesk()
		c := d.at(t, Resolved)
		d.policy.Hard.AutoCloseKinds, d.policy.Hard.SamplePercent = []Kind{Complaint}, 100
		alter(d, c)
		c.Answered(d.as(System), good)
		want := Resolved
		if name == "closed" {
			want = Closed
			require.True(t, c.Flagged(FlagSampleReview))
			require.Equal(t, d.now.AddDate(3, 0, 0), c.Retention.Until)
			_, err := c.ReviewClosing(d.as(aQuality), true, "抽查通过")
			require.NoError(t, err)
			require.False(t, c.Flagged(FlagSampleReview))
		}
		require.Equal(t, want, c.State, name)
	}
}

// R181: an earlier end of the retention needs a reason.
func TestRetention(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, Resolved)
	_, err := c.Close(d.as(aManager), Closing{
		Summary: Summary{RootCause: "x"}, Statement: &Statement{Solved: true, Satisfied: true, Channel: "HOTLINE", Note: "好"},
	})
	require.NoError(t, err)
	soon := d.now.AddDate(1, 0, 0)
	_, err = c.SetRetention(d.as(aManager), soon, " ")
	requireReason(t, err, "RETENTION_REASON_REQUIRED")
	_, err = c.SetRetention(d.as(aManager), soon, "客户要求删除")
	require.NoError(t, err)
	require.Equal(t, soon, c.Retention.Until)
}

// R259: a third party proves its authorisation before money.
func TestAuthorisationBeforeMoney(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, UnderInvestigation)
	c.Personal.Parties = []Party{{Roles: []string{PartyCustomer}, DisplayName: "王"}, {Roles: []string{PartyComplainant, PartyRepresentative}, DisplayName: "李"}}
	paid := &Solution{Compensation: Money{Fen: 100}}
	requireReason(t, c.proved(paid), "AUTHORISATION_REQUIRED")
	require.NoError(t, c.proved(&Solution{}))
	_, err := c.Authorise(d.as(anAgent), 1, "授权书")
	require.NoError(t, err)
	require.NoError(t, c.proved(paid))
}

// R188: PROTECTED hides from who serves, and from the one complained about.
func TestHides(t *testing.T) {
	t.Parallel()
	c := &Case{OwnerOrg: "o", Confidentiality: Protected, ComplainedAbout: []string{"users/x"}}
	require.True(t, c.Hides([]string{"p"}))
	require.False(t, c.Hides([]string{"p", "o"}, "users/y"))
	require.True(t, c.Hides([]string{"o"}, "users/x"))
	c.Confidentiality = Normal
	require.False(t, c.Hides([]string{"p"}, "users/x"))
}

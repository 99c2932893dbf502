package casefile

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

func tasksOf(c *Case, kind TaskKind) (tasks []Task) {
	return slices.DeleteFunc(slices.Clone(c.Tasks), func(t Task) bool { return t.Kind != kind })
}

// Who is complained about during a running job is kept away from the household; safety and fraud stop the job (process.md, R97, R267).
func TestWhoIsComplainedAboutStaysAway(t *testing.T) {
	t.Parallel()
	running := []Running{{Case: "cases/o", WorkOrder: "workOrders/w9", By: "SERIAL", Engineer: "engineers/e"}}
	for name, in := range map[string]struct {
		acceptance Acceptance
		engineers  []string
		orders     []string
		suspend    bool
	}{
		"fraud, naming nobody":       {Acceptance{ContentClass: "FRAUD", Found: Findings{StopsJob: true, Running: running}}, []string{"engineers/e"}, []string{"workOrders/w9"}, true},
		"attitude, naming nobody":    {Acceptance{ContentClass: "ATTITUDE", Found: Findings{Common: attitudeClass, Running: running}}, []string{"engineers/e"}, []string{"workOrders/w9"}, false},
		"the machine, naming nobody": {Acceptance{ContentClass: "PARTS", Found: Findings{Common: "EQUIPMENT", Running: running}}, nil, nil, false},
		"somebody else by name":      {Acceptance{ContentClass: "FRAUD", ComplainedAbout: []string{"engineers/f"}, Found: Findings{StopsJob: true, Running: running}}, []string{"engineers/f"}, nil, true},
		"a user who is no engineer":  {Acceptance{ContentClass: "PROCESS", ComplainedAbout: []string{"users/x"}}, nil, nil, false},
		"no job runs, named":         {Acceptance{ContentClass: "ATTITUDE", ComplainedAbout: []string{"engineers/f"}}, []string{"engineers/f"}, nil, false},
		"nobody has the running job": {Acceptance{ContentClass: "FRAUD", Found: Findings{StopsJob: true, Running: []Running{{WorkOrder: "workOrders/w9"}}}}, nil, nil, false},
	} {
		d := newDesk()
		c := d.takenOn(t, in.acceptance)
		tasks := tasksOf(c, TaskExcludeEngineer)
		require.Len(t, tasks, len(in.engineers), name)
		for i, task := range tasks {
			require.Equal(t, in.engineers[i], task.Engineer, name)
			require.Equal(t, in.orders, task.Orders, name)
			require.Equal(t, in.suspend, task.Suspend, name)
			require.Contains(t, c.ComplainedAbout, task.Engineer, name)
			change := c.EngineerKeptAway(d.as(System), task, in.orders)
			require.Equal(t, []string{"ENGINEER_KEPT_AWAY"}, events(change), name)
		}
		require.Empty(t, tasksOf(c, TaskExcludeEngineer), name)
	}
}

// After the second failed repair exchange or return is offered before another one (process.md, R96).
func TestExchangeOrReturnFirst(t *testing.T) {
	t.Parallel()
	d := newDesk()
	once := d.takenOn(t, Acceptance{ContentClass: "REPAIR_QUALITY", Found: Findings{Failed: &FailedRepairs{Count: 1}}})
	require.Nil(t, once.Failed, "one failed repair is repaired again")
	c := d.takenOn(t, Acceptance{ContentClass: "REPAIR_QUALITY", Found: Findings{Failed: &FailedRepairs{Count: 2, FirstOrder: "workOrders/w1", FirstOrg: "organisations/p"}}})
	require.True(t, c.Flagged(FlagFailedRepairs))
	_, err := c.StartInvestigation(d.as(anInvestigator), "")
	require.NoError(t, err)
	_, err = c.Conclude(d.as(anInvestigator), found())
	require.NoError(t, err)
	repair := Solution{Kind: "REPAIR_AGAIN", Explanation: "x", Measures: []Measure{{Kind: "REPAIR_AGAIN", Mode: ModeVisit, Purpose: "REPAIR"}}}
	_, _, err = c.Propose(d.as(anInvestigator), repair)
	requireReason(t, err, "EXCHANGE_OR_RETURN_FIRST")
	beside := repair
	beside.Measures, beside.Alternatives = slices.Clone(repair.Measures), []Alternative{{Kind: "RETURN_REFUND"}}
	_, _, err = c.Propose(d.as(anInvestigator), beside)
	require.NoError(t, err, "it is offered beside the repair")
	_, _, err = c.Propose(d.as(anInvestigator), repair)
	require.NoError(t, err, "it was offered before")
}

// A reply to a regulator is approved by legal before its receipt counts (process.md "regulator").
func TestARegulatorsReplyIsApproved(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, UnderInvestigation)
	aLawyer := user("law", RoleLegal)
	_, err := c.ApproveReply(d.as(aLawyer), "x")
	requireReason(t, err, "CASE_KIND_INVALID")
	c.Regulator = &Regulator{Body: "b", DocumentNumber: "1", Due: noon.Add(time.Hour)}
	_, err = c.Replied(d.as(aManager), "EMS", "")
	requireReason(t, err, "REPLY_NOT_APPROVED")
	_, err = c.ApproveReply(d.as(aManager), "x")
	requireReason(t, err, "APPROVER_ROLE_REQUIRED")
	c.ComplainedAbout = []string{aLawyer.Name}
	_, err = c.ApproveReply(d.as(aLawyer), "x")
	requireReason(t, err, "APPROVER_NOT_INDEPENDENT")
	c.ComplainedAbout = nil
	_, err = c.ApproveReply(d.as(aLawyer), " 已同意 ")
	require.NoError(t, err)
	require.Equal(t, "已同意", c.Regulator.Reply)
	_, err = c.Replied(d.as(aManager), "EMS", "")
	require.NoError(t, err)
}

// The platform's outcome overrides the state: what was agreed is given up (process.md "platform steps in").
func TestThePlatformDecides(t *testing.T) {
	t.Parallel()
	for _, state := range []State{Received, Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService} {
		d := newDesk()
		c := d.at(t, state)
		_, _, err := c.SetDeadline(d.as(aManager), External{Code: "PLATFORM_DISPUTE", Type: ClockPlatform, Due: d.now.Add(time.Hour), Reason: "介入"})
		require.NoError(t, err)
		require.Contains(t, []string{"HIGH", "CRITICAL"}, c.Urgency, "it has priority")
		change, err := c.PlatformDecided(d.as(aManager), PlatformDecision{Outcome: "REFUND", Reason: "超时未举证"})
		require.NoError(t, err, state)
		require.Equal(t, Resolved, c.State)
		require.NotEmpty(t, change.Void, "open payments are blocked")
		require.Empty(t, tasksOf(c, TaskCreateWorkOrder), state)
		require.Equal(t, state == InService, len(tasksOf(c, TaskCancelWorkOrders)) > 0, state)
		for _, k := range c.Clocks {
			require.False(t, k.running(), "%s: %s", state, k.Code)
		}
	}
}

// A missing part is told at once and at each slip, pauses no promise, and its arrival too (process.md "part missing").
func TestWaitingForAPart(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, InService)
	step := func(state string, facts map[string]string) Change {
		return c.OrderChanged(d.as(System), OrderStep{WorkOrder: "workOrders/w1", Round: 1, State: state, Open: 1, From: noon, Entry: timeline.Entry{Event: "E", Facts: facts}})
	}
	require.Equal(t, NoticePartAwaited, step("WAITING_PART", map[string]string{"promised": "2026-12-01T00:00:00Z"}).Tasks[0].Notice)
	require.True(t, c.Flagged(FlagWaitingForPart))
	require.Empty(t, step("WAITING_PART", nil).Tasks, "an earlier date is no slip")
	require.Len(t, step("WAITING_PART", map[string]string{"slip": "1"}).Tasks, 1)
	require.True(t, clockOf(c, ClockResolve).running(), "our promise runs on")
	require.Empty(t, clockOf(c, ClockResolve).PauseReason())
	require.Equal(t, NoticePartArrived, step("BOOKED", map[string]string{"partArrived": "true"}).Tasks[0].Notice)
	require.False(t, c.Flagged(FlagWaitingForPart))
}

// Any contact within the time brings back what was closed because nobody answered; a thank-you does not, nor a machine (process.md).
func TestBackAfterNoReply(t *testing.T) {
	t.Parallel()
	closed := func(d *desk) *Case {
		c := d.at(t, Resolved)
		c.State, c.Urgency = Closed, "LOW"
		c.Round().Basis, c.Round().ClosedAt = BasisNoReply, d.now
		return c
	}
	for name, in := range map[string]struct {
		message Message
		after   time.Duration
		state   State
	}{
		"within":             {Message{Known: true, Points: "还是漏水"}, 29 * 24 * time.Hour, UnderInvestigation},
		"too late":           {Message{Known: true, Points: "还是漏水"}, 31 * 24 * time.Hour, Closed},
		"thank you":          {Message{Known: true, Points: "谢谢"}, time.Hour, Closed},
		"an automatic reply": {Message{Known: true, Machine: true, Points: "外出"}, time.Hour, Closed},
		"a stranger":         {Message{Points: "还是漏水"}, time.Hour, Closed},
	} {
		d := newDesk()
		c := closed(d)
		m := d.as(System)
		m.At = d.now.Add(in.after)
		_, err := c.Received(m, in.message)
		require.NoError(t, err, name)
		require.Equal(t, in.state, c.State, name)
		if in.state == UnderInvestigation {
			require.Equal(t, "HIGH", c.Urgency, name)
			require.Equal(t, 2, c.RoundNumber(), name)
		}
	}
}

// Attempts of the engineer in different half-days count towards "unreachable"; an appointment ends it (process.md "customer unreachable").
func TestAttemptsAtTheVisitCount(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, InService)
	step := func(state string, after time.Duration) {
		c.OrderChanged(d.as(System), OrderStep{WorkOrder: "workOrders/w1", Round: 1, State: state, Open: 1, Entry: timeline.Entry{Event: "E", Occurred: d.now.Add(after)}})
	}
	step("BOOKING_FAILED", 0)
	step("BOOKING_FAILED", time.Minute)
	step("BOOKING_FAILED", 13*time.Hour)
	require.False(t, c.Flagged(FlagUnreachable), "two half-days")
	step("BOOKING_FAILED", 26*time.Hour)
	require.True(t, c.Flagged(FlagUnreachable))
	require.Len(t, tasksOf(c, TaskDeliverNotice), 2, "the acknowledgement, and the written notice")
	step("BOOKED", 27*time.Hour)
	require.False(t, c.Flagged(FlagUnreachable))
	require.Nil(t, c.NoReply)
}

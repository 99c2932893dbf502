package casefile

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/worktime"
)

func local(t testing.TB, text string) time.Time {
	t.Helper()
	wall, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai())
	require.NoError(t, err)
	return wall.UTC()
}

// filed is a complaint that came online at a time.
func (d *desk) filed(t testing.TB, at time.Time) *Case {
	t.Helper()
	d.now = at
	c := &Case{ID: "c", Kind: Complaint, Channel: "WEB_FORM", Problem: "x", Personal: Personal{Parties: []Party{{Roles: PartyRoles, DisplayName: "王"}}}}
	_, err := File(d.as(anAgent), c)
	require.NoError(t, err)
	return c
}

func (d *desk) accept(t testing.TB, c *Case, urgency string) {
	t.Helper()
	_, err := c.Accept(d.as(anAgent), Acceptance{ContentClass: "PARTS", Urgency: urgency})
	require.NoError(t, err)
}

// R192: filed online on Friday at 17:50, due on Monday at 09:50; the case says so and why.
func TestOneWorkingHourForOnlineComplaints(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.filed(t, local(t, "2026-11-20 17:50"))
	require.Equal(t, local(t, "2026-11-23 09:50"), c.Promise(ClockAcknowledge))
	k := c.runningClock(ClockAcknowledge)
	require.Equal(t, "acknowledge-online", k.Policy)
	require.Contains(t, k.ZH, "渠道 WEB_FORM")
	require.NotEmpty(t, k.Way)
}

// Promises pause for listed reasons, external clocks never (architecture.md section 3, process.md).
func TestPromisesPauseAndExternalClocksDoNot(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.filed(t, local(t, "2026-11-23 10:00"))
	d.accept(t, c, "HIGH")
	n, _, err := c.SetDeadline(d.as(aManager), External{Code: "REPLY_12315", Type: ClockRegulator, Due: d.now.Add(48 * time.Hour), Reason: "沪市监 1 号"})
	require.NoError(t, err)
	resolve := c.Promise(ClockResolve)

	d.now = d.now.Add(time.Hour)
	change, err := c.PauseClocks(d.as(anAgent), promise.WaitingForCustomer, "等待发票")
	require.NoError(t, err)
	require.True(t, c.Promise(ClockResolve).IsZero(), "nobody knows it while it stands")
	require.Equal(t, 71*time.Hour, c.runningClock(ClockResolve).Left)
	require.Equal(t, promise.WaitingForCustomer, c.runningClock(ClockResolve).PauseReason())
	require.Equal(t, c.Clocks[n].Due, c.Deadline(), "the regulator's runs on")
	require.NotContains(t, change.Clocks, n)
	_, err = c.PauseClocks(d.as(anAgent), promise.WaitingForCustomer, "")
	require.Equal(t, "CLOCKS_PAUSED", apierr.Reason(err))

	d.now = d.now.Add(100 * time.Hour)
	late := c.Overdue(d.as(System))
	require.Contains(t, events(late), "DEADLINE_MISSED")
	require.Equal(t, "REPLY_12315", late.Entries[0].Facts["clock"])
	require.False(t, c.Clocks[n].Breached.IsZero())
	require.True(t, c.runningClock(ClockResolve).Breached.IsZero(), "what stands is not missed")

	_, err = c.ResumeClocks(d.as(anAgent), "发票已到")
	require.NoError(t, err)
	require.Equal(t, resolve.Add(100*time.Hour), c.Promise(ClockResolve))
	_, err = c.ResumeClocks(d.as(anAgent), "")
	require.Equal(t, "CLOCKS_RUNNING", apierr.Reason(err))
	_, err = c.MeetDeadline(d.as(aManager), n, "已回复")
	require.NoError(t, err)
	require.Equal(t, "MET_LATE", c.Clocks[n].State())
	_, err = c.MeetDeadline(d.as(aManager), n, "")
	require.Equal(t, "DEADLINE_OVER", apierr.Reason(err))
	_, err = c.MeetDeadline(d.as(aManager), 0, "")
	require.Equal(t, "DEADLINE_TYPE_INVALID", apierr.Reason(err))
}

// A known bug of such systems: raising the urgency of a paused case starts its clock, or counts the pause.
func TestUrgencyChangedWhilePaused(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.filed(t, local(t, "2026-11-23 10:00"))
	d.accept(t, c, "NORMAL")
	d.now = d.now.Add(2 * time.Hour)
	_, err := c.PauseClocks(d.as(anAgent), promise.WaitingForCustomer, "")
	require.NoError(t, err)
	d.now = d.now.Add(24 * time.Hour)
	_, err = c.ChangeUrgency(d.as(aManager), "CRITICAL", "客户家中有老人")
	require.NoError(t, err)
	k := c.runningClock(ClockResolve)
	require.Equal(t, "PAUSED", k.State())
	require.Equal(t, "resolve-critical", k.Policy)
	require.Equal(t, 22*time.Hour, k.Left, "two hours had run, the pause had not")
	d.now = d.now.Add(24 * time.Hour)
	_, err = c.ResumeClocks(d.as(anAgent), "")
	require.NoError(t, err)
	require.Equal(t, d.now.Add(22*time.Hour), c.Promise(ClockResolve))
}

// What was over before the pause began is missed, once, though nobody looked; it does not pause any more.
func TestAPauseDoesNotTakeBackWhatWasMissed(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.filed(t, local(t, "2026-11-23 10:00"))
	d.accept(t, c, "CRITICAL")
	d.now = d.now.Add(25 * time.Hour)
	change, err := c.PauseClocks(d.as(anAgent), promise.WaitingForCustomer, "")
	require.NoError(t, err)
	require.Contains(t, events(change), "DEADLINE_MISSED")
	require.Equal(t, "BREACHED", c.runningClock(ClockResolve).State())
	for _, e := range c.Overdue(d.as(System)).Entries {
		require.NotEqual(t, "DEADLINE_MISSED", e.Event)
	}
}

// Escalation: a warning before, the breach, then named roles one after the other; each once, and an end when it is met (R190).
func TestTheLadderOfEscalation(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.filed(t, local(t, "2026-11-23 10:00"))
	d.accept(t, c, "CRITICAL")
	start := d.now
	look := func(after time.Duration) (told []string) {
		d.now = start.Add(after)
		for _, a := range c.Overdue(d.as(System)).Alerts {
			if a.Code == ClockResolve {
				told = append(told, fmt.Sprint(a.Reason, " ", a.Role, " ", a.Tier))
			}
		}
		return told
	}
	require.Empty(t, look(19*time.Hour))
	require.Equal(t, []string{"DEADLINE_NEAR agent 0"}, look(20*time.Hour))
	require.Empty(t, look(23*time.Hour))
	require.Equal(t, []string{"DEADLINE_MISSED agent 0", "DEADLINE_MISSED manager 1"}, look(24*time.Hour), "at the second")
	require.Empty(t, look(25*time.Hour))
	require.Equal(t, []string{"DEADLINE_MISSED quality 2"}, look(48*time.Hour))
	require.Empty(t, look(500*time.Hour))

	down := d.filed(t, local(t, "2026-11-23 10:00")) // the process was down all the time
	c = down
	d.accept(t, c, "CRITICAL")
	require.Equal(t, []string{"DEADLINE_MISSED agent 0", "DEADLINE_MISSED manager 1", "DEADLINE_MISSED quality 2"}, look(72*time.Hour), "once each, no warning")
	require.Empty(t, look(73*time.Hour))
}

// Reopening promises anew (R172); the round's urging starts from nothing.
func TestReopeningPromisesAnew(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, Resolved)
	require.Nil(t, c.NearestClock(), "nothing runs after RESOLVED")
	d.now = d.now.Add(240 * time.Hour)
	_, err := c.Reopen(d.as(anAgent), "又坏了")
	require.NoError(t, err)
	require.Equal(t, d.now.Add(24*time.Hour), c.Promise(ClockRespond))
	require.Equal(t, 2, c.runningClock(ClockResolve).Round)
	require.True(t, c.inTime(), "of this round")
}

// 催办: counted; from the third time on the manager's.
func TestUrging(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, UnderInvestigation)
	for n, role := range []string{RoleInvestigator, RoleInvestigator, RoleManager} {
		change, err := c.Urge(d.as(aPartner), "什么时候好")
		require.NoError(t, err)
		require.Equal(t, n+1, c.Urges.Count)
		require.Equal(t, role, change.Alerts[0].Role)
		require.True(t, change.Quiet, "nobody's etag is spoiled")
	}
	require.True(t, c.UrgedJustNow(d.as(aCustomer)))
	d.now = d.now.Add(11 * time.Minute)
	require.False(t, c.UrgedJustNow(d.as(aCustomer)))
}

// News: what was said to the customer is the promise, by policy otherwise; reminded before, missed at the second (R161-R163, R166).
func TestNewsIsPromisedAndReminded(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.filed(t, local(t, "2026-11-23 10:00"))
	d.accept(t, c, "HIGH")
	require.Equal(t, local(t, "2026-11-24 10:00"), c.Promise(ClockNews), "one working day of 7 h 30 min")
	tomorrow := local(t, "2026-11-24 20:00")
	news := News{Doing: "正在拆机检测", Difficulty: "配件在途", Next: tomorrow}
	change, err := c.TellNews(d.as(anInvestigator), &news)
	require.NoError(t, err)
	require.Equal(t, tomorrow, c.Promise(ClockNews))
	require.Equal(t, c.Promise(ClockResolve), news.Expected)
	require.True(t, c.Promise(ClockRespond).IsZero(), "the customer has been answered (R196)")
	require.Equal(t, NoticeNews, change.Tasks[0].Notice)
	_, err = c.ChangeUrgency(d.as(aManager), "LOW", "x")
	require.NoError(t, err)
	require.Equal(t, tomorrow, c.Promise(ClockNews), "what was said stays said")

	d.now = tomorrow.Add(-time.Hour)
	change = c.Overdue(d.as(System))
	require.Equal(t, []string{"NEWS_DUE"}, events(change))
	require.Equal(t, AlertNews, change.Alerts[0].Reason)
	d.now = tomorrow
	require.Contains(t, events(c.Overdue(d.as(System))), "DEADLINE_MISSED")
	_, err = c.TellNews(d.as(anInvestigator), &News{Doing: "已找到原因"})
	require.NoError(t, err)
	require.True(t, c.Promise(ClockNews).After(tomorrow))
	require.True(t, c.inTime(), "late news is not a late solution")
	_, err = c.TellNews(d.as(anInvestigator), &News{Doing: "x", Next: d.now.Add(-time.Hour)})
	require.Error(t, err)
}

// timekeeper is the brute force: it steps through the minutes of a case and asks of each whether it counts.
type timekeeper struct {
	cal    *worktime.Calendar
	stands func(time.Time) bool
}

func (k timekeeper) due(start time.Time, within time.Duration) time.Time {
	for at := start; ; at = at.Add(time.Minute) {
		if within <= 0 {
			return at
		}
		if k.cal.IsWorking(at) && !k.stands(at) {
			within -= time.Minute
		}
	}
}

// A case through random pauses, changes of urgency and urging, against stepping through the minutes: for the promises that run by the
// office's hours (breaks, weekends, holidays, 调休) and those that run day and night.
func TestACaseAgainstTheMinutes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk()
		starts := []string{"2026-11-20 17:50", "2026-09-30 17:00", "2026-02-13 11:59", "2026-10-10 08:00", "2026-04-03 23:30", "2026-12-24 12:30"}
		wall, err := time.ParseInLocation("2006-01-02 15:04", rapid.SampledFrom(starts).Draw(t, "start"), shanghai())
		require.NoError(t, err)
		c := d.filedAt(wall.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "minutes")) * time.Minute).UTC())
		urgency := rapid.SampledFrom([]string{"CRITICAL", "HIGH", "NORMAL", "LOW"})
		_, err = c.Accept(d.as(anAgent), Acceptance{ContentClass: "PARTS", Urgency: urgency.Draw(t, "urgency")})
		require.NoError(t, err)
		accepted := d.now
		var pauses [][2]time.Time
		external := d.now.Add(90 * 24 * time.Hour)
		_, _, err = c.SetDeadline(d.as(aManager), External{Code: "LAW", Type: ClockLegal, Due: external})
		require.NoError(t, err)
		for range rapid.IntRange(0, 5).Draw(t, "steps") {
			// Never beyond the next deadline: what is missed does not pause any more, which another test shows.
			room := int(c.Deadline().Sub(d.now) / time.Minute)
			d.now = d.now.Add(time.Duration(rapid.IntRange(0, max(0, min(room-1, 2000))).Draw(t, "run")) * time.Minute)
			if rapid.Bool().Draw(t, "change") && d.now.Sub(accepted) < 4*time.Hour {
				_, err := c.ChangeUrgency(d.as(aManager), urgency.Draw(t, "other"), "x")
				require.NoError(t, err)
				if c.Deadline().Before(d.now) {
					break
				}
			}
			reason := rapid.SampledFrom(byHand).Draw(t, "reason")
			_, err := c.PauseClocks(d.as(anAgent), reason, "")
			require.NoError(t, err)
			from := d.now
			d.now = d.now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "pause")) * time.Minute)
			if rapid.Bool().Draw(t, "changeWhilePaused") {
				_, err := c.ChangeUrgency(d.as(aManager), "LOW", "x")
				require.NoError(t, err)
			}
			_, err = c.ResumeClocks(d.as(anAgent), "")
			require.NoError(t, err)
			pauses = append(pauses, [2]time.Time{from, d.now})
		}
		stands := func(at time.Time) bool {
			return slices.ContainsFunc(pauses, func(p [2]time.Time) bool { return !at.Before(p[0]) && at.Before(p[1]) })
		}
		for _, code := range []string{ClockResolve, ClockNews} {
			k := c.runningClock(code)
			if k == nil || !k.Breached.IsZero() {
				continue
			}
			keeper := timekeeper{cal: d.policy.Promises.Book().Calendar(k.Calendar), stands: stands}
			require.Equal(t, keeper.due(k.Started, k.Within), k.Due, code)
			sum := time.Duration(0)
			for _, s := range k.Way {
				sum += s.Working()
			}
			if len(k.Way) > 0 {
				require.Equal(t, k.Within, sum, "the segments tell the whole way")
			}
		}
		require.Equal(t, external, c.Promise("LAW"), "the law's clock never moves")
	})
}

// filedAt is filed for property tests.
func (d *desk) filedAt(at time.Time) *Case {
	d.now = at
	c := &Case{ID: "c", Kind: Complaint, Channel: "WEB_FORM", Problem: "x", Personal: Personal{Parties: []Party{{Roles: PartyRoles, DisplayName: "王"}}}}
	if _, err := File(d.as(anAgent), c); err != nil {
		panic(err)
	}
	return c
}

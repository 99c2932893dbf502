package intake

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/platform/auth"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// friday is 2026-11-20 17:50 in Shanghai.
var friday = time.Date(2026, 11, 20, 9, 50, 0, 0, time.UTC)

func online() *intakev1.Case {
	c := complaint()
	c.Channel = "WEB_FORM"
	return c
}

func (w *world) deadlines(name string) map[string]*intakev1.Deadline {
	w.t.Helper()
	list, err := w.promises.ListDeadlines(w.as(agent), &intakev1.ListDeadlinesRequest{Parent: name})
	require.NoError(w.t, err)
	all := map[string]*intakev1.Deadline{}
	for _, d := range list.GetDeadlines() {
		all[d.GetCode()] = d
	}
	return all
}

func (w *world) sweep() {
	w.t.Helper()
	require.NoError(w.t, w.svc.worker.Sweep(w.t.Context()))
}

func (w *world) escalations(filter string) (all []*intakev1.Escalation) {
	w.t.Helper()
	list, err := w.promises.ListEscalations(w.as(manager), &intakev1.ListEscalationsRequest{Filter: filter})
	require.NoError(w.t, err)
	return list.GetEscalations()
}

// R192: an online complaint of Friday 17:50 is to be acknowledged by Monday 09:50, explained line by line; what is late is told at the second,
// once, with how late it was, to named roles, and settled when it is met.
func TestDeadlinesAreRowsAndExplained(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		w.clock.Set(friday)
		c := w.file(agent, online())
		monday := time.Date(2026, 11, 23, 1, 50, 0, 0, time.UTC)
		require.Equal(t, friday.Add(24*time.Hour), w.deadlines(c.GetName())["RESPOND"].GetDueTime().AsTime()) // R196
		d := w.deadlines(c.GetName())["ACKNOWLEDGE"]
		require.Equal(t, monday, d.GetDueTime().AsTime())
		require.Equal(t, "slaPolicies/acknowledge-online", d.GetPolicy())
		require.Equal(t, "workingCalendars/office", d.GetCalendar())
		require.Contains(t, d.GetExplanation()[0], "WEB_FORM")
		require.Contains(t, strings.Join(d.GetExplanation(), "\n"), "2026-11-23 09:00–09:50 工作时间,计 50 分钟")
		require.Equal(t, int64(3600), d.GetWithinSeconds())

		w.clock.Set(monday.Add(-15 * time.Minute))
		w.sweep()
		require.Len(t, w.escalations(`case = "`+c.GetName()+`" AND reason = "DEADLINE_NEAR" AND role = "agent" AND open = true`), 1, "of the response it has become pointless")
		w.clock.Set(monday)
		w.sweep()
		w.sweep()
		d = w.deadlines(c.GetName())["ACKNOWLEDGE"]
		require.Equal(t, intakev1.Deadline_BREACHED, d.GetState())
		require.Equal(t, monday, d.GetBreachTime().AsTime(), "at the second")
		require.Equal(t, int32(1), d.GetTier())
		missed := w.escalations(`case = "` + c.GetName() + `" AND reason = "DEADLINE_MISSED" AND open = true AND role = "manager"`)
		require.Len(t, missed, 2)
		require.Equal(t, "ACKNOWLEDGE", missed[1].GetDeadlineCode())

		_, err := w.promises.AcknowledgeEscalation(w.as(agent), &intakev1.AcknowledgeEscalationRequest{Name: missed[0].GetName()})
		requireReason(t, err, "PERMISSION_DENIED")
		taken, err := w.promises.AcknowledgeEscalation(w.as(manager), &intakev1.AcknowledgeEscalationRequest{Name: missed[0].GetName()})
		require.NoError(t, err)
		require.Equal(t, "users/manager", taken.GetAcknowledger())
		_, err = w.promises.AcknowledgeEscalation(w.as(providerDesk), &intakev1.AcknowledgeEscalationRequest{Name: missed[1].GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")

		_, err = w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "REPAIR_QUALITY", Urgency: "HIGH"})
		require.NoError(t, err)
		require.Equal(t, intakev1.Deadline_MET_LATE, w.deadlines(c.GetName())["ACKNOWLEDGE"].GetState())
		for _, e := range w.escalations(`case = "` + c.GetName() + `" AND open = true`) {
			require.NotEqual(t, "ACKNOWLEDGE", e.GetDeadlineCode(), "met: nobody need look any more")
		}
	})
}

// A clock that was due while nothing ran fires once afterwards and says how late it was (issue 3). What wakes is the row: there is no job.
func TestAClockDueWhileTheProcessWasDown(t *testing.T) {
	everywhere(t, Config{SweepEvery: time.Hour}, func(t *testing.T, w *world) {
		c := w.accepted(complaint())
		require.NoError(t, w.svc.Stop(t.Context()))
		w.clock.Advance(80 * time.Hour) // HIGH: three days
		require.NoError(t, w.svc.Start(t.Context()))
		w.until(c.GetName(), "updated")
		w.sweep()
		var late []string
		for _, e := range w.entries(c.GetName()) {
			if e.GetEvent() == "DEADLINE_MISSED" && e.GetFacts()["clock"] == "RESOLVE" {
				late = append(late, e.GetFacts()["late"])
			}
			require.False(t, e.GetEvent() == "DEADLINE_NEAR" && e.GetFacts()["clock"] == "RESOLVE", "a warning has become pointless")
		}
		require.Equal(t, []string{"8h0m0s"}, late)
		require.Equal(t, intakev1.Deadline_BREACHED, w.deadlines(c.GetName())["RESOLVE"].GetState())
		require.Equal(t, int64(8*3600), w.escalations(`case = "` + c.GetName() + `" AND reason = "DEADLINE_MISSED"`)[0].GetLateSeconds()%(24*3600))
	})
}

// Pausing, resuming, another urgency, an external clock: over the API, on both engines (R190, R198).
func TestPausesUrgencyAndExternalClocks(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.accepted(complaint())
		due := w.get(c.GetName()).GetExpectedResolveTime().AsTime()
		require.Equal(t, t0.Add(72*time.Hour), due)
		require.NotEmpty(t, w.get(c.GetName()).GetStateDeadlineReason())
		law, err := w.promises.CreateDeadline(w.as(manager), &intakev1.CreateDeadlineRequest{Parent: c.GetName(), RequestId: "d1", Deadline: &intakev1.Deadline{
			Code: "REPLY_12315", Type: intakev1.Clock_REGULATOR, DueTime: timestamppb.New(t0.Add(200 * time.Hour)), Reason: "沪市监 1 号",
		}})
		require.NoError(t, err)
		require.Equal(t, "沪市监 1 号", law.GetReason())
		_, err = w.promises.CreateDeadline(w.as(manager), &intakev1.CreateDeadlineRequest{Parent: c.GetName(), Deadline: &intakev1.Deadline{
			Code: "REPLY", Type: intakev1.Clock_PROMISE, DueTime: timestamppb.New(t0.Add(time.Hour)),
		}})
		require.Error(t, err, "a promise is not made by hand")

		paused, err := w.promises.PauseClocks(w.as(agent), &intakev1.PauseClocksRequest{Name: c.GetName(), Reason: "WAITING_FOR_CUSTOMER", Note: "等待发票", Etag: w.get(c.GetName()).GetEtag()})
		require.NoError(t, err)
		require.Nil(t, paused.GetExpectedResolveTime())
		require.Equal(t, t0.Add(200*time.Hour), paused.GetStateDeadline().AsTime(), "the regulator's never pauses")
		d := w.deadlines(c.GetName())["RESOLVE"]
		require.Equal(t, intakev1.Deadline_PAUSED, d.GetState())
		require.Equal(t, int64(72*3600), d.GetRemainingSeconds())
		_, err = w.promises.ResumeClocks(w.as(agent), &intakev1.ResumeClocksRequest{Name: c.GetName(), Etag: c.GetEtag()})
		requireReason(t, err, "ETAG_STALE")

		w.clock.Advance(100 * time.Hour)
		resumed, err := w.promises.ResumeClocks(w.as(agent), &intakev1.ResumeClocksRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Equal(t, due.Add(100*time.Hour), resumed.GetExpectedResolveTime().AsTime())
		d = w.deadlines(c.GetName())["RESOLVE"]
		require.Equal(t, "等待客户", d.GetPauses()[0].GetReasonLabel())
		require.Contains(t, strings.Join(d.GetExplanation(), "\n"), "计时暂停(等待客户)")

		_, err = w.promises.ChangeUrgency(w.as(manager), &intakev1.ChangeUrgencyRequest{Name: c.GetName(), Urgency: "UNHEARD_OF", Reason: "x"})
		requireReason(t, err, "CODE_UNKNOWN")
		changed, err := w.promises.ChangeUrgency(w.as(manager), &intakev1.ChangeUrgencyRequest{Name: c.GetName(), Urgency: "CRITICAL", Reason: "家中有老人"})
		require.NoError(t, err)
		require.Equal(t, t0.Add(124*time.Hour), changed.GetExpectedResolveTime().AsTime())
		met, err := w.promises.MeetDeadline(w.as(manager), &intakev1.MeetDeadlineRequest{Name: law.GetName(), Note: "已回复"})
		require.NoError(t, err)
		require.Equal(t, intakev1.Deadline_MET, met.GetState())

		next, err := w.promises.ListDeadlines(w.as(agent), &intakev1.ListDeadlinesRequest{Parent: "cases/-", PageSize: 1})
		require.NoError(t, err)
		require.NotEmpty(t, next.GetNextPageToken(), "what is due next, page by page")
		none, err := w.promises.ListDeadlines(w.as(providerDesk), &intakev1.ListDeadlinesRequest{Parent: "cases/-"})
		require.NoError(t, err)
		require.Empty(t, none.GetDeadlines(), "nobody sees those of other organisations")
	})
}

// News is told to the customer, shown on the progress page with the planned steps and the next time, and delivered; the result comes unasked
// (R161-R168). Urging by the link is counted once in ten minutes and nothing personal shows.
func TestProgressNewsAndUrging(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.concluded()
		tomorrow := w.clock.Now().Add(24 * time.Hour)
		told, err := w.promises.CreateProgressNews(w.as(investigator), &intakev1.CreateProgressNewsRequest{Parent: c.GetName(), RequestId: "n1", ProgressNews: &intakev1.ProgressNews{
			Doing: "正在拆机检测", Difficulty: "配件在途", NextNewsTime: timestamppb.New(tomorrow),
		}})
		require.NoError(t, err)
		require.Equal(t, tomorrow, told.GetNextNewsTime().AsTime())
		w.untilEntry(c.GetName(), "PROGRESS_NEWS")
		require.Equal(t, tomorrow, w.get(c.GetName()).GetNextNewsTime().AsTime())
		page, err := w.progress.GetProgress(t.Context(), &intakev1.GetProgressRequest{Token: c.GetProgressToken()})
		require.NoError(t, err)
		require.Equal(t, "正在拆机检测", page.GetNews()[0].GetDoing())    // R163
		require.Equal(t, "配件在途", page.GetNews()[0].GetDifficulty()) // R166
		require.Equal(t, tomorrow, page.GetNextNewsTime().AsTime())
		require.NotNil(t, page.GetExpectedResolveTime())     // R165
		require.Equal(t, "待确认方案", page.GetPlannedSteps()[0]) // R167

		for range 2 {
			page, err = w.progress.UrgeProgress(t.Context(), &intakev1.UrgeProgressRequest{Token: c.GetProgressToken(), Message: "快一点"})
			require.NoError(t, err)
			require.Equal(t, int32(1), page.GetUrgeCount())
		}
		_, err = w.progress.UrgeProgress(t.Context(), &intakev1.UrgeProgressRequest{Token: "x" + c.GetProgressToken()[1:]})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		urged, err := w.promises.UrgeCase(w.as(agent), &intakev1.UrgeCaseRequest{Name: c.GetName(), Message: "客户来电催促"})
		require.NoError(t, err)
		require.Equal(t, int32(2), urged.GetUrgeCount())
		require.Len(t, w.escalations(`reason = "URGED" AND open = true AND assignee = "users/investigator"`), 2)
		_, err = w.promises.CreateProgressNews(w.as(investigator), &intakev1.CreateProgressNewsRequest{Parent: c.GetName(), ProgressNews: &intakev1.ProgressNews{Doing: "已找到原因"}})
		require.NoError(t, err)
		require.Empty(t, w.escalations(`reason = "URGED" AND open = true`), "news answers the urging")
		list, err := w.promises.ListProgressNews(w.as(agent), &intakev1.ListProgressNewsRequest{Parent: c.GetName(), PageSize: 1})
		require.NoError(t, err)
		require.Len(t, list.GetProgressNews(), 1)
		require.NotEmpty(t, list.GetNextPageToken())

		next := w.get(c.GetName()).GetNextNewsTime().AsTime()
		w.clock.Set(next.Add(-time.Hour))
		w.sweep()
		require.NotEmpty(t, w.escalations(`case = "`+c.GetName()+`" AND reason = "NEWS_DUE"`), "somebody is reminded") // R168
		w.clock.Set(next)
		w.sweep()
		require.Equal(t, intakev1.Deadline_BREACHED, w.deadlinesOf(c.GetName(), "PROGRESS_NEWS").GetState())

		w.agree(w.propose(c.GetName(), "VOUCHER"))
		s := w.get(c.GetName()).GetCurrentSolution()
		_, err = w.solutions.ConfirmMeasure(w.as(finance), &intakev1.ConfirmMeasureRequest{Name: s, MeasureId: "1"})
		require.NoError(t, err)
		w.untilEntry(c.GetName(), "RESULT") // R164
	})
}

// deadlinesOf is the latest deadline of a code.
func (w *world) deadlinesOf(name, code string) *intakev1.Deadline {
	w.t.Helper()
	return w.deadlines(name)[code]
}

// R186: every contact with time, place, person, event, points, measures and outcome.
func TestAContactIsRecordedInFull(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.accepted(complaint())
		made, err := w.contacts.CreateContactAttempt(w.as(agent), &intakev1.CreateContactAttemptRequest{Parent: c.GetName(), ContactAttempt: &intakev1.ContactAttempt{
			Channel: "STORE", Result: intakev1.ContactAttempt_REACHED, Points: "客户说周末在家", Direction: intakev1.ContactAttempt_INBOUND, Place: "浦东服务网点",
			Person: "王小明", Subject: "约定上门时间", Measures: "周六上午上门", DurationSeconds: 300,
		}})
		require.NoError(t, err)
		require.Equal(t, "王小明", made.GetPerson())
		list, err := w.contacts.ListContactAttempts(w.as(agent), &intakev1.ListContactAttemptsRequest{Parent: c.GetName(), PageSize: 100})
		require.NoError(t, err)
		var found *intakev1.ContactAttempt
		for _, a := range list.GetContactAttempts() {
			if a.GetName() == made.GetName() {
				found = a
			}
		}
		require.Equal(t, "周六上午上门", found.GetMeasures())
		require.Equal(t, "浦东服务网点", found.GetPlace())
		require.Equal(t, int32(300), found.GetDurationSeconds())
		require.Equal(t, intakev1.ContactAttempt_INBOUND, found.GetDirection())
		stranger, err := w.contacts.ListContactAttempts(w.as(otherAgent), &intakev1.ListContactAttemptsRequest{Parent: c.GetName(), PageSize: 100})
		require.NoError(t, err)
		for _, a := range stranger.GetContactAttempts() {
			require.Empty(t, a.GetPerson()+a.GetSubject()+a.GetMeasures(), "only in relation to the case (R188)")
		}
		require.Equal(t, intakev1.Deadline_MET, w.deadlines(c.GetName())["RESPOND"].GetState(), "talking is the response (R196)")
	})
}

// Policies are data of an organisation; the dry run tells which holds and why; clocks follow at their next change.
func TestPoliciesAreData(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		list, err := w.policies.ListSlaPolicies(w.as(agent), &intakev1.ListSlaPoliciesRequest{Filter: `promise = "HOTLINE_ANSWER"`})
		require.NoError(t, err)
		require.Equal(t, int64(30), list.GetSlaPolicies()[0].GetWithinSeconds()) // R191
		require.Equal(t, "CALL_CONNECTED", list.GetSlaPolicies()[0].GetStartEvent())
		_, err = w.policies.UpdateSlaPolicy(w.as(admin), &intakev1.UpdateSlaPolicyRequest{SlaPolicy: &intakev1.SlaPolicy{Name: list.GetSlaPolicies()[0].GetName(), WithinSeconds: 1}})
		requireReason(t, err, "SLA_POLICY_GENERAL")

		own := &intakev1.SlaPolicy{
			Promise: "RESOLVE", LabelZh: "配件投诉", LabelEn: "parts", ContentClasses: []string{"PARTS"}, WithinSeconds: 7200, WarnBeforeSeconds: 600,
			PauseReasons: []string{"AWAITING_CONSENT"}, Tiers: []*intakev1.EscalationTier{{Role: "quality"}},
		}
		made, err := w.policies.CreateSlaPolicy(w.as(admin), &intakev1.CreateSlaPolicyRequest{SlaPolicy: own, RequestId: uuid.NewString()})
		require.NoError(t, err)
		require.Equal(t, brand, made.GetOrganisation())
		_, err = w.policies.CreateSlaPolicy(w.as(admin), &intakev1.CreateSlaPolicyRequest{SlaPolicy: &intakev1.SlaPolicy{Promise: "RESOLVE", LabelZh: "x", LabelEn: "x", ContentClasses: []string{"NO_SUCH"}}})
		requireReason(t, err, "CODE_UNKNOWN")
		dry, err := w.policies.ExplainSlaPolicies(w.as(agent), &intakev1.ExplainSlaPoliciesRequest{Kind: "COMPLAINT", ContentClass: "PARTS", Urgency: "HIGH"})
		require.NoError(t, err)
		for _, e := range dry.GetExplanations() {
			if e.GetPromise() == "RESOLVE" {
				require.Equal(t, made.GetName(), e.GetPolicy())
				require.Equal(t, t0.Add(2*time.Hour), e.GetDueTime().AsTime())
				require.Contains(t, strings.Join(e.GetLines(), "\n"), "未采用 slaPolicies/resolve-high")
			}
		}
		c := w.file(agent, complaint())
		accepted, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "PARTS", Urgency: "HIGH"})
		require.NoError(t, err)
		require.Equal(t, t0.Add(2*time.Hour), accepted.GetExpectedResolveTime().AsTime())

		updated, err := w.policies.UpdateSlaPolicy(w.as(admin), &intakev1.UpdateSlaPolicyRequest{
			SlaPolicy: &intakev1.SlaPolicy{Name: made.GetName(), Etag: made.GetEtag(), WithinSeconds: 10800}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"within_seconds"}},
		})
		require.NoError(t, err)
		require.Equal(t, "配件投诉", updated.GetLabelZh())
		_, err = w.policies.UpdateSlaPolicy(w.as(admin), &intakev1.UpdateSlaPolicyRequest{SlaPolicy: &intakev1.SlaPolicy{Name: made.GetName(), Etag: made.GetEtag()}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"active"}}})
		requireReason(t, err, "ETAG_STALE")
		changed, err := w.promises.ChangeUrgency(w.as(manager), &intakev1.ChangeUrgencyRequest{Name: c.GetName(), Urgency: "LOW", Reason: "x"})
		require.NoError(t, err)
		require.Equal(t, t0.Add(3*time.Hour), changed.GetExpectedResolveTime().AsTime())

		theirs := staffOf("users/provider-admin", provider, auth.RoleAdmin)
		_, err = w.policies.UpdateSlaPolicy(w.as(theirs), &intakev1.UpdateSlaPolicyRequest{SlaPolicy: &intakev1.SlaPolicy{Name: made.GetName()}})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		seen, err := w.policies.ListSlaPolicies(w.as(theirs), &intakev1.ListSlaPoliciesRequest{Filter: `promise = "RESOLVE"`})
		require.NoError(t, err)
		for _, p := range seen.GetSlaPolicies() {
			require.Empty(t, p.GetOrganisation())
		}
	})
}

// Calendars are data, in any zone; a missing year is warned of until its holidays are imported (R192).
func TestCalendarsAreData(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		list, err := w.calendars.ListWorkingCalendars(w.as(agent), &intakev1.ListWorkingCalendarsRequest{})
		require.NoError(t, err)
		require.Equal(t, "workingCalendars/office", list.GetWorkingCalendars()[0].GetName())
		require.Contains(t, strings.Join(list.GetWorkingCalendars()[0].GetWarnings(), ""), "2027")
		due, err := w.calendars.AddWorkingTime(w.as(agent), &intakev1.AddWorkingTimeRequest{Name: "workingCalendars/office", StartTime: timestamppb.New(friday), Seconds: 3600})
		require.NoError(t, err)
		require.Equal(t, time.Date(2026, 11, 23, 1, 50, 0, 0, time.UTC), due.GetDueTime().AsTime())

		hours := &intakev1.WorkingHours{Hours: []string{"08:00-12:00", "13:00-17:00"}}
		berlin := &intakev1.WorkingCalendar{LabelZh: "柏林", LabelEn: "Berlin", Zone: "Europe/Berlin", Week: map[string]*intakev1.WorkingHours{"mon": hours, "sun": {Hours: []string{"01:00-04:00"}}}}
		made, err := w.calendars.CreateWorkingCalendar(w.as(admin), &intakev1.CreateWorkingCalendarRequest{WorkingCalendar: berlin, RequestId: uuid.NewString()})
		require.NoError(t, err)
		// The night of 29 March 2026 has no 02:00 in Berlin: three hours on the wall are two.
		due, err = w.calendars.AddWorkingTime(w.as(agent), &intakev1.AddWorkingTimeRequest{
			Name: made.GetName(), StartTime: timestamppb.New(time.Date(2026, 3, 28, 20, 0, 0, 0, time.UTC)), Seconds: 2 * 3600,
		})
		require.NoError(t, err)
		require.Equal(t, time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC), due.GetDueTime().AsTime(), "04:00 summer time")
		closed, err := w.calendars.UpdateWorkingCalendar(w.as(admin), &intakev1.UpdateWorkingCalendarRequest{
			WorkingCalendar: &intakev1.WorkingCalendar{Name: made.GetName(), Days: map[string]*intakev1.WorkingHours{"2026-03-29": {}}}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"days"}},
		})
		require.NoError(t, err)
		require.Equal(t, "Europe/Berlin", closed.GetZone())
		berlin.Week["mon"] = &intakev1.WorkingHours{Hours: []string{"18:00-09:00"}}
		_, err = w.calendars.CreateWorkingCalendar(w.as(admin), &intakev1.CreateWorkingCalendarRequest{WorkingCalendar: berlin})
		requireReason(t, err, "FIELD_INVALID")

		year := &intakev1.ImportHolidaysRequest{Region: "CN", Year: 2027, Holidays: []*intakev1.Holiday{
			{FirstDay: "2027-01-01", LastDay: "2027-01-03", NameZh: "元旦", NameEn: "New Year"}, {FirstDay: "2027-01-09", MakeUp: true, NameZh: "元旦调休", NameEn: "make-up"},
		}}
		done, err := w.calendars.ImportHolidays(w.as(admin), year)
		require.NoError(t, err)
		require.Equal(t, int32(4), done.GetDays())
		require.Empty(t, done.GetWarnings())
		got, err := w.calendars.ListHolidays(w.as(agent), &intakev1.ListHolidaysRequest{Year: 2027})
		require.NoError(t, err)
		require.Equal(t, []string{"2027-01-03", "2027-01-09"}, []string{got.GetHolidays()[0].GetLastDay(), got.GetHolidays()[1].GetFirstDay()})
		list, err = w.calendars.ListWorkingCalendars(w.as(agent), &intakev1.ListWorkingCalendarsRequest{})
		require.NoError(t, err)
		require.Empty(t, list.GetWorkingCalendars()[len(list.GetWorkingCalendars())-1].GetWarnings())
		year.Holidays[0].FirstDay = "2026-12-31"
		_, err = w.calendars.ImportHolidays(w.as(admin), year)
		requireReason(t, err, "FIELD_INVALID")
	})
}

package promise

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/worktime"
)

var (
	shanghai  = mustZone("Asia/Shanghai")
	complaint = Matter{Org: "organisations/a", Kind: "COMPLAINT", Class: "PARTS", Urgency: "HIGH", Channel: "WEB_FORM"}
)

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	wall, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai)
	require.NoError(t, err)
	return wall
}

func book(t testing.TB, policies ...Policy) *Book {
	t.Helper()
	for i := range policies {
		policies[i].Active = true
	}
	b, err := NewBook(policies, Defaults{}.Calendars(), nil, time.Now())
	require.NoError(t, err)
	return b
}

// The most specific policy holds, whatever the order of the rows; why is told.
func TestTheMostSpecificPolicyHolds(t *testing.T) {
	t.Parallel()
	rising := []Policy{ // each is more specific than those before
		{ID: "general"},
		{ID: "kind", Kinds: []string{"COMPLAINT"}},
		{ID: "channel", Channels: []string{"WEB_FORM", "APP"}},
		{ID: "narrow-channel", Channels: []string{"WEB_FORM"}},
		{ID: "urgency", Urgencies: []string{"HIGH"}},
		{ID: "class", Classes: []string{"PARTS"}},
		{ID: "two", Kinds: []string{"COMPLAINT"}, Channels: []string{"WEB_FORM"}},
		{ID: "own", Org: "organisations/a"},
		{ID: "own-class", Org: "organisations/a", Classes: []string{"PARTS"}},
	}
	for n := range rising {
		rising[n].Promise, rising[n].Within, rising[n].LabelZH, rising[n].LabelEN = Resolve, time.Duration(n+1)*time.Hour, "解决", "resolve"
		rows := append([]Policy{
			{ID: "other organisation", Promise: Resolve, Org: "organisations/b", Within: time.Minute, Classes: []string{"PARTS"}},
			{ID: "other class", Promise: Resolve, Within: time.Minute, Classes: []string{"FEE"}, Kinds: []string{"COMPLAINT"}},
			{ID: "other promise", Promise: Respond, Within: time.Minute},
		}, rising[:n+1]...)
		for range 5 {
			rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			b := book(t, rows...)
			terms, ok := b.Terms(Resolve, complaint)
			require.True(t, ok)
			require.Equal(t, rising[n].ID, terms.ID)
			require.Len(t, b.Overruled(Resolve, complaint), n)
			require.Contains(t, terms.ZH, "slaPolicies/"+terms.ID)
			require.Contains(t, terms.EN, terms.ID)
		}
	}
}

func TestNothingIsPromisedWhereAPolicySaysSo(t *testing.T) {
	t.Parallel()
	b := book(t, Policy{ID: "general", Promise: Respond, Within: time.Hour}, Policy{ID: "none", Promise: Respond, Org: "organisations/a"})
	_, ok := b.Terms(Respond, complaint)
	require.False(t, ok, "the own policy promises nothing")
	_, ok = b.Terms(Respond, Matter{Org: "organisations/b"})
	require.True(t, ok)
	b.policies[0].Active, b.policies[1].Active = false, false
	_, ok = b.Terms(Respond, complaint)
	require.False(t, ok, "policies that are not active do not hold")
}

// What is shipped: R191, R192, R196, R198.
func TestWhatIsShipped(t *testing.T) {
	t.Parallel()
	b := (&Table{}).Book()
	hotline, ok := b.Terms(HotlineAnswer, Matter{Channel: "HOTLINE"})
	require.True(t, ok)
	require.Equal(t, 30*time.Second, hotline.Within) // R191
	require.Equal(t, [2]string{"CALL_CONNECTED", "AGENT_ANSWERED"}, [2]string{hotline.StartEvent, hotline.EndEvent})
	online, ok := b.Terms(Acknowledge, complaint)
	require.True(t, ok)
	require.Equal(t, "acknowledge-online", online.ID) // R192
	require.Equal(t, time.Hour, online.Within)
	require.Equal(t, Office, online.Calendar)
	respond, ok := b.Terms(Respond, complaint)
	require.True(t, ok)
	require.Equal(t, 24*time.Hour, respond.Within) // R196
	for urgency, want := range map[string]time.Duration{"CRITICAL": day, "HIGH": 3 * day, "NORMAL": 7 * day, "LOW": 15 * day, "OWN": 7 * day} {
		m := complaint
		m.Urgency = urgency
		terms, ok := b.Terms(Resolve, m)
		require.True(t, ok)
		require.Equal(t, want, terms.Within, urgency) // R198
		news, ok := b.Terms(News, m)
		require.True(t, ok, "R161")
		require.Less(t, news.Within, terms.Within)
	}
	_, ok = b.Terms(Resolve, Matter{Kind: "ENQUIRY"})
	require.False(t, ok)
}

func TestTheConfigurationChangesWhatIsShipped(t *testing.T) {
	t.Parallel()
	d := Defaults{Zone: "Europe/Berlin", Acknowledge: 2 * time.Hour, Resolve: map[string]time.Duration{"HIGH": time.Hour}}
	b, err := NewBook(d.Policies(), d.Calendars(), nil, time.Now())
	require.NoError(t, err)
	terms, _ := b.Terms(Acknowledge, complaint)
	require.Equal(t, 2*time.Hour, terms.Within)
	terms, _ = b.Terms(Resolve, complaint)
	require.Equal(t, time.Hour, terms.Within)
	require.Equal(t, "Europe/Berlin", b.Calendar(Office).Zone().String())
}

// Creation outside hours: Friday 17:50, calendar 9-12 and 13:30-18: due Monday 09:50 (R192), told line by line.
func TestAnHourFromFridayEvening(t *testing.T) {
	t.Parallel()
	b := (&Table{}).Book()
	terms, _ := b.Terms(Acknowledge, complaint)
	friday := at(t, "2026-11-20 17:50")
	due := b.Compute(Run{Clock: worktime.Clock{Start: friday, Budget: terms.Within}, Calendar: terms.Calendar, Warn: terms.Warn, Tiers: terms.Tiers}, friday)
	require.Equal(t, at(t, "2026-11-23 09:50").UTC(), due.At)
	require.Equal(t, at(t, "2026-11-23 09:35").UTC(), due.Warn)
	require.Equal(t, []time.Time{due.At, at(t, "2026-11-23 11:50").UTC()}, due.Tiers)
	lines := b.Explain(terms.Calendar, due.Segments, due.Warnings, "zh-CN")
	require.Equal(t, "2026-11-20 17:50–18:00 工作时间,计 10 分钟", lines[0])
	require.Equal(t, "2026-11-23 09:00–09:50 工作时间,计 50 分钟", lines[len(lines)-1])
}

// 调休: the Saturday of a make-up day counts, the Monday of the holiday does not; an import replaces its year, and a missing year is told.
func TestHolidaysAreImported(t *testing.T) {
	t.Parallel()
	c := Defaults{}.Calendars()[0]
	b := (&Table{}).Book()
	require.True(t, b.Calendar(Office).IsWorking(at(t, "2026-10-10 10:00")), "a Saturday that is worked on")
	require.False(t, b.Calendar(Office).IsWorking(at(t, "2026-10-01 10:00")))

	spans := []HolidaySpan{{Region: China, First: "2027-01-01", Last: "2027-01-03", ZH: "元旦", EN: `New "Year", 2027`}, {Region: China, First: "2027-01-09", Last: "2027-01-09", MakeUp: true, ZH: "调休", EN: "make-up"}}
	b2, err := NewBook(nil, []Calendar{c}, spans, time.Now())
	require.NoError(t, err)
	require.False(t, b2.Calendar(Office).IsWorking(at(t, "2027-01-01 10:00")), "a Friday")
	require.True(t, b2.Calendar(Office).IsWorking(at(t, "2027-01-09 10:00")), "a Saturday")
	require.True(t, b2.Calendar(Office).IsWorking(at(t, "2026-10-10 10:00")), "other years stay")

	run := Run{Clock: worktime.Clock{Start: at(t, "2026-12-31 17:00"), Budget: 2 * time.Hour}, Calendar: Office}
	require.NotEmpty(t, b.Compute(run, time.Now()).Warnings, "2027 is not known")
	require.Empty(t, b2.Compute(run, time.Now()).Warnings)
	_, err = NewBook(nil, nil, []HolidaySpan{spans[0], spans[0]}, time.Now())
	require.Error(t, err, "a day that is named twice")
}

func TestACalendarWithoutWorkingTimeIsRefused(t *testing.T) {
	t.Parallel()
	c := Calendar{ID: "never", Spec: worktime.Spec{Zone: "Asia/Shanghai"}}
	_, err := c.Build(nil, time.Now())
	require.ErrorIs(t, err, errNever)
	b, err := NewBook(nil, []Calendar{c}, nil, time.Now())
	require.Error(t, err)
	require.False(t, b.Has("never"))
	run := Run{Clock: worktime.Clock{Start: at(t, "2026-11-20 17:50"), Budget: time.Hour}, Calendar: "never"}
	require.Equal(t, at(t, "2026-11-20 18:50").UTC(), b.Compute(run, time.Now()).At, "what was promised stays a promise, day and night")
}

package worktime

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// office is 9-12 and 13:30-18 from Monday to Friday in Shanghai, with China's
// holidays.
var office = Spec{Zone: "Asia/Shanghai", Week: map[string][]string{
	"mon": {"09:00-12:00", "13:30-18:00"}, "tue": {"09:00-12:00", "13:30-18:00"}, "wed": {"13:30-18:00", "09:00-12:00"},
	"thu": {"09:00-12:00", "13:30-18:00"}, "fri": {"09:00-12:00", "13:30-18:00"},
}}

func calendar(t testing.TB, spec Spec) *Calendar {
	t.Helper()
	c, err := New(spec, China())
	require.NoError(t, err)
	return c
}

// at reads a wall clock time of a zone.
func at(t testing.TB, zone *time.Location, text string) time.Time {
	t.Helper()
	parsed, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	require.NoError(t, err)
	return parsed
}

// R192, issue 3 item 7: the bugs that systems of this field are known for.
func TestKnownBugsOfTheField(t *testing.T) {
	t.Parallel()
	c := calendar(t, office)
	for name, w := range map[string]struct {
		start string
		d     time.Duration
		due   string
	}{
		"Friday evening to Monday":        {"2026-11-20 17:50", time.Hour, "2026-11-23 09:50"},
		"over lunch":                      {"2026-11-20 11:30", time.Hour, "2026-11-20 14:00"},
		"begun at lunch":                  {"2026-11-20 12:45", time.Hour, "2026-11-20 14:30"},
		"ends at the break, not after it": {"2026-11-20 11:00", time.Hour, "2026-11-20 12:00"},
		"ends at closing, not next day":   {"2026-11-20 17:00", time.Hour, "2026-11-20 18:00"},
		"begun at closing":                {"2026-11-20 18:00", time.Hour, "2026-11-23 10:00"},
		"begun on Sunday":                 {"2026-11-22 08:00", 8 * time.Hour, "2026-11-24 09:30"},
		"before opening":                  {"2026-11-20 03:00", time.Minute, "2026-11-20 09:01"},
		"a whole day is 7.5 hours":        {"2026-11-18 09:00", 15 * time.Hour, "2026-11-19 18:00"},
		"zero is now":                     {"2026-11-22 08:00", 0, "2026-11-22 08:00"},
		// 调休: Saturday 2026-02-14 works, 15 to 23 February do not, Saturday 28 does.
		"make-up Saturday works":           {"2026-02-13 17:30", time.Hour, "2026-02-14 09:30"},
		"over Spring Festival":             {"2026-02-14 17:30", time.Hour, "2026-02-24 09:30"},
		"second make-up Saturday":          {"2026-02-27 17:30", time.Hour, "2026-02-28 09:30"},
		"National Day 2025 of eight days":  {"2025-09-30 17:30", time.Hour, "2025-10-09 09:30"},
		"make-up Sunday before the feast":  {"2025-09-27 10:00", time.Hour, "2025-09-28 10:00"},
		"make-up Saturday after the feast": {"2025-10-10 17:59", 2 * time.Minute, "2025-10-11 09:01"},
		"a single holiday":                 {"2024-12-31 17:30", time.Hour, "2025-01-02 09:30"},
	} {
		got, err := c.Add(at(t, c.Zone(), w.start), w.d)
		require.NoError(t, err, name)
		require.Equal(t, w.due, got.At.In(c.Zone()).Format("2006-01-02 15:04"), name)
		require.Equal(t, w.d, c.Between(at(t, c.Zone(), w.start), got.At), name)
	}
}

func TestDeadlineIsToldLineByLine(t *testing.T) {
	t.Parallel()
	c := calendar(t, office)
	d, err := c.Add(at(t, c.Zone(), "2026-11-20 11:30"), 6*time.Hour)
	require.NoError(t, err)
	require.Equal(t, []string{
		"2026-11-20 11:30–12:00 工作时间,计 30 分钟",
		"2026-11-20 12:00–13:30 休息",
		"2026-11-20 13:30–18:00 工作时间,计 4 小时 30 分钟",
		"2026-11-20 18:00–11-21 00:00 非工作时段",
		"2026-11-21 00:00–11-23 00:00 休息日",
		"2026-11-23 00:00–09:00 非工作时段",
		"2026-11-23 09:00–10:00 工作时间,计 1 小时",
	}, d.Explain(c.Zone(), "zh-CN"))
	d, err = c.Add(at(t, c.Zone(), "2026-02-13 17:59"), 2*time.Minute)
	require.NoError(t, err)
	lines := d.Explain(c.Zone(), "en")
	require.Equal(t, "2026-02-14 09:00–09:01 working time(make-up day for Spring Festival), counts 1 min", lines[len(lines)-1])
	require.Equal(t, "2026-02-15 00:00–02-24 00:00 节假日(春节)",
		c.Explain(at(t, c.Zone(), "2026-02-15 00:00"), at(t, c.Zone(), "2026-02-24 00:00"))[0].Text(c.Zone(), "zh-CN"))
	require.Equal(t, "1 小时 5 秒", durationText(time.Hour+5*time.Second, "zh-CN"))
	require.Equal(t, "0 s", durationText(0, "en"))
}

// A year whose notice has not been imported is told, not guessed.
func TestMissingYearWarns(t *testing.T) {
	t.Parallel()
	c := calendar(t, office)
	d, err := c.Add(at(t, c.Zone(), "2026-12-31 17:00"), 2*time.Hour)
	require.NoError(t, err)
	require.Equal(t, []Warning{{Year: 2027}}, d.Warnings)
	require.Contains(t, strings.Join(d.Explain(c.Zone(), "zh-CN"), "\n"), "尚未导入 2027 年")
	require.Contains(t, d.Warnings[0].Text("en"), "2027")
	d, err = c.Add(at(t, c.Zone(), "2026-12-31 16:00"), 2*time.Hour)
	require.NoError(t, err)
	require.Empty(t, d.Warnings, "2026 is known")
	require.Equal(t, []int{2027}, c.MissingYears(at(t, c.Zone(), "2026-11-22 10:00")))
	require.Empty(t, c.MissingYears(at(t, c.Zone(), "2025-11-22 10:00")))

	later, err := ParseHolidays(strings.NewReader("off,2027-01-01,2027-01-03,元旦,New Year\n"))
	require.NoError(t, err)
	c, err = New(office, China().Merge(later))
	require.NoError(t, err)
	d, err = c.Add(at(t, c.Zone(), "2026-12-31 17:00"), 2*time.Hour)
	require.NoError(t, err)
	require.Empty(t, d.Warnings)
	require.Equal(t, "2027-01-04 10:00", d.At.In(c.Zone()).Format("2006-01-02 15:04"))

	free := office
	free.IgnoreHolidays = true
	require.Empty(t, calendar(t, free).MissingYears(time.Now()))
}

// The days of the notices, counted: working days of 2025 and 2026 by them.
func TestHolidaysOfChina(t *testing.T) {
	t.Parallel()
	h := China()
	require.True(t, h.Known(2025))
	require.True(t, h.Known(2026))
	require.False(t, h.Known(2027))
	for year, want := range map[int][2]int{2025: {28, 5}, 2026: {33, 6}} {
		var off, work int
		for day, s := range h.days {
			if yearOf(day) != year {
				continue
			}
			if s.work {
				work++
				require.Contains(t, []time.Weekday{time.Saturday, time.Sunday}, weekday(day), dayText(day))
			} else {
				off++
			}
		}
		require.Equal(t, want, [2]int{off, work}, year)
	}
}

func TestMergeReplacesAYear(t *testing.T) {
	t.Parallel()
	corrected, err := ParseHolidays(strings.NewReader("off,2026-01-01,2026-01-01,元旦,New Year\n"))
	require.NoError(t, err)
	merged := China().Merge(corrected)
	require.Len(t, merged.days, 1+28+5)
	require.True(t, merged.Known(2025))
}

func TestOwnDatesOverrideHolidays(t *testing.T) {
	t.Parallel()
	spec := office
	spec.Days = map[string][]string{"2026-10-01": {"10:00-11:00"}, "2026-11-23": {}}
	spec.MakeUp = []string{"10:00-12:00"}
	c := calendar(t, spec)
	require.Equal(t, time.Hour, c.Between(at(t, c.Zone(), "2026-10-01 00:00"), at(t, c.Zone(), "2026-10-02 00:00")))
	require.Zero(t, c.Between(at(t, c.Zone(), "2026-11-23 00:00"), at(t, c.Zone(), "2026-11-24 00:00")))
	require.Equal(t, 2*time.Hour, c.Between(at(t, c.Zone(), "2026-02-14 00:00"), at(t, c.Zone(), "2026-02-15 00:00")))
	require.Equal(t, Closed, c.Explain(at(t, c.Zone(), "2026-11-23 00:00"), at(t, c.Zone(), "2026-11-24 00:00"))[0].Kind)
}

// Shifts through nights when clocks change: the hours really worked count.
func TestDaylightSaving(t *testing.T) {
	t.Parallel()
	nights := Spec{Zone: "America/New_York", IgnoreHolidays: true, Week: map[string][]string{"sun": {"00:00-06:00"}}}
	c := calendar(t, nights)
	day := func(text string) time.Duration {
		start := at(t, c.Zone(), text+" 00:00")
		return c.Between(start, start.AddDate(0, 0, 1))
	}
	require.Equal(t, 5*time.Hour, day("2026-03-08"), "an hour is skipped")
	require.Equal(t, 6*time.Hour, day("2026-03-15"))
	require.Equal(t, 7*time.Hour, day("2026-11-01"), "an hour comes twice")

	shop := Spec{Zone: "Europe/Berlin", IgnoreHolidays: true, Week: map[string][]string{"sat": {"09:00-18:00"}, "sun": {"09:00-18:00"}}}
	c = calendar(t, shop)
	for _, saturday := range []string{"2026-03-28 17:00", "2026-10-24 17:00"} {
		d, err := c.Add(at(t, c.Zone(), saturday), 2*time.Hour)
		require.NoError(t, err)
		require.Equal(t, "10:00", d.At.In(c.Zone()).Format("15:04"), "wall clocks open at nine on both sides of the change")
	}
}

func TestAddDaysEndsWithBusiness(t *testing.T) {
	t.Parallel()
	c := calendar(t, office)
	for name, w := range map[string]struct {
		start string
		n     int
		due   string
	}{
		"seven working days":       {"2026-11-20 10:00", 7, "2026-12-01 18:00"},
		"the first day is not one": {"2026-11-20 00:01", 1, "2026-11-23 18:00"},
		"over Spring Festival":     {"2026-02-13 10:00", 2, "2026-02-24 18:00"},
		"from a Sunday":            {"2026-11-22 10:00", 1, "2026-11-23 18:00"},
		"today":                    {"2026-11-20 10:00", 0, "2026-11-20 18:00"},
		"today, when it is over":   {"2026-11-20 19:00", 0, "2026-11-20 19:00"},
	} {
		d, err := c.AddDays(at(t, c.Zone(), w.start), w.n)
		require.NoError(t, err, name)
		require.Equal(t, w.due, d.At.In(c.Zone()).Format("2006-01-02 15:04"), name)
	}
	_, err := c.AddDays(time.Now(), -1)
	require.ErrorIs(t, err, ErrNegative)
}

func TestWithoutWorkingTimeTheSearchEnds(t *testing.T) {
	t.Parallel()
	c := calendar(t, Spec{Zone: "UTC"})
	_, err := c.Add(time.Now(), time.Minute)
	require.ErrorIs(t, err, ErrNoWorkingTime)
	_, err = c.Next(time.Now())
	require.ErrorIs(t, err, ErrNoWorkingTime)
	_, err = c.AddDays(time.Now(), 1)
	require.ErrorIs(t, err, ErrNoWorkingTime)
	_, err = c.Add(time.Now(), -time.Minute)
	require.ErrorIs(t, err, ErrNegative)
	require.Zero(t, Always().Between(time.Now(), time.Now().Add(-time.Hour)))
}

func TestAlwaysIsPlainTime(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 2, 28, 23, 59, 59, 123000, time.UTC)
	d, err := Always().Add(start, 72*time.Hour)
	require.NoError(t, err)
	require.Equal(t, start.Add(72*time.Hour), d.At)
	require.Len(t, d.Segments, 1)
	require.Empty(t, d.Warnings)
}

func TestNext(t *testing.T) {
	t.Parallel()
	c := calendar(t, office)
	for from, want := range map[string]string{
		"2026-11-20 18:00": "2026-11-23 09:00", "2026-11-20 12:00": "2026-11-20 13:30", "2026-11-20 10:07": "2026-11-20 10:07",
	} {
		got, err := c.Next(at(t, c.Zone(), from))
		require.NoError(t, err)
		require.Equal(t, want, got.In(c.Zone()).Format("2006-01-02 15:04"))
		require.True(t, c.IsWorking(got))
	}
	require.False(t, c.IsWorking(at(t, c.Zone(), "2026-11-20 12:00")))
}

func TestFaultySpecsAreRefused(t *testing.T) {
	t.Parallel()
	for want, spec := range map[string]Spec{
		"zone":       {Zone: "Mars/Olympus"},
		"no zone":    {},
		"monday":     {Zone: "UTC", Week: map[string][]string{"monday": nil}},
		"18:00-9:00": {Zone: "UTC", Week: map[string][]string{"mon": {"18:00-9:00"}}},
		"9-12":       {Zone: "UTC", Week: map[string][]string{"mon": {"9-12"}}},
		"overlap":    {Zone: "UTC", Week: map[string][]string{"mon": {"09:00-12:00", "11:00-13:00"}}},
		"2026-13-01": {Zone: "UTC", Days: map[string][]string{"2026-13-01": nil}},
		"25:00":      {Zone: "UTC", MakeUp: []string{"25:00-26:00"}},
	} {
		_, err := New(spec, nil)
		require.Error(t, err, want)
	}
	for _, csv := range []string{
		"free,2027-01-01,2027-01-01,a,b", "off,2027-01-01,2026-01-01,a,b", "off,x,2026-01-01,a,b", "off,2027-01-01", "off,2027-01-01,2027-06-01,a,b",
		"off,2027-01-01,2027-01-02,a,b\nwork,2027-01-02,2027-01-02,a,b",
	} {
		_, err := ParseHolidays(strings.NewReader(csv))
		require.Error(t, err, csv)
	}
}

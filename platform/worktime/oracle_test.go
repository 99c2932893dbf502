package worktime

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The oracle knows nothing of slots, stretches or offsets: it steps through time
// minute by minute and asks the wall clock each time.
type oracle struct {
	spec Spec
	zone *time.Location
}

func (o oracle) working(t time.Time) bool {
	wall := t.In(o.zone)
	clock := wall.Format("15:04")
	return slices.ContainsFunc(o.hours(wall), func(p string) bool { return clock >= p[:5] && clock < p[6:] })
}

func (o oracle) hours(wall time.Time) []string {
	date := wall.Format(time.DateOnly)
	if own, ok := o.spec.Days[date]; ok {
		return own
	}
	if !o.spec.IgnoreHolidays {
		for _, span := range chinaSpans {
			if date >= span.from && date <= span.to {
				if span.off {
					return nil
				}
				return o.spec.Week["mon"]
			}
		}
	}
	return o.spec.Week[[]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[wall.Weekday()]]
}

// chinaSpans are typed from the notices a second time, not read from the file.
var chinaSpans = []struct {
	off      bool
	from, to string
}{
	{true, "2025-01-01", "2025-01-01"}, {true, "2025-01-28", "2025-02-04"}, {true, "2025-04-04", "2025-04-06"}, {true, "2025-05-01", "2025-05-05"},
	{true, "2025-05-31", "2025-06-02"}, {true, "2025-10-01", "2025-10-08"}, {false, "2025-01-26", "2025-01-26"}, {false, "2025-02-08", "2025-02-08"},
	{false, "2025-04-27", "2025-04-27"}, {false, "2025-09-28", "2025-09-28"}, {false, "2025-10-11", "2025-10-11"},
	{true, "2026-01-01", "2026-01-03"}, {true, "2026-02-15", "2026-02-23"}, {true, "2026-04-04", "2026-04-06"}, {true, "2026-05-01", "2026-05-05"},
	{true, "2026-06-19", "2026-06-21"}, {true, "2026-09-25", "2026-09-27"}, {true, "2026-10-01", "2026-10-07"}, {false, "2026-01-04", "2026-01-04"},
	{false, "2026-02-14", "2026-02-14"}, {false, "2026-02-28", "2026-02-28"}, {false, "2026-05-09", "2026-05-09"}, {false, "2026-09-20", "2026-09-20"},
	{false, "2026-10-10", "2026-10-10"},
}

// oracleDays is how far the oracle steps.
const oracleDays = 40

// add steps to the minute at which d has passed; ok is false beyond the days that it steps.
func (o oracle) add(t time.Time, d time.Duration, stands func(time.Time) bool) (time.Time, bool) {
	for range oracleDays * 24 * 60 {
		if d <= 0 {
			return t, true
		}
		if o.working(t) && !stands(t) {
			d -= time.Minute
		}
		t = t.Add(time.Minute)
	}
	return t, d <= 0
}

func never(time.Time) bool { return false }

// zones with and without changes of the clock: by an hour, by half an hour, at
// midnight, by a whole day.
var zones = []string{
	"Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia",
}

// moments are near changes of those zones, and near Chinese holidays.
var moments = []string{
	"2026-03-08T05:00:00Z", "2026-11-01T03:00:00Z", "2026-03-28T22:00:00Z", "2026-10-24T22:00:00Z", "2026-04-04T13:00:00Z", "2026-10-03T13:00:00Z",
	"2026-04-23T20:00:00Z", "2026-10-29T19:00:00Z", "2026-09-06T02:00:00Z", "2026-04-05T01:00:00Z", "2011-12-29T20:00:00Z",
	"2026-02-12T09:00:00Z", "2025-09-26T09:00:00Z", "2026-09-24T09:00:00Z", "2026-11-20T09:50:00Z",
}

func drawSpec(t *rapid.T) Spec {
	spec := Spec{
		Zone: rapid.SampledFrom(zones).Draw(t, "zone"), Week: map[string][]string{}, Days: map[string][]string{},
		IgnoreHolidays: rapid.Bool().Draw(t, "ignoreHolidays"),
	}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		spec.Week[day] = drawHours(t)
	}
	for range rapid.IntRange(0, 3).Draw(t, "ownDays") {
		date := drawMoment(t).AddDate(0, 0, rapid.IntRange(0, 5).Draw(t, "later")).Format(time.DateOnly)
		spec.Days[date] = drawHours(t)
	}
	return spec
}

// drawHours gives up to four periods of a day, split shifts and touching ones too.
func drawHours(t *rapid.T) []string {
	n := rapid.IntRange(0, 4).Draw(t, "periods")
	cuts := rapid.SliceOfNDistinct(rapid.IntRange(0, 24*60), 2*n, 2*n, rapid.ID[int]).Draw(t, "cuts")
	slices.Sort(cuts)
	hours := []string{}
	for i := 0; i < len(cuts); i += 2 {
		hours = append(hours, clockText(cuts[i]*60)+"-"+clockText(cuts[i+1]*60))
	}
	return hours
}

func drawMoment(t *rapid.T) time.Time {
	moment, err := time.Parse(time.RFC3339, rapid.SampledFrom(moments).Draw(t, "moment"))
	require.NoError(t, err)
	return moment.Add(time.Duration(rapid.IntRange(-3*24*60, 3*24*60).Draw(t, "minutes")) * time.Minute)
}

func drawCalendar(t *rapid.T) (*Calendar, oracle) {
	spec := drawSpec(t)
	c, err := New(spec, China())
	require.NoError(t, err)
	return c, oracle{spec: spec, zone: c.Zone()}
}

func TestAddAgainstTheOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, o := drawCalendar(t)
		start := drawMoment(t)
		d := time.Duration(rapid.IntRange(0, 4000).Draw(t, "duration")) * time.Minute
		want, ok := o.add(start, d, never)
		got, err := c.Add(start, d)
		if !ok {
			requireBeyond(t, got, err, start)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want.UTC(), got.At, "%v after %v", d, start.In(c.Zone()))
		requireWhole(t, c, got, start, d)
	})
}

// requireBeyond: where the oracle finds no end in the days that it steps through, the calendar finds none in them either: a later one, or that
// there is none.
func requireBeyond(t *rapid.T, d Deadline, err error, start time.Time) {
	if err == nil {
		require.False(t, d.At.Before(start.Add(oracleDays*24*time.Hour)), "%v after %v", d.At, start)
	}
}

// requireWhole checks that the segments cover the way without gap or overlap, that
// each is what it says, and that what counts is what was asked.
func requireWhole(t *rapid.T, c *Calendar, d Deadline, start time.Time, want time.Duration) {
	at, sum := start.UTC(), time.Duration(0)
	for i, s := range d.Segments {
		require.Equal(t, at, s.From)
		require.True(t, s.To.After(s.From))
		if i > 0 {
			last := d.Segments[i-1]
			require.False(t, last.Kind == s.Kind && last.ZH == s.ZH, "neighbours are joined")
		}
		if s.Kind != Paused {
			require.Equal(t, s.Working(), c.Between(s.From, s.To), "%+v", s)
		}
		at, sum = s.To, sum+s.Working()
	}
	require.Equal(t, d.At, at)
	require.Equal(t, want, sum)
}

func TestBetweenAgainstTheOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, o := drawCalendar(t)
		a := drawMoment(t)
		b := a.Add(time.Duration(rapid.IntRange(0, 6*24*60).Draw(t, "span")) * time.Minute)
		var want time.Duration
		for m := a; m.Before(b); m = m.Add(time.Minute) {
			require.Equal(t, o.working(m), c.IsWorking(m), "%v", m.In(c.Zone()))
			if o.working(m) {
				want += time.Minute
			}
		}
		require.Equal(t, want, c.Between(a, b), fmt.Sprint(a.In(c.Zone()), b.In(c.Zone())))
	})
}

// A clock through pauses and changes of budget, against stepping with the pauses
// taken out.
func TestClockAgainstTheOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, o := drawCalendar(t)
		k := Clock{Start: drawMoment(t), Budget: drawBudget(t)}
		at := k.Start
		for range rapid.IntRange(0, 4).Draw(t, "pauses") {
			var err error
			at = at.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "run")) * time.Minute)
			k, err = k.Pause(at, "原因", "reason")
			require.NoError(t, err)
			if rapid.Bool().Draw(t, "newBudget") {
				k = k.WithBudget(drawBudget(t))
			}
			at = at.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "pause")) * time.Minute)
			k, err = k.Resume(at)
			require.NoError(t, err)
		}
		stands := func(m time.Time) bool {
			return slices.ContainsFunc(k.Pauses, func(p Pause) bool { return !m.Before(p.From) && m.Before(p.To) })
		}
		want, ok := o.add(k.Start, k.Budget, stands)
		got, running, err := k.Deadline(c)
		if !ok {
			requireBeyond(t, got, err, k.Start)
			return
		}
		require.NoError(t, err)
		require.True(t, running)
		require.Equal(t, want.UTC(), got.At)
		requireWhole(t, c, got, k.Start, k.Budget)
		require.Equal(t, time.Duration(0), k.Remaining(c, got.At), "nothing remains when it is due")
	})
}

func drawBudget(t *rapid.T) time.Duration {
	return time.Duration(rapid.IntRange(1, 3000).Draw(t, "budget")) * time.Minute
}

func BenchmarkAdd(b *testing.B) {
	c := calendar(b, office)
	start := at(b, c.Zone(), "2026-11-20 17:50")
	for _, d := range []time.Duration{time.Hour, 24 * time.Hour, 200 * time.Hour} {
		b.Run(d.String(), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, err := c.Add(start, d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

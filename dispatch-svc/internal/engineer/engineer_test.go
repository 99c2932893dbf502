package engineer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func shanghai(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	return zone
}

// R145: shifts and times away.
func TestWorking(t *testing.T) {
	t.Parallel()
	zone := shanghai(t)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) }
	e := Engineer{Profile: Profile{
		Shifts: []Shift{{time.Monday, 9 * 60, 12 * 60}, {time.Monday, 13 * 60, 18 * 60}, {time.Wednesday, 9 * 60, 17 * 60}},
		Absences: []Absence{
			{Start: at(23, 15, 0), End: at(23, 16, 0), Reason: "MEETING"}, // in the middle of Monday's afternoon
			{Start: at(25, 0, 0), End: at(26, 0, 0), Reason: "LEAVE"},     // all of Wednesday
		},
	}}
	got := e.Working(at(22, 0, 0), at(29, 0, 0), zone)
	require.Equal(t, []Interval{{at(23, 9, 0), at(23, 12, 0)}, {at(23, 13, 0), at(23, 15, 0)}, {at(23, 16, 0), at(23, 18, 0)}}, got)

	require.Equal(t, []Interval{{at(23, 13, 0), at(23, 15, 0)}, {at(23, 16, 0), at(23, 18, 0)}}, e.Working(at(23, 12, 30), at(24, 0, 0), zone))
	require.Empty(t, e.Working(at(24, 0, 0), at(25, 0, 0), zone))
}

func TestWorkingKeepsWallClock(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin") // clocks go back on 2026-10-25
	require.NoError(t, err)
	e := Engineer{Profile: Profile{Shifts: EveryDay(8*60, 16*60)}}
	got := e.Working(time.Date(2026, 10, 25, 0, 0, 0, 0, berlin), time.Date(2026, 10, 26, 0, 0, 0, 0, berlin), berlin)
	require.Len(t, got, 1)
	require.Equal(t, 8, got[0].Start.Hour())
	require.Equal(t, 16, got[0].End.Hour())
}

func TestCovers(t *testing.T) {
	t.Parallel()
	everywhere, shanghaiOnly := Engineer{}, Engineer{Profile: Profile{Territories: []string{"31", "3205"}}}
	require.True(t, everywhere.Covers("440300"))
	require.True(t, shanghaiOnly.Covers("310115"))
	require.True(t, shanghaiOnly.Covers("320505"))
	require.False(t, shanghaiOnly.Covers("320102"))
	require.Equal(t, "engineers/e", (&Engineer{ID: "e"}).Resource())
}

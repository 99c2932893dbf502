package worktime

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPausedTimeDoesNotCount(t *testing.T) {
	t.Parallel()
	c := calendar(t, office)
	wall := func(text string) time.Time { return at(t, c.Zone(), text) }
	k := Clock{Start: wall("2026-11-20 09:00"), Budget: 4 * time.Hour}
	k, err := k.Pause(wall("2026-11-20 11:00"), "等待客户资料", "waiting for the customer")
	require.NoError(t, err)
	require.True(t, k.IsPaused())
	_, ok, err := k.Deadline(c)
	require.NoError(t, err)
	require.False(t, ok, "nobody knows the due time of a clock that stands")
	require.Equal(t, 2*time.Hour, k.Remaining(c, wall("2026-11-25 10:00")))
	k, err = k.Resume(wall("2026-11-23 16:30"))
	require.NoError(t, err)
	d, ok, err := k.Deadline(c)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, wall("2026-11-24 09:30").UTC(), d.At)
	require.Contains(t, d.Explain(c.Zone(), "zh-CN"), "2026-11-20 11:00–11-23 16:30 计时暂停(等待客户资料)")
	require.Equal(t, time.Duration(0), k.Remaining(c, d.At))
}

// Raising the urgency of a paused case neither starts its clock nor counts the pause.
func TestBudgetChangedWhilePaused(t *testing.T) {
	t.Parallel()
	c := calendar(t, office)
	wall := func(text string) time.Time { return at(t, c.Zone(), text) }
	k, err := Clock{Start: wall("2026-11-19 09:00"), Budget: 24 * time.Hour}.Pause(wall("2026-11-19 10:00"), "", "")
	require.NoError(t, err)
	k = k.WithBudget(4 * time.Hour)
	require.True(t, k.IsPaused())
	require.Equal(t, 3*time.Hour, k.Remaining(c, wall("2026-11-30 10:00")), "one hour had run, days of pause had not")
	k, err = k.Resume(wall("2026-11-20 15:00"))
	require.NoError(t, err)
	d, ok, err := k.Deadline(c)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, wall("2026-11-20 18:00").UTC(), d.At)

	// A smaller budget than what has run was due before the pause began.
	k = Clock{Start: wall("2026-11-19 09:00"), Budget: 8 * time.Hour}
	k, err = k.Pause(wall("2026-11-19 12:00"), "", "")
	require.NoError(t, err)
	d, ok, err = k.WithBudget(time.Hour).Deadline(c)
	require.NoError(t, err)
	require.True(t, ok, "a pause does not take back a deadline that has passed")
	require.Equal(t, wall("2026-11-19 10:00").UTC(), d.At)
}

// Legal, regulator and platform clocks never pause (architecture.md section 3).
func TestFixedClocksNeverPause(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)
	k := Clock{Start: start, Budget: 48 * time.Hour, Fixed: true}
	_, err := k.Pause(start.Add(time.Hour), "", "")
	require.ErrorIs(t, err, ErrFixed)
	k.Pauses = []Pause{{From: start.Add(time.Hour)}} // a row that a bug or a hand wrote
	d, ok, err := k.Deadline(Always())
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, start.Add(48*time.Hour), d.At)
	require.Equal(t, 10*time.Hour, k.Elapsed(Always(), start.Add(10*time.Hour)))
}

func TestPausesAreInOrder(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)
	k := Clock{Start: start, Budget: time.Hour}
	_, err := k.Resume(start)
	require.ErrorIs(t, err, ErrRunning)
	_, err = k.Pause(start.Add(-time.Second), "", "")
	require.ErrorIs(t, err, ErrTimeOrder)
	paused, err := k.Pause(start.Add(time.Minute), "", "")
	require.NoError(t, err)
	_, err = paused.Pause(start.Add(2*time.Minute), "", "")
	require.ErrorIs(t, err, ErrPaused)
	_, err = paused.Resume(start)
	require.ErrorIs(t, err, ErrTimeOrder)
	resumed, err := paused.Resume(start.Add(2 * time.Minute))
	require.NoError(t, err)
	_, err = resumed.Pause(start.Add(time.Minute), "", "")
	require.ErrorIs(t, err, ErrTimeOrder)
	require.True(t, paused.IsPaused(), "a clock is a value: what was kept does not change")
}

package segment_test

import (
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type stop struct{ from, to, work, travel int32 }

func draw(t *rapid.T) []stop {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) stop {
		from := rapid.Int32Range(0, 100).Draw(t, "from")
		return stop{from, from + rapid.Int32Range(0, 60).Draw(t, "width"), rapid.Int32Range(0, 10).Draw(t, "work"),
			rapid.Int32Range(0, 20).Draw(t, "travel")}
	}), 1, 7).Draw(t, "stops")
}

// run carries the stops out from a given begin: the end, or false when too late for one.
func run(row []stop, begin int32) (int32, bool) {
	now := begin
	for i, s := range row {
		if i > 0 {
			now += s.travel
		}
		now = max(now, s.from)
		if now > s.to {
			return 0, false
		}
		now += s.work
	}
	return now, true
}

// join concatenates left to right, and the same row by halves.
func join(row []stop) (segment.Segment, bool) {
	if len(row) == 1 {
		return segment.Single(row[0].from, row[0].to, row[0].work), true
	}
	m := len(row) / 2
	a, ok := join(row[:m])
	b, ok2 := join(row[m:])
	if !ok || !ok2 {
		return segment.Segment{}, false
	}
	return segment.Join(a, b, row[m].travel)
}

// A segment tells the least duration over all begins, the earliest end, and the latest begin, however it is put together.
func TestSegmentEqualsSimulation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		row := draw(t)
		got, ok := join(row)
		least, first, latest, feasible := int32(1<<30), int32(1<<30), int32(-1), false
		for begin := row[0].from; begin <= row[0].to; begin++ {
			end, fits := run(row, begin)
			if !fits {
				continue
			}
			feasible, latest = true, begin
			least, first = min(least, end-begin), min(first, end)
		}
		require.Equal(t, feasible, ok)
		if ok {
			require.Equal(t, least, got.Work)
			require.Equal(t, first, got.Leave())
			require.Equal(t, latest, got.Close)
		}
	})
}

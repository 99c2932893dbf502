package segment_test

import (
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// warp carries the stops out from begin, turning time back where one begins too late: the ticks turned back and the duration
// with them counted as spent.
func warp(row []stop, begin int32) (back, work int32) {
	now := begin
	for i, s := range row {
		if i > 0 {
			now += s.travel
		}
		now = max(now, s.from)
		if now > s.to {
			back += now - s.to
			now = s.to
		}
		now += s.work
	}
	return back, now + back - begin
}

func joinWarped(row []stop) segment.Warped {
	if len(row) == 1 {
		return segment.WarpedSingle(row[0].from, row[0].to, row[0].work)
	}
	m := len(row) / 2
	a, b := joinWarped(row[:m]), joinWarped(row[m:])
	return a.Then(&b, row[m].travel)
}

// A warped segment tells the least time turned back over all begins, the least duration among those, and is free of warp exactly
// when the strict one is in time.
func TestWarpedEqualsSimulation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		row := draw(t)
		got := joinWarped(row)
		least, work := int32(1<<30), int32(1<<30)
		for begin := row[0].from; begin <= row[0].to; begin++ {
			back, took := warp(row, begin)
			if back < least || back == least && took < work {
				least, work = back, took
			}
		}
		require.Equal(t, least, got.Warp)
		require.Equal(t, work, got.Work)
		_, ok := join(row)
		require.Equal(t, ok, got.Warp == 0)
		a, b := joinWarped(row[:1]), segment.WarpedSingle(5, 9, 3)
		joined := a.Then(&b, 4)
		require.Equal(t, joined.Warp, a.WarpThen(&b, 4))
	})
}

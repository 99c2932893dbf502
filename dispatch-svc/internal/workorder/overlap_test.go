package workorder

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// booked is a repair of 90 minutes that begins between two hours of the day.
func booked(id string, from, to float64) *Order {
	hours := func(h float64) time.Time { return noon.Add(time.Duration(h * float64(time.Hour))) }
	return &Order{ID: id, Purpose: Repair, State: Booked, WindowStart: hours(from), WindowEnd: hours(to)}
}

// R146: what cannot be kept whatever the ways is a clash; sharing a window is none.
func TestClash(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mine   *Order
		beside []*Order
		want   string
	}{
		"alone":                        {booked("m", 1, 3), nil, ""},
		"itself":                       {booked("m", 1, 1), []*Order{booked("m", 1, 1)}, ""},
		"another day":                  {booked("m", 1, 3), []*Order{booked("a", 25, 27)}, ""},
		"two in one window":            {booked("m", 1, 3), []*Order{booked("a", 1, 3)}, ""},
		"three in one window":          {booked("m", 1, 3), []*Order{booked("a", 1, 3), booked("b", 1, 3)}, ""},
		"the same minute":              {booked("m", 1, 1), []*Order{booked("a", 1, 1)}, "a"},
		"one ends before":              {booked("m", 1, 1.25), []*Order{booked("a", 2, 2.25)}, "a"},
		"one is over just in time":     {booked("m", 1, 1), []*Order{booked("a", 2.5, 2.5)}, ""},
		"the other one first":          {booked("m", 1, 4), []*Order{booked("a", 1.5, 1.5)}, ""},
		"not between two":              {booked("m", 2, 2.5), []*Order{booked("a", 1, 1), booked("b", 3, 3)}, "b"},
		"between two":                  {booked("m", 2, 3), []*Order{booked("a", 1, 1), booked("b", 4, 4)}, ""},
		"others clash, not this one":   {booked("m", 4, 6), []*Order{booked("a", 3, 3.5), booked("b", 3, 3.5)}, ""},
		"a part is sent, nobody comes": {booked("m", 1, 1), []*Order{func() *Order { o := booked("a", 1, 1); o.Purpose = SendPart; return o }()}, ""},
	} {
		got := ""
		if with := c.mine.Clash(c.beside); with != nil {
			got = with.ID
		}
		require.Equal(t, c.want, got, name)
	}
}

// What only all together cannot be kept is told, not refused: windows of half a day are shared.
func TestCrowded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mine   *Order
		beside []*Order
		want   string
	}{
		"two in one window":          {booked("m", 1, 3), []*Order{booked("a", 1, 3)}, ""},
		"three in one window":        {booked("m", 1, 3), []*Order{booked("a", 1, 3), booked("b", 1, 3)}, "a"},
		"three in a longer one":      {booked("m", 1, 4), []*Order{booked("a", 1, 4), booked("b", 1, 4)}, ""},
		"others clash, not this one": {booked("m", 4, 6), []*Order{booked("a", 3, 3.5), booked("b", 3, 3.5)}, ""},
	} {
		got := ""
		if with := c.mine.Crowded(c.beside); with != nil {
			got = with.ID
		}
		require.Equal(t, c.want, got, name)
	}
	var many []*Order
	for range 12 {
		many = append(many, booked("x", 0, 100))
	}
	require.Nil(t, booked("m", 0, 100).Crowded(many[:11]))
	require.Equal(t, "x", booked("m", 0, 100).Crowded(many).ID, "more than are weighed are too many")
}

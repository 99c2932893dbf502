package figures

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func day(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

// R208: whole months are answered from their own sums, the rest from days.
func TestSpans(t *testing.T) {
	t.Parallel()
	today := day("2026-11-22")
	for name, c := range map[string]struct {
		from, to string
		want     Span
	}{
		"within a month":      {"2026-10-02", "2026-10-20", Span{Head: Run{From: "2026-10-02", To: "2026-10-20"}}},
		"one month":           {"2026-10-01", "2026-10-31", Span{Months: Run{"M2026-10", "M2026-10", true}}},
		"up to today":         {"2026-11-01", "2026-11-22", Span{Months: Run{"M2026-11", "M2026-11", true}}},
		"not up to today":     {"2026-10-01", "2026-11-20", Span{Months: Run{"M2026-10", "M2026-10", true}, Tail: Run{From: "2026-11-01", To: "2026-11-20"}}},
		"both ends":           {"2026-08-24", "2026-10-05", Span{Head: Run{From: "2026-08-24", To: "2026-08-31"}, Months: Run{"M2026-09", "M2026-09", true}, Tail: Run{From: "2026-10-01", To: "2026-10-05"}}},
		"two halves":          {"2026-08-24", "2026-09-05", Span{Head: Run{From: "2026-08-24", To: "2026-09-05"}}},
		"nothing":             {"2026-08-24", "2026-08-05", Span{}},
		"over the year's end": {"2025-12-01", "2026-01-31", Span{Months: Run{"M2025-12", "M2026-01", true}}},
	} {
		require.Equal(t, c.want, Months(day(c.from), day(c.to), today), name)
	}
}

// Every day is counted once, whatever the span.
func TestSpansCoverEveryDayOnce(t *testing.T) {
	t.Parallel()
	today := day("2026-11-22")
	rapid.Check(t, func(t *rapid.T) {
		from := today.AddDate(0, 0, -rapid.IntRange(0, 400).Draw(t, "from"))
		to := from.AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "days"))
		for at := from.AddDate(0, -2, 0); !at.After(today); at = at.AddDate(0, 0, 1) {
			want := 0
			if !at.Before(from) && !at.After(to) {
				want = 1
			}
			require.Equal(t, want, counted(Months(from, to, today), at), at)
		}
	})
}

func counted(s Span, at time.Time) (n int) {
	for _, r := range s.Runs() {
		key := at.Format(time.DateOnly)
		if r.Months {
			key = Month(key)
		}
		if key >= r.From && key <= r.To {
			n++
		}
	}
	return n
}

// Ageing knows every open case, however old; what is counted by months is in the oldest class.
func TestAges(t *testing.T) {
	t.Parallel()
	for _, today := range []time.Time{day("2026-11-22"), day("2026-03-01"), day("2026-12-31")} {
		span := Ages(today)
		for n := range 500 {
			at := today.AddDate(0, 0, -n)
			require.Equal(t, 1, counted(span, at), at)
			if key := at.Format(time.DateOnly); key < span.Tail.From {
				require.Equal(t, OldestClass, classOf(key, today), at)
			}
		}
	}
	today := day("2026-11-22")
	for n, want := range map[int]string{0: "0-1", 1: "0-1", 2: "2-3", 7: "4-7", 8: "8-15", 30: "16-30", 31: "31+"} {
		require.Equal(t, want, classOf(today.AddDate(0, 0, -n).Format(time.DateOnly), today))
	}
}

func classOf(day string, today time.Time) string {
	for _, c := range AgeClasses(today) {
		if day >= c.From {
			return c.Name
		}
	}
	return OldestClass
}

package plan

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/stretchr/testify/require"
)

const hour = int64(3600)

// crew draws n engineers around Shanghai with shifts on seven days and bookings that can be kept.
func crew(tb testing.TB, n int, seed uint64) []Booked {
	tb.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]Booked, 0, n)
	for i := range n {
		e := model.Engineer{ID: fmt.Sprintf("E%d", i), Home: near(rng, 0.3), Kit: []model.Stock{{Part: fmt.Sprintf("P%d", rng.IntN(5)), Count: 1 + rng.IntN(3)}}}
		for s := range 5 {
			if rng.IntN(2) == 0 {
				e.Skills = append(e.Skills, model.Skill{Name: fmt.Sprintf("S%d", s), Level: 1 + rng.IntN(3)})
			}
		}
		b := Booked{Engineer: e}
		for d := range 7 {
			open := int64(d)*24*hour + 8*hour
			b.Engineer.Shifts = append(b.Engineer.Shifts, model.Shift{Start: open, End: open + 9*hour, Overtime: hour})
			t := BookedTour{Shift: d}
			for at := open + hour; rng.IntN(4) > 0 && at < open+7*hour; at += 2 * hour {
				t.Stops = append(t.Stops, BookedStop{Visit: fmt.Sprintf("V%d-%d-%d", i, d, at), Place: jitter(rng, e.Home),
					Window: model.Window{From: at, To: at + hour/2}, Duration: hour / 2})
			}
			b.Tours = append(b.Tours, t)
		}
		out = append(out, b)
	}
	return out
}

func near(rng *rand.Rand, r float64) model.Point {
	return model.Point{X: 121.47 + (rng.Float64()*2-1)*r, Y: 31.23 + (rng.Float64()*2-1)*r}
}

func jitter(rng *rand.Rand, p model.Point) model.Point {
	return model.Point{X: p.X + (rng.Float64()*2-1)*0.03, Y: p.Y + (rng.Float64()*2-1)*0.03}
}

func indexOf(tb testing.TB, list []Booked) *Index {
	tb.Helper()
	x := NewIndex(IndexOptions{})
	for _, b := range list {
		require.NoError(tb, x.Put(b))
	}
	return x
}

func job(rng *rand.Rand) Query {
	v := model.Visit{ID: "J", Place: near(rng, 0.3), Duration: hour, Needs: []model.Need{{Name: fmt.Sprintf("S%d", rng.IntN(5)), Level: 1 + rng.IntN(3)}}}
	if rng.IntN(2) == 0 {
		from := int64(rng.IntN(3))*24*hour + int64(8+rng.IntN(8))*hour
		v.Windows = []model.Window{{From: from, To: from + 2*hour}}
	}
	if rng.IntN(3) == 0 {
		v.Parts = []model.Stock{{Part: fmt.Sprintf("P%d", rng.IntN(5)), Count: 1}}
	}
	return Query{Visit: v, Now: 7 * hour, K: 3}
}

// The search by rings finds the same best score as looking at every tour of everybody.
func TestSuggestEqualsFullScan(t *testing.T) {
	t.Parallel()
	x := indexOf(t, crew(t, 400, 3))
	rng := rand.New(rand.NewPCG(9, 9))
	for range 300 {
		q := job(rng)
		got, err := x.Suggest(context.Background(), q)
		require.NoError(t, err)
		p := x.probe(&q)
		p.qualify()
		for e := range x.eng {
			if p.cand.has(int32(e)) {
				p.examineAll(int32(e))
			}
		}
		require.Len(t, got.Suggestions, len(p.top))
		for i := range p.top {
			require.InDelta(t, p.top[i].score, got.Suggestions[i].Score, 1e-9)
		}
		x.scratch.Put(p)
	}
}

// Every engineer is suggested, rejected for one reason, or counted among the others; the reasons add up to the score.
func TestSuggestionsAccountForEverybody(t *testing.T) {
	t.Parallel()
	x := indexOf(t, crew(t, 300, 4))
	rng := rand.New(rand.NewPCG(5, 9))
	for range 200 {
		s, err := x.Suggest(context.Background(), job(rng))
		require.NoError(t, err)
		sum := len(s.Suggestions) + s.Others
		for _, r := range s.Rejected {
			sum += r.Count
			require.NotEmpty(t, r.Counterfactual)
		}
		require.Equal(t, x.Len(), sum)
		for _, g := range s.Suggestions {
			score := 100.0
			for _, r := range g.Reasons {
				score += r.Points
			}
			require.InDelta(t, g.Score, score, 0.05)
		}
	}
}

// one makes an engineer at the origin of Shanghai with one shift from 8 to 17 on day 0.
func one(id string, skills ...model.Skill) Booked {
	return Booked{Engineer: model.Engineer{ID: id, Home: model.Point{X: 121.47, Y: 31.23}, Skills: skills,
		Shifts: []model.Shift{{Start: 8 * hour, End: 17 * hour}}}}
}

func ask(needs ...model.Need) Query {
	return Query{Now: 7 * hour, Visit: model.Visit{ID: "J", Place: model.Point{X: 121.48, Y: 31.23}, Duration: hour, Needs: needs}}
}

func codes(s Suggestions) map[string]int {
	m := map[string]int{}
	for _, r := range s.Rejected {
		m[r.Code] += r.Count
	}
	return m
}

func TestRejectedClasses(t *testing.T) {
	t.Parallel()
	x := indexOf(t, []Booked{one("none"), one("low", model.Skill{Name: "compressor", Level: 2}),
		one("expired", model.Skill{Name: "compressor", Level: 3, Expires: 1}), one("good", model.Skill{Name: "compressor", Level: 3})})
	s, err := x.Suggest(context.Background(), ask(model.Need{Name: "compressor", Level: 3}))
	require.NoError(t, err)
	require.Equal(t, map[string]int{"SKILL": 1, "LEVEL": 1, "CERTIFICATE": 1}, codes(s))
	require.Len(t, s.Suggestions, 1)
	require.Equal(t, "good", s.Suggestions[0].Engineer)
	require.Equal(t, "1 lack level 3 of compressor", s.Rejected[1].Reason)
	require.Contains(t, s.Rejected[1].Counterfactual, "if level 2 were enough: low could begin")
}

// A job in a window that is taken tells until when the window would have to reach; with that window it fits.
func TestWindowCounterfactualHolds(t *testing.T) {
	t.Parallel()
	b := one("busy")
	b.Tours = []BookedTour{{Stops: []BookedStop{{Visit: "V", Place: model.Point{X: 121.47, Y: 31.23}, Window: model.Window{From: 9 * hour, To: 9 * hour}, Duration: 4 * hour}}}}
	x := indexOf(t, []Booked{b})
	q := ask()
	q.Visit.Windows = []model.Window{{From: 9 * hour, To: 10 * hour}}
	s, err := x.Suggest(context.Background(), q)
	require.NoError(t, err)
	require.Empty(t, s.Suggestions)
	require.Equal(t, map[string]int{"WINDOW": 1}, codes(s))
	require.Contains(t, s.Rejected[0].Counterfactual, "would fit if the window ended 01-01 13:0")
	q.Visit.Windows[0].To = 13*hour + 600
	s, err = x.Suggest(context.Background(), q)
	require.NoError(t, err)
	require.Len(t, s.Suggestions, 1)
	require.Equal(t, "V", s.Suggestions[0].After)
}

// Who is removed is suggested no more, and who is put again is known once.
func TestIndexPutAndRemove(t *testing.T) {
	t.Parallel()
	x := indexOf(t, crew(t, 50, 6))
	b := one("E1")
	require.NoError(t, x.Put(b))
	require.Equal(t, 50, x.Len())
	for i := range 50 {
		x.Remove(fmt.Sprintf("E%d", i))
	}
	x.Remove("nobody")
	require.Zero(t, x.Len())
	require.Empty(t, x.grid)
	s, err := x.Suggest(context.Background(), ask())
	require.NoError(t, err)
	require.Empty(t, s.Suggestions)
	require.Empty(t, s.Rejected)
}

func TestIndexRefusesBookingsThatCannotBeKept(t *testing.T) {
	t.Parallel()
	b := one("late")
	b.Tours = []BookedTour{{Stops: []BookedStop{{Visit: "V", Window: model.Window{From: 9 * hour, To: 9 * hour}, Duration: hour}}}}
	require.ErrorContains(t, NewIndex(IndexOptions{}).Put(b), "cannot begin by")
}

func BenchmarkSuggest(b *testing.B) {
	x := indexOf(b, crew(b, 100_000, 1))
	rng := rand.New(rand.NewPCG(1, 2))
	b.ResetTimer()
	for b.Loop() {
		_, _ = x.Suggest(context.Background(), job(rng))
	}
}

package generate

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

const (
	hour = int64(3600)
	day  = 24 * hour
	// Days is the number of shifts of a generated engineer.
	Days = 7
	// Morning is when the generated jobs come in, in seconds from the first midnight.
	Morning = 7 * hour
)

// Booked is an engineer with booked tours, as the index wants him.
type Booked struct {
	Engineer model.Engineer
	Tours    []BookedTour
}

// BookedTour is a shift's bookings.
type BookedTour struct {
	Shift int
	Stops []BookedStop
}

// BookedStop is a booking.
type BookedStop struct {
	Visit    string
	Place    model.Point
	Window   model.Window
	Duration int64
}

// Crew draws n engineers around a city of 60 by 60 km: half of them near six centres, two to four of twelve skills, a kit, and a
// week in which three in four of the two-hour slots are booked.
func Crew(n int, seed uint64) iter.Seq[Booked] {
	return func(yield func(Booked) bool) {
		rng := rand.New(rand.NewPCG(seed, 7))
		for i := range n {
			if !yield(booked(rng, i)) {
				return
			}
		}
	}
}

func booked(rng *rand.Rand, i int) Booked {
	b := Booked{Engineer: model.Engineer{ID: fmt.Sprintf("E%d", i), Home: inCity(rng)}}
	e := &b.Engineer
	for range 2 + rng.IntN(3) {
		e.Skills = append(e.Skills, model.Skill{Name: skill(rng), Level: 1 + rng.IntN(3)})
	}
	for p := range 4 {
		e.Kit = append(e.Kit, model.Stock{Part: fmt.Sprintf("part-%d", (i+p*3)%12), Count: 1 + rng.IntN(3)})
	}
	for d := range Days {
		open := int64(d)*day + 8*hour
		e.Shifts = append(e.Shifts, model.Shift{Start: open, End: open + 9*hour, Overtime: hour})
		t := BookedTour{Shift: d}
		for at := open + hour; at < open+8*hour; at += 2 * hour {
			if rng.IntN(4) > 0 {
				t.Stops = append(t.Stops, BookedStop{Visit: fmt.Sprintf("V%d-%d", i, at), Place: around(rng, e.Home, 0.04),
					Window: model.Window{From: at, To: at + hour/2}, Duration: hour / 2})
			}
		}
		b.Tours = append(b.Tours, t)
	}
	return b
}

// Jobs draws n jobs in the same city; half have a window of two hours within three days.
func Jobs(n int, seed uint64) iter.Seq[model.Visit] {
	return func(yield func(model.Visit) bool) {
		rng := rand.New(rand.NewPCG(seed, 8))
		for i := range n {
			v := model.Visit{ID: fmt.Sprintf("J%d", i), Place: inCity(rng), Duration: hour/2 + int64(rng.IntN(4))*hour/4,
				Needs: []model.Need{{Name: skill(rng), Level: 1 + rng.IntN(3)}}}
			if rng.IntN(2) == 0 {
				from := int64(rng.IntN(3))*day + int64(8+rng.IntN(8))*hour
				v.Windows = []model.Window{{From: from, To: from + 2*hour}}
			}
			if rng.IntN(3) == 0 {
				v.Parts = []model.Stock{{Part: fmt.Sprintf("part-%d", rng.IntN(12)), Count: 1}}
			}
			if !yield(v) {
				return
			}
		}
	}
}

// skill draws one of twelve, the last ones rarer.
func skill(rng *rand.Rand) string { return fmt.Sprintf("skill-%d", min(rng.IntN(12), rng.IntN(12))) }

func inCity(rng *rand.Rand) model.Point {
	if rng.IntN(2) == 0 {
		c := rng.IntN(6)
		return around(rng, model.Point{X: 121.3 + 0.08*float64(c), Y: 31.05 + 0.07*float64(c*c%6)}, 0.05)
	}
	return around(rng, model.Point{X: 121.47, Y: 31.23}, 0.3)
}

func around(rng *rand.Rand, p model.Point, r float64) model.Point {
	return model.Point{X: p.X + (rng.Float64()*2-1)*r, Y: p.Y + (rng.Float64()*2-1)*r}
}

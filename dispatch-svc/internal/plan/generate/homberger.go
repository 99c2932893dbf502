package generate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// Homberger draws a routing problem in the manner of Solomon (1987) and Gehring and Homberger (1999): kind R spreads n customers
// evenly, C puts them into clusters, RC half and half; series 1 has a short horizon and small vehicles, series 2 a long one and
// large vehicles; density is the part of the customers with a window narrower than the horizon. Windows are drawn around begins
// that a cheap first plan could keep, so that all customers can be served.
func Homberger(kind string, series, n int, density float64, seed uint64) *model.Problem {
	h := &homberger{rng: rand.New(rand.NewPCG(seed, 13)), side: math.Sqrt(float64(n)/100) * 100, n: n}
	h.capacity, h.horizon, h.service = 200, 2.4*h.side+100, 10
	if series == 2 {
		h.capacity, h.horizon = 1000, 10*h.side
	}
	if kind == "C" {
		h.service = 90
		h.horizon += 80 * float64(h.capacity) / 18
	}
	p := &model.Problem{Name: fmt.Sprintf("%s%d_%d_%d", kind, series, n, seed), Travel: model.Plane{Scale: 10, Trunc: true},
		Weights: model.Weights{Travel: 1, Unserved: 100_000_000}}
	depot := model.Point{X: h.side / 2, Y: h.side / 2}
	for k := range n / 4 {
		p.Engineers = append(p.Engineers, model.Engineer{ID: fmt.Sprint(k + 1), Home: depot, Capacity: h.capacity,
			Shifts: []model.Shift{{End: int64(h.horizon) * 10}}})
	}
	for i, q := range h.places(kind) {
		p.Visits = append(p.Visits, h.customer(i+1, q, depot, density))
	}
	return p
}

type homberger struct {
	rng                    *rand.Rand
	side, horizon, service float64
	capacity, n            int
}

// places draws where the customers are, on whole numbers.
func (h *homberger) places(kind string) []model.Point {
	spread := map[string]int{"R": h.n, "RC": h.n / 2}[kind]
	var out []model.Point
	for range spread {
		out = append(out, model.Point{X: math.Floor(h.rng.Float64() * h.side), Y: math.Floor(h.rng.Float64() * h.side)})
	}
	var centres []model.Point
	for range max(1, h.n/12) {
		centres = append(centres, model.Point{X: h.rng.Float64() * h.side, Y: h.rng.Float64() * h.side})
	}
	for len(out) < h.n {
		c := centres[len(out)%len(centres)]
		x, y := math.Floor(c.X+h.rng.NormFloat64()*3), math.Floor(c.Y+h.rng.NormFloat64()*3)
		out = append(out, model.Point{X: min(max(x, 0), h.side), Y: min(max(y, 0), h.side)})
	}
	return out
}

func (h *homberger) customer(id int, q, depot model.Point, density float64) model.Visit {
	way := math.Hypot(q.X-depot.X, q.Y-depot.Y) + 1
	from, to := 0.0, h.horizon-way-h.service
	if h.rng.Float64() < density {
		middle := way + h.rng.Float64()*max(1, to-way)
		half := 10 + math.Abs(h.rng.NormFloat64())*h.horizon/20
		from, to = max(0, middle-half), min(to, middle+half)
	}
	demand := int(min(max(math.Round(h.rng.NormFloat64()*8+18), 1), 50))
	to = max(to, math.Ceil(way))
	return model.Visit{ID: fmt.Sprint(id), Place: q, Load: demand, Duration: int64(h.service) * 10,
		Windows: []model.Window{{From: int64(math.Floor(min(from, to))) * 10, To: int64(to) * 10}}}
}

// TRSP draws a technician routing problem in the manner of Pillac (2012): 25 technicians with skills, tools and kits, n requests
// that need a skill, some tools and a piece of some part, and a main depot. Every request can be served by somebody.
func TRSP(n int, seed uint64) *model.Problem {
	rng := rand.New(rand.NewPCG(seed, 17))
	const scale = 1e5
	horizon := int64(230 * scale)
	at := func() model.Point { return model.Point{X: float64(rng.IntN(70)), Y: float64(rng.IntN(70))} }
	p := &model.Problem{Name: fmt.Sprintf("trsp_%d_%d", n, seed), Travel: model.Plane{Scale: scale},
		Weights: model.Weights{Work: 1, Unserved: 10 * horizon},
		Depots:  []model.Depot{{ID: "0", Place: model.Point{X: 35, Y: 35}, AllTools: true, AllParts: true, Open: model.Window{To: horizon}}}}
	for k := range 25 {
		e := model.Engineer{ID: fmt.Sprint(k + 1), Home: at(), Shifts: []model.Shift{{End: horizon}}}
		for s := range 5 {
			if rng.IntN(5) < 3 || s == k%5 {
				e.Skills = append(e.Skills, model.Skill{Name: fmt.Sprint(s), Level: 1})
			}
			if rng.IntN(5) < 2 {
				e.Tools = append(e.Tools, fmt.Sprint(s))
			}
			e.Kit = append(e.Kit, model.Stock{Part: fmt.Sprint(s), Count: rng.IntN(6)})
		}
		p.Engineers = append(p.Engineers, e)
	}
	for i := range n {
		from := rng.Int64N(120)
		v := model.Visit{ID: fmt.Sprint(26 + i), Place: at(), Duration: 10 * scale, Needs: []model.Need{{Name: fmt.Sprint(rng.IntN(5)), Level: 1}},
			Windows: []model.Window{{From: from * scale, To: (from + 30 + rng.Int64N(60)) * scale}}}
		for s := range 5 {
			if rng.IntN(6) == 0 {
				v.Tools = append(v.Tools, fmt.Sprint(s))
			}
			if rng.IntN(5) == 0 {
				v.Parts = append(v.Parts, model.Stock{Part: fmt.Sprint(s), Count: 1})
			}
		}
		p.Visits = append(p.Visits, v)
	}
	return p
}

// Day draws a day of n jobs for n/6 engineers of a city, with skills at levels, tools, parts, lunch breaks, promises and windows of
// half a day, in seconds.
func Day(n int, seed uint64) *model.Problem {
	rng := rand.New(rand.NewPCG(seed, 19))
	p := &model.Problem{Name: fmt.Sprintf("day_%d_%d", n, seed), Travel: model.GreatCircle{}, Weights: model.Default()}
	for i := range max(2, n/6) {
		b := booked(rng, i)
		b.Engineer.Shifts = []model.Shift{{Start: 8 * hour, End: 17 * hour, Overtime: hour,
			Breaks: []model.Break{{Earliest: 11*hour + hour/2, Latest: 13 * hour, Length: hour / 2}}}}
		p.Engineers = append(p.Engineers, b.Engineer)
	}
	for v := range Jobs(n, seed+1) {
		v.Windows = []model.Window{{From: 8 * hour, To: 12 * hour}}
		if rng.IntN(2) == 0 {
			v.Windows = []model.Window{{From: 13 * hour, To: 17 * hour}}
		}
		if rng.IntN(4) == 0 {
			v.Promise = v.Windows[0].From + 2*hour
		}
		able := slices.ContainsFunc(p.Engineers, func(e model.Engineer) bool {
			return slices.ContainsFunc(e.Skills, func(s model.Skill) bool { return s.Name == v.Needs[0].Name && s.Level >= v.Needs[0].Level })
		})
		if !able {
			v.Needs = nil
		}
		v.Parts = nil
		p.Visits = append(p.Visits, v)
	}
	return p
}

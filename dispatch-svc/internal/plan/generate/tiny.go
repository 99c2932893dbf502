package generate

import (
	"fmt"
	"math/rand/v2"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// Tiny draws a problem small enough for the exact solver, with every kind of constraint switched on now and then: levels,
// certificates, territories, tools, parts, depots with release times, breaks, several windows and days, promises, overtime,
// longest work, preferences, locks, published tours, relations, loads, durations by level, fairness.
func Tiny(seed uint64) *model.Problem {
	rng := rand.New(rand.NewPCG(seed, 11))
	t := &tiny{rng: rng, p: &model.Problem{Name: fmt.Sprintf("tiny-%d", seed), Travel: model.Plane{Scale: 1},
		Weights: model.Weights{Unserved: 4000, Late: int64(rng.IntN(8)), Overtime: 3, Work: int64(1 + rng.IntN(2)), Travel: int64(rng.IntN(3)),
			Change: int64(rng.IntN(60)), Fairness: int64(rng.IntN(2) * 2000)}}}
	for i := range 1 + rng.IntN(3) {
		t.engineer(i)
	}
	if rng.IntN(2) == 0 {
		t.depot()
	}
	for i := range 2 + rng.IntN(4) {
		t.visit(i)
	}
	for range rng.IntN(3) {
		t.relation()
	}
	return t.p
}

type tiny struct {
	rng *rand.Rand
	p   *model.Problem
}

// maybe is true once in n.
func (t *tiny) maybe(n int) bool { return t.rng.IntN(n) == 0 }

func (t *tiny) point() model.Point {
	return model.Point{X: float64(t.rng.IntN(60)), Y: float64(t.rng.IntN(60))}
}

func (t *tiny) engineer(i int) {
	rng := t.rng
	e := model.Engineer{ID: fmt.Sprintf("e%d", i), Home: t.point(), Fixed: int64(rng.IntN(2) * 20), Rate: int64(rng.IntN(2))}
	for s := range 2 {
		if !t.maybe(4) {
			k := model.Skill{Name: fmt.Sprintf("s%d", s), Level: 1 + rng.IntN(3)}
			if t.maybe(6) {
				k.Expires = 150
			}
			e.Skills = append(e.Skills, k)
		}
	}
	if t.maybe(2) {
		e.Tools = append(e.Tools, "t0")
	}
	if t.maybe(2) {
		e.Kit = append(e.Kit, model.Stock{Part: "p0", Count: 1 + rng.IntN(2)})
	}
	if t.maybe(4) {
		e.Territory = []string{fmt.Sprintf("z%d", rng.IntN(2))}
	}
	if t.maybe(4) {
		e.Capacity = 4
	}
	for d := range 1 + rng.IntN(2) {
		e.Shifts = append(e.Shifts, t.shift(int64(d)*400))
	}
	t.p.Engineers = append(t.p.Engineers, e)
}

func (t *tiny) shift(at int64) model.Shift {
	s := model.Shift{Start: at, End: at + 200 + int64(t.rng.IntN(80)), Overtime: int64(t.rng.IntN(2) * 40)}
	if t.maybe(3) {
		s.Breaks = []model.Break{{Earliest: at + 90, Latest: at + 90 + int64(t.rng.IntN(50)), Length: 20}}
	}
	if t.maybe(5) {
		s.MaxWork = 160
	}
	if t.maybe(5) {
		q := t.point()
		s.To = &q
	}
	return s
}

func (t *tiny) depot() {
	d := model.Depot{ID: "d", Place: t.point(), Handling: int64(t.rng.IntN(10)), AllTools: t.maybe(2), AllParts: t.maybe(2)}
	if !d.AllParts {
		d.Parts = []model.Ready{{Part: "p0", From: int64(t.rng.IntN(120))}}
	}
	if t.maybe(3) {
		d.Open = model.Window{From: 10, To: 600}
	}
	t.p.Depots = append(t.p.Depots, d)
}

func (t *tiny) visit(i int) {
	rng := t.rng
	v := model.Visit{ID: fmt.Sprintf("v%d", i), Place: t.point(), Duration: int64(5 + rng.IntN(25)), Load: rng.IntN(3)}
	for w := range rng.IntN(3) {
		from := int64(rng.IntN(150) + w*200)
		v.Windows = append(v.Windows, model.Window{From: from, To: from + int64(20+rng.IntN(120))})
	}
	if t.maybe(2) {
		v.Needs = []model.Need{{Name: fmt.Sprintf("s%d", rng.IntN(2)), Level: 1 + rng.IntN(3)}}
		if t.maybe(3) {
			v.ByLevel = map[int]int64{3: 4}
		}
	}
	if t.maybe(4) {
		v.Tools = []string{"t0"}
	}
	if t.maybe(3) {
		v.Parts = []model.Stock{{Part: "p0", Count: 1}}
	}
	if t.maybe(3) {
		v.Promise, v.LateRate = int64(40+rng.IntN(200)), int64(rng.IntN(6))
	}
	t.people(&v)
	t.p.Visits = append(t.p.Visits, v)
}

// people draws who may, should and did.
func (t *tiny) people(v *model.Visit) {
	rng := t.rng
	one := func() string { return t.p.Engineers[rng.IntN(len(t.p.Engineers))].ID }
	if t.maybe(5) {
		v.Territory = fmt.Sprintf("z%d", rng.IntN(2))
	}
	if t.maybe(4) {
		v.Preferred, v.PreferCost = []string{one()}, 30
	}
	if t.maybe(8) {
		v.Excluded = []string{one()}
	}
	if t.maybe(8) {
		v.Required = []string{one()}
	}
	if t.maybe(10) {
		v.Lock = &model.Lock{Engineer: one()}
	}
	if t.maybe(4) {
		v.Published = &model.Lock{Engineer: one()}
	}
	if t.maybe(6) {
		v.Release = int64(rng.IntN(100))
	}
	if t.maybe(6) {
		v.Price = int64(100 + rng.IntN(400))
	}
}

func (t *tiny) relation() {
	a, b := t.rng.IntN(len(t.p.Visits)), t.rng.IntN(len(t.p.Visits))
	if a == b || len(t.p.Relations) > 0 && t.p.Relations[0].First == t.p.Visits[b].ID {
		return
	}
	t.p.Relations = append(t.p.Relations, model.Relation{Kind: model.RelationKind(1 + t.rng.IntN(4)),
		First: t.p.Visits[a].ID, Second: t.p.Visits[b].ID})
}

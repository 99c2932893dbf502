package search

import (
	"cmp"
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

type tie struct{}

// Compile turns a problem into flat arrays.
func Compile(m *model.Problem) (*Instance, error) {
	p := &Instance{n: len(m.Visits), plain: true, travel: m.Weights.Travel}
	pts := make([]model.Point, 0, p.n+len(m.Engineers))
	for i := range m.Visits {
		pts = append(pts, m.Visits[i].Place)
	}
	at := map[model.Point]int32{}
	loc := func(q model.Point) int32 {
		if i, ok := at[q]; ok {
			return i
		}
		pts = append(pts, q)
		at[q] = int32(len(pts) - 1)
		return at[q]
	}
	for e := range m.Engineers {
		for s, sh := range m.Engineers[e].Shifts {
			home := loc(m.Engineers[e].Home)
			p.vehicles = append(p.vehicles, vehicle{engineer: e, shift: s, start: home, end: home, open: int32(sh.Start), close: int32(sh.End + sh.Overtime), departBy: int32(sh.End), capacity: int32(m.Engineers[e].Capacity), fixed: m.Engineers[e].Fixed})
		}
	}
	p.classes = 1
	for i := range m.Visits {
		v := &m.Visits[i]
		d := visit{from: int32(v.Windows[0].From), to: int32(v.Windows[0].To), service: int32(v.Duration), load: int32(v.Load), price: v.Price}
		if d.price == 0 {
			d.price = m.Weights.Unserved
		}
		p.visits = append(p.visits, d)
	}
	p.m = len(pts)
	p.out = make([]int32, p.m*p.m)
	p.in = make([]int32, p.m*p.m)
	for i := range pts {
		for j := range pts {
			d := int32(m.Travel.Ticks(pts[i], pts[j]))
			p.out[i*p.m+j] = d
			p.in[j*p.m+i] = d
		}
	}
	p.near = make([][]int32, p.n)
	for i := range p.near {
		for j := range p.n {
			if j != i {
				p.near[i] = append(p.near[i], int32(j))
			}
		}
		slices.SortStableFunc(p.near[i], func(a, b int32) int {
			return cmp.Compare(p.ticks(int32(i), a), p.ticks(int32(i), b))
		})
	}
	return p, nil
}

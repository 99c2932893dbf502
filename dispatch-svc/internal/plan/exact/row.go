package exact

import (
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// halt is one stop of a row: something that begins in a window at a place.
type halt struct {
	at       model.Point
	from, to int64
	work     int64
	visit    *model.Visit
	rest     bool // a break, at the place of the next stop
	stay     bool // or at that of the one before
}

// may says whether the engineer of a tour is allowed to do a visit, whatever else he does.
func (s *solver) may(t *tour, v *model.Visit) bool {
	if v.Lock != nil && (v.Lock.Engineer != t.e.ID || v.Lock.Shift != t.shift) {
		return false
	}
	if slices.Contains(v.Excluded, t.e.ID) || len(v.Required) > 0 && !slices.Contains(v.Required, t.e.ID) {
		return false
	}
	if v.Territory != "" && len(t.e.Territory) > 0 && !slices.Contains(t.e.Territory, v.Territory) {
		return false
	}
	for _, n := range v.Needs {
		if t.level(n.Name) < max(1, n.Level) {
			return false
		}
	}
	return true
}

func (t *tour) level(name string) int {
	l := 0
	for _, s := range t.e.Skills {
		if s.Name == name && (s.Expires == 0 || s.Expires >= t.sh.End+t.sh.Overtime) && s.Level > l {
			l = s.Level
		}
	}
	return l
}

// row is the least cost of visits in a fixed order.
func (s *solver) row(t *tour, row []int) int64 {
	load := 0
	for _, i := range row {
		load += s.p.Visits[i].Load
	}
	if t.e.Capacity > 0 && load > t.e.Capacity {
		return none
	}
	best := int64(none)
	s.windows(t, row, nil, func(h []halt) {
		if s.goods(t, row, -1, nil, nil) { // a tour stops at a depot only when it must
			best = min(best, s.rests(t, h, 0, t.sh.Start, t.sh.End+t.sh.Overtime))
			return
		}
		for d := range s.p.Depots {
			dep := &s.p.Depots[d]
			for at := 0; at <= len(row); at++ {
				ready := int64(-1 << 40)
				if !s.goods(t, row, at, dep, &ready) {
					continue
				}
				x := halt{at: dep.Place, from: ready, to: 1 << 40, work: dep.Handling}
				if dep.Open != (model.Window{}) {
					x.from, x.to = max(ready, dep.Open.From), dep.Open.To
				}
				best = min(best, s.rests(t, slices.Insert(slices.Clone(h), at, x), 0, t.sh.Start, t.sh.End+t.sh.Overtime))
			}
		}
	})
	return best
}

// windows calls f with every choice of windows.
func (s *solver) windows(t *tour, row []int, h []halt, f func([]halt)) {
	if len(h) == len(row) {
		f(h)
		return
	}
	v := &s.p.Visits[row[len(h)]]
	x := halt{at: v.Place, work: v.Duration, visit: v}
	if len(v.Needs) > 0 {
		if d, ok := v.ByLevel[t.level(v.Needs[0].Name)]; ok {
			x.work = d
		}
	}
	ws := v.Windows
	if len(ws) == 0 {
		ws = []model.Window{{From: -1 << 40, To: 1 << 40}}
	}
	for _, w := range ws {
		x.from, x.to = w.From, w.To
		if v.Release != 0 {
			x.from = max(x.from, v.Release)
		}
		if x.from <= x.to {
			s.windows(t, row, append(slices.Clone(h), x), f)
		}
	}
}

// goods says whether tools and parts suffice with a depot after at visits, and from when the depot has what is needed.
func (s *solver) goods(t *tour, row []int, at int, dep *model.Depot, ready *int64) bool {
	kit := map[string]int{}
	for _, k := range t.e.Kit {
		kit[k.Part] += k.Count
	}
	for i, r := range row {
		v := &s.p.Visits[r]
		after := dep != nil && i >= at
		for _, x := range v.Tools {
			if !slices.Contains(t.e.Tools, x) && !(after && (dep.AllTools || slices.Contains(dep.Tools, x))) {
				return false
			}
		}
		for _, k := range v.Parts {
			if kit[k.Part] >= k.Count {
				kit[k.Part] -= k.Count
				continue
			}
			if !after || !hands(dep, k.Part, ready) {
				return false
			}
		}
	}
	return true
}

func hands(dep *model.Depot, part string, ready *int64) bool {
	if dep.AllParts {
		return true
	}
	for _, r := range dep.Parts {
		if r.Part == part {
			*ready = max(*ready, r.From)
			return true
		}
	}
	return false
}

// rests tries break b before the tour, after it, and at each place in it.
func (s *solver) rests(t *tour, h []halt, b int, open, close int64) int64 {
	if b == len(t.sh.Breaks) {
		return s.time(t, h, open, close)
	}
	br := t.sh.Breaks[b]
	best := min(s.rests(t, h, b+1, open, min(close, br.Latest)), s.rests(t, h, b+1, max(open, br.Earliest+br.Length), close))
	for i := 0; i <= len(h); i++ {
		x := halt{from: br.Earliest, to: br.Latest, work: br.Length, rest: true}
		best = min(best, s.rests(t, slices.Insert(slices.Clone(h), i, x), b+1, open, close))
		x.stay = true
		best = min(best, s.rests(t, slices.Insert(slices.Clone(h), i, x), b+1, open, close))
	}
	return best
}

// time begins as early as possible and then leaves as late as neither the end nor a kept promise suffers.
func (s *solver) time(t *tour, h []halt, open, close int64) int64 {
	from, to := t.e.Home, t.e.Home
	if t.sh.From != nil {
		from = *t.sh.From
	}
	if t.sh.To != nil {
		to = *t.sh.To
	}
	h = append(slices.Clone(h), halt{at: to, from: open, to: close})
	for i := len(h) - 2; i >= 0; i-- { // a break happens where the next stop is
		if h[i].rest {
			h[i].at = h[i+1].at
		}
	}
	for i := range h {
		if h[i].stay && i == 0 {
			h[i].at = from
		} else if h[i].stay {
			h[i].at = h[i-1].at
		}
	}
	now, at, travel := open, from, int64(0)
	begin := make([]int64, len(h))
	for i, x := range h {
		way := s.way(at, x.at)
		travel += way
		begin[i] = max(now+way, x.from)
		if begin[i] > x.to {
			return none
		}
		now, at = begin[i]+x.work, x.at
	}
	return s.sumUp(t, h, begin, from, travel)
}

func (s *solver) way(a, b model.Point) int64 {
	if a == b {
		return 0
	}
	return s.p.Travel.Ticks(a, b)
}

// sumUp walks back from the earliest return to the latest departure and prices the row.
func (s *solver) sumUp(t *tour, h []halt, begin []int64, from model.Point, travel int64) int64 {
	w := s.p.Weights
	end := begin[len(h)-1]
	late, c := int64(0), t.e.Fixed+travel*w.Travel
	next := end
	for i := len(h) - 1; i >= 0; i-- {
		x := &h[i]
		latest := min(next, x.to)
		if v := x.visit; v != nil {
			rate := v.LateRate
			if rate == 0 {
				rate = w.Late
			}
			if v.Promise != 0 && rate > 0 {
				late += rate * max(0, begin[i]-v.Promise)
				latest = min(latest, max(begin[i], v.Promise))
			}
			c += s.personal(t, v)
		}
		before := from
		if i > 0 {
			before = h[i-1].at
			next = latest - s.way(before, x.at) - h[i-1].work
		} else {
			next = latest - s.way(before, x.at)
		}
	}
	work := end - next
	if t.sh.MaxWork > 0 && work > t.sh.MaxWork {
		return none
	}
	return c + late + work*(w.Work+t.e.Rate) + max(0, end-t.sh.End)*w.Overtime + w.Fairness*(work*work>>20)
}

func (s *solver) personal(t *tour, v *model.Visit) int64 {
	var c int64
	if len(v.Preferred) > 0 && !slices.Contains(v.Preferred, t.e.ID) {
		c += v.PreferCost
	}
	if q := v.Published; q != nil && (q.Engineer != t.e.ID || q.Shift != t.shift) {
		c += s.p.Weights.Change
	}
	return c
}

package check

import (
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// walk goes through one tour.
type walk struct {
	*checker
	i       int
	r       *model.Route
	e       *model.Engineer
	shift   *model.Shift
	at      model.Point
	now     int64 // when the place at was left
	travel  int64
	kit     map[string]int
	tools   map[string]bool
	depot   *model.Depot // stop made
	came    int64        // when the stop at the depot began
	load    int
	resting []model.Stop // breaks since the last place
	breaks  map[int]bool
}

func (w *walk) run() {
	w.start()
	for i := range w.r.Stops {
		s := &w.r.Stops[i]
		if s.Finish < s.Begin {
			w.fault(w.i, i, "ends before it begins")
		}
		switch s.Kind {
		case model.BreakStop:
			w.pause(i, s)
		case model.DepotStop:
			w.supply(i, s)
		case model.VisitStop:
			w.visit(i, s)
		}
	}
	w.finish()
}

func place(p *model.Point, e *model.Engineer) model.Point {
	if p == nil {
		return e.Home
	}
	return *p
}

// start sets out: from the shift's start, or from where a driven prefix ends.
func (w *walk) start() {
	w.at, w.now = place(w.shift.From, w.e), w.r.Start
	w.kit, w.tools, w.breaks = map[string]int{}, map[string]bool{}, map[int]bool{}
	for _, s := range w.e.Kit {
		w.kit[s.Part] += s.Count
	}
	for _, t := range w.e.Tools {
		w.tools[t] = true
	}
	earliest := w.shift.Start
	for i := range w.shift.Driven {
		earliest = w.drive(&w.shift.Driven[i])
	}
	if w.r.Start < earliest {
		w.fault(w.i, -1, "leaves at %d, before %d", w.r.Start, earliest)
	}
	if len(w.shift.Driven) > 0 && w.r.Start != earliest {
		w.fault(w.i, -1, "goes on at %d instead of %d", w.r.Start, earliest)
	}
}

// drive takes over a stop made before the plan.
func (w *walk) drive(d *model.Driven) int64 {
	if v := w.visits[d.Visit]; v != nil {
		w.at = v.Place
		w.load += v.Load
		for _, s := range v.Parts {
			w.use(s)
		}
	}
	if dep := w.depots[d.Depot]; dep != nil {
		w.at, w.depot, w.came = dep.Place, dep, d.Begin
	}
	return d.Finish
}

// use takes parts from the van, else from the depot visited before; false when neither has them.
func (w *walk) use(s model.Stock) bool {
	if w.kit[s.Part] >= s.Count {
		w.kit[s.Part] -= s.Count
		return true
	}
	if w.depot == nil {
		return false
	}
	if w.depot.AllParts {
		return true
	}
	return slices.ContainsFunc(w.depot.Parts, func(r model.Ready) bool { return r.Part == s.Part && r.From <= w.came })
}

func (w *walk) has(tool string) bool {
	return w.tools[tool] || w.depot != nil && (w.depot.AllTools || slices.Contains(w.depot.Tools, tool))
}

// ticks is the way from here to a place when leaving at a tick.
func (w *walk) ticks(to model.Point, leave int64) int64 {
	if w.at == to {
		return 0
	}
	if h, ok := w.p.Travel.(model.Hourly); ok {
		return h.TicksAt(w.at, to, leave)
	}
	return w.p.Travel.Ticks(w.at, to)
}

// pause notes a break; arrive checks it together with the way it interrupts.
func (w *walk) pause(i int, s *model.Stop) {
	if s.Break < 0 || s.Break >= len(w.shift.Breaks) || w.breaks[s.Break] {
		w.fault(w.i, i, "break %d does not exist or is taken twice", s.Break)
		return
	}
	w.breaks[s.Break] = true
	b := w.shift.Breaks[s.Break]
	if s.Begin < b.Earliest || s.Begin > b.Latest {
		w.fault(w.i, i, "break begins at %d outside [%d, %d]", s.Begin, b.Earliest, b.Latest)
	}
	if s.Finish-s.Begin != b.Length {
		w.fault(w.i, i, "break lasts %d instead of %d", s.Finish-s.Begin, b.Length)
	}
	w.resting = append(w.resting, *s)
}

// arrive checks that a place is reached in time, with the breaks on the way taken all before or all after driving.
func (w *walk) arrive(i int, to model.Point, begin int64) {
	before, after := w.now, w.now+w.ticks(to, w.now)
	if w.at != to {
		w.travel += w.p.Travel.Ticks(w.at, to) // the least of the day: what traffic adds is work
	}
	okBefore, okAfter := true, true
	for _, b := range w.resting {
		okBefore = okBefore && b.Begin >= before
		okAfter = okAfter && b.Begin >= after
		before, after = max(before, b.Finish), max(after, b.Finish)
	}
	if len(w.resting) == 0 {
		before = after
	} else {
		before += w.ticks(to, before)
	}
	if !(okBefore && begin >= before) && !(okAfter && begin >= after) {
		w.fault(w.i, i, "cannot begin at %d: the place before is left at %d, the way takes %d", begin, w.now, w.ticks(to, w.now))
	}
	w.resting = w.resting[:0]
	w.at = to
}

func (w *walk) supply(i int, s *model.Stop) {
	d := w.depots[s.ID]
	if d == nil {
		w.fault(w.i, i, "no such depot: %q", s.ID)
		return
	}
	if w.depot != nil {
		w.fault(w.i, i, "a second stop at a depot")
	}
	w.arrive(i, d.Place, s.Begin)
	if d.Open != (model.Window{}) && (s.Begin < d.Open.From || s.Begin > d.Open.To) {
		w.fault(w.i, i, "depot %s is closed at %d", d.ID, s.Begin)
	}
	if s.Finish-s.Begin != d.Handling {
		w.fault(w.i, i, "handling takes %d instead of %d", s.Finish-s.Begin, d.Handling)
	}
	w.depot, w.came, w.now = d, s.Begin, s.Finish
}

func (w *walk) visit(i int, s *model.Stop) {
	v := w.visits[s.ID]
	if v == nil {
		w.fault(w.i, i, "no such visit: %q", s.ID)
		return
	}
	if _, twice := w.served[v.ID]; twice {
		w.fault(w.i, i, "visit %s is served twice", v.ID)
	}
	w.served[v.ID] = served{tour{w.e.ID, w.r.Shift}, w.i, i, s.Begin, s.Finish}
	w.arrive(i, v.Place, s.Begin)
	w.now = s.Finish
	if d := w.duration(v); s.Finish-s.Begin != d {
		w.fault(w.i, i, "visit %s takes %d instead of %d", v.ID, s.Finish-s.Begin, d)
	}
	w.windows(i, v, s.Begin)
	w.people(i, v)
	w.goods(i, v)
	w.costs(v, s.Begin)
}

func (w *walk) windows(i int, v *model.Visit, begin int64) {
	in := func(x model.Window) bool { return x.From <= begin && begin <= x.To }
	if len(v.Windows) > 0 && !slices.ContainsFunc(v.Windows, in) {
		w.fault(w.i, i, "visit %s begins at %d outside its windows %v", v.ID, begin, v.Windows)
	}
	if v.Release != 0 && begin < v.Release {
		w.fault(w.i, i, "visit %s begins at %d before its release %d", v.ID, begin, v.Release)
	}
	if l := v.Lock; l != nil && (l.Engineer != w.e.ID || l.Shift != w.r.Shift || l.Begin != 0 && l.Begin != begin) {
		w.fault(w.i, i, "visit %s is locked to %+v", v.ID, *l)
	}
}

// people checks who may do it.
func (w *walk) people(i int, v *model.Visit) {
	if len(v.Required) > 0 && !slices.Contains(v.Required, w.e.ID) || slices.Contains(v.Excluded, w.e.ID) {
		w.fault(w.i, i, "visit %s must not be done by %s", v.ID, w.e.ID)
	}
	if v.Territory != "" && len(w.e.Territory) > 0 && !slices.Contains(w.e.Territory, v.Territory) {
		w.fault(w.i, i, "visit %s is outside the territory", v.ID)
	}
	for _, n := range v.Needs {
		if have := w.level(n.Name); have < max(n.Level, 1) {
			w.fault(w.i, i, "visit %s needs %s at level %d, not %d", v.ID, n.Name, n.Level, have)
		}
	}
}

// level is the best valid level of a skill; a certificate must last to the end of the shift with its overtime.
func (w *walk) level(name string) int {
	best := 0
	for _, s := range w.e.Skills {
		valid := s.Expires == 0 || s.Expires >= w.shift.End+w.shift.Overtime
		if s.Name == name && valid && s.Level > best {
			best = s.Level
		}
	}
	return best
}

func (w *walk) duration(v *model.Visit) int64 {
	if len(v.Needs) > 0 {
		if d, ok := v.ByLevel[w.level(v.Needs[0].Name)]; ok {
			return d
		}
	}
	return v.Duration
}

func (w *walk) goods(i int, v *model.Visit) {
	for _, t := range v.Tools {
		if !w.has(t) {
			w.fault(w.i, i, "visit %s needs tool %s", v.ID, t)
		}
	}
	for _, s := range v.Parts {
		if s.Count > 0 && !w.use(s) {
			w.fault(w.i, i, "visit %s needs %d x %s", v.ID, s.Count, s.Part)
		}
	}
	w.load += v.Load
	if w.e.Capacity > 0 && w.load > w.e.Capacity {
		w.fault(w.i, i, "load %d exceeds %d", w.load, w.e.Capacity)
	}
}

func (w *walk) costs(v *model.Visit, begin int64) {
	c := &w.report.Cost
	if v.Promise != 0 && begin > v.Promise {
		rate := v.LateRate
		if rate == 0 {
			rate = w.p.Weights.Late
		}
		c.Late += rate * (begin - v.Promise)
	}
	if len(v.Preferred) > 0 && !slices.Contains(v.Preferred, w.e.ID) {
		c.Preference += v.PreferCost
	}
	if q := v.Published; q != nil && (q.Engineer != w.e.ID || q.Shift != w.r.Shift) {
		c.Change += w.p.Weights.Change
	}
}

// finish returns and checks what concerns the whole tour.
func (w *walk) finish() {
	w.arrive(len(w.r.Stops), place(w.shift.To, w.e), w.r.End)
	if w.r.End > w.shift.End+w.shift.Overtime {
		w.fault(w.i, -1, "returns at %d, after the shift and its overtime", w.r.End)
	}
	work := w.r.End - w.r.Start
	driven := int64(0)
	if n := len(w.shift.Driven); n > 0 {
		driven = w.shift.Driven[n-1].Finish - w.shift.Driven[0].Begin
	}
	if w.shift.MaxWork > 0 && work+driven > w.shift.MaxWork {
		w.fault(w.i, -1, "works %d, more than %d", work+driven, w.shift.MaxWork)
	}
	for b, x := range w.shift.Breaks {
		if !w.breaks[b] && w.r.End > x.Latest && w.r.Start < x.Earliest+x.Length {
			w.fault(w.i, -1, "break %d is not taken", b)
		}
	}
	c, g := &w.report.Cost, w.p.Weights
	c.Fixed += w.e.Fixed
	c.Work += work * (g.Work + w.e.Rate)
	c.Travel += w.travel * g.Travel
	c.Overtime += max(0, w.r.End-w.shift.End) * g.Overtime
	c.Fairness += g.Fairness * (work * work >> 20)
}

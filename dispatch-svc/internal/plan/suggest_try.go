package plan

import (
	"math"
	"sync/atomic"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"
)

// option is a gap of a tour that the job fits into.
type option struct {
	eng       int32
	tour, gap int
	begin     int64
	in, added int64 // way to the job; ticks of travel it adds
	overtime  int64
	points    [reasonCount]float64
	score     float64
}

// why says what keeps a job out of a gap. All but whyFits and whyNever are the only thing that does, and by ticks.
type why uint8

const (
	whyFits        why = iota
	whyNever           // more than one thing
	whyEnd             // the window ends too early, by ticks
	whyBegin           // the window begins too late
	whyLong            // the job takes too long
	whyFar             // the way is longer than allowed
	whyCertificate     // a certificate ends before the shift does
	whyPart            // the parts are promised to booked visits
	whyLoad            // the van is full
	whyCount
)

// judge tries one job in gaps of tours; it holds nothing of the index but its settings.
type judge struct {
	x       *Index
	q       *Query
	windows []model.Window // clipped to now and the horizon
	reach   int64          // longest way to the job
	least   int64          // shortest duration of the job
	waive   waiver         // what is not asked for, when a change of it is tried
	by      ranking
	people  int // in the index

	needs     [mostNeeds]*atomic.Int64 // counters of the job's skills; more needs than that only make scarcity coarser
	needCount int

	cosine   float64 // of the job's latitude, for degrees
	circle   float64 // ticks per degree of a great circle; 0: ask the provider
	travelAt float64 // points a tick
	detourAt float64
	delayAt  float64
}

const mostNeeds = 8

// ranking says what makes an option better.
type ranking uint8

const (
	byScore ranking = iota
	byBegin
	byWay
)

// waiver names one demand of the job that a counterfactual lifts.
type waiver struct {
	skill, part string
	level       int // that skill would have
	load        bool
}

func newJudge(x *Index, q *Query, windows []model.Window) judge {
	if q.K <= 0 {
		q.K = 5
	}
	if q.Horizon <= 0 {
		q.Horizon = 7 * x.opt.Day
	}
	j := judge{x: x, q: q, windows: clip(windows[:0], q), reach: x.opt.MaxTravel, least: q.Visit.Duration, people: len(x.ids)}
	for _, d := range q.Visit.ByLevel {
		j.least = min(j.least, d)
	}
	for _, n := range q.Visit.Needs[:min(len(q.Visit.Needs), mostNeeds)] {
		j.needs[j.needCount] = x.holders[n.Name]
		j.needCount++
	}
	j.travelAt = perMinute(travelPoints, 1, x.opt.Day)
	j.detourAt = perMinute(detourPoints, 1, x.opt.Day)
	j.delayAt = perHour(delayPoints, 1, x.opt.Day)
	if g, ok := x.opt.Travel.(model.GreatCircle); ok {
		j.cosine = math.Cos(q.Visit.Place.Y * math.Pi / 180)
		j.circle = 0.98 * float64(g.Ticks(model.Point{}, model.Point{Y: 1}))
	}
	return j
}

// about estimates the way between a stop and the job; it never says more than the provider.
func (j *judge) about(x, y float32) int32 {
	if j.circle == 0 {
		return leg32(j.x.opt.Travel.Ticks(model.Point{X: float64(x), Y: float64(y)}, j.q.Visit.Place))
	}
	dx := (float64(x) - j.q.Visit.Place.X) * j.cosine
	dy := float64(y) - j.q.Visit.Place.Y
	return int32(j.circle * math.Sqrt(dx*dx+dy*dy))
}

// clip cuts a job's windows to what lies ahead.
func clip(out []model.Window, q *Query) []model.Window {
	ws := q.Visit.Windows
	if len(ws) == 0 {
		ws = []model.Window{{From: q.Now, To: q.Now + q.Horizon}}
	}
	for _, w := range ws {
		w.From = max(w.From, q.Now, q.Visit.Release)
		w.To = min(w.To, q.Now+q.Horizon)
		if w.From <= w.To {
			out = append(out, w)
		}
	}
	return out
}

// try checks one gap with the provider's own times and fills in the option, without its points.
func (j *judge) try(e *entry, tr *tour, i int, w model.Window, o *option) (why, int64) {
	if w.From >= tr.close || w.To < tr.open {
		return whyNever, 0
	}
	from, to := int32(max(w.From-tr.open, 0)), int32(min(w.To, tr.close)-tr.open)
	prev, cur, work := &tr.stops[i-1], &tr.stops[i], int32(j.duration(e, tr))
	in := leg32(j.x.opt.Travel.Ticks(prev.place(), j.q.Visit.Place))
	out := leg32(j.x.opt.Travel.Ticks(j.q.Visit.Place, cur.place()))
	begin, latest := segment.Begin(prev.dep, in, from), cur.late-out-work
	reason, by := whyFits, int64(0)
	switch {
	case begin > latest:
		reason, by = j.noRoom(tr, prev.dep+in, latest, model.Window{From: int64(from), To: int64(to)}, work)
	case begin > to:
		reason, by = whyEnd, int64(begin-to)
	}
	bounded := tr.cargo != nil && tr.cargo.maxWork > 0
	if reason == whyNever || bounded && (reason != whyFits || j.tooMuch(tr, i, segment.Single(from, to, work), in, out)) {
		return whyNever, 0
	}
	o.begin = tr.open + int64(begin)
	o.in, o.added = int64(in), max(int64(in)+int64(out)-int64(cur.leg), 0)
	if reason == whyFits {
		row, _ := segment.Join(segment.Single(begin, max(begin, to), work), cur.rest(), out)
		o.overtime = int64(max(row.Leave()-tr.over, 0))
	}
	return j.besides(e, tr, reason, by, int64(in))
}

// noRoom tells a gap that would hold the job earlier from one that is too short; ticks of the tour.
func (j *judge) noRoom(tr *tour, arrival, latest int32, w model.Window, work int32) (why, int64) {
	begin := max(int64(arrival), w.From)
	if arrival <= latest && tr.open+int64(latest) >= max(j.q.Now, j.q.Visit.Release) {
		return whyBegin, begin - int64(latest)
	}
	if short := begin - int64(latest); short < int64(work) && begin <= w.To {
		return whyLong, short
	}
	return whyNever, 0
}

// tooMuch says whether a tour with the job would be longer than its engineer may work.
func (j *judge) tooMuch(tr *tour, i int, job segment.Segment, in, out int32) bool {
	row, ok := segment.Join(tr.front(i), job, in)
	if ok {
		row, ok = segment.Join(row, tr.stops[i].rest(), out)
	}
	return ok && int64(row.Work) > tr.cargo.maxWork
}

// besides adds what else there is to say: one thing is the reason, two are never.
func (j *judge) besides(e *entry, tr *tour, reason why, by, in int64) (why, int64) {
	add := func(next why, amount int64) {
		if reason == whyFits {
			reason, by = next, amount
		} else {
			reason, by = whyNever, 0
		}
	}
	if !j.certified(e, tr) {
		add(whyCertificate, in)
	}
	if v := &j.q.Visit; v.Load > 0 && e.who.Capacity > 0 && !j.waive.load && tr.loaded()+v.Load > e.who.Capacity {
		add(whyLoad, in)
	}
	if tr.cargo != nil && len(tr.cargo.used) > 0 && !j.stocked(e, tr) {
		add(whyPart, in)
	}
	if in > j.reach {
		add(whyFar, in)
	}
	return reason, by
}

func (t *tour) loaded() int {
	if t.cargo == nil {
		return 0
	}
	return t.cargo.load
}

// left is how many pieces of a part the booked visits leave in the van.
func (t *tour) left(who *model.Engineer, part string) int {
	n := 0
	for _, k := range who.Kit {
		if k.Part == part {
			n += k.Count
		}
	}
	if t.cargo != nil {
		for _, u := range t.cargo.used {
			if u.Part == part {
				n -= u.Count
			}
		}
	}
	return n
}

func (j *judge) stocked(e *entry, tr *tour) bool {
	for _, p := range j.q.Visit.Parts {
		if p.Count > 0 && p.Part != j.waive.part && tr.left(e.who, p.Part) < p.Count {
			return false
		}
	}
	return true
}

// certified says whether every certificate that the job needs lasts until the end of the shift.
func (j *judge) certified(e *entry, tr *tour) bool {
	if !e.expires {
		return true
	}
	for _, n := range j.q.Visit.Needs {
		if n.Name != j.waive.skill && levelOf(e.who, n.Name, tr.close) < max(n.Level, 1) {
			return false
		}
	}
	return true
}

// levelOf is the best level of a skill that lasts until a tick.
func levelOf(who *model.Engineer, skill string, until int64) int {
	best := 0
	for _, s := range who.Skills {
		if s.Name == skill && (s.Expires == 0 || s.Expires >= until) {
			best = max(best, s.Level)
		}
	}
	return best
}

func (j *judge) duration(e *entry, tr *tour) int64 {
	v := &j.q.Visit
	if len(v.ByLevel) > 0 && len(v.Needs) > 0 {
		level := levelOf(e.who, v.Needs[0].Name, tr.close)
		if j.waive.skill == v.Needs[0].Name {
			level = max(j.waive.level, levelOf(e.who, v.Needs[0].Name, math.MinInt64))
		}
		if d, ok := v.ByLevel[level]; ok {
			return d
		}
	}
	return v.Duration
}

// best finds the best option of one engineer in all gaps and windows; false when there is none that scores above floor.
func (j *judge) best(eng int32, e *entry, floor float64, points func(*option, *tour)) (option, bool) {
	best, found := option{score: floor}, false
	for t := range e.tours {
		tr := &e.tours[t]
		for _, w := range j.windows {
			if w.From >= tr.close || w.To < tr.open || j.atMost(max(tr.open, w.From), 0)+preferPoints <= best.score {
				continue
			}
			for g := 1; g < len(tr.stops); g++ {
				o := option{eng: eng, tour: t, gap: g}
				if !j.hopeful(tr, g, w, best.score) {
					continue
				}
				if reason, _ := j.try(e, tr, g, w, &o); reason != whyFits {
					continue
				}
				points(&o, tr)
				if o.score > best.score {
					best, found = o, true
				}
			}
		}
	}
	return best, found
}

// hopeful says by estimates that never exceed the ways themselves whether a gap may hold the job and score above floor.
func (j *judge) hopeful(tr *tour, g int, w model.Window, floor float64) bool {
	prev, cur := &tr.stops[g-1], &tr.stops[g]
	in, out := j.about(float32(prev.x), float32(prev.y)), j.about(float32(cur.x), float32(cur.y))
	from, to := int32(max(w.From-tr.open, 0)), int32(min(w.To, tr.close)-tr.open)
	begin := segment.Begin(prev.dep, in, from)
	return begin <= to && segment.Fits(begin, int32(j.least), out, cur.late) &&
		j.atMost(tr.open+int64(begin), in)-j.detourAt*float64(max(in+out-cur.leg, 0))+preferPoints > floor
}

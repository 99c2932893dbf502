package plan

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"
)

// mostExamined bounds the tours looked at one by one, so that a hopeless job in a crowded city is answered in time too.
const mostExamined = 12_000

// fewCandidates are looked at one by one without regard to where they are.
const fewCandidates = 300

// ErrWindow says that a query leaves no time to begin in.
var ErrWindow = errors.New("plan: the job's windows are over, or beyond the horizon")

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

// probe is one query under way.
type probe struct {
	x        *Index
	q        *Query
	windows  []model.Window // clipped to now and the horizon
	cosine   float64        // of the job's latitude, for degrees
	circle   float64        // ticks per radian of a great circle; 0: ask the provider
	cand     bitmap
	union    bitmap
	met      bitmap // somebody a gap of whom was looked at
	fits     bitmap // somebody who fits, or may
	top      []option
	rejected []Rejected
	examined int
	least    int64  // shortest duration of the job
	days     uint64 // days worth looking at, by bit
	nearest  nearest
}

// nearest is the smallest later end of the window that would let somebody fit.
type nearest struct {
	eng   int32
	begin int64
	by    int64
}

// Suggest answers who could do a job, best first, and why the others cannot. It looks Horizon ahead and reads only.
func (x *Index) Suggest(ctx context.Context, q Query) (Suggestions, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	p := x.probe(&q)
	defer p.release()
	if len(p.windows) == 0 {
		return Suggestions{}, ErrWindow
	}
	p.qualify()
	if err := p.search(ctx); err != nil {
		return Suggestions{}, err
	}
	return p.answer(), nil
}

func (x *Index) probe(q *Query) *probe {
	if q.K <= 0 {
		q.K = 5
	}
	if q.Horizon <= 0 {
		q.Horizon = 7 * x.opt.Day
	}
	p, _ := x.scratch.Get().(*probe)
	if p == nil {
		p = &probe{}
	}
	p.x, p.q = x, q
	p.windows = clip(p.windows[:0], q)
	p.cand = append(p.cand[:0], x.all...)
	p.union = slices.Grow(p.union[:0], len(x.all))[:len(x.all)]
	p.fits = slices.Grow(p.fits[:0], len(x.all))[:len(x.all)]
	p.met = slices.Grow(p.met[:0], len(x.all))[:len(x.all)]
	clear(p.fits)
	clear(p.met)
	p.top, p.rejected, p.examined = p.top[:0], nil, 0
	p.least = q.Visit.Duration
	for _, d := range q.Visit.ByLevel {
		p.least = min(p.least, d)
	}
	p.nearest = nearest{eng: -1, by: math.MaxInt64}
	p.circle = 0
	if g, ok := x.opt.Travel.(model.GreatCircle); ok {
		p.cosine = math.Cos(q.Visit.Place.Y * math.Pi / 180)
		p.circle = float64(g.Ticks(model.Point{}, model.Point{Y: 1}))
	}
	return p
}

func (p *probe) release() {
	p.x.scratch.Put(p)
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

// search looks at tours in rings of cells around the job until no tour further out can score better.
func (p *probe) search(ctx context.Context) error {
	for _, id := range p.q.Visit.Preferred {
		if e, ok := p.x.ids[id]; ok && p.cand.has(e) {
			p.examineAll(e)
		}
	}
	if n := p.cand.count(); n <= fewCandidates {
		p.each(p.examineAll)
		p.classify(true)
		return nil
	}
	c := p.x.cellOf(p.q.Visit.Place)
	for r := int32(0); ; r++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		least := p.ringTicks(r)
		if least > p.x.opt.MaxTravel {
			p.classify(true)
			return nil
		}
		if p.examined >= mostExamined || p.full() && p.top[len(p.top)-1].score >= 100-perMinute(travelPoints, least, p.x.opt.Day) {
			p.classify(false)
			return nil
		}
		p.days = p.worthwhile(least)
		p.ring(c, r)
	}
}

// each calls f for every engineer who qualifies.
func (p *probe) each(f func(int32)) {
	for i, w := range p.cand {
		for ; w != 0; w &= w - 1 {
			f(int32(i<<6 + bits.TrailingZeros64(w)))
		}
	}
}

// worthwhile is the mask of days on which a job begun at once, least ticks of travel away, could still be suggested.
func (p *probe) worthwhile(least int64) uint64 {
	var mask uint64
	for _, w := range p.windows {
		for d := p.x.day(w.From - p.x.longest); d <= p.x.day(w.To); d++ {
			wait := max(max(d*p.x.opt.Day, w.From)-p.windows[0].From, 0)
			best := 100 - perMinute(travelPoints, least, p.x.opt.Day) - perHour(delayPoints, wait, p.x.opt.Day)
			if !p.full() || best > p.top[len(p.top)-1].score {
				mask |= 1 << (d & 63)
			}
		}
	}
	return mask
}

func (p *probe) full() bool { return len(p.top) == p.q.K }

// ring looks at the cells whose larger distance from c is r.
func (p *probe) ring(c cell, r int32) {
	for y := c.y - r; y <= c.y+r; y++ {
		step := max(2*r, 1)
		if y == c.y-r || y == c.y+r {
			step = 1
		}
		for x := c.x - r; x <= c.x+r; x += step {
			p.lookAt(p.x.grid[cell{x, y}])
		}
	}
}

// lookAt checks the gaps of a cell by what the anchors say, and those that may be suggested exactly.
func (p *probe) lookAt(list []anchor) {
	work := int32(p.least)
	for i := range list {
		a := &list[i]
		if p.days>>a.bit&1 == 0 || !p.cand.has(a.eng) {
			continue
		}
		p.meet(a.eng)
		in := p.about(a.x, a.y)
		for _, w := range p.windows {
			from, to := clamp32(w.From-p.x.base), clamp32(w.To-p.x.base)
			begin := segment.Begin(a.dep, in, from)
			if !segment.Fits(begin, work, 0, a.late) {
				continue
			}
			if begin > to {
				if int64(begin-to) < p.nearest.by {
					p.gap(a.eng, int(a.tour), int(a.gap), w)
				}
				continue
			}
			if p.full() && p.atMost(int64(begin)+p.x.base, in) <= p.top[len(p.top)-1].score {
				p.mark(a.eng) // may fit, but cannot be suggested
				continue
			}
			p.gap(a.eng, int(a.tour), int(a.gap), w)
		}
	}
}

func clamp32(t int64) int32 { return int32(min(max(t, -1<<30), 1<<30)) }

func (p *probe) meet(e int32) { p.met[e>>6] |= 1 << (e & 63) }

// examineAll looks at every gap of engineer e.
func (p *probe) examineAll(e int32) {
	p.meet(e)
	for t := range p.x.eng[e].tours {
		for g := 1; g < len(p.x.eng[e].tours[t].stops); g++ {
			for _, w := range p.windows {
				p.gap(e, t, g, w)
			}
		}
	}
}

// gap checks one gap with the provider's own times, and scores it or notes by how much the window misses it.
func (p *probe) gap(e int32, t, i int, w model.Window) {
	tr := &p.x.eng[e].tours[t]
	if w.From >= tr.close || w.To < tr.open {
		return
	}
	p.examined++
	from, to := int32(max(w.From-tr.open, 0)), int32(min(w.To, tr.close)-tr.open)
	prev, cur, work := &tr.stops[i-1], &tr.stops[i], int32(p.duration(e))
	if cur.late < from+work {
		return
	}
	in := leg32(p.x.opt.Travel.Ticks(prev.place(), p.q.Visit.Place))
	out := leg32(p.x.opt.Travel.Ticks(p.q.Visit.Place, cur.place()))
	begin := segment.Begin(prev.dep, in, from)
	row, ok := segment.Join(segment.Single(begin, max(begin, to), work), cur.rest(), out)
	if !ok || int64(in) > p.x.opt.MaxTravel || !p.certified(e, tr.open+int64(begin)) {
		return
	}
	if begin > to {
		p.miss(e, tr.open+int64(begin), int64(begin-to))
		return
	}
	p.mark(e)
	o := option{eng: e, tour: t, gap: i, begin: tr.open + int64(begin), in: int64(in),
		added: max(int64(in)+int64(out)-int64(cur.leg), 0), overtime: int64(max(row.Leave()-tr.over, 0))}
	most := p.atMost(o.begin, in) - perMinute(detourPoints, o.added, p.x.opt.Day) + preferPoints*float64(min(1, len(p.q.Visit.Preferred)))
	if p.full() && most < p.top[len(p.top)-1].score {
		return
	}
	p.rate(&o, tr)
	p.offer(&o)
}

// miss remembers the smallest extension of the window that would do.
func (p *probe) miss(e int32, begin, by int64) {
	if by < p.nearest.by && !p.fits.has(e) {
		p.nearest = nearest{e, begin, by}
	}
}

// about estimates the way between a stop and the job; it never says more than the provider.
func (p *probe) about(x, y float32) int32 {
	if p.circle == 0 {
		return leg32(p.x.opt.Travel.Ticks(model.Point{X: float64(x), Y: float64(y)}, p.q.Visit.Place))
	}
	dx := (float64(x) - p.q.Visit.Place.X) * p.cosine
	dy := float64(y) - p.q.Visit.Place.Y
	return int32(0.98 * p.circle * math.Sqrt(dx*dx+dy*dy))
}

// ringTicks is the least way from cells at ring r.
func (p *probe) ringTicks(r int32) int64 {
	if r <= 1 {
		return 0
	}
	at, off := p.q.Visit.Place, float64(r-1)*p.x.opt.Cell
	up := p.x.opt.Travel.Ticks(at, model.Point{X: at.X, Y: at.Y + off})
	side := p.x.opt.Travel.Ticks(at, model.Point{X: at.X + off, Y: at.Y})
	return min(up, side) * 98 / 100
}

func (p *probe) duration(e int32) int64 {
	v := &p.q.Visit
	if len(v.ByLevel) > 0 && len(v.Needs) > 0 {
		for _, s := range p.x.eng[e].who.Skills {
			if d, ok := v.ByLevel[s.Level]; ok && s.Name == v.Needs[0].Name {
				return d
			}
		}
	}
	return v.Duration
}

func (p *probe) mark(e int32) { p.fits[e>>6] |= 1 << (e & 63) }

// certified says whether no certificate that the job needs ends before it begins.
func (p *probe) certified(e int32, begin int64) bool {
	if !p.x.eng[e].expires {
		return true
	}
	for _, n := range p.q.Visit.Needs {
		for _, s := range p.x.eng[e].who.Skills {
			if s.Name == n.Name && s.Expires != 0 && s.Expires <= begin {
				return false
			}
		}
	}
	return true
}

// offer keeps the best K options, one per engineer, best first; equal scores in the order of engineers' names.
func (p *probe) offer(o *option) {
	for i := range p.top {
		if p.top[i].eng == o.eng {
			if !p.before(o, &p.top[i]) {
				return
			}
			p.top = slices.Delete(p.top, i, i+1)
			break
		}
	}
	at := len(p.top)
	for at > 0 && p.before(o, &p.top[at-1]) {
		at--
	}
	if at < p.q.K {
		p.top = slices.Insert(p.top, at, *o)
		p.top = p.top[:min(len(p.top), p.q.K)]
	}
}

func (p *probe) before(a, b *option) bool {
	if a.score != b.score {
		return a.score > b.score
	}
	return p.x.eng[a.eng].who.ID < p.x.eng[b.eng].who.ID
}

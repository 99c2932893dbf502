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
	seen     []uint64 // tours examined, by engineer
	fits     bitmap
	touched  []int32
	top      []option
	rejected []Rejected
	examined int
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
	clear(p.fits)
	if len(p.seen) < len(x.eng) {
		p.seen = make([]uint64, len(x.eng)+len(x.eng)/8)
	}
	p.top, p.rejected, p.touched, p.examined = p.top[:0], nil, p.touched[:0], 0
	p.nearest = nearest{eng: -1, by: math.MaxInt64}
	p.circle = 0
	if g, ok := x.opt.Travel.(model.GreatCircle); ok {
		p.cosine = math.Cos(q.Visit.Place.Y * math.Pi / 180)
		p.circle = float64(g.Ticks(model.Point{}, model.Point{Y: 1}))
	}
	return p
}

func (p *probe) release() {
	for _, e := range p.touched {
		p.seen[e] = 0
	}
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

func (p *probe) lookAt(list []anchor) {
	for i := range list {
		e := list[i].eng
		if !p.cand.has(e) {
			continue
		}
		if todo := list[i].days & p.days &^ p.seen[e]; todo != 0 {
			p.examine(e, todo)
		}
	}
}

func (p *probe) examineAll(e int32) { p.examine(e, p.x.eng[e].days) }

// examine looks at the tours of engineer e on the days of the mask.
func (p *probe) examine(e int32, todo uint64) {
	if p.seen[e] == 0 {
		p.touched = append(p.touched, e)
	}
	p.seen[e] |= todo
	who := &p.x.eng[e]
	t := 0
	if !who.double {
		t = bits.OnesCount64(who.days & (1<<bits.TrailingZeros64(todo) - 1))
	}
	for ; t < len(who.tours) && todo != 0; t++ {
		tr := &who.tours[t]
		if todo>>tr.bit&1 == 0 {
			continue
		}
		if !who.double {
			todo &^= 1 << tr.bit
		}
		p.inWindows(e, t, tr)
	}
}

func (p *probe) inWindows(e int32, t int, tr *tour) {
	for _, w := range p.windows {
		if w.From < tr.close && w.To >= tr.open {
			p.examined++
			p.gaps(e, t, tr, w)
		}
	}
}

// gaps tries the job between any two stops of a tour.
func (p *probe) gaps(e int32, t int, tr *tour, w model.Window) {
	from, to := int32(max(w.From-tr.open, 0)), int32(min(w.To, tr.close)-tr.open)
	work := int32(p.duration(e))
	s := tr.stops
	for i := 1; i < len(s); i++ {
		if s[i].late < from+work {
			continue
		}
		in := p.about(&s[i-1])
		begin := segment.Begin(s[i-1].dep, in, from)
		if p.full() && p.atMost(tr, in, begin) <= p.top[len(p.top)-1].score {
			p.mark(e)
			return
		}
		out := p.about(&s[i])
		if !segment.Fits(begin, work, out, s[i].late) {
			continue
		}
		if begin > to {
			p.miss(e, tr.open+int64(begin), int64(begin-to))
			return
		}
		p.exactly(e, t, i, from, to, work)
	}
}

// miss remembers the smallest extension of the window that would do.
func (p *probe) miss(e int32, begin, by int64) {
	if by < p.nearest.by && !p.fits.has(e) {
		p.nearest = nearest{e, begin, by}
	}
}

// about estimates the way between a stop and the job; it never says more than the provider.
func (p *probe) about(s *anchorStop) int32 {
	if p.circle == 0 {
		return leg32(p.x.opt.Travel.Ticks(s.place(), p.q.Visit.Place))
	}
	dx := (float64(s.x) - p.q.Visit.Place.X) * p.cosine
	dy := float64(s.y) - p.q.Visit.Place.Y
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

// exactly checks a gap with the provider's own times and scores it.
func (p *probe) exactly(e int32, t, i int, from, to, work int32) {
	tr := &p.x.eng[e].tours[t]
	prev, cur := &tr.stops[i-1], &tr.stops[i]
	in := leg32(p.x.opt.Travel.Ticks(prev.place(), p.q.Visit.Place))
	out := leg32(p.x.opt.Travel.Ticks(p.q.Visit.Place, cur.place()))
	begin := segment.Begin(prev.dep, in, from)
	row, ok := segment.Join(segment.Single(begin, to, work), cur.rest(), out)
	if begin > to || !ok || int64(in) > p.x.opt.MaxTravel || !p.certified(e, tr.open+int64(begin)) {
		return
	}
	p.mark(e)
	o := option{eng: e, tour: t, gap: i, begin: tr.open + int64(begin), in: int64(in),
		added: max(int64(in)+int64(out)-int64(cur.leg), 0), overtime: int64(max(row.Leave()-tr.over, 0))}
	p.rate(&o, tr)
	p.offer(&o)
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

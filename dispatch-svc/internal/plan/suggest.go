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

const (
	// mostExamined bounds the gaps looked at exactly, so that a hopeless job in a crowded city is answered in time too.
	mostExamined = 4_000
	// fewCandidates are looked at one by one without regard to where they are.
	fewCandidates = 150
)

// ErrWindow says that a query leaves no time to begin in.
var ErrWindow = errors.New("plan: the job's windows are over, or beyond the horizon")

// probe is one query under way.
type probe struct {
	judge
	wins     []span32 // the windows in the ticks of anchors
	cand     bitmap
	fits     bitmap         // somebody who fits, or may
	only     [whyCount]miss // of those who do not fit: who would, with the smallest single change
	blocked  [whyCount]bitmap
	steps    []step
	buffers  []bitmap
	taken    int // of the buffers
	top      []option
	rejected []Rejected
	examined int
	seen     int    // anchors
	limit    int    // of seen, 0 is none
	days     uint64 // days worth looking at, by bit
	ringIn   int32  // least way from the ring under way
	cellIn   int32  // and from the cell
	all      bool   // look exactly at whatever comes first
	most     int    // gaps looked at exactly
	skipped  bool   // cells or days that cannot matter, with people in them who may fit
	hopes    []hope // of the ring under way
	sub      *probe // for counterfactuals, with what it needs
	own      Query
	needs    []model.Need
	near     []int32
}

type span32 struct{ from, to int32 }

// miss is somebody who would fit with one change.
type miss struct {
	option
	by     int64
	window model.Window
	reason why
	known  bool
}

// Suggest answers who could do a job, best first, and why the others cannot. It looks Horizon ahead and reads only.
func (x *Index) Suggest(ctx context.Context, q Query) (Suggestions, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	p := x.probe(&q)
	defer x.scratch.Put(p)
	if len(p.windows) == 0 {
		return Suggestions{}, ErrWindow
	}
	p.qualify()
	if err := p.search(ctx); err != nil {
		return Suggestions{}, err
	}
	p.explain(ctx)
	return p.answer(), nil
}

// probe takes a used one from the pool; all its memory is kept.
func (x *Index) probe(q *Query) *probe {
	p, _ := x.scratch.Get().(*probe)
	if p == nil {
		p = &probe{}
	}
	p.judge = newJudge(x, q, p.windows)
	p.ready()
	p.cand = append(p.cand[:0], x.all...)
	p.steps, p.taken, p.rejected = p.steps[:0], 0, nil
	return p
}

// ready begins a search with nothing found.
func (p *probe) ready() {
	x := p.x
	p.wins = p.wins[:0]
	for _, w := range p.windows {
		p.wins = append(p.wins, span32{clamp32(w.From - x.base), clamp32(w.To - x.base)})
	}
	p.fits = cleared(p.fits, len(x.all))
	for i := range p.blocked {
		p.blocked[i] = p.blocked[i][:0]
	}
	p.only = [whyCount]miss{}
	p.top, p.examined, p.seen, p.limit, p.most, p.skipped = p.top[:0], 0, 0, 0, mostExamined, false
}

func cleared(b bitmap, n int) bitmap {
	b = slices.Grow(b[:0], n)[:n]
	clear(b)
	return b
}

// buffer lends a bitmap until the end of the query.
func (p *probe) buffer() bitmap {
	if p.taken == len(p.buffers) {
		p.buffers = append(p.buffers, nil)
	}
	b := cleared(p.buffers[p.taken], len(p.x.all))
	p.buffers[p.taken] = b
	p.taken++
	return b
}

// search looks at tours in rings of cells around the job until no tour further out can score better.
func (p *probe) search(ctx context.Context) error {
	for _, id := range p.q.Visit.Preferred {
		if e, ok := p.x.ids[id]; ok && p.cand.has(e) {
			p.examineAll(e)
		}
	}
	if n := p.cand.count(); n <= fewCandidates {
		p.cand.each(p.examineAll)
		p.classify()
		return nil
	}
	exhausted, err := p.rings(ctx)
	if exhausted {
		p.classify()
	}
	return err
}

// rings goes outwards; true when everybody within reach was looked at.
func (p *probe) rings(ctx context.Context) (bool, error) {
	c := p.x.cellOf(p.q.Visit.Place)
	for r := int32(0); ; r++ {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		least := p.ringTicks(r)
		if least > p.reach {
			return !p.skipped, nil
		}
		if p.spent() || p.full() && p.top[len(p.top)-1].score >= p.atMost(p.windows[0].From, int32(least)) {
			return false, nil
		}
		p.ringIn = int32(least)
		p.days = p.worthwhile(least)
		p.ring(c, r)
		p.examine()
	}
}

func (p *probe) spent() bool {
	return p.examined >= p.most || p.limit > 0 && p.seen >= p.limit
}

// each calls f for every engineer of a set.
func (b bitmap) each(f func(int32)) {
	for i, w := range b {
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
			if !p.full() || p.atMost(max(d*p.x.opt.Day, w.From), int32(least)) > p.top[len(p.top)-1].score {
				mask |= 1 << (d & 63)
			} else {
				p.skipped = true
			}
		}
	}
	return mask
}

func (p *probe) full() bool { return len(p.top) == p.q.K }

// ring looks at the cells whose larger distance from c is r.
func (p *probe) ring(c cell, r int32) {
	p.row(c.y-r, c.x-r, c.x+r)
	if r == 0 {
		return
	}
	p.row(c.y+r, c.x-r, c.x+r)
	p.column(c.x-r, c.y-r+1, c.y+r-1)
	p.column(c.x+r, c.y-r+1, c.y+r-1)
}

func (p *probe) row(y, from, to int32) {
	for x := from; x <= to; {
		next := min(to+1, (x>>blockBits+1)<<blockBits)
		if b := p.x.grid[blockOf(cell{x, y})]; b != nil {
			for ; x < next; x++ {
				p.bucket(b.at(cell{x, y}), x, y)
			}
		}
		x = next
	}
}

func (p *probe) column(x, from, to int32) {
	for y := from; y <= to; {
		next := min(to+1, (y>>blockBits+1)<<blockBits)
		if b := p.x.grid[blockOf(cell{x, y})]; b != nil {
			for ; y < next; y++ {
				p.bucket(b.at(cell{x, y}), x, y)
			}
		}
		y = next
	}
}

// need is how long a gap of a cell must be at least.
func (p *probe) need(d *dayGaps) int32 {
	return int32(p.least) + p.cellIn + p.back(p.cellIn, d.most, int32(p.x.legStep))
}

// bucket looks at a cell, unless even its nearest corner is too far away to matter.
func (p *probe) bucket(b *bucket, x, y int32) {
	if len(b.days) == 0 {
		return
	}
	if p.cellIn = p.cellTicks(x, y); int64(p.cellIn) > p.reach {
		return
	}
	if p.full() && p.atMost(p.windows[0].From, p.cellIn) <= p.top[len(p.top)-1].score {
		p.skipped = true
		return
	}
	for i := range b.days {
		p.seen++
		if d := &b.days[i]; p.days>>d.bit&1 == 1 && (d.longest >= p.need(d) || p.all) {
			p.lookAt(d)
		}
	}
}

// cellTicks is the least way from a cell.
func (p *probe) cellTicks(x, y int32) int32 {
	if p.circle == 0 {
		return p.ringIn
	}
	size, at := p.x.opt.Cell, p.q.Visit.Place
	dx := max(float64(x)*size-at.X, at.X-float64(x+1)*size, 0) * p.cosine
	dy := max(float64(y)*size-at.Y, at.Y-float64(y+1)*size, 0)
	return int32(p.circle * math.Sqrt(dx*dx+dy*dy))
}

// lookAt checks the gaps of a cell by what the anchors say, and those that may be suggested exactly. By the triangle inequality
// the way on from the job is no shorter than the way to it less the leg as it is now.
func (p *probe) lookAt(d *dayGaps) {
	work, step := int32(p.least), int32(p.x.legStep)
	need := p.need(d)
	worst := math.Inf(-1)
	if p.full() {
		worst = p.top[len(p.top)-1].score
	}
	if p.all {
		p.lookAtAll(d)
		return
	}
	for i := range d.gaps {
		a := &d.gaps[i]
		if a.length() < need {
			p.seen += i
			return
		}
		if !p.cand.has(a.eng) {
			continue
		}
		in := p.about(a.x, a.y)
		out := p.back(in, a.leg, step)
		for k, w := range p.wins {
			begin := segment.Begin(a.dep, in, w.from)
			if !segment.Fits(begin, work, out, a.late) {
				continue
			}
			if begin > w.to {
				p.tooLate(a, begin-w.to, k)
				continue
			}
			// The way to the job and the way on from it, less the leg as it is now, are the least detour.
			detour := max(in+out-int32(a.leg)*step, 0)
			if best := p.atMost(int64(begin)+p.x.base, in) - p.detourAt*float64(detour); best > worst {
				p.hopes = append(p.hopes, hope{best, a.eng, a.tour, a.gap, uint16(k)})
			} else {
				p.mark(a.eng) // may fit, but cannot be suggested
			}
		}
	}
	p.seen += len(d.gaps)
}

// hope is a gap that may be suggested, with the best that its score can be.
type hope struct {
	best      float64
	eng       int32
	tour, gap uint8
	window    uint16
}

// examine looks exactly at what a ring had to offer, the most promising first, and no further than it can matter: a heap, since
// few are taken from it.
func (p *probe) examine() {
	for i := len(p.hopes)/2 - 1; i >= 0; i-- {
		p.sink(i)
	}
	for len(p.hopes) > 0 && p.examined < p.most {
		h := p.hopes[0]
		if p.full() && h.best <= p.top[len(p.top)-1].score {
			break
		}
		last := len(p.hopes) - 1
		p.hopes[0] = p.hopes[last]
		p.hopes = p.hopes[:last]
		p.sink(0)
		p.gap(h.eng, int(h.tour), int(h.gap), p.windows[h.window])
	}
	for i := range p.hopes {
		p.mark(p.hopes[i].eng) // may fit, but cannot be suggested
	}
	p.hopes = p.hopes[:0]
}

// sink restores the heap below i.
func (p *probe) sink(i int) {
	for {
		c := 2*i + 1
		if c >= len(p.hopes) {
			return
		}
		if c+1 < len(p.hopes) && p.hopes[c+1].before(&p.hopes[c]) {
			c++
		}
		if !p.hopes[c].before(&p.hopes[i]) {
			return
		}
		p.hopes[i], p.hopes[c] = p.hopes[c], p.hopes[i]
		i = c
	}
}

// before orders hopes; equal ones by number, so that the same index answers the same.
func (h *hope) before(o *hope) bool {
	if h.best != o.best {
		return h.best > o.best
	}
	return h.eng < o.eng || h.eng == o.eng && (h.tour < o.tour || h.tour == o.tour && h.gap < o.gap)
}

// lookAtAll checks the gaps of a cell exactly, the longest first, as far as the search may.
func (p *probe) lookAtAll(d *dayGaps) {
	p.seen += len(d.gaps)
	for i := range d.gaps {
		a := &d.gaps[i]
		if p.examined >= p.most {
			return
		}
		if p.cand.has(a.eng) {
			for _, w := range p.windows {
				p.gap(a.eng, int(a.tour), int(a.gap), w)
			}
		}
	}
}

// back is the least way on from a job that is in ticks away from the place before, when the leg there is at most so many steps.
func (p *probe) back(in int32, steps uint16, step int32) int32 {
	if steps == math.MaxUint16 {
		return 0
	}
	return max(in-int32(steps)*step, 0)
}

// tooLate looks exactly at a gap that would do if the window ended later, when nobody known would do with less.
func (p *probe) tooLate(a *anchor, by int32, window int) {
	if m := &p.only[whyEnd]; !m.known || int64(by) < m.by {
		p.gap(a.eng, int(a.tour), int(a.gap), p.windows[window])
	}
}

func clamp32(t int64) int32 { return int32(min(max(t, -1<<30), 1<<30)) }

// examineAll looks at every gap of engineer e that may matter.
func (p *probe) examineAll(e int32) {
	for t := range p.x.eng[e].tours {
		tr := &p.x.eng[e].tours[t]
		for _, w := range p.windows {
			if w.From >= tr.close || w.To < tr.open {
				continue
			}
			for g := 1; g < len(tr.stops); g++ {
				if !p.hopeless(e, tr, g, w) {
					p.gap(e, t, g, w)
				}
			}
		}
	}
}

// hopeless says by estimates that never exceed the ways themselves that a gap neither fits nor misses by less than what is known.
func (p *probe) hopeless(e int32, tr *tour, g int, w model.Window) bool {
	prev, cur := &tr.stops[g-1], &tr.stops[g]
	in, out := p.about(float32(prev.x), float32(prev.y)), p.about(float32(cur.x), float32(cur.y))
	from, to := int32(max(w.From-tr.open, 0)), int32(min(w.To, tr.close)-tr.open)
	begin := segment.Begin(prev.dep, in, from)
	worse := func(reason why, by int32) bool { return p.only[reason].known && int64(by) > p.only[reason].by }
	switch late := begin + int32(p.least) + out - cur.late; {
	case late > 0:
		return worse(whyLong, late) && (prev.dep+in > from || worse(whyBegin, late))
	case begin > to:
		return worse(whyEnd, begin-to)
	}
	if !p.full() || p.atMost(tr.open+int64(begin), in)-p.detourAt*float64(max(in+out-cur.leg, 0)) > p.top[len(p.top)-1].score-preferPoints {
		return false
	}
	p.mark(e) // may fit, but cannot be suggested
	return true
}

// gap checks one gap exactly, and scores it or notes what it misses.
func (p *probe) gap(e int32, t, i int, w model.Window) {
	who := &p.x.eng[e]
	tr := &who.tours[t]
	p.examined++
	o := option{eng: e, tour: t, gap: i}
	reason, by := p.try(who, tr, i, w, &o)
	if reason != whyFits {
		p.miss(&o, reason, by, w)
		return
	}
	p.mark(e)
	most := p.atMost(o.begin, int32(o.in)) - p.detourAt*float64(o.added) + preferPoints*float64(min(1, len(p.q.Visit.Preferred)))
	if p.full() && most < p.top[len(p.top)-1].score {
		return
	}
	p.rate(&o, who, tr)
	p.offer(&o)
}

// miss remembers who would fit with one change, the smallest of each kind, and who is kept out by goods or certificates alone.
func (p *probe) miss(o *option, reason why, by int64, w model.Window) {
	if reason == whyNever {
		return
	}
	if reason >= whyCertificate {
		if len(p.blocked[reason]) == 0 {
			p.blocked[reason] = cleared(p.blocked[reason], len(p.x.all))
		}
		p.blocked[reason].set(o.eng)
	}
	m := &p.only[reason]
	if !p.fits.has(o.eng) && (!m.known || by < m.by || by == m.by && p.x.eng[o.eng].who.ID < p.x.eng[m.eng].who.ID) {
		*m = miss{option: *o, by: by, window: w, reason: reason, known: true}
	}
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

func (p *probe) mark(e int32) { p.fits[e>>6] |= 1 << (e & 63) }

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

// answer turns the options into suggestions.
func (p *probe) answer() Suggestions {
	s := Suggestions{Rejected: p.rejected, Examined: p.examined, Truncated: p.spent()}
	s.Suggestions = make([]Suggestion, 0, len(p.top))
	for i := range p.top {
		o := &p.top[i]
		e := &p.x.eng[o.eng]
		t := &e.tours[o.tour]
		s.Suggestions = append(s.Suggestions, Suggestion{Engineer: e.who.ID, Shift: int(t.shift), After: t.after(o.gap),
			EarliestArrival: o.begin, TravelTicks: o.added, Score: o.score, Reasons: p.reasons(o, e)})
	}
	s.Others = p.cand.count() - len(p.top)
	return s
}

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

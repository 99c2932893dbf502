package plan

import (
	"math"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"
)

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

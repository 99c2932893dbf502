package plan

import (
	"fmt"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// qualify drops, class by class, everybody who cannot do the job whatever the tour, by set operations on bitmaps.
func (p *probe) qualify() {
	p.named()
	p.territory()
	for _, n := range p.q.Visit.Needs {
		p.skill(n)
	}
	for _, t := range p.q.Visit.Tools {
		n, e := p.cand.and(deref(p.x.tool[t]))
		p.reject("TOOL", n, e, "do not carry "+t, fmt.Sprintf("with %s in the van", t))
	}
	for _, s := range p.q.Visit.Parts {
		p.part(s)
	}
	p.booked()
}

func deref(b *bitmap) bitmap {
	if b == nil {
		return nil
	}
	return *b
}

// reject notes a class; one is somebody in it.
func (p *probe) reject(code string, count int, one int32, reason, counterfactual string) {
	if count == 0 {
		return
	}
	r := Rejected{Code: code, Count: count, Reason: fmt.Sprintf("%d %s", count, reason), Counterfactual: counterfactual}
	if one >= 0 {
		r.Engineer = p.x.eng[one].who.ID
	}
	p.rejected = append(p.rejected, r)
}

// named applies required and excluded engineers and a lock.
func (p *probe) named() {
	v := &p.q.Visit
	only := v.Required
	if v.Lock != nil {
		only = []string{v.Lock.Engineer}
	}
	if len(only) > 0 {
		clear(p.union)
		for _, id := range only {
			if e, ok := p.x.ids[id]; ok {
				p.union.set(e)
			}
		}
		n, e := p.cand.and(p.union)
		p.reject("EXCLUDED", n, e, "are not among the engineers asked for", "if others were allowed")
	}
	gone, one := 0, int32(-1)
	for _, id := range v.Excluded {
		if e, ok := p.x.ids[id]; ok && p.cand.has(e) {
			p.cand.clear(e)
			gone, one = gone+1, e
		}
	}
	p.reject("EXCLUDED", gone, one, "are excluded from this job", "if the exclusion were lifted")
}

func (p *probe) territory() {
	if p.q.Visit.Territory == "" {
		return
	}
	copy(p.union, p.x.roaming)
	clear(p.union[min(len(p.x.roaming), len(p.union)):])
	p.union.or(deref(p.x.territory[p.q.Visit.Territory]))
	n, e := p.cand.and(p.union)
	p.reject("TERRITORY", n, e, "do not work in "+p.q.Visit.Territory, "if the territory were opened to them")
}

// skill drops who lacks a skill, who has it at a lower level, and whose certificate is over.
func (p *probe) skill(need model.Need) {
	levels := p.x.skill[need.Name]
	var any, enough bitmap
	if len(levels) > 0 {
		any = levels[0]
	}
	if l := max(need.Level, 1) - 1; l < len(levels) {
		enough = levels[l]
	}
	n, e := p.cand.and(any)
	p.reject("SKILL", n, e, "lack "+need.Name, fmt.Sprintf("with %s at level %d", need.Name, max(need.Level, 1)))
	n, e = p.cand.and(enough)
	if n > 0 {
		best, at := p.nextLevel(levels, need.Level, e)
		p.reject("LEVEL", n, at, fmt.Sprintf("lack level %d of %s", need.Level, need.Name), fmt.Sprintf("if level %d were enough", best))
	}
	p.certificates(need)
}

// nextLevel finds the highest level below the needed one that somebody has.
func (p *probe) nextLevel(levels []bitmap, need int, one int32) (int, int32) {
	for l := min(need-1, len(levels)); l > 1; l-- {
		if n, e := p.x.all.overlap(levels[l-1]); n > 0 {
			return l, e
		}
	}
	return 1, one
}

func (p *probe) certificates(need model.Need) {
	gone, one := 0, int32(-1)
	now := p.windows[0].From
	for _, day := range p.x.expiries[need.Name] {
		if day > p.x.day(now) {
			break
		}
		for _, e := range p.x.expiry[expiryKey{need.Name, day}] {
			if p.cand.has(e) && !p.certified(e, now) {
				p.cand.clear(e)
				gone, one = gone+1, e
			}
		}
	}
	p.reject("CERTIFICATE", gone, one, "have an expired certificate for "+need.Name, "with the certificate renewed")
}

// part drops who has too few pieces in the van, and says which depot has the part and when.
func (p *probe) part(s model.Stock) {
	if s.Count <= 0 {
		return
	}
	var have bitmap
	if levels := p.x.part[s.Part]; min(s.Count, maxPieces) <= len(levels) {
		have = levels[min(s.Count, maxPieces)-1]
	}
	text := fmt.Sprintf("with %d x %s in the van", s.Count, s.Part)
	best := int64(-1)
	for _, d := range p.x.opt.Depots {
		for _, r := range d.Parts {
			if r.Part == s.Part && (best < 0 || r.From < best) {
				best = r.From
				text = fmt.Sprintf("part %s ready at %s from %s", s.Part, p.x.opt.Format(max(r.From, p.q.Now)), d.ID)
			}
		}
	}
	n, e := p.cand.and(have)
	p.reject("PART", n, e, fmt.Sprintf("have not %d x %s in the van", s.Count, s.Part), text)
}

// booked drops who has no shift in the windows, and who has no gap as long as the job on any of its days.
func (p *probe) booked() {
	from, to := p.windows[0].From, p.windows[0].To
	for _, w := range p.windows[1:] {
		from, to = min(from, w.From), max(to, w.To)
	}
	first, last := p.x.day(from), p.x.day(to)
	clear(p.union)
	for d := first; d <= last; d++ {
		p.union.or(deref(p.x.duty[d]))
	}
	n, e := p.cand.and(p.union)
	p.reject("NO_SHIFT", n, e, "have no shift in the window", "with a shift on one of these days")
	least := p.q.Visit.Duration
	for _, d := range p.q.Visit.ByLevel {
		least = min(least, d)
	}
	class := int8(min(least/p.x.roomStep(), rooms-1))
	clear(p.union)
	for d := first; d <= last; d++ {
		p.union.or(deref(p.x.room[roomKey{d, class}]))
	}
	n, e = p.cand.and(p.union)
	p.reject("FULLY_BOOKED", n, e, "have no gap of that length", p.nextRoom(last, class))
}

// nextRoom names the first later day on which somebody qualified has a gap.
func (p *probe) nextRoom(last int64, class int8) string {
	for d := last + 1; d <= last+7; d++ {
		if b := deref(p.x.room[roomKey{d, class}]); b.count() > 0 {
			return "if the window reached " + p.x.opt.Format(d*p.x.opt.Day)
		}
	}
	return "if a booked job were moved"
}

// classify counts, once the search was exhausted, those whose gaps were looked at in vain and those too far away. A search that
// ends because nobody further out can score better leaves them among the others.
func (p *probe) classify(exhausted bool) {
	if !exhausted {
		return
	}
	window, one := 0, int32(-1)
	p.each(func(e int32) {
		if p.met.has(e) && !p.fits.has(e) {
			window, one = window+1, e
			p.cand.clear(e)
		}
	})
	text := "if a booked job were moved"
	if p.nearest.eng >= 0 && !p.fits.has(p.nearest.eng) {
		one = p.nearest.eng
		text = "would fit if the window ended " + p.x.opt.Format(p.nearest.begin)
	}
	p.reject("WINDOW", window, one, "cannot reach the job in its window between their other jobs", text)
	far, one := 0, int32(-1)
	p.each(func(e int32) {
		if !p.met.has(e) {
			far, one = far+1, e
			p.cand.clear(e)
		}
	})
	p.reject("TOO_FAR", far, one, "are too far away", "if a longer way were allowed")
}

// answer turns the options into suggestions.
func (p *probe) answer() Suggestions {
	s := Suggestions{Rejected: p.rejected, Examined: p.examined, Truncated: p.examined >= mostExamined}
	for i := range p.top {
		o := &p.top[i]
		e := &p.x.eng[o.eng]
		t := &e.tours[o.tour]
		s.Suggestions = append(s.Suggestions, Suggestion{Engineer: e.who.ID, Shift: int(t.shift), After: t.after(o.gap),
			EarliestArrival: o.begin, TravelTicks: o.added, Score: o.score, Reasons: p.reasons(o)})
	}
	s.Others = p.cand.count() - len(p.top)
	return s
}

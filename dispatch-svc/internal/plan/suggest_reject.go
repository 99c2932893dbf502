package plan

import (
	"math"
	"math/bits"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// step is one demand of the job, as the set of those who meet it.
type step struct {
	code   string
	name   string // skill, tool, part or territory
	need   int    // which of the job's needs, from 1; steps of one need are lifted together
	level  int
	filter bitmap
	gone   bitmap // who met all demands before and not this one
	count  int
	found  bool // by the search: no demand with a set of its own
}

// class is a group of engineers who cannot, before its counterfactual is known.
type class struct {
	step
	at int // index into steps
}

// qualify drops, class by class, everybody who cannot do the job whatever the tour, by set operations on bitmaps.
func (p *probe) qualify() {
	v := &p.q.Visit
	p.named()
	if v.Territory != "" {
		f := p.buffer()
		f.or(p.x.roaming)
		f.or(deref(p.x.territory[v.Territory]))
		p.demand(step{code: "TERRITORY", name: v.Territory, filter: f})
	}
	for i, n := range v.Needs {
		p.skill(i+1, n)
	}
	for _, t := range v.Tools {
		p.demand(step{code: "TOOL", name: t, filter: deref(p.x.tool[t])})
	}
	for _, s := range v.Parts {
		p.part(s)
	}
	if v.Load > 0 {
		var f bitmap
		if c := min(bits.Len(uint(v.Load)), maxLoads) - 1; c < len(p.x.carries) {
			f = p.x.carries[c]
		}
		p.demand(step{code: "LOAD", level: v.Load, filter: f})
	}
	p.booked()
}

func deref(b *bitmap) bitmap {
	if b == nil {
		return nil
	}
	return *b
}

// demand keeps who meets it, and notes who does not.
func (p *probe) demand(s step) {
	for i := range p.cand {
		w := uint64(0)
		if i < len(s.filter) {
			w = s.filter[i]
		}
		lost := p.cand[i] &^ w
		if lost == 0 {
			continue
		}
		if s.count == 0 {
			s.gone = p.buffer()
		}
		s.gone[i] = lost
		s.count += bits.OnesCount64(lost)
		p.cand[i] &= w
	}
	p.steps = append(p.steps, s)
}

// named applies required and excluded engineers and a lock.
func (p *probe) named() {
	v := &p.q.Visit
	only := v.Required
	if v.Lock != nil {
		only = []string{v.Lock.Engineer}
	}
	if len(only) > 0 {
		f := p.buffer()
		for _, id := range only {
			if e, ok := p.x.ids[id]; ok {
				f.set(e)
			}
		}
		p.demand(step{code: "EXCLUDED", name: "required", filter: f})
	}
	if len(v.Excluded) > 0 {
		f := p.buffer()
		copy(f, p.x.all)
		for _, id := range v.Excluded {
			if e, ok := p.x.ids[id]; ok {
				f.clear(e)
			}
		}
		p.demand(step{code: "EXCLUDED", filter: f})
	}
}

// skill drops who lacks a skill, who has it at a lower level, and whose certificate is over.
func (p *probe) skill(i int, need model.Need) {
	levels, level := p.x.skill[need.Name], max(need.Level, 1)
	var some, enough bitmap
	if len(levels) > 0 {
		some = levels[0]
	}
	if level <= len(levels) {
		enough = levels[level-1]
	}
	p.demand(step{code: "SKILL", name: need.Name, need: i, level: level, filter: some})
	p.demand(step{code: "LEVEL", name: need.Name, need: i, level: level, filter: enough})
	p.certificates(i, need)
}

func (p *probe) certificates(i int, need model.Need) {
	var f bitmap
	now := p.windows[0].From
	for _, day := range p.x.expiries[need.Name] {
		if day > p.x.day(now) {
			break
		}
		for _, e := range p.x.expiry[expiryKey{need.Name, day}] {
			if p.cand.has(e) && levelOf(p.x.eng[e].who, need.Name, now) < max(need.Level, 1) {
				if f == nil {
					f = p.buffer()
					copy(f, p.x.all)
				}
				f.clear(e)
			}
		}
	}
	if f != nil {
		p.demand(step{code: "CERTIFICATE", name: need.Name, need: i, level: max(need.Level, 1), filter: f})
	}
}

// part drops who has too few pieces in the van.
func (p *probe) part(s model.Stock) {
	if s.Count <= 0 {
		return
	}
	var have bitmap
	if levels := p.x.part[s.Part]; min(s.Count, maxPieces) <= len(levels) {
		have = levels[min(s.Count, maxPieces)-1]
	}
	p.demand(step{code: "PART", name: s.Part, level: s.Count, filter: have})
}

// booked drops who has no shift in the windows, and who has no gap as long as the job on any of its days.
func (p *probe) booked() {
	first, last := p.x.day(p.windows[0].From), p.x.day(p.lastWindow().To)
	for _, w := range p.windows {
		first = min(first, p.x.day(w.From))
	}
	duty, room := p.buffer(), p.buffer()
	class := int8(min(p.least/p.x.roomStep(), rooms-1))
	for d := first; d <= last; d++ {
		duty.or(deref(p.x.duty[d]))
		room.or(deref(p.x.room[roomKey{d, class}]))
	}
	p.demand(step{code: "NO_SHIFT", filter: duty})
	p.demand(step{code: "FULLY_BOOKED", filter: room})
}

// lastWindow is the one that ends last.
func (p *probe) lastWindow() model.Window {
	last := p.windows[0]
	for _, w := range p.windows[1:] {
		if w.To > last.To {
			last = w
		}
	}
	return last
}

// classify divides, once the search was exhausted, those who do not fit: by goods and certificates where nothing else is in the
// way, by time where they are near enough, by distance. A search that ends because nobody further out can score better leaves them
// among the others.
func (p *probe) classify() {
	left := p.buffer()
	for i := range left {
		left[i] = p.cand[i] &^ p.fits[i]
		p.cand[i] &= p.fits[i]
	}
	for _, c := range []struct {
		code string
		why  why
	}{{"LOAD", whyLoad}, {"PART_PROMISED", whyPart}, {"CERTIFICATE", whyCertificate}} {
		if len(p.blocked[c.why]) > 0 {
			p.split(left, p.blocked[c.why], c.code)
		}
	}
	near := p.buffer()
	left.each(func(e int32) {
		if p.withinReach(e) {
			near.set(e)
		}
	})
	p.split(left, near, "WINDOW")
	p.split(left, left, "TOO_FAR")
}

// split makes a class of those left who are in a set.
func (p *probe) split(left, set bitmap, code string) {
	s := step{code: code, found: true}
	for i := range left {
		if w := left[i] & set[i]; w != 0 {
			if s.count == 0 {
				s.gone = p.buffer()
			}
			s.gone[i] = w
			s.count += bits.OnesCount64(w)
			left[i] &^= w
		}
	}
	if s.count > 0 {
		p.steps = append(p.steps, s)
	}
}

// withinReach says whether the area of an engineer, the circle around his home that holds all his bookings, is near enough.
func (p *probe) withinReach(e int32) bool {
	s := &p.x.spots[e]
	return int64(p.about(s.x, s.y))-int64(s.radius) <= p.reach
}

// reason is the sentence of a class.
func (p *probe) reason(s *step) string {
	switch s.code {
	case "EXCLUDED":
		if s.name == "required" {
			return p.say("%d are not among the engineers asked for", s.count)
		}
		return p.say("%d are excluded from this job", s.count)
	case "TERRITORY":
		return p.say("%d do not work in %s", s.count, s.name)
	case "SKILL":
		return p.say("%d lack %s", s.count, s.name)
	case "LEVEL":
		return p.say("%d lack level %d of %s", s.count, s.level, s.name)
	case "CERTIFICATE":
		if s.name == "" {
			return p.say("%d have a certificate that ends before the shift does", s.count)
		}
		return p.say("%d have an expired certificate for %s", s.count, s.name)
	case "TOOL":
		return p.say("%d do not carry %s", s.count, s.name)
	case "PART":
		return p.say("%d have not %d x %s in the van", s.count, s.level, s.name)
	case "PART_PROMISED":
		return p.say("%d have promised the parts in their vans to booked visits", s.count)
	default:
		return p.reasonOfTour(s)
	}
}

func (p *probe) reasonOfTour(s *step) string {
	switch s.code {
	case "LOAD":
		return p.say("%d have no room for a load of %d in the van", s.count, p.q.Visit.Load)
	case "NO_SHIFT":
		return p.say("%d have no shift in the window", s.count)
	case "FULLY_BOOKED":
		return p.say("%d have no gap of that length", s.count)
	case "TOO_FAR":
		return p.say("%d are more than %d min away", s.count, p.minutes(p.reach))
	default:
		return p.say("%d cannot reach the job in its window between their other jobs", s.count)
	}
}

func (p *probe) minutes(t int64) int64 {
	return int64(math.Ceil(float64(t) * 1440 / float64(p.x.opt.Day)))
}

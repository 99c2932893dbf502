package plan

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// What looking for the nearest change may cost, for a class.
const (
	changeSeen     = 1_500 // anchors
	changeExamined = 24    // gaps
	changeNearest  = 8     // engineers by their homes
	changeSparse   = 4_000 // classes up to this size are looked through by homes
)

// Kinds of Change that would let somebody of a class fit. Each is true: with it made, and nothing else, the engineer named fits.
const (
	changeExcluded    = "EXCLUDED"    // Engineer is allowed
	changeTerritory   = "TERRITORY"   // Engineer works in Name too
	changeSkill       = "SKILL"       // Engineer has the skill Name at Level
	changeLevel       = "LEVEL"       // the job is content with Level of Name
	changeCertificate = "CERTIFICATE" // Engineer's certificates for Name are renewed
	changeTool        = "TOOL"        // Engineer carries Name
	changePart        = "PART"        // Engineer has Level more pieces of Name in the van
	changeDepot       = "DEPOT"       // Engineer fetches the part at the depot Name from Window.From on, and begins at Ticks
	changeLoad        = "LOAD"        // Engineer's van carries Level
	changeWindow      = "WINDOW"      // the job may begin in Window as well
	changeDuration    = "DURATION"    // the job takes Ticks
	changeTravel      = "TRAVEL"      // ways of Ticks are allowed
)

// explain puts every class into words, with the nearest change that would help.
func (p *probe) explain(ctx context.Context) {
	for i := range p.steps {
		s := &p.steps[i]
		if s.count == 0 {
			continue
		}
		r := Rejected{Code: s.code, Count: s.count, Reason: p.reason(s)}
		if text, c, ok := p.change(ctx, class{*s, i}); ok {
			r.Counterfactual, r.Engineer, r.Change = text, c.Engineer, &c
		} else {
			r.Counterfactual = text
		}
		p.rejected = append(p.rejected, r)
	}
}

// change finds the nearest change for a class; without one, text says so.
func (p *probe) change(ctx context.Context, c class) (string, model.Change, bool) {
	switch c.code {
	case "NO_SHIFT", "FULLY_BOOKED":
		return p.laterWindow(ctx, c)
	case "WINDOW":
		return p.otherTime(ctx, c.gone)
	case "TOO_FAR":
		return p.longerWay(c.gone)
	case "LEVEL":
		return p.lowerLevel(ctx, c)
	case "PART_PROMISED":
		return p.morePieces(c.gone)
	default:
		return p.lifted(ctx, c)
	}
}

const noHelp = "none of those looked at could come even so"

// later is the class without those who fail a later demand as well, unless that is of the same need.
func (p *probe) later(c class) bitmap {
	m := p.buffer()
	copy(m, c.gone)
	for i := c.at + 1; i < len(p.steps); i++ {
		s := &p.steps[i]
		if s.found || s.need != 0 && s.need == c.need {
			continue
		}
		for w := range m {
			if w < len(s.filter) {
				m[w] &= s.filter[w]
			} else {
				m[w] = 0
			}
		}
	}
	return m
}

// find searches the best of a set, with something changed. It looks at a bounded number of gaps.
func (p *probe) find(ctx context.Context, set bitmap, change func(*probe)) (*probe, bool) {
	s := p.subProbe(change)
	s.cand = append(s.cand[:0], set...)
	n := s.cand.count()
	if n == 0 {
		return s, false
	}
	if n <= changeSparse {
		for _, e := range s.nearestHomes(s.cand) {
			s.examineAll(e)
		}
	} else {
		_, _ = s.rings(ctx) // an ended context shows in the main search
	}
	return s, len(s.top) > 0
}

func (p *probe) subProbe(change func(*probe)) *probe {
	if p.sub == nil {
		p.sub = &probe{}
	}
	s := p.sub
	s.own = *p.q
	s.own.K = 1
	s.windows = append(s.windows[:0], p.windows...)
	windows := s.windows
	s.judge = p.judge
	s.q, s.windows = &s.own, windows
	if change != nil {
		change(s)
	}
	s.ready()
	s.limit, s.most = changeSeen, changeExamined
	if s.by != byScore {
		s.detourAt = 0
	}
	return s
}

// nearestHomes are the few of a set whose homes are nearest.
func (p *probe) nearestHomes(set bitmap) []int32 {
	type far struct {
		e int32
		d int64
	}
	var near [changeNearest]far
	n := 0
	set.each(func(e int32) {
		s := &p.x.spots[e]
		d := int64(p.about(s.x, s.y))
		if n == len(near) && d >= near[n-1].d {
			return
		}
		at := n
		for at > 0 && (near[at-1].d > d || near[at-1].d == d && p.x.eng[near[at-1].e].who.ID > p.x.eng[e].who.ID) {
			at--
		}
		n = min(n+1, len(near))
		copy(near[at+1:n], near[at:n-1])
		near[at] = far{e, d}
	})
	p.near = p.near[:0]
	for _, f := range near[:n] {
		p.near = append(p.near, f.e)
	}
	return p.near
}

// lifted tries what happens when a class's demand is lifted for one of it.
func (p *probe) lifted(ctx context.Context, c class) (string, model.Change, bool) {
	s, ok := p.find(ctx, p.later(c), func(s *probe) {
		switch c.code {
		case "SKILL":
			s.waive = waiver{skill: c.name, level: c.level}
		case "CERTIFICATE":
			s.waive = waiver{skill: p.expired(&c)}
		case "PART":
			s.waive = waiver{part: c.name}
		case "LOAD":
			s.waive = waiver{load: true}
		}
	})
	if !ok {
		return p.say(noHelp), model.Change{}, false
	}
	o := &s.top[0]
	who, tr := p.x.eng[o.eng].who, &p.x.eng[o.eng].tours[o.tour]
	ch := model.Change{Kind: c.code, Engineer: who.ID, Shift: int(tr.shift), Name: c.name, Level: c.level}
	could := p.could(o)
	switch c.code {
	case "EXCLUDED":
		return p.say("if %s were allowed: %s", who.ID, could), ch, true
	case "TERRITORY":
		return p.say("if %s worked in %s too: %s", who.ID, c.name, could), ch, true
	case "SKILL":
		return p.say("if %s had %s at level %d: %s", who.ID, c.name, c.level, could), ch, true
	case "CERTIFICATE":
		ch.Name = p.expired(&c)
		return p.say("with the certificate of %s for %s renewed: %s", who.ID, ch.Name, could), ch, true
	case "TOOL":
		return p.say("with %s in the van of %s: %s", c.name, who.ID, could), ch, true
	case "LOAD":
		ch.Level = tr.loaded() + p.q.Visit.Load
		return p.say("if the van of %s carried %d: %s", who.ID, ch.Level, could), ch, true
	default:
		return p.fetched(s, &c)
	}
}

// expired is the skill whose certificate keeps somebody of a class out.
func (p *probe) expired(c *class) string {
	if c.name != "" {
		return c.name
	}
	m := &p.only[whyCertificate]
	if !m.known {
		return ""
	}
	tr := &p.x.eng[m.eng].tours[m.tour]
	for _, n := range p.q.Visit.Needs {
		if levelOf(p.x.eng[m.eng].who, n.Name, tr.close) < max(n.Level, 1) {
			return n.Name
		}
	}
	return ""
}

func (p *probe) could(o *option) string {
	return p.say("could begin %s, %d min away", p.x.opt.Format(o.begin), p.minutes(o.in))
}

// lowerLevel tries the highest level below the needed one with which somebody fits.
func (p *probe) lowerLevel(ctx context.Context, c class) (string, model.Change, bool) {
	set := p.later(c)
	levels := p.x.skill[c.name]
	for l := min(c.level-1, len(levels)); l > 0; l-- {
		part := p.buffer()
		for i := range min(len(set), len(levels[l-1])) {
			part[i] = set[i] & levels[l-1][i]
		}
		s, ok := p.find(ctx, part, func(s *probe) {
			s.needs = append(s.needs[:0], s.own.Visit.Needs...)
			s.needs[c.need-1].Level = l
			s.own.Visit.Needs = s.needs
		})
		if ok {
			o := &s.top[0]
			return p.say("if level %d were enough: %s %s", l, p.x.eng[o.eng].who.ID, p.could(o)),
				model.Change{Kind: changeLevel, Engineer: p.x.eng[o.eng].who.ID, Name: c.name, Level: l}, true
		}
	}
	return p.say(noHelp), model.Change{}, false
}

// laterWindow looks for the first day after the windows on which somebody fits, and the earliest begin there.
func (p *probe) laterWindow(ctx context.Context, c class) (string, model.Change, bool) {
	last := p.lastWindow()
	until := p.q.Now + p.q.Horizon
	size := int8(min(p.least/p.x.roomStep(), rooms-1))
	set := p.buffer()
	for d := p.x.day(last.To); d <= p.x.day(until); d++ {
		copy(set, c.gone)
		if set.and(deref(p.x.room[roomKey{d, size}])) == 0 {
			continue
		}
		w := model.Window{From: max(last.To, d*p.x.opt.Day), To: min(until, (d+1)*p.x.opt.Day-1)}
		if w.From > w.To {
			continue
		}
		s, ok := p.find(ctx, set, func(s *probe) { s.windows, s.by = append(s.windows[:0], w), byBegin })
		if ok {
			return p.windowTo(&s.top[0], last)
		}
	}
	if c.code == "NO_SHIFT" {
		return p.say(noHelp), model.Change{}, false
	}
	return p.otherTime(ctx, c.gone)
}

func (p *probe) windowTo(o *option, w model.Window) (string, model.Change, bool) {
	who := p.x.eng[o.eng].who.ID
	return p.say("would fit if the window ended %s, with %s", p.x.opt.Format(o.begin), who),
		model.Change{Kind: changeWindow, Engineer: who, Window: model.Window{From: w.From, To: o.begin}}, true
}

// otherTime gives the smallest of: the window ends later, it begins earlier, the job takes less time.
func (p *probe) otherTime(ctx context.Context, set bitmap) (string, model.Change, bool) {
	m := p.closest(set)
	if !m.known || set.count() > fewCandidates {
		s := p.subProbe(nil)
		s.cand = append(s.cand[:0], set...)
		s.all = true
		_, _ = s.rings(ctx)
		s.all = false
		if n := s.closest(set); n.known && (!m.known || n.by < m.by) {
			m = n
		}
	}
	if far := p.only[whyFar]; !m.known && far.known && set.has(far.eng) {
		return p.nearest(&far.option)
	}
	if !m.known {
		return p.say("if a booked job were moved"), model.Change{}, false
	}
	return p.tell(&m)
}

// closest is the smallest change of time that would let one of a set fit.
func (p *probe) closest(set bitmap) miss {
	var best miss
	for _, reason := range []why{whyEnd, whyBegin, whyLong} {
		m := p.only[reason]
		if m.known && set.has(m.eng) && (!best.known || m.by < best.by) {
			best = m
			best.reason = reason
		}
	}
	return best
}

func (p *probe) tell(m *miss) (string, model.Change, bool) {
	who := p.x.eng[m.eng].who.ID
	switch m.reason {
	case whyEnd:
		return p.windowTo(&m.option, m.window)
	case whyBegin:
		from := m.begin - m.by
		return p.say("would fit if the window began %s, with %s", p.x.opt.Format(from), who),
			model.Change{Kind: changeWindow, Engineer: who, Window: model.Window{From: from, To: m.window.To}}, true
	default:
		tr := &p.x.eng[m.eng].tours[m.tour]
		ticks := p.duration(&p.x.eng[m.eng], tr) - m.by
		return p.say("would fit if the job took %d min, with %s", ticks*1440/p.x.opt.Day, who),
			model.Change{Kind: changeDuration, Engineer: who, Ticks: ticks}, true
	}
}

// longerWay finds the nearest of those too far away.
func (p *probe) longerWay(set bitmap) (string, model.Change, bool) {
	s := p.subProbe(func(s *probe) { s.reach, s.by = math.MaxInt64, byWay })
	homes := s.nearestHomes(set)
	for _, e := range homes {
		s.examineAll(e)
	}
	if len(s.top) == 0 {
		return p.say("%s lives nearest, %s away: too far to go there and back in a shift", p.x.eng[homes[0]].who.ID,
			p.distance(p.x.eng[homes[0]].who.Home)), model.Change{}, false
	}
	return p.nearest(&s.top[0])
}

func (p *probe) nearest(o *option) (string, model.Change, bool) {
	who, tr := p.x.eng[o.eng].who.ID, &p.x.eng[o.eng].tours[o.tour]
	return p.say("the nearest qualified engineer, %s, is %s from the job (%d min); would fit if that were allowed", who,
		p.distance(tr.stops[o.gap-1].place()), p.minutes(o.in)), model.Change{Kind: changeTravel, Engineer: who, Ticks: o.in}, true
}

// distance is in kilometres on the globe, in minutes elsewhere.
func (p *probe) distance(from model.Point) string {
	if p.circle == 0 {
		return p.say("%d min", p.minutes(p.x.opt.Travel.Ticks(from, p.q.Visit.Place)))
	}
	return p.say("%.0f km", model.Metres(from, p.q.Visit.Place)/1000)
}

// morePieces says what is missing in the van of somebody whose parts are promised, when it is one part only.
func (p *probe) morePieces(set bitmap) (string, model.Change, bool) {
	m := &p.only[whyPart]
	if !m.known || !set.has(m.eng) {
		return p.say(noHelp), model.Change{}, false
	}
	who, tr := p.x.eng[m.eng].who, &p.x.eng[m.eng].tours[m.tour]
	var short []model.Stock
	for _, part := range p.q.Visit.Parts {
		if left := tr.left(who, part.Part); left < part.Count {
			short = append(short, model.Stock{Part: part.Part, Count: part.Count - left})
		}
	}
	if len(short) != 1 {
		return p.say("%s lacks %d kinds of parts", who.ID, len(short)), model.Change{}, false
	}
	return p.say("with %d more x %s in the van of %s: %s", short[0].Count, short[0].Part, who.ID, p.could(&m.option)),
		model.Change{Kind: changePart, Engineer: who.ID, Shift: int(tr.shift), Name: short[0].Part, Level: short[0].Count}, true
}

// fetched prefers a depot where the part can be had in time; else the part must be in the van.
func (p *probe) fetched(s *probe, c *class) (string, model.Change, bool) {
	o := s.top[0]
	e := &p.x.eng[o.eng]
	tr := &e.tours[o.tour]
	best, via := model.Change{Ticks: math.MaxInt64}, (*model.Depot)(nil)
	for d := range p.x.opt.Depots {
		depot := &p.x.opt.Depots[d]
		if ready, ok := hands(depot, c.name); ok {
			for g := 1; g < len(tr.stops); g++ {
				if from, begin, ok := s.through(e, tr, g, depot, ready); ok && begin < best.Ticks {
					best = model.Change{Kind: changeDepot, Engineer: e.who.ID, Shift: int(tr.shift), Name: depot.ID, Ticks: begin,
						Window: model.Window{From: from, To: from}}
					via = depot
				}
			}
		}
	}
	if via == nil {
		more := c.level - tr.left(e.who, c.name)
		return p.say("with %d more x %s in the van of %s: %s", more, c.name, e.who.ID, p.could(&o)),
			model.Change{Kind: changePart, Engineer: e.who.ID, Shift: int(tr.shift), Name: c.name, Level: more}, true
	}
	ready, _ := hands(via, c.name)
	return p.say("part %s ready at %s from %s: %s could fetch it and begin %s", c.name, p.x.opt.Format(max(ready, p.q.Now)), via.ID,
		e.who.ID, p.x.opt.Format(best.Ticks)), best, true
}

// hands says from when a depot has a part.
func hands(d *model.Depot, part string) (int64, bool) {
	if d.AllParts {
		return d.Open.From, true
	}
	at := slices.IndexFunc(d.Parts, func(r model.Ready) bool { return r.Part == part })
	if at < 0 {
		return 0, false
	}
	return max(d.Parts[at].From, d.Open.From), true
}

// through tries a gap by way of a depot: when the stop there begins, and the job.
func (j *judge) through(e *entry, tr *tour, gap int, d *model.Depot, ready int64) (at, begin int64, ok bool) {
	if tr.cargo != nil && tr.cargo.maxWork > 0 {
		return 0, 0, false
	}
	prev, next, place := &tr.stops[gap-1], &tr.stops[gap], j.q.Visit.Place
	at = max(tr.open+int64(prev.dep)+j.x.opt.Travel.Ticks(prev.place(), d.Place), ready, j.q.Now)
	if d.Open != (model.Window{}) && at > d.Open.To {
		return 0, 0, false
	}
	way := j.x.opt.Travel.Ticks(d.Place, place)
	out := j.x.opt.Travel.Ticks(place, next.place())
	arrive := at + d.Handling + way
	work := j.duration(e, tr)
	windows := slices.SortedFunc(slices.Values(j.windows), func(a, b model.Window) int { return cmp.Compare(a.From, b.From) })
	for _, w := range windows {
		begin = max(arrive, w.From)
		if begin <= w.To && begin+work+out <= tr.open+int64(next.late) && way <= j.reach {
			return at, begin, true
		}
	}
	return 0, 0, false
}

package search

// Numbers of stops that are not visits.
const (
	startNode = int32(-1)
	endNode   = int32(-2)
)

// stop is a place in a tour with what an insertion beside it must know: the concatenated segments before and behind it,
// reduced to when one can leave here and until when one may begin here.
type stop struct {
	node int32
	loc  int32
	leg  int32 // travel from the previous stop
	dep  int32 // earliest departure
	late int32 // latest begin that keeps everything behind it in time
}

// route is the tour of one vehicle.
type route struct {
	stops  []stop // with start and end
	cost   int64
	load   int32
	visits int32
	ver    uint32 // changes with the content; equal versions are equal tours
	general
}

func (r *route) copyFrom(o *route) {
	r.stops = append(r.stops[:0], o.stops...)
	r.cost, r.load, r.visits, r.ver = o.cost, o.load, o.visits, o.ver
	ext := append(r.ext[:0], o.ext...)
	kit := append(r.kit[:0], o.kit...)
	r.general = o.general
	r.ext, r.kit = ext, kit
}

// empty makes r the unused tour of vehicle k.
func (p *Instance) empty(r *route, k int32) {
	v := &p.vehicles[k]
	leg := p.ticks(v.start, v.end)
	r.stops = append(r.stops[:0],
		stop{node: startNode, loc: v.start, dep: v.open, late: min(v.departBy, v.close-leg)},
		stop{node: endNode, loc: v.end, leg: leg, dep: v.open + leg, late: v.close})
	r.load, r.visits = 0, 0
	r.depotAt, r.notBefore, r.notAfter = 0, 0, never
	if !p.plain {
		r.kit = append(r.kit[:0], v.kit...)
		p.timing(r, k)
	}
	r.cost, r.time, r.late = 0, 0, 0
}

// insertPlain puts visit v before stop i and brings the segments up to date.
func (p *Instance) insertPlain(r *route, v int32, i int) {
	r.stops = append(r.stops, stop{})
	copy(r.stops[i+1:], r.stops[i:])
	s := r.stops
	s[i] = stop{node: v, loc: v, leg: p.ticks(s[i-1].loc, v)}
	s[i+1].leg = p.ticks(v, s[i+1].loc)
	r.load += p.visits[v].load
	r.visits++
	p.forward(s, i)
	p.backward(s, i)
}

// forward recomputes departures from stop i on.
func (p *Instance) forward(s []stop, i int) {
	dep := s[i-1].dep
	for ; i < len(s)-1; i++ {
		v := &p.visits[s[i].node]
		dep = max(dep+s[i].leg, v.from) + v.service
		s[i].dep = dep
	}
	s[i].dep = dep + s[i].leg
}

// backward recomputes latest begins from stop i back to the start.
func (p *Instance) backward(s []stop, i int) {
	late := s[i+1].late - s[i+1].leg
	for ; i > 0; i-- {
		v := &p.visits[s[i].node]
		late = min(late-v.service, v.to)
		s[i].late = late
		late -= s[i].leg
	}
}

// distance sums the legs.
func distance(s []stop) int64 {
	var d int64
	for i := 1; i < len(s); i++ {
		d += int64(s[i].leg)
	}
	return d
}

package search

// hours times a tour whose travel depends on the tick of departure: begins as early as possible, then the departure as late as
// the same begins of promised visits and the same return allow. Segments cannot be joined here, so scans settle a copy instead.
func (p *Instance) hours(r *route, k int32) bool {
	if !p.hoursAhead(r) {
		return false
	}
	s, x := r.stops, r.ext
	begin := s[len(s)-1].dep
	for i := len(s) - 2; i >= 0; i-- {
		leave := p.latestLeave(s[i].loc, s[i+1].loc, s[i].dep, begin)
		begin = min(leave-x[i].work, x[i].to)
		s[i].late = begin
	}
	r.work = r.end - begin
	return p.sum(r, k)
}

func (p *Instance) hoursAhead(r *route) bool {
	s, x := r.stops, r.ext
	s[0].dep, r.late = x[0].from, 0
	if x[0].from > x[0].to {
		return false
	}
	for i := 1; i < len(s); i++ {
		arrival := s[i-1].dep + p.hourly(s[i-1].loc, s[i].loc, s[i-1].dep)
		begin := max(arrival, x[i].from)
		if n := s[i].node; n >= 0 {
			begin = p.choose(&x[i], n, arrival)
			p.promised(r, i, n, begin)
		}
		if begin > x[i].due {
			return false
		}
		s[i].dep = begin + x[i].work
	}
	r.end = s[len(s)-1].dep
	return true
}

// latestLeave is the latest departure from a, not before early, that reaches b by begin.
func (p *Instance) latestLeave(a, b, early, begin int32) int32 {
	lo, hi := early, max(early, begin)
	for lo < hi {
		mid := lo + (hi-lo+1)/2
		if mid+p.hourly(a, b, mid) <= begin {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}

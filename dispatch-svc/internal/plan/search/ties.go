package search

import "github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"

// tie is a relation as one of its visits sees it.
type tie struct {
	kind  model.RelationKind
	other int32
	first bool // this visit is the First of the relation
}

// between narrows the places for v in tour r to what its relations to served visits leave: before stops lo to hi.
func (p *Instance) between(r *route, v, k int32) (lo, hi int) {
	lo, hi = 1, len(r.stops)-1
	for _, t := range p.ties[v] {
		at := p.where[t.other]
		if at < 0 {
			if t.kind == model.Before && !t.first {
				return 1, 0
			}
			continue
		}
		if at == k && t.kind == model.Before {
			if pos := position(r.stops, t.other); t.first {
				hi = min(hi, pos)
			} else {
				lo = max(lo, pos+1)
			}
			continue
		}
		if !p.allowed(t, k, at) {
			return 1, 0
		}
	}
	return lo, hi
}

// allowed says whether a visit on tour k and its other on tour at satisfy a relation between tours.
func (p *Instance) allowed(t tie, k, at int32) bool {
	a, b := &p.vehicles[k], &p.vehicles[at]
	switch t.kind {
	case model.SameTour:
		return k == at
	case model.SameEngineer:
		return a.engineer == b.engineer
	case model.Apart:
		return a.engineer != b.engineer
	default: // Before, on different tours
		if t.first {
			return a.close <= b.open
		}
		return b.close <= a.open
	}
}

// untie takes out served visits that cannot stay without an absent one, and, every other time, those tied to an absent one, so
// that both can find a new place together.
func (w *worker) untie() {
	for i := 0; i < len(w.absent); i++ {
		for _, t := range w.p.ties[w.absent[i]] {
			at := w.where[t.other]
			if at >= 0 && (t.kind == model.Before && t.first || w.intn(2) == 0) {
				w.drop[t.other] = w.step
				w.cut(w.touch(at), at)
			}
		}
	}
}

// loosen takes out visits whose relations a plan put together from parts does not satisfy.
func (w *worker) loosen() {
	for v := range w.p.ties {
		for _, t := range w.p.ties[v] {
			at := w.where[v]
			if at < 0 {
				break
			}
			if !w.satisfied(int32(v), t) {
				w.drop[v] = w.step
				w.cut(w.touch(at), at)
			}
		}
	}
}

func (w *worker) satisfied(v int32, t tie) bool {
	at, other := w.where[v], w.where[t.other]
	if other < 0 {
		return t.kind != model.Before || t.first
	}
	if t.kind == model.Before && at == other {
		s := w.routes[at].stops
		return position(s, v) < position(s, t.other) == t.first
	}
	return w.p.allowed(t, at, other)
}

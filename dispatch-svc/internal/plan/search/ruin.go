package search

// ruin removes strings of neighbouring visits from neighbouring tours (Christiaens and Vanden Berghe 2020, section 5).
func (w *worker) ruin() {
	if w.cards == 0 {
		return
	}
	ls := min(w.tune.String, float64(w.cards)/float64(w.used))
	ks := 4*w.tune.Remove/(1+ls) - 1
	k := int(w.unit()*ks + 1)
	seed := int32(w.intn(w.p.n))
	w.ruinAt(seed, ls)
	if w.where[seed] < 0 || w.ruinedNow(seed) {
		k--
	}
	for _, c := range w.near[seed] {
		if k <= 0 {
			break
		}
		if t := w.where[c]; t >= 0 && w.mark[t] != w.step {
			w.ruinAt(c, ls)
			k--
		}
	}
}

func (w *worker) ruinedNow(v int32) bool { return w.drop[v] == w.step }

// ruinAt removes a string through visit c from its tour.
func (w *worker) ruinAt(c int32, ls float64) {
	k := w.where[c]
	if k < 0 {
		return
	}
	r := w.touch(k)
	size := float64(r.visits)
	l := int(w.unit()*min(size, ls) + 1)
	l = min(l, int(r.visits))
	at := position(r.stops, c)
	if l > 1 && l < int(r.visits) && w.unit() < w.tune.Split {
		w.markSplit(r, at, l)
	} else {
		w.markString(r, at, l)
	}
	w.cut(r, k)
}

// position finds the stop of visit c.
func position(s []stop, c int32) int {
	for i := range s {
		if s[i].node == c {
			return i
		}
	}
	return -1
}

// markString marks l visits in a row, among them the one at stop at.
func (w *worker) markString(r *route, at, l int) {
	lo := max(1, at-l+1)
	hi := min(at, len(r.stops)-1-l)
	from := lo
	if hi > lo {
		from = lo + w.intn(hi-lo+1)
	}
	for i := from; i < from+l; i++ {
		if v := r.stops[i].node; v >= 0 {
			w.drop[v] = w.step
		}
	}
}

// markSplit marks l visits of a longer row and keeps a part in its middle.
func (w *worker) markSplit(r *route, at, l int) {
	m, most := 1, int(r.visits)-l
	for m < most && w.unit() > 0.01 {
		m++
	}
	m = min(m, most)
	lo := max(1, at-l-m+1)
	hi := min(at, len(r.stops)-1-l-m)
	from := lo
	if hi > lo {
		from = lo + w.intn(hi-lo+1)
	}
	skip := from + 1 + w.intn(l-1+1)
	for i := from; i < from+l+m; i++ {
		if i >= skip && i < skip+m {
			continue
		}
		if v := r.stops[i].node; v >= 0 {
			w.drop[v] = w.step
		}
	}
}

// cut takes the marked visits out of tour k.
func (w *worker) cut(r *route, k int32) {
	was := r.visits
	w.cost -= r.cost
	keep := r.stops[:0]
	for _, s := range r.stops {
		if s.node >= 0 && w.drop[s.node] == w.step {
			w.where[s.node] = -1
			w.absent = append(w.absent, s.node)
			w.cost += w.p.visits[s.node].price
			r.load -= w.p.visits[s.node].load
			r.visits--
			continue
		}
		keep = append(keep, s)
	}
	r.stops = keep
	w.cards += r.visits - was
	if r.visits == 0 && was > 0 {
		w.used--
	}
	if !w.p.rebuild(r, k) {
		w.dropAll(r, k)
	}
	r.ver = w.version()
	w.cost += r.cost
}

// dropAll empties a tour.
func (w *worker) dropAll(r *route, k int32) {
	for _, s := range r.stops {
		if s.node >= 0 {
			w.where[s.node] = -1
			w.drop[s.node] = w.step
			w.absent = append(w.absent, s.node)
			w.cost += w.p.visits[s.node].price
		}
	}
	w.cards -= r.visits
	w.used -= used(r)
	w.p.empty(r, k)
}

package search

import (
	"math"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// recreate puts absent visits back, one after another in a drawn order, each where it costs least, with blinks.
func (w *worker) recreate() {
	passes := 1
	if w.p.ties != nil {
		w.untie()
		passes = 2 // a second visit may have to wait for its first
	}
	w.order()
	for ; passes > 0; passes-- {
		left := w.absent[:0]
		for _, v := range w.absent {
			if !w.place(v) {
				left = append(left, v)
			}
		}
		w.absent = left
	}
}

// order sorts the absent visits by one of the rules of Christiaens and Vanden Berghe (2020), section 5.2 with its rules for windows.
func (w *worker) order() {
	rule := w.intn(17)
	for _, v := range w.absent {
		d := &w.p.visits[v]
		switch {
		case rule < 4:
			w.keys[v] = int64(w.rng.Uint64() >> 1)
		case rule < 8:
			w.keys[v] = -int64(d.load)
		case rule < 10:
			w.keys[v] = -int64(w.p.ticks(w.p.vehicles[0].start, v))
		case rule < 11:
			w.keys[v] = int64(w.p.ticks(w.p.vehicles[0].start, v))
		case rule < 13:
			w.keys[v] = int64(d.to - d.from)
		case rule < 15:
			w.keys[v] = int64(d.from)
		default:
			w.keys[v] = -int64(d.to)
		}
	}
	a := w.absent
	for i := 1; i < len(a); i++ {
		v, k := a[i], w.keys[a[i]]
		j := i
		for ; j > 0 && w.keys[a[j-1]] > k; j-- {
			a[j] = a[j-1]
		}
		a[j] = v
	}
}

// place inserts visit v where it costs least; false when nowhere, or only dearer than it is worth. Where no tour takes it by the
// look at segments alone, their depot stops, breaks and promises are asked to give way.
func (w *worker) place(v int32) bool {
	w.look = append(w.look[:0], w.p.able[v]...)
	if len(w.look) == 0 {
		w.gather(v)
	}
	worth := w.worth(v)
	at, pos := w.cheapest(v, worth, w.p.n <= fewVisits)
	if at < 0 && !w.p.plain {
		at, pos = w.cheapest(v, worth, true)
	}
	return at >= 0 && w.insert(at, v, int(pos))
}

// cheapest looks through tours, overlooking some.
func (w *worker) cheapest(v int32, worth int64, thorough bool) (at, pos int32) {
	best, tied := worth, w.p.ties != nil && len(w.p.ties[v]) > 0
	blink := w.tune.Blink
	switch {
	case tied: // its best place is often not where its other can be
		blink = 0.25
	case w.p.n <= fewVisits:
		blink *= 4
	}
	at = -1
	skip := w.untilBlink(blink)
	w.nextC++
	for _, k := range w.look {
		r := &w.routes[k]
		if r.visits == 0 {
			cl := w.p.vehicles[k].class
			if w.classAt[cl] == w.nextC {
				continue
			}
			w.classAt[cl] = w.nextC
		}
		if skip--; skip < 0 {
			skip = w.untilBlink(blink)
			continue
		}
		c := &w.cache[int(v)*len(w.routes)+int(k)]
		if c.ver != r.ver || tied || thorough && c.cost == inf && !c.thorough {
			c.ver, c.thorough = r.ver, thorough
			c.cost, c.pos = w.p.scan(r, v, k, thorough)
		}
		if c.cost < best {
			best, at, pos = c.cost, k, c.pos
		}
	}
	return at, pos
}

// gather lists the tours of v's neighbours, tours that start close by, and an unused one of each class among those.
func (w *worker) gather(v int32) {
	w.nextL++
	add := func(k int32) {
		if w.listed[k] != w.nextL {
			w.listed[k] = w.nextL
			w.look = append(w.look, k)
		}
	}
	near := w.p.near[v]
	for _, u := range near[:min(nearVisits, len(near))] {
		if k := w.where[u]; k >= 0 {
			add(k)
		}
	}
	for _, k := range w.p.homes[v] {
		add(k)
	}
	if w.p.classes <= fewVehicles { // interchangeable vehicles: one unused of each class
		seen := 0
		w.nextC++
		for k := range w.routes {
			if cl := w.p.vehicles[k].class; w.routes[k].visits == 0 && w.classAt[cl] != w.nextC {
				w.classAt[cl] = w.nextC
				add(int32(k))
				if seen++; seen == w.p.classes {
					break
				}
			}
		}
	}
}

// untilBlink draws how many tours are looked at before one is overlooked.
func (w *worker) untilBlink(blink float64) int {
	return int(math.Log(1-w.unit()) / math.Log1p(-blink))
}

// worth is what placing v may cost: its price, mostly that of visits that must wait for it, which may turn out to have no place
// themselves, and now and then more, because a visit too dear alone may pay together with another.
func (w *worker) worth(v int32) int64 {
	price := w.p.visits[v].price
	if w.p.ties != nil {
		for _, t := range w.p.ties[v] {
			if t.kind == model.Before && t.first && w.where[t.other] < 0 && w.intn(4) > 0 {
				price += w.p.visits[t.other].price
			}
		}
	}
	if w.p.n <= fewVisits && w.intn(8) == 0 {
		price *= 4
	}
	return price
}

// insert puts v before stop pos of tour k; false when the scan promised too much, and nothing changed.
func (w *worker) insert(k, v int32, pos int) bool {
	r := w.touch(k)
	before := r.cost
	if w.p.plain {
		w.p.insertPlain(r, v, pos)
		r.cost = w.p.price(r, k)
	} else if !w.insertFull(r, k, v, pos) {
		return false
	}
	if r.visits == 1 {
		w.used++
	}
	w.cost += r.cost - before - w.p.visits[v].price
	w.cards++
	w.where[v] = k
	r.ver = w.version()
	return true
}

func (w *worker) insertFull(r *route, k, v int32, pos int) bool {
	squeeze(r, v, pos)
	if w.p.settle(r, k) {
		r.load += w.p.visits[v].load
		return true
	}
	at := position(r.stops, v)
	r.stops = append(r.stops[:at], r.stops[at+1:]...)
	r.visits--
	w.p.settle(r, k)
	c := &w.cache[int(v)*len(w.routes)+int(k)]
	c.ver, c.cost = r.ver, inf
	return false
}

package search

// recreate puts absent visits back, one after another in a drawn order, each where it costs least, with blinks.
func (w *worker) recreate() {
	w.order()
	left := w.absent[:0]
	for _, v := range w.absent {
		if !w.place(v) {
			left = append(left, v)
		}
	}
	w.absent = left
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

// place inserts visit v where it costs least; false when nowhere, or only dearer than leaving it out.
func (w *worker) place(v int32) bool {
	best, at, pos := w.p.visits[v].price, int32(-1), int32(0)
	w.step2()
	blink := uint64(w.tune.Blink * (1 << 32))
	var bits uint64
	for k := range w.routes {
		r := &w.routes[k]
		if r.visits == 0 {
			cl := w.p.vehicles[k].class
			if w.classAt[cl] == w.nextC {
				continue
			}
			w.classAt[cl] = w.nextC
		}
		if bits = w.rng.Uint64() >> 32; bits < blink {
			continue
		}
		c := &w.cache[int(v)*len(w.routes)+k]
		if c.ver != r.ver {
			c.ver = r.ver
			c.cost, c.pos = w.p.scan(r, v, int32(k))
		}
		if c.cost < best {
			best, at, pos = c.cost, int32(k), c.pos
		}
	}
	if at < 0 {
		return false
	}
	w.insert(at, v, int(pos))
	return true
}

func (w *worker) step2() { w.nextC++ }

// insert puts v before stop pos of tour k.
func (w *worker) insert(k, v int32, pos int) {
	r := w.touch(k)
	if r.visits == 0 {
		w.used++
	}
	w.cost -= r.cost + w.p.visits[v].price
	w.p.insertPlain(r, v, pos)
	r.cost = w.p.price(r, k)
	w.cost += r.cost
	w.cards++
	w.where[v] = k
	r.ver = w.version()
}

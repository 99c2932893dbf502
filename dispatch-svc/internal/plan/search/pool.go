package search

// pool remembers tours that occurred in good plans, the cheapest order for each set of visits and class of vehicle.
type pool struct {
	words int // of a set of visits
	index map[uint64]int32
	nodes [][]int32 // stops between start and end
	sets  []uint64  // words per column
	cost  []int64
	class []int32
	key   []uint64
	last  []uint32 // round in which it was last seen
	zob   []uint64
	most  int
	round uint32
}

func newPool(p *Instance, most int) *pool {
	q := &pool{words: (p.n + 63) / 64, index: map[uint64]int32{}, zob: make([]uint64, p.n+p.classes), most: most}
	x := uint64(0x9e3779b97f4a7c15)
	for i := range q.zob { // splitmix64
		x += 0x9e3779b97f4a7c15
		z := (x ^ x>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		q.zob[i] = z ^ z>>31
	}
	return q
}

// add remembers the tour of vehicle k.
func (q *pool) add(p *Instance, r *route, k int32) {
	class := p.vehicles[k].class
	key := q.zob[p.n+int(class)]
	for i := range r.stops {
		if v := r.stops[i].node; v >= 0 {
			key ^= q.zob[v]
		}
	}
	if j, known := q.index[key]; known {
		q.last[j] = q.round
		if r.cost < q.cost[j] {
			q.cost[j] = r.cost
			q.nodes[j] = inner(q.nodes[j][:0], r)
		}
		return
	}
	if len(q.cost) >= q.most {
		return
	}
	q.index[key] = int32(len(q.cost))
	q.nodes = append(q.nodes, inner(nil, r))
	q.cost = append(q.cost, r.cost)
	q.class = append(q.class, class)
	q.key = append(q.key, key)
	q.last = append(q.last, q.round)
	set := make([]uint64, q.words)
	for i := range r.stops {
		if v := r.stops[i].node; v >= 0 {
			set[v>>6] |= 1 << (v & 63)
		}
	}
	q.sets = append(q.sets, set...)
}

func inner(out []int32, r *route) []int32 {
	for i := 1; i < len(r.stops)-1; i++ {
		out = append(out, r.stops[i].node)
	}
	return out
}

// thin drops the tours for which keep says no.
func (q *pool) thin(keep func(j int) bool) {
	n := 0
	for j := range q.cost {
		if !keep(j) {
			delete(q.index, q.key[j])
			continue
		}
		q.index[q.key[j]] = int32(n)
		q.nodes[n], q.nodes[j] = q.nodes[j], q.nodes[n]
		q.cost[n], q.class[n], q.key[n], q.last[n] = q.cost[j], q.class[j], q.key[j], q.last[j]
		copy(q.sets[n*q.words:(n+1)*q.words], q.sets[j*q.words:(j+1)*q.words])
		n++
	}
	q.nodes, q.cost, q.class, q.key, q.last = q.nodes[:n], q.cost[:n], q.class[:n], q.key[:n], q.last[:n]
	q.sets = q.sets[:n*q.words]
}

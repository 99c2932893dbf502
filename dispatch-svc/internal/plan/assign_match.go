package plan

import (
	"container/heap"
	"math"
)

// edge is a possible pair of a row (job) and a column (engineer), with what it is worth.
type edge struct {
	col   int
	value float64
}

// match pairs rows with different columns so that the sum of values is greatest; a row may stay alone, at 0. It answers the column
// of each row, -1 for alone. Successive shortest augmenting paths with potentials (Jonker and Volgenant 1987, for sparse rows).
func match(rows [][]edge, cols int) []int {
	m := &matcher{rows: rows, cols: cols, most: 0, rowOf: make([]int, cols+len(rows)), colOf: make([]int, len(rows)),
		price: make([]float64, cols+len(rows)), dist: make([]float64, cols+len(rows)), from: make([]int, cols+len(rows))}
	for _, r := range rows {
		for _, e := range r {
			m.most = max(m.most, e.value)
		}
	}
	for c := range m.rowOf {
		m.rowOf[c] = -1
	}
	for r := range rows {
		m.colOf[r] = -1
	}
	for r := range rows {
		m.augment(r)
	}
	for r, c := range m.colOf {
		if c >= cols {
			m.colOf[r] = -1
		}
	}
	return m.colOf
}

// matcher gives every row a column of its own behind the real ones: to stay alone.
type matcher struct {
	rows         [][]edge
	cols         int
	most         float64 // costs are most less the value
	rowOf, colOf []int
	price        []float64 // potentials of columns
	dist         []float64
	from         []int // row from which a column was reached
	reached      []int
	heap         distances
}

func (m *matcher) eachEdge(r int, f func(c int, cost float64)) {
	for _, e := range m.rows[r] {
		f(e.col, m.most-e.value)
	}
	f(m.cols+r, m.most)
}

// augment finds the cheapest way to give one more row a column (Dijkstra on reduced costs).
func (m *matcher) augment(row int) {
	m.heap, m.reached = m.heap[:0], m.reached[:0]
	seen := map[int]bool{}
	done := map[int]bool{}
	relax := func(r int, base float64) {
		// What the row pays now is tight, so that reduced costs of the others are relative to it.
		own := 0.0
		if c := m.colOf[r]; c >= 0 {
			m.eachEdge(r, func(d int, cost float64) {
				if d == c {
					own = cost - m.price[c]
				}
			})
		}
		m.eachEdge(r, func(c int, cost float64) {
			d := base + cost - m.price[c] - own
			if done[c] || seen[c] && d >= m.dist[c] {
				return
			}
			seen[c] = true
			m.dist[c], m.from[c] = d, r
			heap.Push(&m.heap, distance{d, c})
		})
	}
	relax(row, 0)
	for {
		next := heap.Pop(&m.heap).(distance)
		c := next.col
		if done[c] || next.d > m.dist[c] {
			continue
		}
		done[c] = true
		m.reached = append(m.reached, c)
		if m.rowOf[c] < 0 {
			m.turn(row, c)
			return
		}
		relax(m.rowOf[c], next.d)
	}
}

// turn takes the path to a free column and lowers the prices of what was reached before it.
func (m *matcher) turn(row, end int) {
	for _, c := range m.reached {
		m.price[c] += m.dist[c] - m.dist[end]
	}
	for c := end; ; {
		r := m.from[c]
		next := m.colOf[r]
		m.colOf[r], m.rowOf[c] = c, r
		if r == row {
			return
		}
		c = next
	}
}

type distance struct {
	d   float64
	col int
}

type distances []distance

func (h distances) Len() int { return len(h) }
func (h distances) Less(i, j int) bool {
	return h[i].d < h[j].d || math.Abs(h[i].d-h[j].d) == 0 && h[i].col < h[j].col
}
func (h distances) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *distances) Push(v any)   { *h = append(*h, v.(distance)) }
func (h *distances) Pop() any {
	old := *h
	v := old[len(old)-1]
	*h = old[:len(old)-1]
	return v
}

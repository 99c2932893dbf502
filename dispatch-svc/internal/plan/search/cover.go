package search

import (
	"math"
	"slices"
)

// cover chooses tours of a pool so that every visit is served once or paid for: set partitioning by Lagrangian relaxation
// (subgradient steps), fixing by reduced costs and a bounded depth-first search, without a linear programming code.
type cover struct {
	p      *Instance
	q      *pool
	limit  []int32 // vehicles by class
	dual   []float64
	top    []float64 // best duals
	fees   []float64 // of classes
	topFee []float64
	bound  float64
	red    []float64
	taken  []int32 // times a visit is served by the relaxed answer
	inUse  []int32
	upper  float64
	best   []int32

	cols    []int32 // columns left after fixing, by reduced cost
	byVisit [][]int32
	chosen  []int32
	covered []uint64
	nodes   int
}

func newCover(p *Instance, q *pool) *cover {
	c := &cover{p: p, q: q, limit: make([]int32, p.classes), dual: make([]float64, p.n), top: make([]float64, p.n),
		fees: make([]float64, p.classes), topFee: make([]float64, p.classes), taken: make([]int32, p.n),
		inUse: make([]int32, p.classes), byVisit: make([][]int32, p.n), covered: make([]uint64, q.words)}
	for k := range p.vehicles {
		c.limit[p.vehicles[k].class]++
	}
	return c
}

// solve looks for a choice cheaper than upper and answers its columns, nil when it found none.
func (c *cover) solve(upper int64, steps, nodes int) []int32 {
	c.upper, c.best, c.bound = float64(upper), nil, math.Inf(-1)
	c.red = slices.Grow(c.red[:0], len(c.q.cost))[:len(c.q.cost)]
	c.ascend(steps)
	if c.bound > c.upper-0.5 {
		return nil
	}
	c.fix()
	c.nodes = nodes
	clear(c.covered)
	clear(c.inUse)
	c.chosen = c.chosen[:0]
	c.dive(c.bound, 0)
	return c.best
}

// ascend improves the duals by subgradient steps (Held and Karp) from where they were left last time.
func (c *cover) ascend(steps int) {
	scale, stuck := 1.0, 0
	for range steps {
		value := c.relax()
		if value > c.bound {
			if value > c.bound+1e-4*math.Abs(c.bound) {
				stuck = 0
			}
			c.bound = value
			copy(c.top, c.dual)
			copy(c.topFee, c.fees)
		} else if stuck++; stuck > 10 {
			scale, stuck = scale/2, 0
			copy(c.dual, c.top)
			copy(c.fees, c.topFee)
			if scale < 0.01 {
				break
			}
		}
		if !c.move(scale * (c.upper*1.002 - value)) {
			break
		}
	}
	copy(c.dual, c.top)
	copy(c.fees, c.topFee)
	c.relax()
}

// relax solves the relaxed problem at the duals: its value, what it serves, and the reduced costs.
func (c *cover) relax() float64 {
	clear(c.taken)
	clear(c.inUse)
	value := 0.0
	for _, d := range c.dual {
		value += d
	}
	for k, f := range c.fees {
		value -= f * float64(c.limit[k])
	}
	for j := range c.q.cost {
		r := float64(c.q.cost[j]) + c.fees[c.q.class[j]]
		for _, v := range c.q.nodes[j] {
			if v >= 0 {
				r -= c.dual[v]
			}
		}
		c.red[j] = r
		if r < 0 {
			value += r
			c.inUse[c.q.class[j]]++
			for _, v := range c.q.nodes[j] {
				if v >= 0 {
					c.taken[v]++
				}
			}
		}
	}
	return value
}

// move steps along the subgradient; false when it is zero.
func (c *cover) move(gap float64) bool {
	norm := 0.0
	for _, t := range c.taken {
		norm += float64((1 - t) * (1 - t))
	}
	for k, u := range c.inUse {
		if u > c.limit[k] || c.fees[k] > 0 {
			norm += float64((u - c.limit[k]) * (u - c.limit[k]))
		}
	}
	if norm == 0 {
		return false
	}
	step := gap / norm
	for v, t := range c.taken {
		c.dual[v] = min(c.dual[v]+step*float64(1-t), float64(c.p.visits[v].price))
	}
	for k, u := range c.inUse {
		c.fees[k] = max(0, c.fees[k]+step*float64(u-c.limit[k]))
	}
	return true
}

// fix keeps the columns that can be part of a better choice.
func (c *cover) fix() {
	c.cols = c.cols[:0]
	for j := range c.q.cost {
		if c.bound+max(0, c.red[j]) < c.upper-0.5 {
			c.cols = append(c.cols, int32(j))
		}
	}
	slices.SortFunc(c.cols, func(a, b int32) int {
		switch {
		case c.red[a] < c.red[b]:
			return -1
		case c.red[a] > c.red[b]:
			return 1
		}
		return int(a - b)
	})
	c.cols = c.cols[:min(len(c.cols), mostColumns)]
	for v := range c.byVisit {
		c.byVisit[v] = c.byVisit[v][:0]
	}
	for _, j := range c.cols {
		for _, v := range c.q.nodes[j] {
			if v >= 0 {
				c.byVisit[v] = append(c.byVisit[v], j)
			}
		}
	}
}

const mostColumns = 3000

// dive tries the columns of the visit with the fewest; low bounds what the choice so far can come to.
func (c *cover) dive(low float64, cost int64) {
	if c.nodes--; c.nodes < 0 {
		return
	}
	v := c.fewest()
	if v < 0 {
		if float64(cost) < c.upper-0.5 {
			c.upper = float64(cost)
			c.best = append(c.best[:0:0], c.chosen...)
		}
		return
	}
	for _, j := range c.byVisit[v] {
		next := low + max(0, c.red[j])
		if next > c.upper-0.5 || c.nodes < 0 {
			break
		}
		if c.clash(j) || c.inUse[c.q.class[j]] >= c.limit[c.q.class[j]] {
			continue
		}
		c.toggle(j, 1)
		c.chosen = append(c.chosen, j)
		c.dive(next, cost+c.q.cost[j])
		c.chosen = c.chosen[:len(c.chosen)-1]
		c.toggle(j, -1)
	}
	c.skip(v, low, cost)
}

// skip leaves visit v out at its price.
func (c *cover) skip(v int32, low float64, cost int64) {
	price := c.p.visits[v].price
	next := low + float64(price) - c.dual[v]
	if next > c.upper-0.5 || c.nodes < 0 {
		return
	}
	c.covered[v>>6] |= 1 << (v & 63)
	c.dive(next, cost+price)
	c.covered[v>>6] &^= 1 << (v & 63)
}

func (c *cover) clash(j int32) bool {
	set := c.q.sets[int(j)*c.q.words : int(j+1)*c.q.words]
	for i, w := range set {
		if w&c.covered[i] != 0 {
			return true
		}
	}
	return false
}

func (c *cover) toggle(j, by int32) {
	for i, w := range c.q.sets[int(j)*c.q.words : int(j+1)*c.q.words] {
		c.covered[i] ^= w
	}
	c.inUse[c.q.class[j]] += by
}

// fewest finds the open visit with the fewest columns that fit; -1 when all are served.
func (c *cover) fewest() int32 {
	best, at := math.MaxInt, int32(-1)
	for v := range c.byVisit {
		if c.covered[v>>6]>>(v&63)&1 == 1 {
			continue
		}
		n := 0
		for _, j := range c.byVisit[v] {
			if !c.clash(j) {
				if n++; n >= best {
					break
				}
			}
		}
		if n < best {
			best, at = n, int32(v)
			if n == 0 {
				break
			}
		}
	}
	return at
}

// thin drops the columns that are far from being part of a better choice.
func (c *cover) thin() {
	gap := 1.5 * max(c.upper-c.bound, 1)
	c.q.thin(func(j int) bool { return c.red[j] < gap })
}

package search

import (
	"cmp"
	"slices"
)

// genome is a plan of the genetic search; it may break windows and capacities.
type genome struct {
	tours      [][]int32
	succ, pred []int32 // -1 at the ends of a tour
	way        int64   // price of travel and of vehicles used, in 64ths
	warp, over int64
	kin        []kin // the others of its population, the most similar first
	fit        float64
}

type kin struct {
	g    *genome
	legs int // that the two do not share
}

func (g *genome) sound() bool { return g.warp == 0 && g.over == 0 }

func (e *educator) cost(g *genome) int64 { return g.way + e.warpPrice*g.warp + e.overPrice*g.over }

// read copies the educator's plan.
func (e *educator) read() *genome {
	ends := make([]int32, 2*e.p.n)
	g := &genome{succ: ends[:e.p.n], pred: ends[e.p.n:]}
	for k := range e.tours {
		t := &e.tours[k]
		last := len(t.s) - 1
		if last == 1 {
			continue
		}
		way, row, prev := int64(0), make([]int32, 0, last-1), int32(-1)
		for i := 1; i < last; i++ {
			v := t.s[i].loc
			way += int64(e.ticks(t.s[i-1].loc, v))
			row = append(row, v)
			if g.pred[v], g.succ[v] = prev, -1; prev >= 0 {
				g.succ[prev] = v
			}
			prev = v
		}
		way += int64(e.ticks(prev, t.s[last].loc))
		g.way += way*e.travel + e.fixed
		g.warp += int64(t.warp)
		g.over += int64(max(t.load-e.capacity, 0))
		g.tours = append(g.tours, row)
	}
	return g
}

// unlike counts the legs of g that o lacks.
func (g *genome) unlike(o *genome) int {
	n := 0
	for v := range g.succ {
		if g.succ[v] != o.succ[v] {
			n++
		}
		if g.pred[v] < 0 && o.pred[v] >= 0 {
			n++
		}
	}
	return n
}

func (g *genome) meet(o *genome, legs int) {
	at, _ := slices.BinarySearchFunc(g.kin, legs, func(k kin, legs int) int { return k.legs - legs })
	g.kin = slices.Insert(g.kin, at, kin{o, legs})
}

const nearest = 5 // kin that count

// lonely is how little a plan has in common with its nearest.
func (g *genome) lonely() float64 {
	n, sum := min(nearest, len(g.kin)), 0
	for _, k := range g.kin[:n] {
		sum += k.legs
	}
	return float64(sum) / float64(max(n, 1))
}

const elites = 4 // plans whose price alone keeps them

// rank computes the biased fitness of a population in the order of price: the lower the better.
func rank(list []*genome) {
	type place struct {
		g      *genome
		lonely float64
	}
	all := make([]place, len(list))
	n := float64(len(list))
	for i, g := range list {
		all[i] = place{g, g.lonely()}
		g.fit = float64(i) / n
	}
	slices.SortStableFunc(all, func(a, b place) int { return cmp.Compare(b.lonely, a.lonely) })
	for i, a := range all {
		a.g.fit += (1 - min(1, elites/n)) * float64(i) / n
	}
}

// Package exact solves tiny problems to optimality: for every tour and every set of visits the best order by enumeration with
// every stop at a depot, break and window tried, then the best partition of the visits over tours by a dynamic programme over
// subsets. It shares the data of model with the solver and no code.
package exact

import (
	"errors"
	"math"
	"math/bits"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// MostVisits bounds the size.
const MostVisits = 10

// ErrTooLarge says that a problem has more visits than MostVisits.
var ErrTooLarge = errors.New("exact: too many visits")

const none = math.MaxInt64 / 4

// tour is one shift of one engineer.
type tour struct {
	e     *model.Engineer
	shift int
	sh    *model.Shift
	cost  []int64 // by set of visits
}

type solver struct {
	p      *model.Problem
	n      int
	number map[string]int
	tours  []*tour
	best   int64
	price  []int64
}

// Solve answers the least cost of the problem. Driven prefixes and travel by the hour are not covered.
func Solve(p *model.Problem) (int64, error) {
	if len(p.Visits) > MostVisits {
		return 0, ErrTooLarge
	}
	s := &solver{p: p, n: len(p.Visits), number: map[string]int{}, best: none}
	for i, v := range p.Visits {
		s.number[v.ID] = i
		price := v.Price
		if price == 0 {
			price = p.Weights.Unserved
		}
		s.price = append(s.price, price)
	}
	for i := range p.Engineers {
		e := &p.Engineers[i]
		for k := range e.Shifts {
			t := &tour{e: e, shift: k, sh: &e.Shifts[k]}
			s.table(t)
			s.tours = append(s.tours, t)
		}
	}
	if len(p.Relations) > 0 {
		s.assign(0, make([]int, s.n), 0)
		return s.best, nil
	}
	return s.partition(), nil
}

// table computes the best cost of every set of visits on a tour, by walking through all orders.
func (s *solver) table(t *tour) {
	t.cost = make([]int64, 1<<s.n)
	for i := range t.cost {
		t.cost[i] = none
	}
	t.cost[0] = 0
	var can []int
	for i := range s.p.Visits {
		if s.may(t, &s.p.Visits[i]) {
			can = append(can, i)
		}
	}
	s.orders(t, can, nil, 0)
}

func (s *solver) orders(t *tour, can, row []int, set int) {
	if len(row) > 0 {
		c := s.row(t, row)
		t.cost[set] = min(t.cost[set], c)
	}
	for _, v := range can {
		if set>>v&1 == 0 && s.ordered(row, v) {
			s.orders(t, can, append(row, v), set|1<<v)
		}
	}
}

// ordered says that no visit of the row must come after v.
func (s *solver) ordered(row []int, v int) bool {
	for _, r := range s.p.Relations {
		if r.Kind != model.Before || s.number[r.First] != v {
			continue
		}
		for _, w := range row {
			if w == s.number[r.Second] {
				return false
			}
		}
	}
	return true
}

// partition spreads the visits over tours; a set may also be left out at its price.
func (s *solver) partition() int64 {
	full := 1 << s.n
	best := make([]int64, full)
	for set := range best {
		for v := range s.n {
			if set>>v&1 == 1 {
				best[set] += s.price[v]
			}
		}
	}
	for _, t := range s.tours {
		next := make([]int64, full)
		for set := range next {
			next[set] = best[set]
			for sub := set; sub > 0; sub = (sub - 1) & set {
				if t.cost[sub] < none {
					next[set] = min(next[set], t.cost[sub]+best[set&^sub])
				}
			}
		}
		best = next
	}
	return best[full-1]
}

// assign tries every visit on every tour and left out, for problems with relations between tours.
func (s *solver) assign(v int, on []int, lost int64) {
	if v == s.n {
		if s.related(on) {
			s.best = min(s.best, lost+s.sum(on))
		}
		return
	}
	for k := range s.tours {
		if s.may(s.tours[k], &s.p.Visits[v]) {
			on[v] = k
			s.assign(v+1, on, lost)
		}
	}
	on[v] = -1
	s.assign(v+1, on, lost+s.price[v])
}

func (s *solver) sum(on []int) int64 {
	var c int64
	for k, t := range s.tours {
		set := 0
		for v, at := range on {
			if at == k {
				set |= 1 << v
			}
		}
		if bits.OnesCount(uint(set)) > 0 {
			if t.cost[set] >= none {
				return none
			}
			c += t.cost[set]
		}
	}
	return c
}

// related says whether the relations hold between tours; order within a tour is in its table.
func (s *solver) related(on []int) bool {
	for _, r := range s.p.Relations {
		a, b := on[s.number[r.First]], on[s.number[r.Second]]
		if b < 0 || a < 0 {
			if b >= 0 && r.Kind == model.Before {
				return false
			}
			continue
		}
		x, y := s.tours[a], s.tours[b]
		ok := true
		switch r.Kind {
		case model.SameTour:
			ok = a == b
		case model.SameEngineer:
			ok = x.e == y.e
		case model.Apart:
			ok = x.e != y.e
		case model.Before:
			ok = a == b || x.sh.End+x.sh.Overtime <= y.sh.Start
		}
		if !ok {
			return false
		}
	}
	return true
}

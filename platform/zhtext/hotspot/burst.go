package hotspot

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Series is the counts of one key (product × fault, say) by week, oldest first; the last is the week in question.
type Series struct {
	Key    string
	Counts []int
	// Evidence is the keys of texts of the last week.
	Evidence []string
}

// Burst is a key whose last count is higher than chance explains.
type Burst struct {
	Key      string   `json:"key"`
	Count    int      `json:"count"`
	Expected float64  `json:"expected"` // mean of the weeks before
	P        float64  `json:"p"`        // probability of such a count or a higher one, were nothing the matter
	Evidence []string `json:"evidence"` // at most three
}

// BurstOptions bound what is told. The zero value is usable.
type BurstOptions struct {
	MinCount  int     // least count of the last week; 0 means 4
	Discovery float64 // false discovery rate over all keys; 0 means 0.05
}

// Bursts tests all series and gives those that burst, least likely first.
func Bursts(all []Series, o BurstOptions) []Burst {
	o.MinCount = cmp.Or(o.MinCount, 4)
	o.Discovery = cmp.Or(o.Discovery, 0.05)
	var found []Burst
	var p []float64
	for _, s := range all {
		if len(s.Counts) < 2 {
			continue
		}
		b := test(s)
		found, p = append(found, b), append(p, b.P)
	}
	limit := discoveries(p, o.Discovery)
	found = slices.DeleteFunc(found, func(b Burst) bool { return b.P > limit || b.Count < o.MinCount })
	slices.SortFunc(found, func(a, b Burst) int { return cmp.Or(cmp.Compare(a.P, b.P), strings.Compare(a.Key, b.Key)) })
	return found
}

// test compares the last week with what the weeks before predict. With a Gamma(½, 0) prior on the weekly rate, w weeks
// and s cases the next count is negative binomial with size s+½ and success probability w/(w+1).
func test(s Series) Burst {
	last := len(s.Counts) - 1
	sum := 0
	for _, c := range s.Counts[:last] {
		sum += c
	}
	weeks := float64(last)
	b := Burst{Key: s.Key, Count: s.Counts[last], Expected: float64(sum) / weeks, Evidence: s.Evidence[:min(3, len(s.Evidence))]}
	b.P = upperNegativeBinomial(b.Count, float64(sum)+0.5, weeks/(weeks+1))
	return b
}

// upperNegativeBinomial is P(X >= k) for size r and success probability p.
func upperNegativeBinomial(k int, r, p float64) float64 {
	below := 0.0
	term := math.Exp(r * math.Log(p)) // P(X = 0)
	for x := range k {
		below += term
		term *= (r + float64(x)) / float64(x+1) * (1 - p)
	}
	return max(0, 1-below)
}

// upperNormal is P(Z >= z).
func upperNormal(z float64) float64 { return 0.5 * math.Erfc(z/math.Sqrt2) }

// discoveries is the largest p-value that Benjamini and Hochberg's procedure keeps; -1 when it keeps none.
func discoveries(p []float64, rate float64) float64 {
	sorted := slices.Clone(p)
	slices.Sort(sorted)
	limit := -1.0
	for i, v := range sorted {
		if v <= rate*float64(i+1)/float64(len(sorted)) {
			limit = v
		}
	}
	return limit
}

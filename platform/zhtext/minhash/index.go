package minhash

import (
	"cmp"
	"slices"
)

// Threshold is the Jaccard similarity from which on two texts are suggested as duplicates. One edit of ten characters
// in a hundred leaves about 0.7 of the bigrams, unrelated complaints of one product share less than 0.3.
const Threshold = 0.5

// Match is a text like the one asked for.
type Match struct {
	ID         string  `json:"id"`
	Similarity float64 `json:"similarity"` // Jaccard, 0..1
}

// Index finds the texts of a collection that are like a given one. It is not safe for concurrent use.
type Index struct {
	threshold float64
	ids       []string
	sets      []Shingles
	bands     [Bands]map[uint64][]int32
	seen      []int32
	round     int32
}

// NewIndex makes an empty index; threshold 0 means Threshold.
func NewIndex(threshold float64) *Index {
	x := &Index{threshold: cmp.Or(threshold, Threshold)}
	for i := range x.bands {
		x.bands[i] = map[uint64][]int32{}
	}
	return x
}

// Len is the number of texts.
func (x *Index) Len() int { return len(x.ids) }

// Add puts a text into the index. A text without any readable sign is kept out.
func (x *Index) Add(id, text string) { x.add(id, Split(text)) }

func (x *Index) add(id string, set Shingles) {
	if len(set) == 0 {
		return
	}
	n := int32(len(x.ids))
	x.ids, x.sets, x.seen = append(x.ids, id), append(x.sets, set), append(x.seen, 0)
	s := Sign(set)
	for i := range x.bands {
		k := s.Band(i)
		x.bands[i][k] = append(x.bands[i][k], n)
	}
}

// Find gives the texts like text, most similar first.
func (x *Index) Find(text string) []Match { return x.find(Split(text)) }

// FindAndAdd is Find, then Add: one pass over a stream.
func (x *Index) FindAndAdd(id, text string) []Match {
	set := Split(text)
	found := x.find(set)
	x.add(id, set)
	return found
}

func (x *Index) find(set Shingles) []Match {
	if len(set) == 0 {
		return nil
	}
	var found []Match
	x.each(set, func(n int32, j float64) { found = append(found, Match{x.ids[n], j}) })
	slices.SortStableFunc(found, func(a, b Match) int { return cmp.Compare(b.Similarity, a.Similarity) })
	return found
}

// each calls yield with every text of at least the threshold's similarity.
func (x *Index) each(set Shingles, yield func(n int32, similarity float64)) {
	x.round++
	s := Sign(set)
	for i := range x.bands {
		for _, n := range x.bands[i][s.Band(i)] {
			if x.seen[n] == x.round {
				continue
			}
			x.seen[n] = x.round
			if j := Jaccard(set, x.sets[n]); j >= x.threshold {
				yield(n, j)
			}
		}
	}
}

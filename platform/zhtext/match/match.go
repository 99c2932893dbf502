// Package match finds all words of a dictionary in a rune sequence in one pass (Aho and Corasick, 1975). The automaton
// is compiled into flat tables: a transition is one look-up in a small open-addressing hash, and nothing is allocated
// while matching.
package match

// Hit is one occurrence: word Word (its index in the list given to New) at runes [Start, End).
type Hit struct {
	Word       int
	Start, End int
}

// The block of Han characters has a table of its own at the start state, where nearly every rune of a text ends up.
const (
	hanFirst = 0x4E00
	hanLast  = 0x9FFF
)

// Automaton recognises a fixed list of words. It is safe for concurrent use.
type Automaton struct {
	words  []int32 // length of each word in runes
	fail   []int32
	output []int32 // word ending at this state, or -1
	link   []int32 // next state on the failure path with an output, or 0
	keys   []uint64
	next   []int32
	used   int
	root   [hanLast - hanFirst + 1]int32 // transitions of the start state
}

// New compiles the words; empty words are never found, of equal words the first is.
func New(words []string) *Automaton {
	runes := 0
	for _, w := range words {
		runes += len(w)
	}
	a := &Automaton{words: make([]int32, len(words)), output: append(make([]int32, 0, runes/3+1), -1)}
	a.resize(64)
	t := tree{parent: make([]int32, 1, runes/3+1), rune: make([]rune, 1, runes/3+1)}
	for i, w := range words {
		a.words[i] = a.add(&t, w, int32(i))
	}
	a.connect(t)
	return a
}

// tree remembers how every state was reached.
type tree struct {
	parent []int32
	rune   []rune
}

func (a *Automaton) add(t *tree, word string, id int32) (runes int32) {
	state := int32(0)
	for _, r := range word {
		to := a.child(state, r)
		if to == 0 {
			to = int32(len(t.parent))
			t.parent, t.rune, a.output = append(t.parent, state), append(t.rune, r), append(a.output, -1)
			a.put(state, r, to)
		}
		state = to
		runes++
	}
	if state != 0 && a.output[state] < 0 {
		a.output[state] = id
	}
	return runes
}

func edge(state int32, r rune) uint64 { return uint64(state)<<32 | uint64(uint32(r)) | 1<<63 }

func slot(key uint64) uint64 { return key * 0x9E3779B97F4A7C15 >> 32 }

func (a *Automaton) put(state int32, r rune, to int32) {
	if state == 0 && r >= hanFirst && r <= hanLast {
		a.root[r-hanFirst] = to
		return
	}
	if a.used*2 >= len(a.keys) {
		a.resize(len(a.keys) * 2)
	}
	a.insert(edge(state, r), to)
}

func (a *Automaton) insert(key uint64, to int32) {
	i := slot(key) & uint64(len(a.keys)-1)
	for a.keys[i] != 0 {
		i = (i + 1) & uint64(len(a.keys)-1)
	}
	a.keys[i], a.next[i] = key, to
	a.used++
}

// resize makes a table of n places, a power of two, and moves the transitions there.
func (a *Automaton) resize(n int) {
	keys, next := a.keys, a.next
	a.keys, a.next, a.used = make([]uint64, n), make([]int32, n), 0
	for i, k := range keys {
		if k != 0 {
			a.insert(k, next[i])
		}
	}
}

// connect sets failure and output links, shorter prefixes first.
func (a *Automaton) connect(t tree) {
	a.fail, a.link = make([]int32, len(t.parent)), make([]int32, len(t.parent))
	for _, state := range byDepth(t) {
		if p := t.parent[state]; p != 0 {
			a.fail[state] = a.step(a.fail[p], t.rune[state])
		}
		a.link[state] = a.fail[state]
		if f := a.fail[state]; f != 0 && a.output[f] < 0 {
			a.link[state] = a.link[f]
		}
	}
}

// byDepth gives all states but the start by the length of their prefix.
func byDepth(t tree) []int32 {
	depth := make([]int32, len(t.parent))
	counts := []int32{0}
	for s := 1; s < len(depth); s++ {
		depth[s] = depth[t.parent[s]] + 1
		if int(depth[s]) == len(counts) {
			counts = append(counts, 0)
		}
		counts[depth[s]]++
	}
	for d := 1; d < len(counts); d++ {
		counts[d] += counts[d-1]
	}
	order := make([]int32, len(depth)-1)
	for s := len(depth) - 1; s > 0; s-- {
		counts[depth[s]]--
		order[counts[depth[s]]] = int32(s)
	}
	return order
}

func (a *Automaton) child(state int32, r rune) int32 {
	if state == 0 && r >= hanFirst && r <= hanLast {
		return a.root[r-hanFirst]
	}
	key := edge(state, r)
	mask := uint64(len(a.keys) - 1)
	for i := slot(key) & mask; a.keys[i] != 0; i = (i + 1) & mask {
		if a.keys[i] == key {
			return a.next[i]
		}
	}
	return 0
}

func (a *Automaton) step(state int32, r rune) int32 {
	for {
		if to := a.child(state, r); to != 0 || state == 0 {
			return to
		}
		state = a.fail[state]
	}
}

// Each calls yield for every occurrence, by end and then by falling length, until yield returns false.
func (a *Automaton) Each(text []rune, yield func(Hit) bool) {
	state := int32(0)
	for i, r := range text {
		state = a.step(state, r)
		s := state
		if a.output[s] < 0 {
			s = a.link[s]
		}
		for ; s != 0; s = a.link[s] {
			w := a.output[s]
			if !yield(Hit{Word: int(w), Start: i + 1 - int(a.words[w]), End: i + 1}) {
				return
			}
		}
	}
}

// Append appends all occurrences to hits.
func (a *Automaton) Append(hits []Hit, text []rune) []Hit {
	state := int32(0)
	for i, r := range text {
		state = a.step(state, r)
		s := state
		if a.output[s] < 0 {
			s = a.link[s]
		}
		for ; s != 0; s = a.link[s] {
			w := a.output[s]
			hits = append(hits, Hit{Word: int(w), Start: i + 1 - int(a.words[w]), End: i + 1})
		}
	}
	return hits
}

// Longest keeps of overlapping hits the longest, then the earliest; hits come back in text order. It works in place.
func Longest(hits []Hit) []Hit {
	kept := hits[:0]
	for _, h := range hits {
		for len(kept) > 0 && covers(h, kept[len(kept)-1]) {
			kept = kept[:len(kept)-1]
		}
		if n := len(kept); n == 0 || kept[n-1].End <= h.Start {
			kept = append(kept, h)
		}
	}
	return kept
}

// covers tells whether a overlaps b and is to be preferred.
func covers(a, b Hit) bool {
	return a.Start < b.End && (a.End-a.Start > b.End-b.Start || a.Start == b.Start && a.End > b.End)
}

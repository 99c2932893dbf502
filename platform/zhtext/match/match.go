// Package match finds all words of a dictionary in a rune sequence in one pass (Aho and Corasick, 1975). The automaton
// is compiled into flat tables: a transition is one look-up in a small open-addressing hash, and nothing is allocated
// while matching.
package match

// Hit is one occurrence: word Word (its index in the list given to New) at runes [Start, End).
type Hit struct {
	Word       int
	Start, End int
}

// Automaton recognises a fixed list of words. It is safe for concurrent use.
type Automaton struct {
	words  []int32 // length of each word in runes
	fail   []int32
	output []int32 // word ending at this state, or -1
	link   []int32 // next state on the failure path with an output, or 0
	keys   []uint64
	next   []int32
	root   [65536]int32 // transitions of the start state for the basic plane
	mask   uint64
}

// New compiles the words; empty words are never found, of equal words the first is.
func New(words []string) *Automaton {
	b := builder{children: []map[rune]int32{{}}, output: []int32{-1}}
	a := &Automaton{words: make([]int32, len(words))}
	for i, w := range words {
		a.words[i] = b.add(w, int32(i))
	}
	a.output = b.output
	a.fill(b.children)
	a.connect(b.children)
	return a
}

type builder struct {
	children []map[rune]int32
	output   []int32
}

func (b *builder) add(word string, id int32) (runes int32) {
	state := int32(0)
	for _, r := range word {
		to, ok := b.children[state][r]
		if !ok {
			to = int32(len(b.children))
			b.children = append(b.children, nil)
			b.output = append(b.output, -1)
			if b.children[state] == nil {
				b.children[state] = make(map[rune]int32, 1)
			}
			b.children[state][r] = to
		}
		state = to
		runes++
	}
	if state != 0 && b.output[state] < 0 {
		b.output[state] = id
	}
	return runes
}

func (a *Automaton) fill(children []map[rune]int32) {
	size := uint64(16)
	for size < uint64(len(children))*2 {
		size *= 2
	}
	a.keys, a.next, a.mask = make([]uint64, size), make([]int32, size), size-1
	for state, edges := range children {
		for r, to := range edges {
			if state == 0 && uint32(r) < 65536 {
				a.root[r] = to
				continue
			}
			a.put(int32(state), r, to)
		}
	}
}

func edge(state int32, r rune) uint64 { return uint64(state)<<32 | uint64(uint32(r)) | 1<<63 }

func slot(key uint64) uint64 { return key * 0x9E3779B97F4A7C15 >> 32 }

func (a *Automaton) put(state int32, r rune, to int32) {
	key := edge(state, r)
	i := slot(key) & a.mask
	for a.keys[i] != 0 {
		i = (i + 1) & a.mask
	}
	a.keys[i], a.next[i] = key, to
}

// connect sets failure and output links, breadth first.
func (a *Automaton) connect(children []map[rune]int32) {
	a.fail, a.link = make([]int32, len(children)), make([]int32, len(children))
	queue := make([]int32, 0, len(children))
	for _, to := range children[0] {
		queue = append(queue, to)
	}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		for r, to := range children[state] {
			queue = append(queue, to)
			a.fail[to] = a.step(a.fail[state], r)
			a.link[to] = a.fail[to]
			if f := a.fail[to]; f != 0 && a.output[f] < 0 {
				a.link[to] = a.link[f]
			}
		}
	}
}

func (a *Automaton) child(state int32, r rune) int32 {
	if state == 0 && uint32(r) < 65536 {
		return a.root[r]
	}
	key := edge(state, r)
	for i := slot(key) & a.mask; a.keys[i] != 0; i = (i + 1) & a.mask {
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

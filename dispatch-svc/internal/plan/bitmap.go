package plan

import "math/bits"

// bitmap is a set of engineers by their numbers in the index.
type bitmap []uint64

func (b *bitmap) set(i int32) {
	for int(i>>6) >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[i>>6] |= 1 << (i & 63)
}

func (b bitmap) clear(i int32) {
	if int(i>>6) < len(b) {
		b[i>>6] &^= 1 << (i & 63)
	}
}

func (b bitmap) has(i int32) bool {
	return int(i>>6) < len(b) && b[i>>6]>>(i&63)&1 == 1
}

// and keeps what is in o as well, and counts it.
func (b bitmap) and(o bitmap) int {
	n := 0
	for i := range b {
		if i < len(o) {
			b[i] &= o[i]
		} else {
			b[i] = 0
		}
		n += bits.OnesCount64(b[i])
	}
	return n
}

// or adds what is in o; b must be as long.
func (b bitmap) or(o bitmap) {
	for i := range min(len(b), len(o)) {
		b[i] |= o[i]
	}
}

func (b bitmap) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

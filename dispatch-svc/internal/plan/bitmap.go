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

// and keeps what is in o as well and answers how many were dropped and one of them (-1: none).
func (b bitmap) and(o bitmap) (dropped int, one int32) {
	one = -1
	for i := range b {
		var w uint64
		if i < len(o) {
			w = o[i]
		}
		if gone := b[i] &^ w; gone != 0 {
			dropped += bits.OnesCount64(gone)
			one = int32(i<<6 + bits.TrailingZeros64(gone))
			b[i] &= w
		}
	}
	return dropped, one
}

// or adds what is in o; b must be as long.
func (b bitmap) or(o bitmap) {
	for i := range min(len(b), len(o)) {
		b[i] |= o[i]
	}
}

// overlap counts what is in both and answers one of them (-1: none).
func (b bitmap) overlap(o bitmap) (count int, one int32) {
	one = -1
	for i := range min(len(b), len(o)) {
		if w := b[i] & o[i]; w != 0 {
			count += bits.OnesCount64(w)
			one = int32(i<<6 + bits.TrailingZeros64(w))
		}
	}
	return count, one
}

func (b bitmap) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

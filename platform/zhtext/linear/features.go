package linear

import (
	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// Bits is the width of a feature number: 2^18 buckets.
const Bits = 18

// Buckets is the number of features.
const Buckets = 1 << Bits

// edge stands before the first and after the last rune, so that a model can tell how a text begins and ends.
const edge = 1

// Extractor turns texts into sets of hashed character 1-3-grams. Its buffers grow to the longest text and are used
// again; an Extractor is for one goroutine at a time.
type Extractor struct {
	Text normalize.Text
	Hash []uint32 // every n-gram in text order: three per rune (1-, 2- and 3-gram ending there)
	Set  []uint32 // the distinct ones, in order of first appearance
	seen [Buckets / 64]uint64
}

// MaxRunes bounds the runes of a text that are read: beyond it a complaint says nothing new, and a hostile text costs
// no more.
const MaxRunes = 4000

// Read extracts the features of s.
func (x *Extractor) Read(s string) {
	x.Text.Set(s, normalize.ForFeatures)
	runes := x.Text.Runes
	if len(runes) > MaxRunes {
		runes = runes[:MaxRunes]
	}
	x.grow(3*len(runes) + 2)
	n, p2, p1 := 0, uint64(edge), uint64(edge)
	for _, r := range runes {
		c := uint64(r)
		x.Hash[n], x.Hash[n+1], x.Hash[n+2] = gram1(c), gram2(p1, c), gram3(p2, p1, c)
		n, p2, p1 = n+3, p1, c
	}
	if len(runes) > 0 {
		x.Hash[n], x.Hash[n+1] = gram2(p1, edge), gram3(p2, p1, edge)
		n += 2
	}
	x.Hash = x.Hash[:n]
	x.distinct()
}

// grow gives Hash the length n and Set room for as many.
func (x *Extractor) grow(n int) {
	if cap(x.Hash) < n {
		x.Hash, x.Set = make([]uint32, n), make([]uint32, 0, n)
	}
	x.Hash = x.Hash[:n]
}

// distinct fills Set from Hash.
func (x *Extractor) distinct() {
	set := x.Set[:0]
	for _, h := range x.Hash {
		w, bit := &x.seen[h>>6&(Buckets/64-1)], uint64(1)<<(h&63)
		if *w&bit == 0 {
			*w |= bit
			set = append(set, h)
		}
	}
	for _, h := range set {
		x.seen[h>>6] = 0
	}
	x.Set = set
}

// The multipliers are odd and random; the top bits of the product are the bucket.
func gram1(c uint64) uint32 { return uint32(c * 0x9E3779B97F4A7C15 >> (64 - Bits)) }

func gram2(b, c uint64) uint32 { return uint32((b<<21 | c) * 0xC2B2AE3D27D4EB4F >> (64 - Bits)) }

func gram3(a, b, c uint64) uint32 {
	return uint32((a<<42 | b<<21 | c) * 0xD6E8FEB86659FD93 >> (64 - Bits))
}

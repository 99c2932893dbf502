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
	x.Hash, x.Set = x.Hash[:0], x.Set[:0]
	p2, p1 := uint64(edge), uint64(edge)
	for _, r := range runes {
		c := uint64(r)
		x.add(gram1(c))
		x.add(gram2(p1, c))
		x.add(gram3(p2, p1, c))
		p2, p1 = p1, c
	}
	if len(runes) > 0 {
		x.add(gram2(p1, edge))
		x.add(gram3(p2, p1, edge))
	}
	for _, h := range x.Set {
		x.seen[h>>6] = 0
	}
}

func (x *Extractor) add(h uint32) {
	x.Hash = append(x.Hash, h)
	if w, bit := h>>6, uint64(1)<<(h&63); x.seen[w]&bit == 0 {
		x.seen[w] |= bit
		x.Set = append(x.Set, h)
	}
}

// The multipliers are odd and random; the top bits of the product are the bucket.
func gram1(c uint64) uint32 { return uint32(c * 0x9E3779B97F4A7C15 >> (64 - Bits)) }

func gram2(b, c uint64) uint32 { return uint32((b<<21 | c) * 0xC2B2AE3D27D4EB4F >> (64 - Bits)) }

func gram3(a, b, c uint64) uint32 {
	return uint32((a<<42 | b<<21 | c) * 0xD6E8FEB86659FD93 >> (64 - Bits))
}

// Package minhash finds near-duplicate texts. A text is the set of its character bigrams; its signature is the minimum of
// 64 hash functions over the set (Broder, 1997). Two texts become candidates when they agree in one of 32 bands of two
// values each, so that even a Jaccard similarity of 0.35 is met with 98 %; candidates are confirmed by the exact Jaccard
// similarity of their sets. What comes out is a suggestion for a person, never a merge.
package minhash

import (
	"math"
	"slices"

	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// The shape of a signature.
const (
	Values = 64
	Bands  = 32
	Rows   = Values / Bands
)

// Signature is the sketch of a text. Equal texts have equal signatures.
type Signature [Values]uint32

// Shingles is the set of hashed bigrams of a text, sorted. Texts of one rune have that rune as their only member.
type Shingles []uint32

// form is what texts are compared in: numbers count ("E2" is not "E3"), spaces and repetitions do not.
var form = normalize.Rules{MaxRepeat: 2, DropSpace: true}

// Split gives the shingles of a text. Punctuation is left out: it is the first thing that changes when a customer
// writes the same again.
func Split(text string) Shingles {
	t := normalize.New(text, form)
	set := make(Shingles, 0, len(t.Runes))
	last := rune(0)
	for _, r := range t.Runes {
		if ignored(r) {
			continue
		}
		if last != 0 {
			set = append(set, mix(uint32(last)<<16^uint32(r)))
		}
		last = r
	}
	if len(set) == 0 && last != 0 {
		set = append(set, mix(uint32(last)))
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// ignored are the signs of ASCII, which normalisation has brought all punctuation to.
func ignored(r rune) bool {
	return r < 0x80 && !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z')
}

// mix is the finaliser of MurmurHash3.
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// factors are the odd multipliers and offsets of the 64 hash functions.
var factors = func() (f [Values][2]uint32) {
	state := uint64(0x9E3779B97F4A7C15)
	next := func() uint32 {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		return uint32(state >> 32)
	}
	for i := range f {
		f[i] = [2]uint32{next() | 1, next()}
	}
	return f
}()

// Sign sketches a set. The empty set has the signature of all ones and is like no other.
func Sign(set Shingles) Signature {
	var s Signature
	for i := range s {
		s[i] = math.MaxUint32
	}
	for _, x := range set {
		for i := range s {
			s[i] = min(s[i], hash(x, i))
		}
	}
	return s
}

// hash is the i-th hash function.
func hash(x uint32, i int) uint32 {
	h := x*factors[i][0] + factors[i][1]
	h ^= h >> 15
	return h * 0x2c1b3c6d
}

// Of sketches a text.
func Of(text string) Signature { return Sign(Split(text)) }

// Similarity estimates the Jaccard similarity of the texts behind two signatures.
func Similarity(a, b Signature) float64 {
	equal := 0
	for i := range a {
		if a[i] == b[i] {
			equal++
		}
	}
	return float64(equal) / Values
}

// Jaccard is the exact similarity of two sets: the common members over all.
func Jaccard(a, b Shingles) float64 {
	common, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			common, i, j = common+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	if len(a)+len(b) == 0 {
		return 0
	}
	return float64(common) / float64(len(a)+len(b)-common)
}

// Band is the key of band i of a signature; equal keys make two texts candidates. A store may index the 32 keys.
func (s Signature) Band(i int) uint64 {
	return uint64(i)<<56 ^ (uint64(s[Rows*i])<<32|uint64(s[Rows*i+1]))*0x9E3779B97F4A7C15>>8
}

package hotspot

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Text is a text with its key.
type Text struct {
	ID   string
	Text string
}

// Word is a word or phrase that stands out.
type Word struct {
	Phrase   string   `json:"phrase"`
	Texts    int      `json:"texts"`    // texts of the slice that have it
	Contrast int      `json:"contrast"` // texts of the contrast set that have it
	LogOdds  float64  `json:"logOdds"`  // natural logarithm, with the prior
	Z        float64  `json:"z"`        // in standard deviations
	Evidence []string `json:"evidence"` // keys of texts that have it, at most three
}

// Options bound what is told. The zero value is usable.
type Options struct {
	MinTexts  int     // least texts of the slice that have a phrase; 0 means 3
	Prior     float64 // strength of the prior in texts; 0 means 50
	Discovery float64 // false discovery rate; 0 means 0.05
	Limit     int     // most words told; 0 means 50
}

func (o *Options) setDefaults() {
	o.MinTexts = cmp.Or(o.MinTexts, 3)
	o.Prior = cmp.Or(o.Prior, 50)
	o.Discovery = cmp.Or(o.Discovery, 0.05)
	o.Limit = cmp.Or(o.Limit, 50)
}

// Words gives the words and phrases that slice uses more than contrast, most striking first.
func Words(slice, contrast []Text, o Options) []Word {
	o.setDefaults()
	in, out := count(contents(slice)), count(contents(contrast))
	var all []Word
	var p []float64
	for phrase, n := range in.count {
		w := compare(phrase, n, in, out, o.Prior)
		all, p = append(all, w), append(p, upperNormal(w.Z))
	}
	limit := discoveries(p, o.Discovery)
	kept := all[:0]
	for i, w := range all {
		if p[i] <= limit && w.Texts >= o.MinTexts {
			kept = append(kept, w)
		}
	}
	kept = withoutParts(kept)
	slices.SortFunc(kept, func(a, b Word) int { return cmp.Or(cmp.Compare(b.Z, a.Z), strings.Compare(a.Phrase, b.Phrase)) })
	kept = kept[:min(len(kept), o.Limit)]
	addEvidence(kept, slice)
	return kept
}

func contents(texts []Text) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = t.Text
	}
	return out
}

// compare is Monroe's equation 22, with the pooled counts as prior.
func compare(phrase string, n int, in, out counter, strength float64) Word {
	m := out.count[phrase]
	pooled := float64(in.texts + out.texts)
	prior := strength * float64(n+m) / pooled
	odds := func(y, texts float64) float64 { return math.Log((y + prior) / (texts + strength - y - prior)) }
	delta := odds(float64(n), float64(in.texts)) - odds(float64(m), float64(out.texts))
	variance := 1/(float64(n)+prior) + 1/(float64(m)+prior)
	return Word{Phrase: phrase, Texts: n, Contrast: m, LogOdds: delta, Z: delta / math.Sqrt(variance)}
}

// withoutParts leaves out phrases that are part of a longer one found nearly as often, and longer ones that are found
// much more rarely than their part.
func withoutParts(words []Word) []Word {
	slices.SortFunc(words, func(a, b Word) int {
		return cmp.Or(cmp.Compare(len(b.Phrase), len(a.Phrase)), cmp.Compare(b.Z, a.Z), strings.Compare(a.Phrase, b.Phrase))
	})
	var kept []Word
	for _, w := range words {
		part := slices.ContainsFunc(kept, func(k Word) bool {
			return touch(k.Phrase, w.Phrase) && float64(k.Texts) >= 0.7*float64(w.Texts)
		})
		if !part {
			kept = append(kept, w)
		}
	}
	return slices.DeleteFunc(kept, func(w Word) bool {
		return slices.ContainsFunc(kept, func(k Word) bool {
			return k.Phrase != w.Phrase && strings.Contains(w.Phrase, k.Phrase) && w.Z < k.Z
		})
	})
}

// touch tells whether one phrase contains the other or they overlap by two runes or more, as windows on one longer
// phrase do.
func touch(a, b string) bool {
	if strings.Contains(a, b) {
		return true
	}
	x, y := []rune(a), []rune(b)
	for n := min(len(x), len(y)) - 1; n >= 2; n-- {
		if slices.Equal(x[:n], y[len(y)-n:]) || slices.Equal(y[:n], x[len(x)-n:]) {
			return true
		}
	}
	return false
}

func addEvidence(words []Word, slice []Text) {
	for i := range words {
		for _, t := range slice {
			if len(words[i].Evidence) == 3 {
				break
			}
			if hasPhrase(t.Text, words[i].Phrase) {
				words[i].Evidence = append(words[i].Evidence, t.ID)
			}
		}
	}
}

func hasPhrase(text, phrase string) (found bool) {
	eachPhrase(text, func(p string) { found = found || p == phrase })
	return found
}

// Package phrase turns texts into the terms that they are found by: pairs of Chinese characters, and whole words of Latin letters
// and digits. Width, case, traditional and simplified script are made equal (platform/zhtext/normalize), so that 漏水 is found as
// 漏水, and XQG100 as ｘｑｇ１００. What is found by terms is then compared with the words that were asked for: a text may hold all
// pairs of a word and not the word.
package phrase

import (
	"strings"
	"unicode"

	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

const (
	termsMost  = 1000 // of one text; what stands behind them is not found
	wordLong   = 32   // runes of a Latin word; longer ones are no words
	digitsLong = 7    // digits from which on a number is a person's, not a product's: it is no term
)

// filling are characters that stand in every text; no term holds one.
const filling = "的了是我你他她们吗呢吧啊呀嘛"

// Fold is the form of a text that is compared.
func Fold(text string) string { return normalize.Word(text, normalize.Rules{}) }

// Terms are the distinct terms of texts, in the order of their first place.
func Terms(texts ...string) []string {
	c := collector{seen: map[string]bool{}}
	for _, text := range texts {
		c.add(Fold(text))
	}
	return c.terms
}

// collector goes through a text run by run.
type collector struct {
	seen  map[string]bool
	terms []string
}

func (c *collector) add(folded string) {
	var run []rune
	var of func(rune) bool
	flush := func() {
		c.take(run)
		run = run[:0]
	}
	for _, r := range folded {
		kind := kindOf(r)
		if kind == nil || len(run) > 0 && !of(r) {
			flush()
		}
		if kind != nil {
			run, of = append(run, r), kind
		}
	}
	flush()
}

// kindOf is what a run goes on with; nil when the rune belongs to none.
func kindOf(r rune) func(rune) bool {
	switch {
	case han(r):
		return han
	case latin(r):
		return latin
	}
	return nil
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) && !strings.ContainsRune(filling, r) }

func latin(r rune) bool {
	return !unicode.Is(unicode.Han, r) && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func (c *collector) take(run []rune) {
	if len(run) == 0 {
		return
	}
	if latin(run[0]) {
		if len(run) <= wordLong && !number(run) {
			c.keep(string(run))
		}
		return
	}
	for n := range len(run) - 1 {
		c.keep(string(run[n : n+2]))
	}
}

// number says that a run is a long number.
func number(run []rune) bool {
	for _, r := range run {
		if !unicode.IsDigit(r) {
			return false
		}
	}
	return len(run) >= digitsLong
}

func (c *collector) keep(term string) {
	if len(c.terms) < termsMost && !c.seen[term] {
		c.seen[term] = true
		c.terms = append(c.terms, term)
	}
}

// Query is what somebody looks for.
type Query struct {
	Terms []string // every text that holds the words holds these
	words []string // folded
}

// Parse reads words parted by spaces, all of which must be there. ok is false when nothing in them can be looked up: one character
// alone, or filling words.
func Parse(text string) (q Query, ok bool) {
	q.words = strings.Fields(Fold(text))
	q.Terms = Terms(text)
	return q, len(q.Terms) > 0
}

// And joins two queries.
func (q Query) And(other Query) Query {
	c := collector{seen: map[string]bool{}}
	for _, t := range append(append([]string(nil), q.Terms...), other.Terms...) {
		c.keep(t)
	}
	return Query{Terms: c.terms, words: append(append([]string(nil), q.words...), other.words...)}
}

// In says that the texts hold every word.
func (q Query) In(texts ...string) bool {
	folded := make([]string, len(texts))
	for n, t := range texts {
		folded[n] = Fold(t)
	}
	for _, w := range q.words {
		if !within(w, folded) {
			return false
		}
	}
	return true
}

func within(word string, folded []string) bool {
	for _, t := range folded {
		if strings.Contains(t, word) {
			return true
		}
	}
	return false
}

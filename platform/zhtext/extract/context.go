package extract

import (
	"slices"

	"github.com/aftersales-suite/aftersales/platform/zhtext/match"
)

// candidate is a word of an entry found in the text, before the context has its say.
type candidate struct {
	owner
	start, end int
}

// maxGap is how many runes may lie between the two parts of a word with a gap.
const maxGap = 8

// candidates collects what the words say, gaps resolved, idioms and negations taken away.
func (v *vocabulary) candidates(text []rune) []candidate {
	hits := v.auto.Append(nil, text)
	idioms := v.ranges(hits, idiom)
	rumours := v.ranges(hits, hearsay)
	var out []candidate
	for _, h := range hits {
		for _, o := range v.owners[h.Word] {
			c := candidate{owner: o, start: h.Start, end: h.End}
			if o.role == tail || o.role == idiom || o.role == hearsay {
				continue
			}
			if o.role == head && !v.join(&c, hits, text) {
				continue
			}
			if inside(c, idioms) || v.negated(c, text) || v.books[o.book].entries[o.entry].Sort != "" && unreal(c, rumours, text) {
				continue
			}
			out = append(out, c)
		}
	}
	return out
}

// span3 is a range that belongs to a dictionary.
type span3 struct{ book, start, end int }

func (v *vocabulary) ranges(hits []match.Hit, r role) []span3 {
	var out []span3
	for _, h := range hits {
		for _, o := range v.owners[h.Word] {
			if o.role == r {
				out = append(out, span3{o.book, h.Start, h.End})
			}
		}
	}
	return out
}

// join finds the second part of a word with a gap behind its first.
func (v *vocabulary) join(c *candidate, hits []match.Hit, text []rune) bool {
	for _, h := range hits {
		if h.Start < c.end || h.Start-c.end > maxGap || clauseBreak(text, c.end, h.Start) {
			continue
		}
		if slices.ContainsFunc(v.owners[h.Word], func(o owner) bool { return o.role == tail && o.gap == c.gap }) {
			if between := (candidate{owner: c.owner, start: h.Start, end: h.End}); v.negated(between, text) {
				continue
			}
			c.end = h.End
			return true
		}
	}
	return false
}

// inside tells whether an idiom of the same dictionary covers the candidate.
func inside(c candidate, idioms []span3) bool {
	return slices.ContainsFunc(idioms, func(i span3) bool {
		return i.book == c.book && i.start <= c.start && c.end <= i.end
	})
}

// fillers may stand between a negation and what it negates.
const fillers = "再有过任何什么出现发生到被会人怎太是"

// negated tells whether a negation stands right before the candidate, but for up to three fillers.
func (v *vocabulary) negated(c candidate, text []rune) bool {
	b := &v.books[c.book]
	for end := c.start; end > 0 && c.start-end <= 3; end-- {
		if n := longestSuffix(text[:end], b.negators); n > 0 {
			return !coveredBy(text, end-n, end, b.unless)
		}
		if !isFiller(text[end-1]) {
			return false
		}
	}
	return false
}

func isFiller(r rune) bool {
	for _, f := range fillers {
		if f == r {
			return true
		}
	}
	return false
}

// longestSuffix is the length of the longest word that text ends with.
func longestSuffix(text []rune, words [][]rune) int {
	best := 0
	for _, w := range words {
		if len(w) > best && len(w) <= len(text) && slices.Equal(text[len(text)-len(w):], w) {
			best = len(w)
		}
	}
	return best
}

// coveredBy tells whether one of the words stands in text so that it covers the range.
func coveredBy(text []rune, start, end int, words [][]rune) bool {
	for _, w := range words {
		for at := max(0, end-len(w)); at <= start && at+len(w) <= len(text); at++ {
			if slices.Equal(text[at:at+len(w)], w) {
				return true
			}
		}
	}
	return false
}

// hearsayReach is how many runes hearsay reaches over within its sentence.
const hearsayReach = 14

// unreal tells whether the candidate was only asked, feared, supposed or heard of.
func unreal(c candidate, rumours []span3, text []rune) bool {
	for _, r := range rumours {
		if r.book == c.book && r.end <= c.start && c.start-r.end <= hearsayReach && !sentenceBreak(text, r.end, c.start) {
			return true
		}
	}
	return asked(c, text)
}

// asked tells whether the candidate stands in a question of possibility: 会…吗.
func asked(c candidate, text []rune) bool {
	for i := c.end; i < len(text) && i < c.end+8; i++ {
		switch text[i] {
		case '吗':
			return possible(text, c.start)
		case '.', '!', ';':
			return false
		}
	}
	return false
}

// possible tells whether a word of possibility stands shortly before start.
func possible(text []rune, start int) bool {
	for i := start - 1; i >= 0 && i >= start-8; i-- {
		switch text[i] {
		case '会', '能', '可':
			return true
		case '.', '!', '?', ';', ',':
			return false
		}
	}
	return false
}

func clauseBreak(text []rune, from, to int) bool {
	return slices.ContainsFunc(text[from:to], func(r rune) bool {
		return r == '.' || r == ',' || r == '!' || r == '?' || r == ';'
	})
}

func sentenceBreak(text []rune, from, to int) bool {
	return slices.ContainsFunc(text[from:to], func(r rune) bool { return r == '.' || r == '!' || r == ';' })
}

package rules

import (
	"cmp"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/zhtext/dict"
	"github.com/aftersales-suite/aftersales/platform/zhtext/match"
	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// Code is a class with what speaks for it.
type Code struct {
	Code, ZH, EN string
	Score        float64 // 0..1, from the number and weight of the words
	sure         bool    // a word that decides is among them
	Words        []string
	Spans        []normalize.Span
}

// Why is one sentence in Chinese that tells what the code rests on.
func (c Code) Why() string {
	if len(c.Words) == 0 {
		return fmt.Sprintf("规则：没有其他词句，归入“%s”", c.ZH)
	}
	return fmt.Sprintf("规则：出现%s，归入“%s”", "“"+strings.Join(c.Words, "、")+"”", c.ZH)
}

// Rules are the compiled classes of all axes; they are safe for concurrent use.
type Rules struct {
	entries []dict.Entry
	owners  [][]vote
	auto    *match.Automaton
}

// vote is a word's say for an entry; a weak word alone decides nothing; a negative weight speaks against.
type vote struct {
	entry  int
	weight float64
}

const (
	strong = 1.0
	weak   = 0.45
	never  = -2.0
)

// New compiles classes.yaml.
func New(files fs.FS) (*Rules, error) {
	d, err := dict.Load(files, "classes")
	if err != nil {
		return nil, err
	}
	r := &Rules{entries: d.Entries}
	index := map[string]int{}
	var words []string
	add := func(list string, v vote) {
		for _, w := range strings.Fields(list) {
			w = normalize.Word(w, normalize.ForMatching)
			i, ok := index[w]
			if !ok {
				i = len(words)
				index[w] = i
				words, r.owners = append(words, w), append(r.owners, nil)
			}
			r.owners[i] = append(r.owners[i], v)
		}
	}
	for i, e := range d.Entries {
		add(e.Words, vote{i, strong})
		add(e.Weak, vote{i, weak})
		add(e.Not, vote{i, never})
	}
	r.auto = match.New(words)
	return r, nil
}

// Labels gives the codes of an axis.
func (r *Rules) Labels(axis string) []string {
	var out []string
	for _, e := range r.entries {
		if e.Sort == axis {
			out = append(out, e.Code)
		}
	}
	return out
}

// Classify gives the codes of the axis that words speak for, best first. The list is empty when nothing does.
func (r *Rules) Classify(text, axis string) []Code {
	t := normalize.New(text, normalize.ForMatching)
	t.Cut(20000)
	codes := map[int]*Code{}
	counted := map[[2]int]bool{}
	hits := slices.DeleteFunc(r.auto.Append(nil, t.Runes), func(h match.Hit) bool { return !r.speaks(h.Word, axis) })
	for _, h := range match.Longest(hits) {
		for _, v := range r.owners[h.Word] {
			if r.entries[v.entry].Sort != axis || counted[[2]int{h.Word, v.entry}] {
				continue
			}
			counted[[2]int{h.Word, v.entry}] = true
			r.count(codes, v, t, h)
		}
	}
	return ranked(codes)
}

// speaks tells whether a word has a say on the axis.
func (r *Rules) speaks(word int, axis string) bool {
	return slices.ContainsFunc(r.owners[word], func(v vote) bool { return r.entries[v.entry].Sort == axis })
}

func (r *Rules) count(codes map[int]*Code, v vote, t *normalize.Text, h match.Hit) {
	c := codes[v.entry]
	if c == nil {
		e := r.entries[v.entry]
		c = &Code{Code: e.Code, ZH: e.ZH, EN: e.EN}
		codes[v.entry] = c
	}
	c.Score += v.weight
	c.sure = c.sure || v.weight >= strong
	if v.weight > 0 {
		span := t.Span(h.Start, h.End)
		c.Words, c.Spans = append(c.Words, span.Text), append(c.Spans, span)
	}
}

// ranked turns votes into scores: one strong word 0.63, two 0.86. Weak words alone make none.
func ranked(codes map[int]*Code) []Code {
	var out []Code
	for _, c := range codes {
		if c.Score > 0 && c.sure {
			c.Score = 1 - math.Exp(-c.Score)
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b Code) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Code, b.Code))
	})
	return out
}

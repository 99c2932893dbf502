// Package text reads customers' words for the survey service by platform/zhtext: how they are meant, what they are about,
// what they ask for (R228-R230).
package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
	"github.com/aftersales-suite/aftersales/platform/zhtext/dict"
	"github.com/aftersales-suite/aftersales/platform/zhtext/extract"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// leastHan is how many Han characters a text needs to be read: the models know Chinese only, and would guess.
const leastHan = 2

// Analyst reads texts. It is safe for concurrent use.
type Analyst struct {
	reader     *zhtext.Reader
	categories map[string]dict.Entry // feedback categories by code (R220)
}

// New makes an analyst that uses a reader; nil builds one with the shipped models.
func New(reader *zhtext.Reader) (*Analyst, error) {
	if reader == nil {
		var err error
		if reader, err = zhtext.New(zhtext.Options{}); err != nil {
			return nil, err
		}
	}
	classes, err := dict.Load(nil, "classes")
	if err != nil {
		return nil, fmt.Errorf("text: feedback categories: %w", err)
	}
	a := &Analyst{reader: reader, categories: map[string]dict.Entry{}}
	for _, e := range classes.Entries {
		if e.Sort == string(zhtext.AxisFeedback) {
			a.categories[e.Code] = e
		}
	}
	return a, nil
}

// Read reads one answer's words; the zero Reading where there is nothing to read.
func (a *Analyst) Read(text string) survey.Reading {
	if han(text) < leastHan || a.reader.Classify(text, zhtext.AxisValidity).Label == zhtext.Invalid {
		return survey.Reading{}
	}
	s := a.reader.Sentiment(text)
	r := survey.Reading{Sentiment: strings.ToUpper(s.Label), Score: s.Score, Model: s.Model, Topics: a.topics(text)}
	for _, f := range a.reader.Extract(text) {
		found := survey.Finding{Code: f.Code, ZH: f.ZH, EN: f.EN, Evidence: f.Span.Text}
		switch f.Kind {
		case extract.Fault:
			r.Topics = add(r.Topics, found)
		case extract.Demand:
			r.Demands = add(r.Demands, found)
		}
	}
	return r
}

// topics are the feedback categories a text speaks of, the surest first.
func (a *Analyst) topics(text string) []survey.Finding {
	c := a.reader.Classify(text, zhtext.AxisFeedback)
	if c.Label == "" {
		return nil
	}
	var words []string
	for _, span := range c.Spans {
		words = append(words, span.Text)
	}
	list := []survey.Finding{{Code: c.Label, ZH: c.ZH, EN: c.EN, Evidence: strings.Join(words, " ")}}
	for _, o := range c.Others {
		e := a.categories[o.Label]
		list = add(list, survey.Finding{Code: o.Label, ZH: e.ZH, EN: e.EN})
	}
	return list
}

// add keeps the first finding of a code.
func add(list []survey.Finding, f survey.Finding) []survey.Finding {
	if slices.ContainsFunc(list, func(have survey.Finding) bool { return have.Code == f.Code }) {
		return list
	}
	return append(list, f)
}

func han(text string) (n int) {
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

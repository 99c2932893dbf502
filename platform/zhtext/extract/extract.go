package extract

import (
	"cmp"
	"io/fs"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/platform/zhtext/dict"
	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// Options say what an Extractor knows. The zero value is usable.
type Options struct {
	Dictionaries fs.FS     // files that replace the shipped ones of the same name
	Catalogue    []Product // models to recognise
}

// Extractor finds findings; it is safe for concurrent use.
type Extractor struct {
	vocabulary *vocabulary
	models     *models
	places     *places
}

// New compiles the dictionaries.
func New(o Options) (*Extractor, error) {
	v, err := newVocabulary(o.Dictionaries)
	if err != nil {
		return nil, err
	}
	divisions, err := dict.Divisions(o.Dictionaries)
	if err != nil {
		return nil, err
	}
	return &Extractor{vocabulary: v, models: newModels(o.Catalogue), places: newPlaces(divisions)}, nil
}

// maxRunes bounds what is read of one text.
const maxRunes = 20000

// found is a finding with its runes.
type found struct {
	Finding
	start, end int
}

// Extract finds everything in text; relative dates ("昨天") are reckoned from now. Findings come in text order.
func (x *Extractor) Extract(text string, now time.Time) []Finding {
	t := normalize.New(text, normalize.ForMatching)
	t.Cut(maxRunes)
	all := x.words(t)
	all = append(all, x.models.find(t)...)
	all = append(all, x.places.find(t)...)
	all = append(all, errorCodes(t)...)
	all = append(all, amounts(t)...)
	all = append(all, dates(t, now)...)
	return settle(t, all)
}

// Hazards finds only dangers to life and property.
func (x *Extractor) Hazards(text string) []Finding {
	t := normalize.New(text, normalize.ForMatching)
	t.Cut(maxRunes)
	all := slices.DeleteFunc(x.words(t), func(f found) bool { return f.Code != SafetyHazard })
	return settle(t, all)
}

// words finds the words of the dictionaries.
func (x *Extractor) words(t *normalize.Text) []found {
	var all []found
	for _, c := range x.vocabulary.candidates(t.Runes) {
		b := x.vocabulary.books[c.book]
		e := b.entries[c.entry]
		f := Finding{Kind: b.kind, Code: e.Code, Value: e.Sort, ZH: e.ZH, EN: e.EN}
		f.Why = "词典：" + e.ZH + "（" + string(t.Runes[c.start:c.end]) + "）"
		all = append(all, found{f, c.start, c.end})
	}
	return all
}

// settle keeps of overlapping findings of one kind the longest, orders them and sets their spans.
func settle(t *normalize.Text, all []found) []Finding {
	slices.SortStableFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	kept := all[:0]
	for _, f := range all {
		n := len(kept)
		if n > 0 && kept[n-1].Kind == f.Kind && f.start < kept[n-1].end {
			if f.end-f.start > kept[n-1].end-kept[n-1].start {
				kept[n-1] = f
			}
			continue
		}
		kept = append(kept, f)
	}
	slices.SortStableFunc(kept, func(a, b found) int { return cmp.Compare(a.start, b.start) })
	out := make([]Finding, len(kept))
	for i, f := range kept {
		f.Finding.Span = t.Span(f.start, f.end)
		out[i] = f.Finding
	}
	return out
}

package api

import (
	"strings"
	"sync"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/zhtext"
)

// reader reads texts; it is built at the first filing, once for the process.
var reader = sync.OnceValues(func() (*zhtext.Reader, error) { return zhtext.New(zhtext.Options{}) })

// hazardWords give the kind of a hazard that a text tells; the first that fits, OTHER else.
var hazardWords = []struct{ kind, words string }{
	{"ELECTRIC_SHOCK", "漏电|触电|电到|被电|麻手"}, {"EXPLOSION", "爆炸|炸|爆裂"}, {"FIRE", "着火|起火|火|烧起来|燃烧"}, {"LEAKAGE", "燃气|煤气|漏气|制冷剂|一氧化碳|中毒"},
	{"SMOKE", "冒烟|烟|焦|糊"}, {"INJURY", "受伤|伤|流血|住院|割"},
}

// dangerIn finds a danger in what a customer said, nil for none: the case is treated as one with a hazard until the quality supervisor
// clears it.
func dangerIn(texts ...string) (*casefile.Hazard, error) {
	r, err := reader()
	if err != nil {
		return nil, err
	}
	for _, text := range texts {
		if found := r.Hazards(text); len(found) > 0 {
			words := text[found[0].Span.Start:found[0].Span.End]
			h := &casefile.Hazard{Kind: hazardKind(words, found[0].ZH), Description: found[0].Why}
			h.FromText = words
			return h, nil
		}
	}
	return nil, nil
}

// hazardKind takes the customer's words before the dictionary's name for them.
func hazardKind(texts ...string) string {
	for _, text := range texts {
		for _, k := range hazardWords {
			for word := range strings.SplitSeq(k.words, "|") {
				if strings.Contains(text, word) {
					return k.kind
				}
			}
		}
	}
	return "OTHER"
}

// opened gives a case its identity and files it, whatever channel it came by; a danger that nobody told is read from the text.
func opened(m casefile.Moment, c *casefile.Case) (change casefile.Change, err error) {
	c.ID, c.ProgressSecret = newID(), casefile.NewProgressSecret()
	if c.Hazard == nil {
		if c.Hazard, err = dangerIn(c.Problem); err != nil {
			return change, err
		}
	}
	return casefile.File(m, c)
}

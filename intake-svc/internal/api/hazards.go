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

// readHazard finds a danger in what the customer said, where nobody told one: the case is treated as one with a hazard until the quality
// supervisor clears it.
func readHazard(c *casefile.Case) error {
	if c.Hazard != nil {
		return nil
	}
	r, err := reader()
	if err != nil {
		return err
	}
	found := r.Hazards(c.Problem)
	if len(found) == 0 {
		return nil
	}
	words := c.Problem[found[0].Span.Start:found[0].Span.End]
	c.Hazard = &casefile.Hazard{Kind: hazardKind(words, found[0].ZH), Description: found[0].Why}
	c.Hazard.FromText = words
	return nil
}

func hazardKind(texts ...string) string {
	for _, k := range hazardWords {
		for word := range strings.SplitSeq(k.words, "|") {
			for _, text := range texts {
				if strings.Contains(text, word) {
					return k.kind
				}
			}
		}
	}
	return "OTHER"
}

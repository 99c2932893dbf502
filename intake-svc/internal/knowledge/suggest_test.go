package knowledge

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func match(c Content, terms ...string) *Match {
	m := &Match{Article: New("1", "o", "u", "", c, now), Terms: terms, Rare: map[string]float64{}}
	for _, t := range terms {
		m.Rare[t] = 3
	}
	return m
}

// R214: what fits is suggested with its reasons, what does not is not.
func TestScores(t *testing.T) {
	t.Parallel()
	target := Target{Brand: "海风", Model: "XQG100", Fault: "PART", ContentClass: "REPAIR_QUALITY"}
	all := Content{Brand: "海风", Model: "xqg100", Fault: "PART", ContentClass: "REPAIR_QUALITY"}
	text, _ := match(Content{}, "漏水", "密封").Score(target)
	better, reasons := match(all, "洗衣", "衣机", "漏水").Score(target)
	require.Greater(t, better, text)
	require.LessOrEqual(t, better, 1.0)
	require.Equal(t, Reason{"问题描述相近:洗衣机、漏水", "the problem is alike: 洗衣机, 漏水"}.ZH, reasons[0].ZH)
	require.Len(t, reasons, 5)
	proven := match(all, "洗衣", "衣机", "漏水")
	proven.Helped = 9
	best, _ := proven.Score(target)
	require.Greater(t, best, better)
	for name, m := range map[string]*Match{
		"another model":       match(Content{Model: "KFR-35"}, "漏水", "洗衣", "衣机"),
		"nothing in common":   match(Content{}),
		"only the class":      match(Content{ContentClass: "REPAIR_QUALITY"}),
		"a word that all say": {Article: New("1", "o", "u", "", Content{}, now), Terms: []string{"维修"}, Rare: map[string]float64{"维修": 0.1}},
	} {
		score, why := m.Score(target)
		require.Zero(t, score, name)
		require.Nil(t, why, name)
	}
	same, _ := match(Content{Brand: "海风", Model: "XQG100"}).Score(target)
	require.Positive(t, same, "the same model, though other words")
}

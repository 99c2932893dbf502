package knowledge

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Target is the case that articles are looked for.
type Target struct{ Brand, Model, Fault, ContentClass string }

// Match is an article with the terms of the case's text that it holds, in the order of the case's text. Rare says how rare each term
// is among articles: the natural logarithm of articles over articles with it.
type Match struct {
	*Article
	Terms []string
	Rare  map[string]float64
}

// Reason is why an article is suggested, in both languages.
type Reason struct{ ZH, EN string }

// What each agreement is worth. Texts count up to textMost: that one product has many articles must not push aside what the customer says.
const (
	textMost    = 0.6
	textHalf    = 6.0 // rareness of common terms that is worth 63 % of textMost
	modelWorth  = 0.15
	brandWorth  = 0.05
	faultWorth  = 0.1
	classWorth  = 0.05
	helpedWorth = 0.1
	leastScore  = 0.15
)

// Score says how well an article fits, 0..1, and why; 0 when too little speaks for it. An article for another model does not fit.
func (m *Match) Score(t Target) (score float64, reasons []Reason) {
	if m.Latest.Model != "" && t.Model != "" && !strings.EqualFold(m.Latest.Model, t.Model) {
		return 0, nil
	}
	var rare float64
	for _, term := range m.Terms {
		rare += m.Rare[term]
	}
	if score = textMost * (1 - math.Exp(-rare/textHalf)); score > 0 {
		text := strings.Join(phrases(m.Terms), "、")
		reasons = append(reasons, Reason{"问题描述相近:" + text, "the problem is alike: " + text})
	}
	for _, same := range []struct {
		a, b   string
		worth  float64
		zh, en string
	}{
		{m.Latest.Model, t.Model, modelWorth, "同型号 ", "the same model "}, {m.Latest.Brand, t.Brand, brandWorth, "同品牌 ", "the same brand "},
		{m.Latest.Fault, t.Fault, faultWorth, "同故障原因 ", "the same fault "}, {m.Latest.ContentClass, t.ContentClass, classWorth, "同类别 ", "the same class "},
	} {
		if same.a != "" && strings.EqualFold(same.a, same.b) {
			score += same.worth
			reasons = append(reasons, Reason{same.zh + same.a, same.en + same.a})
		}
	}
	if m.Helped > 0 {
		score += helpedWorth * float64(m.Helped) / float64(m.Helped+m.NotHelped+1)
		n := strconv.Itoa(m.Helped)
		reasons = append(reasons, Reason{"已帮助解决 " + n + " 次", "it helped " + n + " times"})
	}
	if score < leastScore || rare == 0 && m.Latest.Model == "" {
		return 0, nil
	}
	return min(score, 1), reasons
}

const phrasesMost = 3

// phrases joins pairs that overlap to the words they were cut from, the longest first.
func phrases(terms []string) (found []string) {
	for _, t := range terms {
		pair, n := []rune(t), len(found)
		if n > 0 && len(pair) == 2 {
			if last := []rune(found[n-1]); last[len(last)-1] == pair[0] {
				found[n-1] += string(pair[1])
				continue
			}
		}
		found = append(found, t)
	}
	slices.SortStableFunc(found, func(a, b string) int { return len(b) - len(a) })
	return found[:min(len(found), phrasesMost)]
}

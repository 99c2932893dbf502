package linear

import (
	"math"
	"slices"
)

// Report is how well a classifier did on labelled texts.
type Report struct {
	Texts         int     `json:"texts"`
	Accuracy      float64 `json:"accuracy"`
	MacroF1       float64 `json:"macroF1"`
	MajorityShare float64 `json:"majorityShare"` // accuracy of always answering the most frequent label
	Classes       []Class `json:"classes"`
	// Confusion[true][answered] counts texts.
	Confusion map[string]map[string]int `json:"confusion"`
	// Calibration compares the scores given with the share that was right, by tenths of the score.
	Calibration []Bin   `json:"calibration"`
	ECE         float64 `json:"ece"` // expected calibration error: the mean gap of the bins, weighted
}

// Class is one label's figures.
type Class struct {
	Label     string  `json:"label"`
	Texts     int     `json:"texts"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Bin is a tenth of the scores.
type Bin struct {
	Score float64 `json:"score"` // mean score given
	Right float64 `json:"right"` // share that was right
	Texts int     `json:"texts"`
}

// Answer is one classified text beside its true label.
type Answer struct {
	Truth, Label string
	Score        float64
}

// Evaluate classifies the examples and measures the answers.
func Evaluate(m *Model, examples []Example) Report {
	x := &Extractor{}
	answers := make([]Answer, 0, len(examples))
	for _, e := range examples {
		x.Read(e.Text)
		r := m.Scored(x)
		answers = append(answers, Answer{e.Label, m.Labels[r.Best], r.Probabilities[r.Best]})
	}
	return Measure(answers)
}

// Measure turns answers into figures.
func Measure(answers []Answer) Report {
	r := Report{Texts: len(answers), Confusion: map[string]map[string]int{}}
	if len(answers) == 0 {
		return r
	}
	labels := map[string]bool{}
	right := 0
	for _, a := range answers {
		if r.Confusion[a.Truth] == nil {
			r.Confusion[a.Truth] = map[string]int{}
		}
		r.Confusion[a.Truth][a.Label]++
		labels[a.Truth], labels[a.Label] = true, true
		if a.Truth == a.Label {
			right++
		}
	}
	n := float64(len(answers))
	r.Accuracy = float64(right) / n
	for label := range labels {
		c := r.class(label)
		r.Classes = append(r.Classes, c)
		r.MacroF1 += c.F1 / float64(len(labels))
		r.MajorityShare = math.Max(r.MajorityShare, float64(c.Texts)/n)
	}
	slices.SortFunc(r.Classes, func(a, b Class) int { return b.Texts - a.Texts })
	r.calibration(answers)
	return r
}

func (r *Report) class(label string) Class {
	c := Class{Label: label}
	answered, right := 0, r.Confusion[label][label]
	for truth, row := range r.Confusion {
		for given, n := range row {
			if truth == label {
				c.Texts += n
			}
			if given == label {
				answered += n
			}
		}
	}
	if answered > 0 {
		c.Precision = float64(right) / float64(answered)
	}
	if c.Texts > 0 {
		c.Recall = float64(right) / float64(c.Texts)
	}
	if right > 0 {
		c.F1 = 2 * c.Precision * c.Recall / (c.Precision + c.Recall)
	}
	return c
}

func (r *Report) calibration(answers []Answer) {
	var bins [10]Bin
	for _, a := range answers {
		b := &bins[min(9, max(0, int(a.Score*10)))]
		b.Texts++
		b.Score += a.Score
		if a.Truth == a.Label {
			b.Right++
		}
	}
	for _, b := range bins {
		if b.Texts == 0 {
			continue
		}
		n := float64(b.Texts)
		b.Score, b.Right = b.Score/n, b.Right/n
		r.ECE += math.Abs(b.Score-b.Right) * n / float64(len(answers))
		r.Calibration = append(r.Calibration, b)
	}
}

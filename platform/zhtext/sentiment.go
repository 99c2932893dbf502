package zhtext

import (
	"math"
	"slices"

	"github.com/aftersales-suite/aftersales/platform/zhtext/lexicon"
	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
)

// neutralBand is how far the probability may be from one half for a text to be called neutral.
const neutralBand = 0.12

// bareBand is the same for a text in which the lexicon knows no word.
const bareBand = 0.4

// scratch is the memory one sentiment needs; it is used again.
type scratch struct {
	features linear.Extractor
	words    lexicon.Buffer
	gains    []float64
	runs     []linear.Run
}

// Sentiment tells how a text is meant (R229). The answer "neutral" means: nothing said either way, or as much as.
func (r *Reader) Sentiment(text string) Sentiment {
	var s Sentiment
	r.SentimentInto(&s, text)
	return s
}

// SentimentTwoWay is Sentiment that never answers neutral.
func (r *Reader) SentimentTwoWay(text string) Sentiment {
	var s Sentiment
	r.SentimentTwoWayInto(&s, text)
	return s
}

// SentimentInto is Sentiment into a result that is used again: it allocates nothing once the buffers have grown.
func (r *Reader) SentimentInto(s *Sentiment, text string) { r.judge(s, text, false) }

// SentimentTwoWayInto is SentimentTwoWay into a result that is used again.
func (r *Reader) SentimentTwoWayInto(s *Sentiment, text string) { r.judge(s, text, true) }

func (r *Reader) judge(s *Sentiment, text string, twoWay bool) {
	w := r.scratch.Get().(*scratch)
	defer r.scratch.Put(w)
	m := r.sentiment.Load()
	w.features.Read(text)
	margin := m.Margin(&w.features, 0)
	rating := r.lexicon.Rate(w.features.Text.Runes, &w.words)
	p := 1 / (1 + math.Exp(-m.Logit(margin+m.Lexicon*rating.Score, 0)))
	s.Source, s.Model, s.Polarity, s.Spans = SourceModel, m.Version, 2*p-1, s.Spans[:0]
	s.Label, s.Score = Satisfied, p
	if p < 0.5 {
		s.Label, s.Score = Dissatisfied, 1-p
	}
	if !twoWay && saysNothing(p, rating, w) {
		s.Label, s.Score = Neutral, 1-math.Abs(s.Polarity)
		return
	}
	spans(s, w, m)
}

// saysNothing tells whether a text leans to neither side: it is empty, too near the middle, a question or a statement
// without a word of evaluation, or no more than "一般" or "还行".
func saysNothing(p float64, rating lexicon.Rating, w *scratch) bool {
	away, runes := math.Abs(p-0.5), w.features.Text.Runes
	switch {
	case len(runes) == 0 || away < neutralBand:
		return true
	case rating.Hits == 0:
		return away < bareBand || isQuestion(runes)
	}
	return rating.Pos < 0.5 && rating.Neg < 0.5 && len(runes) <= 6
}

// isQuestion tells whether the text ends like a question.
func isQuestion(runes []rune) bool {
	end := len(runes)
	for end > 0 && (runes[end-1] == '.' || runes[end-1] == '!') {
		end--
	}
	if end == 0 {
		return false
	}
	last := runes[end-1]
	return last == '?' || last == '吗' || last == '么' || last == '呢'
}

// spans shows the characters that speak for the label: the lexicon's words, or where it knows none, the stretches that
// weigh most in the model.
func spans(s *Sentiment, w *scratch, m *linear.Model) {
	sign := 1.0
	if s.Label == Dissatisfied {
		sign = -1
	}
	w.runs = strongest(w.runs[:0], w.words.Marks, sign)
	if len(w.runs) == 0 {
		w.runs, w.gains = m.Evidence(w.runs, w.gains, &w.features, 0, sign)
	}
	slices.SortFunc(w.runs, func(a, b linear.Run) int { return a.Start - b.Start })
	for _, run := range w.runs {
		s.Spans = append(s.Spans, w.features.Text.Span(run.Start, run.End))
	}
}

// strongest takes the three marks of the given sign that say most.
func strongest(runs []linear.Run, marks []lexicon.Mark, sign float64) []linear.Run {
	for _, mark := range marks {
		if gain := mark.Value * sign; gain > 0 {
			runs = linear.KeepThree(runs, linear.Run{Start: mark.Start, End: mark.End, Gain: gain})
		}
	}
	return runs
}

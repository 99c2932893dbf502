package report

import (
	"cmp"
	"slices"

	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// Invited counts invitations of one group in one state.
type Invited struct {
	Key     string
	State   survey.State
	Count   int64
	Reached int64 // of these, reached by a message or a call, or answered
}

// Answered counts newest answers of one group with one sentiment.
type Answered struct {
	Key               string
	Sentiment         string
	Count             int64
	Solved, Satisfied int64
}

// Rated counts one value of one dimension in one group.
type Rated struct {
	Key       string
	Dimension string
	Value     int
	Count     int64
}

// Counts is what the store counted.
type Counts struct {
	Invited  []Invited
	Answered []Answered
	Rated    []Rated
}

// Basis says of how many customers a figure speaks (R264).
type Basis struct {
	Population, Sampled, Reached, Responded, Expired, Cancelled, Open int64
}

// SamplingRate is the share of the population that was chosen; false without a population.
func (b Basis) SamplingRate() (float64, bool) { return share(b.Sampled, b.Population) }

// ResponseRate is the share of those asked who answered; false when nobody was asked. Who was not asked after all
// because the case went another way does not count as silent.
func (b Basis) ResponseRate() (float64, bool) { return share(b.Responded, b.Sampled-b.Cancelled) }

// Dimension is one rated aspect.
type Dimension struct {
	survey.Dimension
	Count        int64
	Distribution [5]int64 // how many gave 1, 2, 3, 4, 5
}

// Mean is 1 to 5; 0 without ratings.
func (d Dimension) Mean() float64 {
	if d.Count == 0 {
		return 0
	}
	var sum int64
	for n, count := range d.Distribution {
		sum += int64(n+1) * count
	}
	return float64(sum) / float64(d.Count)
}

// Figures are those of one group.
type Figures struct {
	Key               string
	Basis             Basis
	Solved, Satisfied int64
	Dimensions        []Dimension // overall first, then by code
	Sentiments        map[string]int64
}

// SatisfiedRate is the share of the answers that are satisfied; false without answers.
func (f *Figures) SatisfiedRate() (float64, bool) { return share(f.Satisfied, f.Basis.Responded) }

// AnswerRate is the share of the answers that rated a dimension.
func (f *Figures) AnswerRate(d Dimension) float64 {
	rate, _ := share(d.Count, f.Basis.Responded)
	return rate
}

// Groups adds up by key, the largest population first, equal ones by key.
func Groups(c Counts) []*Figures {
	byKey := map[string]*Figures{}
	group := func(key string) *Figures {
		if byKey[key] == nil {
			byKey[key] = &Figures{Key: key, Sentiments: map[string]int64{}}
		}
		return byKey[key]
	}
	for _, row := range c.Invited {
		group(row.Key).Basis.add(row)
	}
	for _, row := range c.Answered {
		group(row.Key).answered(row)
	}
	for _, row := range c.Rated {
		group(row.Key).rated(row)
	}
	all := make([]*Figures, 0, len(byKey))
	for _, f := range byKey {
		f.sort()
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *Figures) int {
		return cmp.Or(cmp.Compare(b.Basis.Population, a.Basis.Population), cmp.Compare(a.Key, b.Key))
	})
	return all
}

// Total adds everything up to one group without a key.
func Total(c Counts) *Figures {
	total := &Figures{Sentiments: map[string]int64{}}
	for _, row := range c.Invited {
		total.Basis.add(row)
	}
	for _, row := range c.Answered {
		total.answered(row)
	}
	for _, row := range c.Rated {
		total.rated(row)
	}
	total.sort()
	return total
}

func (b *Basis) add(row Invited) {
	b.Population += row.Count
	if row.State == survey.NotSampled {
		return
	}
	b.Sampled += row.Count
	b.Reached += row.Reached
	switch {
	case row.State == survey.Responded:
		b.Responded += row.Count
	case row.State == survey.Expired:
		b.Expired += row.Count
	case row.State == survey.Cancelled:
		b.Cancelled += row.Count
	case row.State.Open():
		b.Open += row.Count
	}
}

func (f *Figures) answered(row Answered) {
	f.Solved += row.Solved
	f.Satisfied += row.Satisfied
	if row.Sentiment != "" {
		f.Sentiments[row.Sentiment] += row.Count
	}
}

func (f *Figures) rated(row Rated) {
	asked, ok := survey.DimensionOf(row.Dimension)
	if !ok || row.Value < 1 || row.Value > 5 {
		return // an aspect that only one partner rates is kept with the answer, not counted
	}
	n := slices.IndexFunc(f.Dimensions, func(d Dimension) bool { return d.Code == asked.Code })
	if n < 0 {
		f.Dimensions = append(f.Dimensions, Dimension{Dimension: asked})
		n = len(f.Dimensions) - 1
	}
	d := &f.Dimensions[n]
	d.Count += row.Count
	d.Distribution[row.Value-1] += row.Count
}

func (f *Figures) sort() {
	rank := func(d Dimension) int {
		if d.Code == survey.Overall {
			return 0
		}
		return 1
	}
	slices.SortFunc(f.Dimensions, func(a, b Dimension) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Code, b.Code))
	})
}

func share(part, whole int64) (float64, bool) {
	if whole <= 0 {
		return 0, false
	}
	return float64(part) / float64(whole), true
}

package linear

import (
	"math"
	"sync"
)

// Info says where a model comes from; it travels in the model file.
type Info struct {
	Task    string   `json:"task"`    // sentiment, contentClass …
	Version string   `json:"version"` // name-date-digest, unique
	Labels  []string `json:"labels"`
	// Trained is the day of training, YYYY-MM-DD; Texts how many texts were left without duplicates.
	Trained string   `json:"trained"`
	Texts   int      `json:"texts"`
	Sources []string `json:"sources,omitempty"` // what it was trained on
	// Lexicon is the weight of the sentiment lexicon's rating beside the margin; 0: the model stands alone.
	Lexicon float64 `json:"lexicon,omitempty"`
	// Length takes from the margin of a two-label model what long texts add to it: Length for every unit by which the root
	// of the number of features exceeds freeLength. People who complain at length mix in praise.
	Length  float64            `json:"length,omitempty"`
	Figures map[string]float64 `json:"figures,omitempty"` // held-out accuracy and the like
}

// Model is a trained classifier. It is read only, and safe for concurrent use.
type Model struct {
	Info
	// planes is 1 for two labels (the sign decides between Labels[0], negative, and Labels[1]), else one per label.
	planes int
	// weights[h*planes+k] is the weight of bucket h for plane k in units of scale[k].
	weights []int8
	scale   []float64
	bias    []float64
	// calibrate holds Platt's A and B per plane: probability = 1/(1+exp(-(A·margin+B))).
	calibrate [][2]float64
	pool      sync.Pool
}

// Result is a scored text: the probability of every label, in the order of Labels, and the best one.
type Result struct {
	Best          int
	Probabilities []float64
}

// Extractor lends a buffer; give it back with Release.
func (m *Model) Extractor() *Extractor {
	if x, ok := m.pool.Get().(*Extractor); ok {
		return x
	}
	return new(Extractor)
}

// Release takes a buffer back.
func (m *Model) Release(x *Extractor) { m.pool.Put(x) }

// Margin is the raw score of plane k for the features in x: 0 for a text without features.
func (m *Model) Margin(x *Extractor, k int) float64 {
	if len(x.Set) == 0 {
		return 0
	}
	var sum int32
	if m.planes == 1 {
		for _, h := range x.Set {
			sum += int32(m.weights[h])
		}
	} else {
		for _, h := range x.Set {
			sum += int32(m.weights[int(h)*m.planes+k])
		}
	}
	margin := float64(sum)*m.scale[k]*Norm(len(x.Set)) + m.bias[k]
	if m.Length != 0 {
		margin -= m.Length * math.Max(0, math.Sqrt(float64(len(x.Set)))-freeLength)
	}
	return margin
}

// freeLength is the root of the features of a text of about sixty runes.
const freeLength = 13

// Norm is the factor that makes texts of any length comparable.
func Norm(features int) float64 {
	if features == 0 {
		return 0
	}
	return 1 / math.Sqrt(float64(features))
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// Probability is the calibrated probability of plane k.
func (m *Model) Probability(x *Extractor, k int) float64 {
	c := m.calibrate[k]
	return sigmoid(c[0]*m.Margin(x, k) + c[1])
}

// Logit is the calibrated log-odds of plane k for a raw margin, to which other evidence may have been added.
func (m *Model) Logit(margin float64, k int) float64 {
	return m.calibrate[k][0]*margin + m.calibrate[k][1]
}

// Classify scores one text for every label.
func (m *Model) Classify(text string) Result {
	x := m.Extractor()
	defer m.Release(x)
	x.Read(text)
	return m.Scored(x)
}

// Scored scores the features in x for every label; probabilities add up to one.
func (m *Model) Scored(x *Extractor) Result {
	p := make([]float64, len(m.Labels))
	if m.planes == 1 {
		p[1] = m.Probability(x, 0)
		p[0] = 1 - p[1]
	} else {
		sum := 1e-12
		for k := range p {
			p[k] = m.Probability(x, k)
			sum += p[k]
		}
		for k := range p {
			p[k] /= sum
		}
	}
	best := 0
	for k := range p {
		if p[k] > p[best] {
			best = k
		}
	}
	return Result{Best: best, Probabilities: p}
}

// Weight is the weight of bucket h on plane k, after quantisation.
func (m *Model) Weight(h uint32, k int) float64 {
	return float64(m.weights[int(h)*m.planes+k]) * m.scale[k]
}

// Planes is the number of weight vectors.
func (m *Model) Planes() int { return m.planes }

// Run is a stretch of runes [Start, End) and what it adds to a margin.
type Run struct {
	Start, End int
	Gain       float64
}

// Evidence appends to runs the stretches that push plane k hardest towards sign (+1 or -1): at most three, best first.
// gains is a buffer of the caller. The weight of every n-gram is spread over its runes.
func (m *Model) Evidence(runs []Run, gains []float64, x *Extractor, k int, sign float64) ([]Run, []float64) {
	n := len(x.Hash) / 3
	gains = gains[:0]
	for range n {
		gains = append(gains, 0)
	}
	unit := sign * m.scale[k]
	for i := range n {
		w1 := unit * float64(m.weights[int(x.Hash[3*i])*m.planes+k])
		w2 := unit * float64(m.weights[int(x.Hash[3*i+1])*m.planes+k])
		w3 := unit * float64(m.weights[int(x.Hash[3*i+2])*m.planes+k])
		gains[i] += w1 + w2/2 + w3/3
		if i > 0 {
			gains[i-1] += w2/2 + w3/3
		}
		if i > 1 {
			gains[i-2] += w3 / 3
		}
	}
	return bestRuns(runs, gains), gains
}

// bestRuns finds the (at most three) disjoint stretches of positive gain with the largest sums.
func bestRuns(runs []Run, gains []float64) []Run {
	for i := 0; i < len(gains); {
		if gains[i] <= 0 {
			i++
			continue
		}
		r := Run{Start: i}
		for ; i < len(gains) && gains[i] > 0; i++ {
			r.Gain += gains[i]
		}
		r.End = i
		runs = KeepThree(runs, r)
	}
	return runs
}

// KeepThree inserts r into runs, which is sorted by falling gain and never longer than three.
func KeepThree(runs []Run, r Run) []Run {
	switch {
	case len(runs) < 3:
		runs = append(runs, r)
	case runs[2].Gain >= r.Gain:
		return runs
	default:
		runs[2] = r
	}
	for i := len(runs) - 1; i > 0 && runs[i].Gain > runs[i-1].Gain; i-- {
		runs[i], runs[i-1] = runs[i-1], runs[i]
	}
	return runs
}

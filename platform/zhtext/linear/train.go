package linear

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
)

// Example is one labelled text. Weight 0 means 1: a business's own corrections weigh more than the shipped text.
type Example struct {
	Text   string
	Label  string
	Weight float64
	// Offset is a margin known from elsewhere, the lexicon's say, on top of which the weights are learnt (two labels only).
	Offset float64
	// Group ties examples that must fall on the same side of a split (near-duplicates); 0 means: on its own.
	Group int
}

// Options steer training. The zero value is what the shipped model was trained with.
type Options struct {
	Task    string
	Day     string   // YYYY-MM-DD, part of the version; training has no clock of its own
	Sources []string // for the model's papers
	Cost    float64  // C of the support vector machine; 0 means 0.4
	Epochs  int      // passes over the data; 0 means 4
	Seed    uint64
	// Centred leaves the decision threshold where training put it and calibrates the slope only: for texts whose share of
	// labels says nothing about the texts to come.
	Centred bool
	// Lexicon is the weight of the sentiment lexicon beside the margin; it is stored, not used in training.
	Lexicon float64
	// Length is the log-odds to take off for long texts (see Info.Length); two labels only.
	Length float64
	// Prior, a model with the same labels, is what the new one is drawn to: few corrections then move it a little.
	Prior *Model
	// Focus, one factor per bucket, bounds what is learnt on top of the prior to the buckets that matter; no bias is learnt.
	Focus []float32
}

func (o *Options) setDefaults() {
	o.Cost = cmp.Or(o.Cost, 0.4)
	o.Epochs = cmp.Or(o.Epochs, 4)
	o.Seed = cmp.Or(o.Seed, 1)
	o.Task = cmp.Or(o.Task, "task")
	o.Day = cmp.Or(o.Day, "undated")
}

// ErrTooFew is returned when there are not two labels with three texts each.
var ErrTooFew = errors.New("linear: training needs at least two labels with three texts each")

// holdOut: every holdOut-th group calibrates and measures.
const holdOut = 10

// Train learns a model. Equal input and options give the same model, byte for byte.
func Train(examples []Example, o Options) (*Model, error) {
	o.setDefaults()
	set, err := newSet(examples)
	if err != nil {
		return nil, err
	}
	if o.Prior != nil && !slices.Equal(o.Prior.Labels, set.labels) {
		return nil, fmt.Errorf("linear: the prior model's labels are %v, the texts' %v", o.Prior.Labels, set.labels)
	}
	fit, held := set.split()
	var trial, whole *Model
	var wait sync.WaitGroup
	wait.Go(func() { trial = learn(set, fit, o) })
	wait.Go(func() { whole = learn(set, nil, o) })
	wait.Wait()
	trial.calibrateOn(set, held, o.Centred)
	whole.calibrate = trial.calibrate
	whole.Figures = map[string]float64{"heldOut": float64(len(held)), "heldOutAccuracy": trial.accuracyOn(set, held)}
	whole.Task, whole.Trained, whole.Texts, whole.Sources = o.Task, o.Day, set.count(), o.Sources
	whole.Lexicon = o.Lexicon
	if whole.planes == 1 {
		whole.Length = o.Length / whole.calibrate[0][0]
	}
	whole.Version = whole.version()
	return whole, nil
}

// version names the model by task, day and content.
func (m *Model) version() string {
	h := sha256.New()
	for _, w := range m.weights {
		h.Write([]byte{byte(w)})
	}
	_, _ = fmt.Fprint(h, m.scale, m.bias, m.Lexicon, m.Length)
	return fmt.Sprintf("%s-%s-%s", m.Task, m.Trained, hex.EncodeToString(h.Sum(nil)[:4]))
}

// learn trains all planes on the given rows (nil: all) and quantises them.
func learn(s *set, rows []int32, o Options) *Model {
	if rows == nil {
		rows = s.all()
	}
	m := &Model{Info: Info{Labels: s.labels}, planes: s.planes()}
	m.weights = make([]int8, m.planes*Buckets)
	m.scale, m.bias = make([]float64, m.planes), make([]float64, m.planes)
	m.calibrate = make([][2]float64, m.planes)
	idf := s.idf(rows)
	for k := range m.planes {
		w, b := plane(s, rows, k, idf, o)
		m.quantise(k, w, b)
		m.calibrate[k] = [2]float64{2, 0}
	}
	return m
}

// plane trains one weight vector: the sum of the two views, each divided by its spread on the training rows.
func plane(s *set, rows []int32, k int, idf []float32, o Options) ([]float32, float64) {
	sum := make([]float32, Buckets)
	var bias float64
	for _, scale := range [][]float32{idf, s.ratio(rows, k)} {
		if o.Focus != nil {
			scale = s.focused(rows, scale, o.Focus)
		}
		d := newDescent(s, rows, k, scale, o)
		for range o.Epochs {
			d.pass()
		}
		w, b := d.folded()
		if o.Focus != nil {
			b = 0
		}
		spread := 1 / s.spread(rows, w, b)
		if o.Prior != nil {
			spread = 0.5 // both views learnt on top of the same prior margins: their mean goes on top of it
		}
		for h := range sum {
			sum[h] += float32(spread) * w[h]
		}
		bias += spread * b
	}
	if o.Prior != nil {
		for h := range sum {
			sum[h] += float32(PriorUnit * o.Prior.Weight(uint32(h), k))
		}
		bias += PriorUnit * o.Prior.bias[k]
	}
	return sum, bias
}

// quantise stores plane k in eight bits. The largest weights are clipped: one bucket in 10,000 may not cost all the
// others their resolution.
func (m *Model) quantise(k int, w []float32, bias float64) {
	sizes := make([]float32, 0, len(w))
	for _, v := range w {
		if v != 0 {
			sizes = append(sizes, float32(math.Abs(float64(v))))
		}
	}
	slices.Sort(sizes)
	top := 1e-9
	if n := len(sizes); n > 0 {
		top = math.Max(top, float64(sizes[n-1-n/5000]))
	}
	m.scale[k], m.bias[k] = top/127, bias
	for h, v := range w {
		q := math.Round(float64(v) / m.scale[k])
		m.weights[h*m.planes+k] = int8(max(-127, min(127, q)))
	}
}

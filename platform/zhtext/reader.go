package zhtext

import (
	"fmt"
	"io/fs"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aftersales-suite/aftersales/platform/zhtext/extract"
	"github.com/aftersales-suite/aftersales/platform/zhtext/lexicon"
	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
	"github.com/aftersales-suite/aftersales/platform/zhtext/mask"
	"github.com/aftersales-suite/aftersales/platform/zhtext/rules"
	"github.com/aftersales-suite/aftersales/platform/zhtext/shipped"
)

// Options build a Reader. The zero value works: shipped dictionaries, shipped sentiment model, rules for the rest.
type Options struct {
	// Dictionaries holds files (faults.yaml, classes.yaml, sentiment.yaml …) that replace the shipped ones of the same name.
	Dictionaries fs.FS
	// Catalogue is the products whose models are recognised by name.
	Catalogue []Product
	// Models are trained classifiers per axis; AxisSentiment replaces the shipped model.
	Models map[Axis]*linear.Model
	// Threshold is the probability under which a trained model is not believed and the rules answer; 0 means 0.6.
	Threshold float64
	// Now is the clock that relative dates ("昨天") are reckoned from; nil means time.Now.
	Now func() time.Time
}

// Reader reads Chinese text. It is safe for concurrent use; models may be exchanged while it works.
type Reader struct {
	extractor *extract.Extractor
	rules     *rules.Rules
	lexicon   *lexicon.Lexicon
	threshold float64
	now       func() time.Time
	models    atomic.Pointer[map[Axis]*linear.Model]
	sentiment atomic.Pointer[linear.Model]
	exchange  sync.Mutex
	scratch   sync.Pool
}

// New builds a Reader.
func New(o Options) (*Reader, error) {
	r := &Reader{threshold: o.Threshold, now: o.Now}
	if r.threshold == 0 {
		r.threshold = 0.6
	}
	if r.now == nil {
		r.now = time.Now
	}
	r.scratch.New = func() any { return new(scratch) }
	if err := r.compile(o); err != nil {
		return nil, fmt.Errorf("zhtext: %w", err)
	}
	r.models.Store(&map[Axis]*linear.Model{})
	for axis, m := range o.Models {
		if err := r.Use(axis, m); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *Reader) compile(o Options) (err error) {
	if r.extractor, err = extract.New(extract.Options{Dictionaries: o.Dictionaries, Catalogue: o.Catalogue}); err != nil {
		return err
	}
	if r.rules, err = rules.New(o.Dictionaries); err != nil {
		return err
	}
	if r.lexicon, err = lexicon.Load(o.Dictionaries); err != nil {
		return err
	}
	m, err := shipped.Sentiment()
	if err != nil {
		return err
	}
	r.sentiment.Store(m)
	return nil
}

// Use makes m answer for axis from now on; nil brings back the rules, for sentiment the shipped model. A sentiment
// model needs the labels dissatisfied and satisfied.
func (r *Reader) Use(axis Axis, m *linear.Model) error {
	if axis == AxisSentiment {
		return r.useSentiment(m)
	}
	r.exchange.Lock()
	defer r.exchange.Unlock()
	next := maps.Clone(*r.models.Load())
	if m == nil {
		delete(next, axis)
	} else {
		next[axis] = m
	}
	r.models.Store(&next)
	return nil
}

func (r *Reader) useSentiment(m *linear.Model) (err error) {
	if m == nil {
		if m, err = shipped.Sentiment(); err != nil {
			return err
		}
	}
	if m.Planes() != 1 || m.Labels[0] != Dissatisfied || m.Labels[1] != Satisfied {
		return fmt.Errorf("zhtext: a sentiment model needs the labels %s and %s, not %v", Dissatisfied, Satisfied, m.Labels)
	}
	r.sentiment.Store(m)
	return nil
}

// Model gives the model that answers for axis, nil where rules do.
func (r *Reader) Model(axis Axis) *linear.Model {
	if axis == AxisSentiment {
		return r.sentiment.Load()
	}
	return (*r.models.Load())[axis]
}

// Extract finds error codes, models, products, parts, faults, money, dates, places, demands and urgency, in text order
// (R228, R230).
func (r *Reader) Extract(text string) []Finding { return r.extractor.Extract(text, r.now()) }

// Hazards finds dangers to life and property; the list is empty for idioms, negations, fears and hearsay.
func (r *Reader) Hazards(text string) []Hazard { return r.extractor.Hazards(text) }

// Mask makes phone and identity numbers, names and addresses unreadable: what leaves the process goes through it.
func Mask(text string) string { return mask.Text(text) }

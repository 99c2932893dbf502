// Package lexicon rates a text by a list of words of praise and blame, with what stands around them: negation turns a
// word round, degree strengthens it, and what follows a "but" counts more than what precedes it. It knows no
// statistics and so no domain; the linear model and the lexicon err in different places.
package lexicon

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/aftersales-suite/aftersales/platform/zhtext/match"
	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

//go:embed sentiment.yaml
var shipped []byte

// kind is what a word of the lexicon does.
type kind uint8

const (
	polar kind = iota
	negator
	degree
	contrast
)

type entry struct {
	kind  kind
	value float64
}

// Lexicon is a compiled word list; it is safe for concurrent use.
type Lexicon struct {
	words   []string
	entries []entry
	auto    *match.Automaton
}

// Word is an entry with its polarity: what training makes small texts of.
type Word struct {
	Text  string
	Value float64 // -1.6 … 1.6
}

type file struct {
	Positive     map[int]string     `yaml:"positive"`
	Negative     map[int]string     `yaml:"negative"`
	Negators     string             `yaml:"negators"`
	Intensifiers map[float64]string `yaml:"intensifiers"`
	Contrast     string             `yaml:"contrast"`
	Concession   string             `yaml:"concession"`
}

// Shipped compiles the lexicon that comes with the package.
func Shipped() (*Lexicon, error) { return Parse(shipped) }

// Load compiles sentiment.yaml of files, or the shipped lexicon where there is none.
func Load(files fs.FS) (*Lexicon, error) {
	if files == nil {
		return Shipped()
	}
	data, err := fs.ReadFile(files, "sentiment.yaml")
	if errors.Is(err, fs.ErrNotExist) {
		return Shipped()
	}
	if err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	return Parse(data)
}

// strength is the value of the three levels of the file.
var strength = map[int]float64{1: 0.4, 2: 1, 3: 1.6}

// Parse compiles a lexicon from YAML.
func Parse(data []byte) (*Lexicon, error) {
	var f file
	if err := yaml.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	l := &Lexicon{}
	for _, level := range []int{3, 2, 1} {
		l.add(f.Negative[level], entry{polar, -strength[level]})
		l.add(f.Positive[level], entry{polar, strength[level]})
	}
	l.add(f.Negators, entry{negator, -1})
	for factor, words := range f.Intensifiers {
		l.add(words, entry{degree, factor})
	}
	l.add(f.Contrast, entry{contrast, 1})
	if len(l.words) == 0 {
		return nil, errors.New("lexicon: no words")
	}
	l.auto = match.New(l.words)
	return l, nil
}

func (l *Lexicon) add(words string, e entry) {
	for _, w := range strings.Fields(words) {
		l.words = append(l.words, normalize.Word(w, normalize.ForFeatures))
		l.entries = append(l.entries, e)
	}
}

// Words gives the words with a polarity.
func (l *Lexicon) Words() []Word {
	var out []Word
	for i, e := range l.entries {
		if e.kind == polar {
			out = append(out, Word{l.words[i], e.value})
		}
	}
	return out
}

// Rating is what the lexicon says of a text.
type Rating struct {
	Score      float64 // about -1 … 1, the sign is the polarity; 0 when no word was found
	Pos, Neg   float64 // the sums of the two sides, both >= 0
	Hits       int     // words with a polarity
	Contrasted bool    // a "but" was seen between words
}

// Mark is a word of evaluation in its place: runes [Start, End), the negation or degree before it included.
type Mark struct {
	Start, End int
	Value      float64 // what it added, negative for blame
}

// Buffer is memory that is used again from text to text. Marks is the words found in the last one.
type Buffer struct {
	hits  []match.Hit
	Marks []Mark
}

// Rate rates runes in the form normalize.ForFeatures.
func (l *Lexicon) Rate(runes []rune, b *Buffer) Rating {
	b.hits = match.Longest(l.auto.Append(b.hits[:0], runes))
	s := scan{runes: runes, weight: 1, intensity: 1, first: -1, marks: b.Marks[:0]}
	for _, h := range b.hits {
		s.take(h, l.entries[h.Word])
	}
	b.Marks = s.marks
	r := s.rating
	r.Score = (r.Pos - r.Neg) / math.Sqrt(1+(r.Pos+r.Neg)*(r.Pos+r.Neg)/4)
	return r
}

// scan goes over the words of one text.
type scan struct {
	runes     []rune
	rating    Rating
	weight    float64 // of what comes next: grows after a contrast
	negated   bool
	intensity float64
	last      int // end of the last word that may still act on the next
	first     int // start of the negation or degree that acts on the next word, or -1
	marks     []Mark
}

// reach is how many runes may stand between a negator or degree word and what it acts on.
const reach = 3

func (s *scan) take(h match.Hit, e entry) {
	if h.Start-s.last > reach || s.broken(h.Start) {
		s.reset()
	}
	s.last = h.End
	switch e.kind {
	case negator:
		s.negated = !s.negated
		s.open(h.Start)
	case degree:
		s.intensity *= e.value
		s.open(h.Start)
	case contrast:
		s.contrast()
	case polar:
		s.open(h.Start)
		s.polar(e.value, h.End)
	}
}

// open notes where a negation, degree or word begins.
func (s *scan) open(start int) {
	if s.first < 0 {
		s.first = start
	}
}

func (s *scan) reset() { s.negated, s.intensity, s.first = false, 1, -1 }

// contrast makes what was said so far count less and what follows more.
func (s *scan) contrast() {
	if s.rating.Hits > 0 && !s.rating.Contrasted {
		s.rating.Pos, s.rating.Neg = s.rating.Pos*0.6, s.rating.Neg*0.6
		s.rating.Contrasted = true
	}
	s.reset()
}

func (s *scan) polar(value float64, end int) {
	v := value * math.Min(s.intensity, 2) * s.weight
	if s.negated {
		v = -0.8 * v
	}
	if v > 0 {
		s.rating.Pos += v
	} else {
		s.rating.Neg -= v
	}
	s.rating.Hits++
	s.marks = append(s.marks, Mark{s.first, end, v})
	s.reset()
}

// broken tells whether a sign of punctuation stands between the last word and start.
func (s *scan) broken(start int) bool {
	for i := s.last; i < start; i++ {
		if r := s.runes[i]; r < 0x80 && !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') {
			return true
		}
	}
	return false
}

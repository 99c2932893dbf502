package normalize

import (
	_ "embed"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed simplified.txt
var simplifiedPairs string

// Span is a stretch of an original text in bytes, at rune boundaries: Text == original[Start:End].
type Span struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
}

// Rules choose how much is made equal. The zero value folds width, case and script and drops nothing.
type Rules struct {
	// MaxRepeat is the longest run of one rune that is kept, digits and Latin letters excepted; 0 keeps all.
	MaxRepeat int
	// ZeroDigits writes every run of digits as one '0': models learn "数字", not the number.
	ZeroDigits bool
	// DropSpace removes white space; otherwise a run of it becomes one ' '.
	DropSpace bool
}

// ForFeatures is the form linear models read; training and scoring must use the same.
var ForFeatures = Rules{MaxRepeat: 2, ZeroDigits: true, DropSpace: true}

// ForMatching is the form dictionaries and patterns read: digits stay as they are.
var ForMatching = Rules{MaxRepeat: 3}

// fold maps every rune of the basic plane to its normal form; 0 means: drop (control and format characters).
var fold = buildFold()

func buildFold() *[65536]uint16 {
	t := new([65536]uint16)
	for r := range t {
		t[r] = foldRune(rune(r))
	}
	pairs := []rune(simplifiedPairs)
	for i := 0; i+1 < len(pairs); i += 2 {
		t[pairs[i]] = uint16(pairs[i+1])
	}
	for i, r := range []rune("①②③④⑤⑥⑦⑧⑨") {
		t[r] = uint16('1' + i)
	}
	for from, to := range punctuation {
		t[from] = uint16(to)
	}
	return t
}

// punctuation gives the signs that width folding does not reach their half-width partner.
var punctuation = map[rune]rune{
	'。': '.', '、': ',', '“': '"', '”': '"', '‘': '\'', '’': '\'', '【': '[', '】': ']', '「': '"', '」': '"',
	'『': '"', '』': '"', '《': '<', '》': '>', '…': '.', '—': '-', '–': '-', '～': '~', '〜': '~', '·': '.', '￥': '¥',
	'℃': 'c', '．': '.', '｡': '.',
}

func foldRune(r rune) uint16 {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E: // full-width ASCII
		return foldRune(r - 0xFEE0)
	case r == 0x3000 || unicode.IsSpace(r):
		return ' '
	case r < 0x20 || r == 0x7F || r == 0xFEFF || r == utf8.RuneError || r >= 0x200B && r <= 0x200F || r >= 0xFE00 && r <= 0xFE0F:
		return 0
	case r >= 'A' && r <= 'Z':
		return uint16(r) + 'a' - 'A'
	case r < 0x80:
		return uint16(r)
	}
	return uint16(unicode.ToLower(r))
}

// Text is one normalised text with the way back. Its buffers are used again by Set, so that a Text that has grown to
// the longest input allocates no more. A Text is for one goroutine at a time.
type Text struct {
	Source string
	Runes  []rune
	// off[i] is the byte where rune i begins in Source, end[i] the byte after the last original rune it stands for.
	off, end []int32
}

// New normalises s.
func New(s string, rules Rules) *Text {
	t := &Text{}
	t.Set(s, rules)
	return t
}

// Word gives the normal form of a short text, such as a word of a dictionary.
func Word(s string, rules Rules) string {
	t := words.Get().(*Text)
	defer words.Put(t)
	t.Set(s, rules)
	return string(t.Runes)
}

var words = sync.Pool{New: func() any { return new(Text) }}

// Set replaces the content of t by s, normalised. Invalid UTF-8 is skipped; it never panics.
func (t *Text) Set(s string, rules Rules) {
	t.Source, t.Runes, t.off, t.end = s, t.Runes[:0], t.off[:0], t.end[:0]
	t.grow(len(s)/3 + 16)
	last, run := rune(0), 0
	for i := 0; i < len(s); {
		begin := i
		r, size := decode(s, i)
		i += size
		if r = Rune(r); r == 0 {
			continue
		}
		if r != last || len(t.Runes) == 0 {
			last, run = r, 1
		} else if run++; run > 1 && t.swallows(r, run, rules) {
			t.end[len(t.end)-1] = int32(i)
			continue
		}
		if r < 0x80 && (r == ' ' && rules.DropSpace || rules.ZeroDigits && t.mergedDigit(&r, begin, i)) {
			last = rune(0)
			continue
		}
		t.Runes = append(t.Runes, r)
		t.off, t.end = append(t.off, int32(begin)), append(t.end, int32(i))
	}
}

// decode reads the rune at s[i:]; the three-byte form of Han characters goes without a call.
func decode(s string, i int) (rune, int) {
	c := s[i]
	if c < 0x80 {
		return rune(c), 1
	}
	if c > 0xE0 && c < 0xED && i+2 < len(s) && s[i+1]&0xC0 == 0x80 && s[i+2]&0xC0 == 0x80 {
		return rune(c&0x0F)<<12 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F), 3
	}
	return utf8.DecodeRuneInString(s[i:])
}

// grow makes room for n runes.
func (t *Text) grow(n int) {
	if cap(t.Runes) < n {
		t.Runes, t.off, t.end = make([]rune, 0, n), make([]int32, 0, n), make([]int32, 0, n)
	}
}

// swallows tells whether the run-th equal rune in a row is to be dropped.
func (t *Text) swallows(r rune, run int, rules Rules) bool {
	if r == ' ' {
		return len(t.Runes) > 0 && t.Runes[len(t.Runes)-1] == ' '
	}
	alnum := r >= '0' && r <= '9' || r >= 'a' && r <= 'z'
	return rules.MaxRepeat > 0 && run > rules.MaxRepeat && !alnum
}

// mergedDigit turns a digit into '0'; it reports true when the digit was merged into the run right before it.
func (t *Text) mergedDigit(r *rune, begin, end int) bool {
	if *r < '0' || *r > '9' {
		return false
	}
	if n := len(t.Runes); n > 0 && t.Runes[n-1] == '0' && int(t.end[n-1]) == begin {
		t.end[n-1] = int32(end)
		return true
	}
	*r = '0'
	return false
}

// Rune gives the normal form of one rune; 0 means that it is dropped.
func Rune(r rune) rune {
	if uint32(r) < 65536 {
		return rune(fold[r])
	}
	return r
}

// Bytes gives the byte range of the original for runes [i, j).
func (t *Text) Bytes(i, j int) (start, end int) {
	if i < 0 || j > len(t.Runes) || i >= j {
		return 0, 0
	}
	return int(t.off[i]), int(t.end[j-1])
}

// Span gives the stretch of the original that runes [i, j) stand for.
func (t *Text) Span(i, j int) Span {
	a, b := t.Bytes(i, j)
	return Span{Start: a, End: b, Text: t.Source[a:b]}
}

// String gives the normalised text.
func (t *Text) String() string { return string(t.Runes) }

// At gives the rune at i, or 0 outside the text, so that patterns may look around without checks.
func (t *Text) At(i int) rune {
	if i < 0 || i >= len(t.Runes) {
		return 0
	}
	return t.Runes[i]
}

// Cut shortens the text to at most n runes.
func (t *Text) Cut(n int) {
	if len(t.Runes) > n {
		t.Runes, t.off, t.end = t.Runes[:n], t.off[:n], t.end[:n]
	}
}

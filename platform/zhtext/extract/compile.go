package extract

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/zhtext/dict"
	"github.com/aftersales-suite/aftersales/platform/zhtext/match"
	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// role is what a word in the automaton does.
type role uint8

const (
	plain   role = iota // a finding
	head                // the first part of a word with a gap
	tail                // the second part
	idiom               // takes away what lies inside it
	hearsay             // what follows in the sentence was not lived through
)

// owner says for which entry a word stands.
type owner struct {
	book, entry, gap int
	role             role
}

// book is a compiled dictionary.
type book struct {
	kind     Kind
	entries  []dict.Entry
	negators [][]rune
	unless   [][]rune
}

// vocabulary is all dictionaries in one automaton.
type vocabulary struct {
	books  []book
	owners [][]owner
	auto   *match.Automaton
	index  map[string]int
	words  []string
	gaps   int
}

// names are the dictionaries read, in the order findings of equal place are told.
var names = []string{"products", "parts", "faults", "demands", "urgency"}

func newVocabulary(files fs.FS) (*vocabulary, error) {
	v := &vocabulary{index: map[string]int{}}
	for _, name := range names {
		d, err := dict.Load(files, name)
		if err != nil {
			return nil, err
		}
		if err := v.addBook(d); err != nil {
			return nil, fmt.Errorf("dictionary %s: %w", name, err)
		}
	}
	v.auto = match.New(v.words)
	return v, nil
}

func (v *vocabulary) addBook(d dict.Dictionary) error {
	b := len(v.books)
	v.books = append(v.books, book{kind: Kind(d.Kind), entries: d.Entries, negators: runesOf(d.Negators), unless: runesOf(d.Unless)})
	for e, entry := range d.Entries {
		for _, w := range strings.Fields(entry.Words) {
			if err := v.addWord(w, owner{book: b, entry: e}); err != nil {
				return err
			}
		}
		v.addAll(entry.Not, owner{book: b, role: idiom})
	}
	v.addAll(d.Not, owner{book: b, role: idiom})
	v.addAll(d.Hearsay, owner{book: b, role: hearsay})
	return nil
}

// addWord adds a word of an entry, with or without a gap.
func (v *vocabulary) addWord(word string, o owner) error {
	parts := strings.Split(word, "…")
	switch {
	case len(parts) == 1:
		v.put(word, o)
	case len(parts) == 2 && parts[0] != "" && parts[1] != "":
		v.gaps++
		o.gap = v.gaps
		o.role = head
		v.put(parts[0], o)
		o.role = tail
		v.put(parts[1], o)
	default:
		return fmt.Errorf("word %q: one gap between two parts is allowed", word)
	}
	return nil
}

func (v *vocabulary) addAll(words string, o owner) {
	for _, w := range strings.Fields(words) {
		v.put(w, o)
	}
}

func (v *vocabulary) put(word string, o owner) {
	w := normal(word)
	i, ok := v.index[w]
	if !ok {
		i = len(v.words)
		v.index[w] = i
		v.words = append(v.words, w)
		v.owners = append(v.owners, nil)
	}
	v.owners[i] = append(v.owners[i], o)
}

func normal(word string) string { return normalize.Word(word, normalize.ForMatching) }

func runesOf(words string) [][]rune {
	var out [][]rune
	for _, w := range strings.Fields(words) {
		out = append(out, []rune(normal(w)))
	}
	return out
}

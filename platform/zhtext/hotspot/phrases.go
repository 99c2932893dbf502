package hotspot

import (
	"strings"

	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// longest is the length in runes of the longest phrase counted.
const longest = 6

// edges are runes a phrase neither begins nor ends with: particles and pronouns make no topic.
const edges = "的了是我你他她它们在有和与就都也还又很太被把给到说要会能让这那个一不没吗呢吧啊呀嘛着过得地之而且但等后前再上下来去从对为以及或因所如果"

// loose are runes that make a phrase a piece of grammar wherever they stand.
const loose = "我你他她它们的了"

// counter counts in how many texts every phrase occurs.
type counter struct {
	texts int
	count map[string]int
}

func count(texts []string) counter {
	c := counter{count: map[string]int{}}
	seen := map[string]int{}
	for i, text := range texts {
		c.texts++
		eachPhrase(text, func(p string) {
			if seen[p] != i+1 {
				seen[p] = i + 1
				c.count[p]++
			}
		})
	}
	return c
}

// eachPhrase calls yield for every run of two to six runes within a clause that may be a phrase.
func eachPhrase(text string, yield func(string)) {
	t := normalize.New(text, normalize.ForMatching)
	t.Cut(4000)
	for i := range t.Runes {
		if !opens(t.Runes[i]) {
			continue
		}
		for j := i + 1; j <= len(t.Runes) && j-i <= longest; j++ {
			r := t.Runes[j-1]
			if isBreak(r) || strings.ContainsRune(loose, r) {
				break
			}
			if j-i >= 2 && opens(r) && whole(t, i, j) {
				yield(string(t.Runes[i:j]))
			}
		}
	}
}

func opens(r rune) bool { return !isBreak(r) && !strings.ContainsRune(edges, r) }

func isBreak(r rune) bool {
	return r < 0x80 && !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r == '-')
}

// whole tells whether runes [i, j) do not cut a number or a Latin word.
func whole(t *normalize.Text, i, j int) bool {
	return !(latin(t.At(i-1)) && latin(t.At(i))) && !(latin(t.At(j-1)) && latin(t.At(j)))
}

func latin(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' }

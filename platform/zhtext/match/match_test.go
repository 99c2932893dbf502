package match

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAllOccurrencesAreFound(t *testing.T) {
	t.Parallel()
	words := []string{"漏水", "水", "漏", "没漏水", "e2", "水管", "", "漏水"}
	hits := New(words).Append(nil, []rune("没漏水管e2漏"))
	var got []string
	for _, h := range hits {
		got = append(got, words[h.Word])
		require.Equal(t, words[h.Word], string([]rune("没漏水管e2漏")[h.Start:h.End]))
	}
	require.Equal(t, []string{"漏", "没漏水", "漏水", "水", "水管", "e2", "漏"}, got)
}

// The automaton finds what a naive search finds.
func TestAgainstNaiveSearch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringMatching(`[ab漏水]{1,4}`)
		words := rapid.SliceOfNDistinct(letters, 1, 12, rapid.ID[string]).Draw(t, "words")
		text := rapid.StringMatching(`[ab漏水c]{0,40}`).Draw(t, "text")
		want := 0
		for _, w := range words {
			for i := range []rune(text) {
				if strings.HasPrefix(string([]rune(text)[i:]), w) {
					want++
				}
			}
		}
		a := New(words)
		if got := len(a.Append(nil, []rune(text))); got != want {
			t.Fatalf("%d hits, want %d", got, want)
		}
		n := 0
		a.Each([]rune(text), func(Hit) bool { n++; return n < 3 })
		if n != min(want, 3) {
			t.Fatalf("Each did not stop: %d", n)
		}
		last := 0
		for _, h := range Longest(a.Append(nil, []rune(text))) {
			if h.Start < last {
				t.Fatal("overlap")
			}
			last = h.End
		}
	})
}

func TestLongestWins(t *testing.T) {
	t.Parallel()
	words := []string{"不", "不错", "错", "错过"}
	hits := Longest(New(words).Append(nil, []rune("真不错过")))
	require.Len(t, hits, 1)
	require.Equal(t, "不错", words[hits[0].Word])
}

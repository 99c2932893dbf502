package phrase

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// R185: records are found by Chinese words of two characters on and by whole Latin words.
func TestTerms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"洗衣机漏水":                           {"洗衣", "衣机", "机漏", "漏水"},
		"報錯E2，型號ＸＱＧ１００":                   {"报错", "e2", "型号", "xqg100"},
		"我的水":                             nil, // one character is no term
		"漏水漏水":                            {"漏水", "水漏"},
		"电话13800138000":                   {"电话"}, // a person's number is none
		"sn-1 " + strings.Repeat("a", 33): {"sn", "1"},
		"":                                nil,
	} {
		require.Equal(t, want, Terms(text), text)
	}
	require.Len(t, Terms(long()), termsMost)
}

func long() string {
	var b strings.Builder
	for r := rune(0x4E00); r < 0x4E00+2000; r++ {
		b.WriteRune(r)
	}
	return b.String()
}

func TestQueries(t *testing.T) {
	t.Parallel()
	q, ok := Parse("洗衣机 漏水")
	require.True(t, ok)
	require.True(t, q.In("维修后洗衣機仍然漏水"))
	require.True(t, q.In("洗衣机", "漏水"), "each word in any of the texts")
	require.False(t, q.In("洗衣店衣机，漏水"), "all pairs, but not the word")
	for _, nothing := range []string{"", "水", "我们", "的", " ， "} {
		_, ok := Parse(nothing)
		require.False(t, ok, nothing)
	}
	other, _ := Parse("E2")
	both := q.And(other)
	require.Equal(t, []string{"洗衣", "衣机", "漏水", "e2"}, both.Terms)
	require.False(t, both.In("洗衣机漏水"))
}

// Whatever is cut out of a text between two signs is found in it: its terms are among the text's.
func TestWhatStandsInATextIsFound(t *testing.T) {
	t.Parallel()
	alphabet := []rune("漏水洗衣机的了a2 ,。維修")
	rapid.Check(t, func(t *rapid.T) {
		text := []rune(string(rapid.SliceOfN(rapid.SampledFrom(alphabet), 1, 40).Draw(t, "text")))
		from := rapid.IntRange(0, len(text)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(text)).Draw(t, "to")
		if cutsLatin(text, from) || cutsLatin(text, to) {
			return // Latin words are found whole
		}
		q, ok := Parse(string(text[from:to]))
		if ok {
			require.Subset(t, Terms(string(text)), q.Terms)
			require.True(t, q.In(string(text)))
		}
	})
}

func cutsLatin(text []rune, at int) bool {
	return at > 0 && at < len(text) && latin(text[at-1]) && latin(text[at])
}

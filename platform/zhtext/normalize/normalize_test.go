package normalize

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, want string
		rules    Rules
	}{
		{"ＡＢＣ　１２３！", "abc 123!", Rules{}},
		{"維修後洗衣機仍然漏水", "维修后洗衣机仍然漏水", Rules{}},
		{"太差了！！！！！", "太差了!!", ForFeatures},
		{"哈哈哈哈哈", "哈哈", ForFeatures},
		{"报E2，收了 300 块", "报e0,收了0块", ForFeatures},
		{"138 0013", "00", ForFeatures},
		{"1000000", "1000000", ForMatching},
		{"aaaaa", "aaaaa", ForFeatures},
		{"  a \t\n b ", " a b ", Rules{}},
		{"①②", "12", Rules{}},
		{"“好”。", `"好".`, Rules{}},
		{"a\u200bb\ufeffc", "abc", Rules{}},
		{"\xff\xfe好\xf0", "好", Rules{}},
		{"", "", ForFeatures},
	} {
		require.Equal(t, c.want, New(c.in, c.rules).String(), c.in)
		require.Equal(t, c.want, Word(c.in, c.rules))
	}
}

func TestSpansLeadBack(t *testing.T) {
	t.Parallel()
	text := "報Ｅ２！！！！，收了１２００塊"
	n := New(text, ForFeatures)
	require.Equal(t, "报e0!!,收了0块", n.String())
	require.Equal(t, "Ｅ２", n.Span(1, 3).Text)
	require.Equal(t, "！！！！", n.Span(3, 5).Text)
	require.Equal(t, "１２００塊", n.Span(8, 10).Text)
	require.Equal(t, Span{}, n.Span(3, 3))
	require.Equal(t, rune(0), n.At(-1))
	require.Equal(t, rune(0), n.At(99))
	n.Cut(2)
	require.Equal(t, "报e", n.String())
}

// Issue 5: fuzzed with arbitrary bytes: no panic, offsets always valid.
func FuzzOffsets(f *testing.F) {
	for _, s := range []string{"", "报E2,第三次坏了", "\xff好\xf0\x9f", "😀１１！！", "a\u0301\u200b", "\xe4\xb8", "\xed\xa0\x80好"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, rules := range []Rules{{}, ForFeatures, ForMatching} {
			n := New(s, rules)
			last := 0
			for i := range n.Runes {
				a, b := n.Bytes(i, i+1)
				if a < last || b <= a || b > len(s) {
					t.Fatalf("rune %d at [%d, %d) after %d of %d", i, a, b, last, len(s))
				}
				if utf8.ValidString(s) && !utf8.ValidString(s[a:b]) {
					t.Fatalf("[%d, %d) cuts a rune", a, b)
				}
				last = a
			}
		}
	})
}

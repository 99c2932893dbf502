package lexicon

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

func rate(t testing.TB, l *Lexicon, text string) (Rating, []string) {
	t.Helper()
	var b Buffer
	n := normalize.New(text, normalize.ForFeatures)
	r := l.Rate(n.Runes, &b)
	var marks []string
	for _, m := range b.Marks {
		marks = append(marks, n.Span(m.Start, m.End).Text)
	}
	return r, marks
}

func TestSigns(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	require.Greater(t, len(l.Words()), 1500)
	for text, sign := range map[string]float64{
		"很好用": 1, "不好用": -1, "没有乱收费": 1, "一点都不甜": -1, "不是很满意": -1, "從來沒有這麼滿意": 1,
		"包装好,但是味道太差": -1, "有点贵,不过质量很好": 1, "今天下午三点": 0, "不错": 1, "没有失望": 1, "再也不买": -1,
		"不太新鲜": -1, "没什么毛病": 1,
	} {
		r, _ := rate(t, l, text)
		if sign == 0 {
			require.Zero(t, r.Score, text)
			continue
		}
		require.Positive(t, r.Score*sign, "%s: %+v", text, r)
	}
}

func TestDegreeStrengthens(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	plain, _ := rate(t, l, "新鲜")
	strong, marks := rate(t, l, "特别新鲜")
	require.Greater(t, strong.Pos, plain.Pos)
	require.Equal(t, []string{"特别新鲜"}, marks)
}

func TestPunctuationEndsANegation(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	r, marks := rate(t, l, "不，新鲜")
	require.Positive(t, r.Score)
	require.Equal(t, []string{"新鲜"}, marks)
}

func TestContrastWeighsWhatFollows(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	a, _ := rate(t, l, "新鲜，但是脏")
	b, _ := rate(t, l, "脏，但是新鲜")
	require.Negative(t, a.Score)
	require.Positive(t, b.Score)
	require.True(t, a.Contrasted)
}

func TestParseRefusesNonsense(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "positive: [", "negators: "} {
		_, err := Parse([]byte(s))
		require.Error(t, err, s)
	}
}

func TestALexiconMayBeReplaced(t *testing.T) {
	t.Parallel()
	l, err := Load(fstest.MapFS{"sentiment.yaml": {Data: []byte("positive:\n  3: 巴适\nnegative:\n  3: 恼火\n")}})
	require.NoError(t, err)
	require.Len(t, l.Words(), 2)
	r, _ := rate(t, l, "巴适")
	require.Positive(t, r.Score)
	l, err = Load(fstest.MapFS{})
	require.NoError(t, err)
	require.Greater(t, len(l.Words()), 1500)
}

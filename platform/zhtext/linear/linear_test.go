package linear

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// topics make texts that are easy to tell apart but share words.
var topics = map[string][]string{
	"fee":    {"收费不透明", "多收了上门费", "报价太高", "不给单子", "要加钱"},
	"manner": {"态度恶劣", "说话很冲", "不耐烦", "挂我电话", "没礼貌"},
	"late":   {"等了三天", "没有人来", "约好不来", "一直拖着", "迟到两小时"},
}

func sampleTexts(n int, labels ...string) []Example {
	r := rand.New(rand.NewPCG(9, 9))
	all := make([]Example, 0, n)
	for i := range n {
		label := labels[i%len(labels)]
		words := topics[label]
		text := fmt.Sprintf("师傅%d号%s,还%s", r.IntN(90), words[r.IntN(5)], words[r.IntN(5)])
		all = append(all, Example{Text: text, Label: label})
	}
	return all
}

func TestTrainLearnsSeveralClasses(t *testing.T) {
	t.Parallel()
	m, err := Train(sampleTexts(300, "fee", "manner", "late"), Options{Task: "class", Day: "2026-11-22"})
	require.NoError(t, err)
	require.Equal(t, []string{"fee", "late", "manner"}, m.Labels)
	require.Equal(t, 3, m.Planes())
	report := Evaluate(m, sampleTexts(90, "fee", "manner", "late"))
	require.Greater(t, report.Accuracy, 0.98)
	r := m.Classify("师傅态度恶劣又没礼貌")
	require.Equal(t, "manner", m.Labels[r.Best])
	var sum float64
	for _, p := range r.Probabilities {
		sum += p
	}
	require.InDelta(t, 1, sum, 1e-6)
}

func TestTrainingIsRepeatable(t *testing.T) {
	t.Parallel()
	a, err := Train(sampleTexts(100, "fee", "late"), Options{})
	require.NoError(t, err)
	b, err := Train(sampleTexts(100, "fee", "late"), Options{})
	require.NoError(t, err)
	require.Equal(t, a.Version, b.Version)
	require.Equal(t, a.weights, b.weights)
}

func TestFilesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	m, err := Train(sampleTexts(100, "fee", "late"), Options{Sources: []string{"own"}, Lexicon: 0.3})
	require.NoError(t, err)
	data, err := m.Encode()
	require.NoError(t, err)
	require.Less(t, len(data), 300<<10)
	back, err := Decode(data)
	require.NoError(t, err)
	require.Equal(t, m.Info, back.Info)
	require.Equal(t, m.Classify("等了三天").Probabilities, back.Classify("等了三天").Probabilities)
}

func TestDamagedFilesAreRefused(t *testing.T) {
	t.Parallel()
	m, err := Train(sampleTexts(30, "fee", "late"), Options{})
	require.NoError(t, err)
	data, err := m.Encode()
	require.NoError(t, err)
	for _, i := range []int{0, 7, 40, 1000, len(data) - 1} {
		broken := append([]byte(nil), data...)
		broken[i] ^= 0x40
		_, err := Decode(broken)
		require.ErrorIs(t, err, ErrFormat, i)
	}
	for _, short := range [][]byte{nil, data[:3], data[:20], data[:len(data)-1]} {
		_, err := Decode(short)
		require.ErrorIs(t, err, ErrFormat)
	}
}

func TestTooFewTextsAreRefused(t *testing.T) {
	t.Parallel()
	_, err := Train(sampleTexts(30, "fee"), Options{})
	require.ErrorIs(t, err, ErrTooFew)
	_, err = Train(nil, Options{})
	require.ErrorIs(t, err, ErrTooFew)
}

func TestFewCorrectionsOnTopOfAModel(t *testing.T) {
	t.Parallel()
	base, err := Train(sampleTexts(200, "fee", "late"), Options{})
	require.NoError(t, err)
	odd := Example{Text: "师傅跑单了", Label: "late", Weight: 5}
	fixes := []Example{odd, odd, odd, {Text: "加价", Label: "fee"}, {Text: "另收钱", Label: "fee"}, {Text: "多要钱", Label: "fee"}}
	next, err := Train(fixes, Options{Prior: base})
	require.NoError(t, err)
	require.Equal(t, "late", next.Labels[next.Classify("跑单了").Best], "learnt")
	require.Greater(t, Evaluate(next, sampleTexts(100, "fee", "late")).Accuracy, 0.95, "not forgotten")
	_, err = Train(sampleTexts(60, "fee", "manner"), Options{Prior: base})
	require.ErrorContains(t, err, "labels")
}

func TestEvidencePointsAtTheWords(t *testing.T) {
	t.Parallel()
	m, err := Train(sampleTexts(200, "fee", "late"), Options{})
	require.NoError(t, err)
	x := m.Extractor()
	defer m.Release(x)
	x.Read("我觉得收费不透明吧")
	runs, _ := m.Evidence(nil, nil, x, 0, -1)
	require.NotEmpty(t, runs)
	require.Contains(t, x.Text.Span(runs[0].Start, runs[0].End).Text, "收费")
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	r := Measure([]Answer{{"a", "a", 0.9}, {"a", "b", 0.6}, {"b", "b", 0.8}, {"b", "b", 0.7}})
	require.InDelta(t, 0.75, r.Accuracy, 1e-9)
	require.InDelta(t, (2.0/3+0.8)/2, r.MacroF1, 1e-9)
	require.Equal(t, 1, r.Confusion["a"]["b"])
	require.InDelta(t, 0.5, r.MajorityShare, 1e-9)
	require.InDelta(t, (0.1+0.6+0.2+0.3)/4, r.ECE, 1e-9)
	require.Zero(t, Measure(nil).Texts)
}

// Issue 5: 50,000 texts trained in 2 s.
func BenchmarkTrain50000(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	all := make([]Example, 50_000)
	for i := range all {
		runes := make([]rune, 60)
		for j := range runes {
			runes[j] = rune(0x4E00 + int(r.ExpFloat64()*300)%5000)
		}
		all[i] = Example{Text: string(runes), Label: []string{"a", "b"}[int(runes[3])%2]}
	}
	for b.Loop() {
		_, err := Train(all, Options{})
		require.NoError(b, err)
	}
}

func FuzzClassify(f *testing.F) {
	m, err := Train(sampleTexts(60, "fee", "late"), Options{})
	require.NoError(f, err)
	f.Add("收费")
	f.Add("\xff\x00\xf0\x9f")
	f.Fuzz(func(t *testing.T, s string) {
		r := m.Classify(s)
		if p := r.Probabilities[r.Best]; !(p >= 0.5 && p <= 1) {
			t.Fatalf("probability %v", p)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("ZHLM2\n\x02\x00\x00\x00{}"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if m, err := Decode(data); err == nil {
			m.Classify("收费")
		}
	})
}

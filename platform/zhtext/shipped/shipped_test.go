package shipped

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/zhtext/lexicon"
	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
)

// Issue 5: embedded, at most 2 MiB; its papers are in it.
func TestTheShippedModel(t *testing.T) {
	t.Parallel()
	require.Less(t, len(sentiment), 2<<20)
	m, err := Sentiment()
	require.NoError(t, err)
	require.Equal(t, []string{Dissatisfied, Satisfied}, m.Labels)
	require.Equal(t, 1, m.Planes())
	require.NotEmpty(t, m.Trained)
	require.NotEmpty(t, m.Sources)
	require.Positive(t, m.Lexicon)
}

// A domain that training never saw: the general part of the recipe, without the licensed text, is trained on all own
// reviews but one domain's and read on that one.
func TestLeaveOneDomainOut(t *testing.T) {
	t.Parallel()
	lex, err := lexicon.Shipped()
	require.NoError(t, err)
	all := ReviewsByDomain()
	require.Greater(t, len(all), 1000)
	right, total := 0, 0
	for _, domain := range []string{"fruit", "clothes", "hair", "takeaway", "tablet"} {
		r, n := leaveOut(t, lex, all, domain)
		t.Logf("%s: %d of %d", domain, r, n)
		right, total = right+r, total+n
	}
	require.GreaterOrEqual(t, float64(right)/float64(total), 0.92)
}

func leaveOut(t *testing.T, lex *lexicon.Lexicon, all []Review, domain string) (right, total int) {
	t.Helper()
	fit := wordExamples(lex)
	var held []linear.Example
	for _, r := range all {
		if r.Domain == domain {
			held = append(held, r.Example)
		} else {
			fit = append(fit, r.Example)
		}
	}
	balance(fit)
	m, err := linear.Train(fit, linear.Options{Task: "sentiment", Cost: generalCost, Centred: true})
	require.NoError(t, err)
	var x linear.Extractor
	var b lexicon.Buffer
	for _, e := range held {
		x.Read(e.Text)
		z := m.Logit(m.Margin(&x, 0)+lexiconWeight*lex.Rate(x.Text.Runes, &b).Score, 0)
		if m.Labels[1] == e.Label == (z > 0) {
			right++
		}
	}
	return right, len(held)
}

func TestRecipeWithoutTextsSaysSo(t *testing.T) {
	t.Parallel()
	_, err := Train(t.TempDir(), "2026-11-22")
	require.ErrorContains(t, err, "training text")
}

package zhtext_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Short reviews with little or no word of evaluation, written for this project and kept out of training; two ways.
func TestShortReviews(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/reviews.tsv")
	require.NoError(t, err)
	r := newReader(t)
	right, total := 0, 0
	for line := range strings.Lines(string(data)) {
		label, text, ok := strings.Cut(strings.TrimSpace(line), "\t")
		require.True(t, ok, line)
		total++
		if s := r.SentimentTwoWay(text); s.Label == label {
			right++
		} else {
			t.Logf("%s: %s %.2f", text, s.Label, s.Score)
		}
	}
	t.Logf("%d of %d", right, total)
	require.GreaterOrEqual(t, float64(right)/float64(total), 0.88)
}

package zhtext_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
)

// sample is a row of testdata/classes.tsv.
type sample struct {
	axis        zhtext.Axis
	label, text string
}

func readSamples(t testing.TB) []sample {
	t.Helper()
	data, err := os.ReadFile("testdata/classes.tsv")
	require.NoError(t, err)
	var all []sample
	for line := range strings.Lines(string(data)) {
		f := strings.SplitN(strings.TrimRight(line, "\n"), "\t", 3)
		require.Len(t, f, 3, line)
		all = append(all, sample{zhtext.Axis(f[0]), f[1], f[2]})
	}
	return all
}

// floors are the least shares of right answers that rules and shipped model must give on the own evaluation texts.
var floors = map[zhtext.Axis]float64{
	zhtext.AxisContentClass: 0.85, zhtext.AxisLabClass: 0.85, zhtext.AxisNature: 0.85, zhtext.AxisIntent: 0.85,
	zhtext.AxisProblem: 0.85, zhtext.AxisFeedback: 0.85, zhtext.AxisValidity: 0.9, zhtext.AxisSentiment: 0.85,
}

// Issue 5: at least 300 own evaluation texts over the complaint classes (R57-R67, R77, R84, R220, R226, R229).
func TestOwnEvaluationTexts(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	right, total := map[zhtext.Axis]int{}, map[zhtext.Axis]int{}
	all := readSamples(t)
	require.GreaterOrEqual(t, len(all), 300)
	for _, s := range all {
		c := r.Classify(s.text, s.axis)
		total[s.axis]++
		if c.Label == s.label {
			right[s.axis]++
		} else {
			t.Logf("%s: %q is %s, answered %q %.2f (%s)", s.axis, s.text, s.label, c.Label, c.Score, c.Why)
		}
		checkClass(t, s.text, c)
	}
	for axis, floor := range floors {
		share := float64(right[axis]) / float64(total[axis])
		t.Logf("%s: %d of %d, %.3f", axis, right[axis], total[axis], share)
		require.GreaterOrEqual(t, share, floor, axis)
	}
}

// checkClass: every result carries label, score, evidence, source and model, and says why.
func checkClass(t *testing.T, text string, c zhtext.Class) {
	t.Helper()
	require.NotEmpty(t, c.Source)
	require.NotEmpty(t, c.Model)
	require.NotEmpty(t, c.Why)
	require.True(t, c.Score >= 0 && c.Score <= 1)
	for _, s := range c.Spans {
		require.Equal(t, text[s.Start:s.End], s.Text)
	}
}

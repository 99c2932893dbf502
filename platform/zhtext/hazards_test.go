package zhtext_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
)

// Issue 5: on the project's own hazard and near-hazard sentences precision 0.90 at recall 0.95.
func TestHazardAlarms(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/hazards.tsv")
	require.NoError(t, err)
	r := newReader(t)
	var right, missed, wrong int
	for line := range strings.Lines(string(data)) {
		label, text, ok := strings.Cut(strings.TrimSpace(line), "\t")
		require.True(t, ok, line)
		alarm := len(r.Hazards(text)) > 0
		switch {
		case label == "1" && alarm:
			right++
		case label == "1":
			missed++
			t.Logf("missed: %s", text)
		case alarm:
			wrong++
			t.Logf("false alarm: %s (%v)", text, r.Hazards(text))
		}
	}
	recall, precision := float64(right)/float64(right+missed), float64(right)/float64(right+wrong)
	t.Logf("%d hazards: recall %.3f, precision %.3f", right+missed, recall, precision)
	require.GreaterOrEqual(t, right+missed+wrong, 100)
	require.GreaterOrEqual(t, recall, 0.95)
	require.GreaterOrEqual(t, precision, 0.90)
}

// newReader builds a reader with the shipped parts.
func newReader(t testing.TB) *zhtext.Reader {
	t.Helper()
	r, err := zhtext.New(zhtext.Options{})
	require.NoError(t, err)
	return r
}

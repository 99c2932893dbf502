//go:build !race

package zhtext_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
)

// No allocation per text in steady state; the race detector's own would be counted, so it is left out there.
func TestSentimentAllocatesNothing(t *testing.T) {
	r := newReader(t)
	require.InDelta(t, 60, len([]rune(sixty)), 2)
	var s zhtext.Sentiment
	r.SentimentInto(&s, sixty)
	n := testing.AllocsPerRun(200, func() { r.SentimentInto(&s, sixty) })
	require.Less(t, n, 0.1)
}

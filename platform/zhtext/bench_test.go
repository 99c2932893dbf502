package zhtext_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
)

// sixty is a text of sixty runes, for the figure "3 us of CPU per 60-character text".
const sixty = "师傅上门很快修得也好，就是收费有点贵，不过总的来说还是满意的，洗衣机现在声音小多了，用起来也放心，推荐大家找他们维修。"

func BenchmarkSentiment(b *testing.B) {
	r := newReader(b)
	var s zhtext.Sentiment
	b.ReportAllocs()
	begin := cpuTime(b)
	for b.Loop() {
		r.SentimentInto(&s, sixty)
	}
	b.ReportMetric(float64(cpuTime(b)-begin)/float64(b.N), "cpu-ns/op")
}

// cpuTime is the processor time of this process in nanoseconds: on a machine with neighbours the clock on the wall lies.
func cpuTime(b *testing.B) int64 {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u.Utime.Nano() + u.Stime.Nano()
}

func BenchmarkExtract(b *testing.B) {
	r := newReader(b)
	for b.Loop() {
		r.Extract(sixty)
	}
}

func BenchmarkStart(b *testing.B) {
	b.ReportAllocs()
	begin := cpuTime(b)
	for b.Loop() {
		newReader(b)
	}
	b.ReportMetric(float64(cpuTime(b)-begin)/float64(b.N), "cpu-ns/op")
}

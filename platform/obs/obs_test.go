package obs

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestLogLinesCarryTheTrace(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	spans := tracetest.NewInMemoryExporter()
	o, err := New(t.Context(), Config{Service: "intake", Format: "json", Output: &out, TraceRatio: 1, Spans: spans})
	require.NoError(t, err)
	ctx, span := o.Tracer.Tracer("test").Start(t.Context(), "work")
	o.Log.InfoContext(ctx, "done", "case", "cases/1")
	o.Log.DebugContext(ctx, "not shown")
	span.End()
	require.Len(t, spans.GetSpans(), 1)
	require.Contains(t, out.String(), span.SpanContext().TraceID().String())
	require.Contains(t, out.String(), `"service":"intake"`)
	require.NotContains(t, out.String(), "not shown")
	require.NoError(t, o.Shutdown(t.Context()))
}

func TestWithoutCollectorNothingIsSampled(t *testing.T) {
	t.Parallel()
	o, err := New(t.Context(), Config{Service: "x"})
	require.NoError(t, err)
	_, span := o.Tracer.Tracer("test").Start(t.Context(), "work")
	require.False(t, span.IsRecording())
}

func TestAdminServesMetricsAndPprofOnlyByFlag(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		o, err := New(t.Context(), Config{Service: "x", Pprof: on})
		require.NoError(t, err)
		counter, err := o.Meter.Meter("test").Int64Counter("cases_accepted")
		require.NoError(t, err)
		counter.Add(t.Context(), 3)
		answer := httptest.NewRecorder()
		o.Admin().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
		require.Equal(t, 200, answer.Code)
		require.Regexp(t, `cases_accepted_total\{[^}]*\} 3`, answer.Body.String())
		answer = httptest.NewRecorder()
		o.Admin().ServeHTTP(answer, httptest.NewRequest("GET", "/debug/pprof/cmdline", nil))
		require.Equal(t, map[bool]int{false: 404, true: 200}[on], answer.Code)
	}
}

func TestBadSettingsAreRefused(t *testing.T) {
	t.Parallel()
	_, err := New(t.Context(), Config{Level: "loud"})
	require.Error(t, err)
	_, err = New(t.Context(), Config{Format: "xml"})
	require.Error(t, err)
}

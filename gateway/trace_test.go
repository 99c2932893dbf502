package gateway

import (
	"testing"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

func TestOneTraceFromHTTPIntoTheService(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	w := &world{
		t: t, clock: testkit.NewClock(t0), db: testkit.Open(t, testkit.SQLite(t), store.Migrations()), ring: testkit.Keys(t),
		tracer: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)),
	}
	w.start(Config{})
	w.seed()
	require.Equal(t, 200, w.do(call{method: "POST", path: "/v1/cases", body: goodCase, signed: true}).status)
	require.Eventually(t, func() bool { return len(spans.Ended()) >= 3 }, 5_000_000_000, 1_000_000)
	names := map[string]bool{}
	for _, s := range spans.Ended() {
		require.Equal(t, spans.Ended()[0].SpanContext().TraceID(), s.SpanContext().TraceID(), s.Name())
		names[s.SpanKind().String()+" "+s.Name()] = true
	}
	require.True(t, names["server HTTP POST"], names)
	require.True(t, names["server aftersales.intake.v1.CaseService/CreateCase"], names)
}

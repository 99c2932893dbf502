package grpcx

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
)

// One trace runs through gRPC, also inside one process (issue 2, must hold).
func TestTraceRunsFromCallerToHandler(t *testing.T) {
	t.Parallel()
	connections(t, func(t *testing.T, f *fixture, connect func() grpc.ClientConnInterface) {
		spans := tracetest.NewSpanRecorder()
		provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
		f.chain.Tracer = provider
		var inHandler trace.SpanContext
		f.server.do = func(ctx context.Context, _ *commonv1.Address) error {
			inHandler = trace.SpanContextFromContext(ctx)
			return nil
		}
		ctx, root := provider.Tracer("test").Start(as(staff("agent")), "gateway")
		conn := connect()
		if _, ok := conn.(*grpc.ClientConn); ok {
			// The network fixture's client does not trace; hand the parent on as otelgrpc would.
			ctx = withTraceParent(ctx)
		}
		_, err := echo(ctx, conn, echoMethod, &commonv1.Address{})
		require.NoError(t, err)
		root.End()
		require.Equal(t, root.SpanContext().TraceID(), inHandler.TraceID())
		require.NotEqual(t, root.SpanContext().SpanID(), inHandler.SpanID())
		require.True(t, inHandler.IsSampled())
		require.GreaterOrEqual(t, len(spans.Started()), 2)
	})
}

// A trace that is not kept makes no spans, and its id still reaches the handler.
func TestUnsampledTraceGoesAlongWithoutSpans(t *testing.T) {
	t.Parallel()
	connections(t, func(t *testing.T, f *fixture, connect func() grpc.ClientConnInterface) {
		spans := tracetest.NewSpanRecorder()
		provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans), sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.NeverSample())))
		f.chain.Tracer = provider
		var inHandler trace.SpanContext
		f.server.do = func(ctx context.Context, _ *commonv1.Address) error {
			inHandler = trace.SpanContextFromContext(ctx)
			return nil
		}
		ctx, root := provider.Tracer("test").Start(as(staff("agent")), "gateway")
		conn := connect()
		if _, ok := conn.(*grpc.ClientConn); ok {
			ctx = withTraceParent(ctx)
		}
		_, err := echo(ctx, conn, echoMethod, &commonv1.Address{})
		require.NoError(t, err)
		root.End()
		require.Equal(t, root.SpanContext().TraceID(), inHandler.TraceID())
		require.False(t, inHandler.IsSampled())
		require.Empty(t, spans.Started())
	})
}

func TestCallsAreCountedByMethodAndCode(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	reader := metric.NewManualReader()
	f.chain.Meter = metric.NewMeterProvider(metric.WithReader(reader))
	conn := f.inProcess()
	f.server.do = func(context.Context, *commonv1.Address) error { return apierr.ErrStale }
	for range 3 {
		_, err := echo(as(staff("agent")), conn, echoMethod, &commonv1.Address{})
		require.ErrorContains(t, err, "changed")
	}
	var got metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(context.Background(), &got))
	points := got.ScopeMetrics[0].Metrics[0].Data.(metricdata.Histogram[float64]).DataPoints
	require.Len(t, points, 1)
	require.EqualValues(t, 3, points[0].Count)
	code, _ := points[0].Attributes.Value("rpc.response.status_code")
	require.Equal(t, "Aborted", code.AsString())
}

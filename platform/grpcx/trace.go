package grpcx

import (
	"context"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
)

// traced reports whether a provider makes spans at all: a stats handler that makes
// none would still cost a few microseconds a call.
func traced(provider trace.TracerProvider) bool {
	_, off := provider.(noop.TracerProvider)
	return provider != nil && !off
}

func serverTracing(provider trace.TracerProvider, p propagation.TextMapPropagator) stats.Handler {
	p = orTraceContext(p)
	return &sparing{Handler: otelgrpc.NewServerHandler(tracing(provider, p)...), propagator: p, tag: receive}
}

func clientTracing(provider trace.TracerProvider, p propagation.TextMapPropagator) stats.Handler {
	p = orTraceContext(p)
	return &sparing{Handler: otelgrpc.NewClientHandler(tracing(provider, p)...), propagator: p, tag: send}
}

func orTraceContext(p propagation.TextMapPropagator) propagation.TextMapPropagator {
	if p == nil {
		return propagation.TraceContext{}
	}
	return p
}

// tracing sets only traces: the chain has its own, cheaper metrics.
func tracing(provider trace.TracerProvider, p propagation.TextMapPropagator) []otelgrpc.Option {
	return []otelgrpc.Option{
		otelgrpc.WithTracerProvider(provider), otelgrpc.WithPropagators(p),
		otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()),
	}
}

// sparing makes no span where the caller's trace is known not to be kept. The
// suite's samplers follow the parent (obs), so none would be recorded; the trace
// context still goes along, for logs and for what comes behind. Of a hundred
// traces ninety or more are of this kind, and their calls cost a few microseconds
// less (BenchmarkCall).
type sparing struct {
	stats.Handler
	propagator propagation.TextMapPropagator
	tag        func(ctx context.Context, p propagation.TextMapPropagator) (context.Context, bool)
}

type sparedKey struct{}

// TagRPC implements stats.Handler.
func (s *sparing) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	if spared, ok := s.tag(ctx, s.propagator); ok {
		return context.WithValue(spared, sparedKey{}, s)
	}
	return s.Handler.TagRPC(ctx, info)
}

// HandleRPC implements stats.Handler. In one process a server's context has a
// client's values nowhere in it, so that each side sees its own mark.
func (s *sparing) HandleRPC(ctx context.Context, event stats.RPCStats) {
	if ctx.Value(sparedKey{}) == s {
		return
	}
	s.Handler.HandleRPC(ctx, event)
}

// unsampled reports whether a trace is known and not kept.
func unsampled(ctx context.Context) bool {
	sc := trace.SpanContextFromContext(ctx)
	return sc.IsValid() && !sc.IsSampled()
}

// receive takes an unsampled trace context out of the headers.
func receive(ctx context.Context, p propagation.TextMapPropagator) (context.Context, bool) {
	md, _ := metadata.FromIncomingContext(ctx)
	ctx = p.Extract(ctx, carrier(md))
	return ctx, unsampled(ctx)
}

// send puts an unsampled trace context into the headers.
func send(ctx context.Context, p propagation.TextMapPropagator) (context.Context, bool) {
	if !unsampled(ctx) {
		return ctx, false
	}
	md, _ := metadata.FromOutgoingContext(ctx)
	if md == nil {
		md = make(metadata.MD, 1)
	}
	p.Inject(ctx, carrier(md))
	return metadata.NewOutgoingContext(ctx, md), true
}

// carrier lets a propagator read and write gRPC headers.
type carrier metadata.MD

// Get implements propagation.TextMapCarrier.
func (c carrier) Get(key string) string {
	if values := metadata.MD(c).Get(key); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Set implements propagation.TextMapCarrier.
func (c carrier) Set(key, value string) { metadata.MD(c).Set(key, value) }

// Keys implements propagation.TextMapCarrier.
func (c carrier) Keys() []string {
	keys := make([]string, 0, len(c))
	for k := range c {
		keys = append(keys, k)
	}
	return keys
}

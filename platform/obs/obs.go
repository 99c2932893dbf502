// Package obs builds what makes a process visible: its log, traces and metrics. Personal data never goes into any of them;
// callers pass resource names, codes and counts.
//
// Traces are exported only where an OTLP collector is configured; without one nothing is sampled and a span costs next to
// nothing. Metrics are always counted and served at /metrics on the admin address, and exported as well where OTLP is
// configured.
package obs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
)

// Config says what to build. The zero value logs text to standard error and exports nothing.
type Config struct {
	Service, Version string
	Level            string    // debug, info, warn, error; "" is info
	Format           string    // text or json; "" is text
	Output           io.Writer // nil is standard error
	OTLPEndpoint     string    // host:port of a collector (OTLP over gRPC); "" exports nothing
	TraceRatio       float64   // share of traces begun here that are kept; the caller's decision is followed
	Pprof            bool      // serve /debug/pprof on the admin handler
	// Spans, where set, receives every finished span at once; for tests.
	Spans sdktrace.SpanExporter
}

// Obs is what was built.
type Obs struct {
	Log    *slog.Logger
	Tracer trace.TracerProvider
	Meter  metric.MeterProvider

	registry  *prometheus.Registry
	pprof     bool
	shutdowns []func(context.Context) error
}

// New builds log, traces and metrics. A collector that cannot be reached is no error: exporters retry.
func New(ctx context.Context, cfg Config) (*Obs, error) {
	log, err := newLog(cfg)
	if err != nil {
		return nil, err
	}
	o := &Obs{Log: log, registry: prometheus.NewRegistry(), pprof: cfg.Pprof}
	about := resource.NewSchemaless(semconv.ServiceName(cfg.Service), semconv.ServiceVersion(cfg.Version))
	if err := errors.Join(o.traces(ctx, cfg, about), o.metrics(ctx, cfg, about)); err != nil {
		return nil, errors.Join(err, o.Shutdown(ctx))
	}
	return o, nil
}

func (o *Obs) traces(ctx context.Context, cfg Config, about *resource.Resource) error {
	o.Tracer = tracenoop.NewTracerProvider()
	if cfg.OTLPEndpoint == "" && cfg.Spans == nil {
		return nil
	}
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(about), sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(cfg.TraceRatio))),
	}
	if cfg.Spans != nil {
		options = append(options, sdktrace.WithSyncer(cfg.Spans))
	}
	if cfg.OTLPEndpoint != "" {
		exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(cfg.OTLPEndpoint), otlptracegrpc.WithInsecure())
		if err != nil {
			return fmt.Errorf("obs: traces: %w", err)
		}
		options = append(options, sdktrace.WithBatcher(exporter))
	}
	provider := sdktrace.NewTracerProvider(options...)
	o.Tracer = provider
	o.shutdowns = append(o.shutdowns, provider.Shutdown)
	return nil
}

// exportEvery is how often metrics are pushed to a collector.
const exportEvery = 30 * time.Second

func (o *Obs) metrics(ctx context.Context, cfg Config, about *resource.Resource) error {
	o.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reader, err := otelprom.New(otelprom.WithRegisterer(o.registry))
	if err != nil {
		return fmt.Errorf("obs: metrics: %w", err)
	}
	options := []sdkmetric.Option{sdkmetric.WithResource(about), sdkmetric.WithReader(reader)}
	if cfg.OTLPEndpoint != "" {
		exporter, err := otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithEndpoint(cfg.OTLPEndpoint), otlpmetricgrpc.WithInsecure())
		if err != nil {
			return fmt.Errorf("obs: metrics: %w", err)
		}
		options = append(options, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(exportEvery))))
	}
	provider := sdkmetric.NewMeterProvider(options...)
	o.Meter = provider
	o.shutdowns = append(o.shutdowns, provider.Shutdown)
	return nil
}

func newLog(cfg Config) (*slog.Logger, error) {
	var level slog.Level
	if cfg.Level != "" {
		if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
			return nil, fmt.Errorf("obs: log level %q: %w", cfg.Level, err)
		}
	}
	output := cfg.Output
	if output == nil {
		output = os.Stderr
	}
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler
	switch cfg.Format {
	case "", "text":
		handler = slog.NewTextHandler(output, options)
	case "json":
		handler = slog.NewJSONHandler(output, options)
	default:
		return nil, fmt.Errorf("obs: log format %q, known are text and json", cfg.Format)
	}
	return slog.New(traced{handler}).With("service", cfg.Service), nil
}

// traced adds the ids of the current span to each line, so that log and trace are found from each other.
type traced struct{ slog.Handler }

// Handle implements slog.Handler.
func (h traced) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(slog.String("trace", span.TraceID().String()), slog.String("span", span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (h traced) WithGroup(name string) slog.Handler { return traced{h.Handler.WithGroup(name)} }

// Admin serves /metrics and, by configuration, /debug/pprof. It belongs on an address of its own, never on the public one.
func (o *Obs) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(o.registry, promhttp.HandlerOpts{}))
	if o.pprof {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
		mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	}
	return mux
}

// flushWithin bounds the last delivery to a collector, which may be gone.
const flushWithin = 2 * time.Second

// Shutdown sends what is still held and ends the exporters. A collector that does not take it is a line in the log: it must
// not make an orderly end look like a failure.
func (o *Obs) Shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, flushWithin)
	defer cancel()
	for _, shutdown := range o.shutdowns {
		if err := shutdown(ctx); err != nil {
			o.Log.Warn("telemetry was not delivered", "error", err)
		}
	}
	return nil
}

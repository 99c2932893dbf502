package grpcx

import (
	"context"
	"io"
	"log/slog"
	"syscall"
	"testing"
	"time"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"

	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
)

// BenchmarkCall measures one unary call of a small message: the bare in-process
// channel, the whole chain with every check on, with tracing sampled out and with
// every span made, and the same over mutual TLS.
func BenchmarkCall(b *testing.B) {
	b.Run("bare channel", func(b *testing.B) {
		channel := &inprocgrpc.Channel{}
		channel.RegisterService(&echoDesc, &echoServer{})
		benchmark(context.Background(), b, channel)
	})
	b.Run("chain", func(b *testing.B) {
		f := benchFixture(b)
		benchmark(as(staff("agent")), b, f.inProcess())
	})
	b.Run("chain, traces sampled at 1 percent", func(b *testing.B) {
		f := benchFixture(b)
		f.chain.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(.01))))
		benchmark(as(staff("agent")), b, f.inProcess())
	})
	b.Run("chain, within a trace that is not kept", func(b *testing.B) {
		f := benchFixture(b)
		provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
		f.chain.Tracer = provider
		ctx, _ := provider.Tracer("gateway").Start(as(staff("agent")), "http")
		benchmark(ctx, b, f.inProcess())
	})
	b.Run("chain, every span", func(b *testing.B) {
		f := benchFixture(b)
		f.chain.Tracer = sdktrace.NewTracerProvider()
		benchmark(as(staff("agent")), b, f.inProcess())
	})
	b.Run("mutual TLS", func(b *testing.B) {
		f := benchFixture(b)
		benchmark(as(staff("agent")), b, f.network(b))
	})
}

// benchFixture has everything on that is on in service.
func benchFixture(b *testing.B) *fixture {
	f := newFixture(b)
	f.chain.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
	f.chain.Meter = metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))
	f.chain.Limiter = NewLocalLimiter(1e9, 1e9, now)
	return f
}

func benchmark(ctx context.Context, b *testing.B, conn grpc.ClientConnInterface) {
	in, out := &commonv1.Address{RegionCode: "310115", Line: "世纪大道1号"}, new(commonv1.Address)
	require.NoError(b, conn.Invoke(ctx, echoMethod, in, out))
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu(b)
	for range b.N {
		if err := conn.Invoke(ctx, echoMethod, in, out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/1e3/float64(b.N), "cpu-us/op")
}

// cpu is what this process has used: steadier than the clock beside others.
func cpu(b *testing.B) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

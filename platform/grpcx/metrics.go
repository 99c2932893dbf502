package grpcx

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"google.golang.org/grpc/codes"
)

// durationBuckets in seconds: from an answer out of memory to the longest call.
var durationBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}

// metrics counts calls by method and code; the attribute sets are kept, for
// making one costs more than recording.
type metrics struct {
	duration metric.Float64Histogram
	sets     sync.Map // outcome -> metric.MeasurementOption
}

type outcome struct {
	method string
	code   codes.Code
}

// newMetrics gives nil without a provider.
func newMetrics(provider metric.MeterProvider) *metrics {
	if provider == nil {
		return nil
	}
	h, err := provider.Meter("aftersales/grpcx").Float64Histogram("rpc.server.call.duration",
		metric.WithUnit("s"), metric.WithDescription("Duration of served calls by method and code."),
		metric.WithExplicitBucketBoundaries(durationBuckets...))
	if err != nil {
		return nil // only for a malformed name, which the test would see
	}
	return &metrics{duration: h}
}

func (m *metrics) record(ctx context.Context, method string, code codes.Code, d time.Duration) {
	key := outcome{method: method, code: code}
	set, ok := m.sets.Load(key)
	if !ok {
		set, _ = m.sets.LoadOrStore(key, metric.WithAttributeSet(attribute.NewSet(
			attribute.String("rpc.method", method), attribute.String("rpc.response.status_code", code.String()))))
	}
	m.duration.Record(ctx, d.Seconds(), set.(metric.MeasurementOption))
}

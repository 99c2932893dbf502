package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/tidwall/gjson"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Add registers fn as the worker of T's kind. The span of a job is a child of the span that enqueued it; a panic fails the
// attempt; an attempt has Timeout; a failed one is tried again after 1, 16, 81, … seconds, at most 25 times. fn may return
// river.JobSnooze to wait and river.JobCancel to give up. Add panics when the kind has a worker.
func Add[T river.JobArgs](w *river.Workers, fn func(ctx context.Context, args T) error) {
	AddTimeout(w, Timeout, fn)
}

// AddTimeout is Add with another limit for an attempt; it should stay below Config.RescueAfter.
func AddTimeout[T river.JobArgs](w *river.Workers, limit time.Duration, fn func(ctx context.Context, args T) error) {
	river.AddWorker(w, &worker[T]{limit: limit, fn: fn})
}

type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	limit time.Duration
	fn    func(ctx context.Context, args T) error
}

func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.limit }

func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	return w.fn(ctx, job.Args)
}

type attemptKey struct{}

// Attempt says inside a job which attempt this is, from 1, and whether it is the last.
func Attempt(ctx context.Context) (number int, last bool) {
	job, ok := ctx.Value(attemptKey{}).(*rivertype.JobRow)
	if !ok {
		return 1, false
	}
	return job.Attempt, job.Attempt >= job.MaxAttempts
}

// traced gives every attempt a span under the one that enqueued the job.
type traced struct {
	river.MiddlewareDefaults
	tracer trace.Tracer
}

var traceContext = propagation.TraceContext{}

func (m *traced) Work(ctx context.Context, job *rivertype.JobRow, next func(context.Context) error) (err error) {
	ctx = traceContext.Extract(ctx, metadataCarrier(job.Metadata))
	ctx, span := m.tracer.Start(ctx, "job "+job.Kind, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("job.kind", job.Kind), attribute.Int64("job.id", job.ID), attribute.Int("job.attempt", job.Attempt),
	))
	ended := false
	defer func() { // also on a panic, which River recovers further up
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		} else if !ended {
			span.SetStatus(codes.Error, "panic")
		}
		span.End()
	}()
	err = next(context.WithValue(ctx, attemptKey{}, job))
	ended = true
	return err
}

// metadataCarrier reads the trace context that sqldb put into the job's metadata.
type metadataCarrier []byte

func (c metadataCarrier) Get(key string) string { return gjson.GetBytes(c, key).String() }
func (c metadataCarrier) Set(string, string)    {}
func (c metadataCarrier) Keys() []string        { return traceContext.Fields() }

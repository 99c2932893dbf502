package grpcx

import (
	"context"
	"log/slog"
	"time"

	"buf.build/go/protovalidate"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/platform/auth"
)

// ChainOptions is what the chain needs. Verifier and Policy are the only ones
// without a usable zero value: without them nothing but health is answered.
type ChainOptions struct {
	Log         *slog.Logger                  // nil: none
	Verifier    *auth.Verifier                // checks callers' tokens
	Policy      *auth.Policy                  // who may call what
	Limiter     Limiter                       // per caller; nil: none (the gateway counts)
	MaxInFlight int                           // unary calls at a time; 0: 1024
	MaxDeadline time.Duration                 // longest unary call; 0: 60 s
	Validator   protovalidate.Validator       // nil: the default one
	Meter       metric.MeterProvider          // nil: no metrics
	Tracer      trace.TracerProvider          // nil: no tracing
	Propagator  propagation.TextMapPropagator // nil: W3C trace context
}

// ServerChain is the one chain of every server of the suite, for calls and for
// streams. What stands further up sees what those below it did. Tracing wraps
// the whole as a stats handler (NewServer, NewInProcess).
func ServerChain(opts ChainOptions) (unary []grpc.UnaryServerInterceptor, stream []grpc.StreamServerInterceptor) {
	c := newChain(opts)
	steps := steps{
		c.recover,      // a panic in any step below must not end the process, and no cause or stack may reach a client
		c.identify,     // the request's id must be known before the first line about it is logged
		c.log,          // every outcome is logged, also refusals, with the cause that the client is not told
		c.measure,      // and counted by method and code, mapped as the client sees it
		c.mapErrors,    // everything below may return any error or panic: one place turns it into a status
		c.limitTime,    // no call may hold resources for longer than the longest useful answer
		c.shed,         // beyond capacity a quick refusal is better than a slow answer, before any work is done
		c.authenticate, // nobody is told anything about a request before it is known who asks
		c.authorise,    // what a caller may not do is not counted, parsed or explained to them
		c.limit,        // limits are per caller, so the caller must be known
		c.validate,     // last: handlers see only messages that keep the rules beside their fields
	}
	return []grpc.UnaryServerInterceptor{steps.unary}, []grpc.StreamServerInterceptor{steps.stream}
}

// call is what the steps know about one call; it lives as long as the call.
type call struct {
	method    string
	req       any  // the message of a unary call
	streaming bool //
	open      bool // health and reflection: no caller, no policy
	requestID string
	locale    string
	principal auth.Principal
	finish    next // the handler
}

// next runs the rest of the chain.
type next func(ctx context.Context) error

// step is one link of the chain.
type step func(ctx context.Context, c *call, proceed next) error

type steps []step

// run runs the steps from i on, and then the handler.
func (s steps) run(ctx context.Context, c *call, i int) error {
	if i == len(s) {
		return c.finish(ctx)
	}
	return s[i](ctx, c, func(ctx context.Context) error { return s.run(ctx, c, i+1) })
}

// unary makes the steps an interceptor of calls.
func (s steps) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
	growStack(len(info.FullMethod))
	c := &call{method: info.FullMethod, req: req, open: isOpen(info.FullMethod)}
	c.finish = func(ctx context.Context) (err error) {
		resp, err = handler(ctx, req)
		return err
	}
	if err := s.run(context.WithValue(ctx, callKey{}, c), c, 0); err != nil {
		return nil, err
	}
	return resp, nil
}

// stream makes the steps an interceptor of streams.
func (s steps) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	c := &call{method: info.FullMethod, streaming: true, open: isOpen(info.FullMethod)}
	checked := &checkedStream{ServerStream: ss}
	c.req = checked
	c.finish = func(ctx context.Context) error {
		checked.ctx = ctx
		return handler(srv, checked)
	}
	return s.run(context.WithValue(ss.Context(), callKey{}, c), c, 0)
}

// growStack makes room for a whole call while the goroutine's stack is still
// shallow. Every call in process runs on a new goroutine; growing step by step
// deep in the chain copies its frames three times and took half of a call's time
// (BenchmarkCall: 29 us before).
//
//go:noinline
func growStack(at int) byte {
	var room [10 << 10]byte // makes the stack 16 kB, a size that the runtime keeps at hand
	room[at] = 1            // an index known only at run time keeps the array on the stack
	return room[at/2]
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

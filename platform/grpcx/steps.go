package grpcx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

// Limits where the options say nothing.
const (
	defaultInFlight    = 1024
	defaultMaxDeadline = 60 * time.Second
	shedRetry          = time.Second
)

// chain holds what the steps share between calls.
type chain struct {
	ChainOptions
	metrics  *metrics
	inFlight atomic.Int64
}

func newChain(opts ChainOptions) *chain {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.MaxInFlight == 0 {
		opts.MaxInFlight = defaultInFlight
	}
	if opts.MaxDeadline == 0 {
		opts.MaxDeadline = defaultMaxDeadline
	}
	if opts.Validator == nil {
		opts.Validator = protovalidate.GlobalValidator
	}
	return &chain{ChainOptions: opts, metrics: newMetrics(opts.Meter)}
}

// isOpen reports whether a method is answered without a caller.
func isOpen(method string) bool {
	return strings.HasPrefix(method, "/grpc.health.v1.") || strings.HasPrefix(method, "/grpc.reflection.")
}

// recover is the last line: whatever comes out is a status and nothing else. In
// one process the error itself would otherwise travel to the caller, cause and
// all.
func (ch *chain) recover(ctx context.Context, c *call, proceed next) error {
	err := guard(func() error { return proceed(ctx) })
	if err == nil {
		return nil
	}
	if mapped := asWire(err); mapped != nil {
		return mapped.status.Err()
	}
	ch.Log.ErrorContext(ctx, "interceptor failed", "method", c.method, "request_id", c.requestID, "error", err)
	return apierr.ErrInternal.Wrap(err).Status(apierr.ZH, c.requestID).Err()
}

// panicError carries a panic's value and stack to the log.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// guard turns a panic into an error.
func guard(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{value: v, stack: debug.Stack()}
		}
	}()
	return fn()
}

// identify takes over the request's id, or makes one, and the caller's language.
func (ch *chain) identify(ctx context.Context, c *call, proceed next) error {
	c.requestID = incomingRequestID(ctx)
	c.locale = apierr.Locale(first(ctx, headerLanguage))
	return proceed(ctx)
}

// log writes one line a call: what failed through our fault as errors with the
// cause, refusals as information, the rest for debugging.
func (ch *chain) log(ctx context.Context, c *call, proceed next) error {
	start := time.Now() // a duration of real time, not a fact: not from the injected clock
	err := proceed(ctx)
	level := logLevel(err)
	if !ch.Log.Enabled(ctx, level) {
		return err
	}
	attrs := []slog.Attr{
		slog.String("method", c.method), slog.String("code", status.Code(err).String()),
		slog.String("request_id", c.requestID), slog.String("caller", c.principal.Subject),
		slog.Float64("ms", float64(time.Since(start).Microseconds())/1e3),
	}
	if mapped := asWire(err); mapped != nil {
		attrs = append(attrs, slog.String("reason", mapped.reason()))
		if level >= slog.LevelWarn {
			attrs = append(attrs, slog.String("error", mapped.Error()))
		}
	}
	ch.Log.LogAttrs(ctx, level, "rpc", attrs...)
	return err
}

func logLevel(err error) slog.Level {
	switch status.Code(err) {
	case codes.OK:
		return slog.LevelDebug
	case codes.Internal, codes.Unknown, codes.DataLoss:
		return slog.LevelError
	case codes.Unavailable, codes.DeadlineExceeded:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

func (ch *chain) measure(ctx context.Context, c *call, proceed next) error {
	if ch.metrics == nil {
		return proceed(ctx)
	}
	start := time.Now()
	err := proceed(ctx)
	ch.metrics.record(ctx, c.method, status.Code(err), time.Since(start))
	return err
}

// wireError is an error as the client will see it, with the cause for the log.
type wireError struct {
	err    *apierr.Error
	status *status.Status
}

func (e *wireError) Error() string { return e.err.Error() }

func (e *wireError) Unwrap() error { return e.err }

// GRPCStatus has the caller's language and the request's id.
func (e *wireError) GRPCStatus() *status.Status { return e.status }

func asWire(err error) *wireError {
	var mapped *wireError
	errors.As(err, &mapped)
	return mapped
}

func (e *wireError) reason() string { return e.err.Kind().Reason() }

// mapErrors makes every error a status in the caller's language (api.md section 1).
func (ch *chain) mapErrors(ctx context.Context, c *call, proceed next) error {
	err := guard(func() error { return proceed(ctx) })
	if err == nil {
		return nil
	}
	e := apierr.From(err)
	return &wireError{err: e, status: e.Status(c.locale, c.requestID)}
}

// limitTime clamps the deadline of calls; streams live until their caller goes.
func (ch *chain) limitTime(ctx context.Context, c *call, proceed next) error {
	if c.streaming {
		return proceed(ctx)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= ch.MaxDeadline {
		return proceed(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, ch.MaxDeadline)
	defer cancel()
	return proceed(ctx)
}

// shed refuses calls beyond the number that may run at a time.
func (ch *chain) shed(ctx context.Context, c *call, proceed next) error {
	if c.streaming || c.open {
		return proceed(ctx)
	}
	defer ch.inFlight.Add(-1)
	if ch.inFlight.Add(1) > int64(ch.MaxInFlight) {
		return apierr.ErrOverloaded.New().WithRetry(shedRetry)
	}
	return proceed(ctx)
}

// authenticate finds out who calls. No token is an unknown caller, which public
// RPCs accept; a wrong one is refused everywhere.
func (ch *chain) authenticate(ctx context.Context, c *call, proceed next) error {
	header := first(ctx, headerAuthorization)
	if c.open || header == "" {
		return proceed(ctx)
	}
	token, ok := bearer(header)
	if !ok || ch.Verifier == nil {
		return apierr.ErrUnauthenticated.New()
	}
	p, err := ch.Verifier.Verify(token)
	if err != nil {
		return err
	}
	c.principal = p
	return proceed(auth.WithCaller(ctx, p, token))
}

func bearer(header string) (token string, ok bool) {
	const scheme = "bearer "
	if len(header) <= len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return "", false
	}
	return header[len(scheme):], true
}

// authorise asks the policy beside the RPC.
func (ch *chain) authorise(ctx context.Context, c *call, proceed next) error {
	if !c.open {
		if err := ch.check(c); err != nil {
			return err
		}
	}
	return proceed(ctx)
}

func (ch *chain) check(c *call) error {
	if ch.Policy == nil {
		return apierr.ErrForbidden.New("method", c.method)
	}
	return ch.Policy.Check(c.method, c.principal)
}

// limit counts the caller's calls.
func (ch *chain) limit(ctx context.Context, c *call, proceed next) error {
	if ch.Limiter != nil && !c.open {
		if wait := ch.Limiter.Take(ctx, c.principal); wait > 0 {
			return apierr.ErrRateLimited.New().WithRetry(wait)
		}
	}
	return proceed(ctx)
}

// validate checks the message of a call, and each message of a stream as it is
// received.
func (ch *chain) validate(ctx context.Context, c *call, proceed next) error {
	switch req := c.req.(type) {
	case *checkedStream:
		if !c.open {
			req.check = ch.checkMessage
		}
	case proto.Message:
		if c.open {
			break
		}
		if err := ch.checkMessage(req); err != nil {
			return err
		}
	}
	return proceed(ctx)
}

// checkedStream gives the handler the steps' context and checks what it receives.
type checkedStream struct {
	grpc.ServerStream
	ctx   context.Context
	check func(proto.Message) error
}

func (s *checkedStream) Context() context.Context { return s.ctx }

func (s *checkedStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	if msg, ok := m.(proto.Message); ok && s.check != nil {
		return s.check(msg)
	}
	return nil
}

// first gives the first value of an incoming header.
func first(ctx context.Context, key string) string {
	if values := metadata.ValueFromIncomingContext(ctx, key); len(values) > 0 {
		return values[0]
	}
	return ""
}

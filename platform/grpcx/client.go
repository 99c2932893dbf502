package grpcx

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/fullstorydev/grpchan"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

// What an outgoing call has where the options say nothing.
const (
	defaultDeadline = 10 * time.Second
	// deadlineMargin is taken off the caller's deadline, so that our caller hears
	// from us why nothing came, and not from its own clock.
	deadlineMargin = 20 * time.Millisecond
)

// reconnect looks for a service that went away every few seconds. The default's two minutes would keep a service out of work for
// as long after it came back.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 3 * time.Second},
	MinConnectTimeout: 5 * time.Second,
}

// ClientOptions is how a service calls others.
type ClientOptions struct {
	Service    string                        // own name, e.g. intake: the principal is services/<name>
	Tokens     *auth.Source                  // signs the own principal and forwarded ones; nil: calls are anonymous
	Deadline   time.Duration                 // of calls whose context has none; 0: 10 s
	TLS        *tls.Config                   // the client half of keys.Ring.TLS; nil: plain text, loopback only
	Peer       string                        // the called service's name, checked against its certificate
	RetryReads []string                      // full names of services whose reads may be repeated
	Tracer     trace.TracerProvider          // nil: no tracing (in process the channel traces)
	Propagator propagation.TextMapPropagator // nil: W3C trace context
}

// Dial makes a connection to addr (host:port or a gRPC target). It does not
// wait: the first call does, within its own deadline.
func Dial(_ context.Context, addr string, opts ClientOptions) (*grpc.ClientConn, error) {
	creds, err := transport(addr, opts)
	if err != nil {
		return nil, err
	}
	config, err := serviceConfig(opts.RetryReads)
	if err != nil {
		return nil, err
	}
	c := client{ClientOptions: opts}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(creds), grpc.WithDefaultServiceConfig(config),
		grpc.WithChainUnaryInterceptor(c.unary), grpc.WithChainStreamInterceptor(c.stream),
		grpc.WithConnectParams(reconnect),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: clientPing, Timeout: clientPingTimeout, PermitWithoutStream: true}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)),
	}
	if traced(opts.Tracer) {
		options = append(options, grpc.WithStatsHandler(clientTracing(opts.Tracer, opts.Propagator)))
	}
	return grpc.NewClient(addr, options...)
}

// Client gives a connection such as the in-process channel the same deadlines and
// identity that Dial gives.
func Client(conn grpc.ClientConnInterface, opts ClientOptions) grpc.ClientConnInterface {
	c := client{ClientOptions: opts}
	return grpchan.InterceptClientConn(conn, c.unary, c.stream)
}

// transport refuses to send tokens in plain text over a network.
func transport(addr string, opts ClientOptions) (credentials.TransportCredentials, error) {
	if opts.TLS == nil {
		if !isLoopback(addr) {
			return nil, fmt.Errorf("grpcx: %s is not a loopback address: TLS is needed", addr)
		}
		return insecure.NewCredentials(), nil
	}
	config := opts.TLS.Clone()
	if opts.Peer == "" && config.ServerName == "" {
		return nil, errors.New("grpcx: TLS without the name of the peer")
	}
	if opts.Peer != "" {
		config.ServerName = opts.Peer + ".aftersales.internal" // keys.ServerName
	}
	return credentials.NewTLS(config), nil
}

func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// client holds the interceptors of outgoing calls.
type client struct{ ClientOptions }

func (c client) unary(ctx context.Context, method string, req, resp any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	ctx, cancel, err := c.deadline(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	if ctx, err = c.outgoing(ctx); err != nil {
		return err
	}
	return explain(ctx, invoke(ctx, method, req, resp, cc, opts...))
}

// stream leaves time to the caller: watches have no end of their own.
func (c client) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	ctx, err := c.outgoing(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := open(ctx, desc, cc, method, opts...)
	if err != nil {
		return nil, explain(ctx, err)
	}
	return explainedStream{ClientStream: stream, ctx: ctx}, nil
}

// explainedStream gives a stream's errors the common shape.
type explainedStream struct {
	grpc.ClientStream
	ctx context.Context
}

func (s explainedStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return explain(s.ctx, err)
}

// explain gives an error that did not come from a server of the suite (nobody
// listens, the time is over) the shape of all others. The transport's own text
// names addresses: it stays in Error() for the log.
func explain(ctx context.Context, err error) error {
	if err == nil || apierr.Reason(err) != "" {
		return err
	}
	if ctx.Err() != nil {
		// The in-process channel may say io.EOF when the handler ends at the moment
		// the context does: the context's own end is the reason.
		err = ctx.Err()
	}
	language := ""
	if md, ok := metadata.FromOutgoingContext(ctx); ok && len(md[headerLanguage]) > 0 {
		language = md[headerLanguage][0]
	}
	e := apierr.From(err)
	if status.Code(err) == codes.ResourceExhausted { // of the transport: a message beyond the bound
		e = apierr.ErrTooLarge.Wrap(err, "limit", strconv.Itoa(maxMessageBytes))
	}
	return &wireError{err: e, status: e.Status(apierr.Locale(language), RequestID(ctx))}
}

func (c client) deadline(ctx context.Context) (context.Context, context.CancelFunc, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		d := c.Deadline
		if d == 0 {
			d = defaultDeadline
		}
		ctx, cancel := context.WithTimeout(ctx, d)
		return ctx, cancel, nil
	}
	deadline = deadline.Add(-deadlineMargin)
	if time.Until(deadline) <= 0 {
		return nil, nil, apierr.ErrDeadline.New().GRPCStatus().Err()
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	return ctx, cancel, nil
}

// outgoing sets who calls, the request's id and the language. Identity is always
// overwritten: a header from outside must not become it.
func (c client) outgoing(ctx context.Context) (context.Context, error) {
	md, _ := metadata.FromOutgoingContext(ctx) // a copy
	if md == nil {
		md = make(metadata.MD, 3)
	}
	token, err := c.token(ctx)
	if err != nil {
		return nil, fmt.Errorf("grpcx: token: %w", err)
	}
	delete(md, headerAuthorization)
	if token != "" {
		md[headerAuthorization] = []string{"Bearer " + token}
	}
	if id := RequestID(ctx); id != "" {
		md[headerRequestID] = []string{id}
	}
	if call := callOf(ctx); call != nil && len(md[headerLanguage]) == 0 {
		md[headerLanguage] = []string{call.locale}
	}
	return metadata.NewOutgoingContext(ctx, md), nil
}

// token is the caller's where it is to be forwarded, else the service's own.
func (c client) token(ctx context.Context) (string, error) {
	if forwarding(ctx) {
		if token := auth.TokenFromContext(ctx); token != "" {
			return token, nil
		}
		p := auth.FromContext(ctx)
		if p.Kind == auth.Public || c.Tokens == nil {
			return "", nil
		}
		return c.Tokens.Token(p)
	}
	if c.Tokens == nil || c.Service == "" {
		return "", nil
	}
	return c.Tokens.Token(auth.ServicePrincipal(c.Service))
}

type forwardKey struct{}

// ForwardPrincipal makes outgoing calls calls of whoever called us: with their
// own token, or with one signed for the principal in the context. An unknown
// caller stays unknown.
func ForwardPrincipal(ctx context.Context) context.Context {
	return context.WithValue(ctx, forwardKey{}, true)
}

func forwarding(ctx context.Context) bool {
	on, _ := ctx.Value(forwardKey{}).(bool)
	return on
}

package grpcx

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

// Bounds of a server (api.md section 1).
const (
	maxMessageBytes     = 4 << 20
	maxHeaderBytes      = 16 << 10
	maxStreams          = 1000
	handshakeTimeout    = 10 * time.Second
	serverPing          = 2 * time.Minute
	serverPingTimeout   = 20 * time.Second
	clientPing          = 30 * time.Second
	clientPingTimeout   = 10 * time.Second
	fastestClientPing   = 10 * time.Second
	maxConnectionAge    = time.Hour // so that clients find new addresses
	maxConnectionAgeEnd = time.Minute
)

// ServerOptions is the chain and what only a network server has.
type ServerOptions struct {
	ChainOptions
	TLS        *tls.Config    // nil: plain text, for a loopback address only
	Reflection bool           // answers reflection, for tools
	Health     *health.Server // nil: one that says SERVING
}

// NewServer makes a server with the chain, bounds, health and, by option,
// reflection.
func NewServer(opts ServerOptions) *grpc.Server {
	unary, stream := ServerChain(opts.ChainOptions)
	options := []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(unary...), grpc.ChainStreamInterceptor(stream...),
		grpc.UnknownServiceHandler(unknownMethod),
		grpc.MaxRecvMsgSize(maxMessageBytes), grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.MaxConcurrentStreams(maxStreams), grpc.ConnectionTimeout(handshakeTimeout),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			Time: serverPing, Timeout: serverPingTimeout, MaxConnectionAge: maxConnectionAge, MaxConnectionAgeGrace: maxConnectionAgeEnd,
		}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: fastestClientPing, PermitWithoutStream: true}),
	}
	if opts.TLS != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(opts.TLS)))
	}
	if traced(opts.Tracer) {
		options = append(options, grpc.StatsHandler(serverTracing(opts.Tracer, opts.Propagator)))
	}
	s := grpc.NewServer(options...)
	grpc_health_v1.RegisterHealthServer(s, healthServer(opts.Health))
	if opts.Reflection {
		reflection.Register(s)
	}
	return s
}

// NewInProcess makes a channel that is server and connection in one: what is
// registered on it is called without a socket, through the same chain. Callers
// use it through Client.
func NewInProcess(opts ChainOptions) *inprocgrpc.Channel {
	unary, stream := ServerChain(opts)
	channel := (&inprocgrpc.Channel{}).
		WithCloner(shallow{}).
		WithServerUnaryInterceptor(unary[0]).
		WithServerStreamInterceptor(stream[0])
	if traced(opts.Tracer) {
		channel.WithServerStatsHandler(serverTracing(opts.Tracer, opts.Propagator)).
			WithClientStatsHandler(clientTracing(opts.Tracer, opts.Propagator))
	}
	return channel
}

func healthServer(given *health.Server) *health.Server {
	if given != nil {
		return given
	}
	return health.NewServer()
}

// unknownMethod answers what no service has, in the shape of every other error.
func unknownMethod(_ any, ss grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(ss)
	locale := apierr.Locale(first(ss.Context(), headerLanguage))
	return apierr.ErrUnimplemented.New("method", method).Status(locale, incomingRequestID(ss.Context())).Err()
}

// CheckPolicy names every registered RPC that the policy does not know: a server
// that lacks one does not start.
func CheckPolicy(registered map[string]grpc.ServiceInfo, policy *auth.Policy) error {
	var errs []error
	for service, info := range registered {
		for _, m := range info.Methods {
			name := "/" + service + "/" + m.Name
			if !isOpen(name) && policy.Access(name) == nil {
				errs = append(errs, fmt.Errorf("grpcx: %s has no policy", name))
			}
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

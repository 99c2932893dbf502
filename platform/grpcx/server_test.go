package grpcx

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/keys"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
)

// withTraceParent puts the span of ctx into the outgoing metadata.
func withTraceParent(ctx context.Context) context.Context {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return metadata.AppendToOutgoingContext(ctx, "traceparent", carrier["traceparent"])
}

func TestHealthIsAnsweredWithoutACaller(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	answer, err := grpc_health_v1.NewHealthClient(f.network(t)).Check(ForwardPrincipal(context.Background()), &grpc_health_v1.HealthCheckRequest{})
	require.NoError(t, err)
	require.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, answer.GetStatus())
}

func TestUnknownMethodsHaveTheCommonShape(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, err := echo(as(staff("agent")), f.network(t), "/aftersales.none.v1.None/Do", &commonv1.Address{})
	requireReason(t, err, codes.Unimplemented, "METHOD_UNKNOWN")
}

func TestReadsAreRepeatedAndWritesAreNot(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var calls atomic.Int32
	f.server.do = func(context.Context, *commonv1.Address) error {
		if calls.Add(1) < 3 {
			return apierr.ErrUnavailable
		}
		return nil
	}
	conn := f.network(t)
	_, err := echo(as(staff("agent")), conn, openMethod, &commonv1.Address{}) // GetOpen is a read
	require.NoError(t, err)
	require.EqualValues(t, 3, calls.Load())

	calls.Store(0)
	_, err = echo(as(staff("agent")), conn, echoMethod, &commonv1.Address{})
	requireReason(t, err, codes.Unavailable, "UNAVAILABLE")
	require.EqualValues(t, 1, calls.Load())
}

func TestOnlyHoldersOfACertificateOfTheInstallationConnect(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	addr := f.network(t).Target()
	_, own, err := f.ring.TLS("survey")
	require.NoError(t, err)
	stranger, err := keys.Init(t.TempDir())
	require.NoError(t, err)
	_, foreign, err := stranger.TLS("survey")
	require.NoError(t, err)

	nameless := own.Clone()
	nameless.GetClientCertificate, nameless.ServerName = nil, keys.ServerName("intake")
	for name, config := range map[string]*tls.Config{"other installation": foreign, "no certificate": nameless} {
		opts := f.client()
		opts.TLS, opts.Peer = config, "intake"
		conn, err := Dial(context.Background(), addr, opts)
		require.NoError(t, err)
		_, err = echo(context.Background(), conn, echoMethod, &commonv1.Address{})
		require.Equal(t, codes.Unavailable, status.Code(err), name)
		require.NoError(t, conn.Close())
	}
	opts := f.client()
	opts.TLS, opts.Peer = own, "dispatch" // the server is intake
	conn, err := Dial(context.Background(), addr, opts)
	require.NoError(t, err)
	defer conn.Close()
	_, err = echo(context.Background(), conn, echoMethod, &commonv1.Address{})
	require.Equal(t, codes.Unavailable, status.Code(err))
}

func TestPlainTextLeavesTheMachineNever(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"10.0.0.7:9000", "intake:9000", "dns:///intake:9000", "127.0.0.1"} {
		_, err := Dial(context.Background(), addr, ClientOptions{})
		require.ErrorContains(t, err, "TLS is needed", addr)
	}
	creds, err := transport("127.0.0.1:9000", ClientOptions{})
	require.NoError(t, err)
	require.Equal(t, insecure.NewCredentials().Info().SecurityProtocol, creds.Info().SecurityProtocol)
	_, err = transport("intake:9000", ClientOptions{TLS: &tls.Config{}})
	require.ErrorContains(t, err, "name of the peer")
	creds, err = transport("intake:9000", ClientOptions{TLS: &tls.Config{}, Peer: "intake"})
	require.NoError(t, err)
	require.Equal(t, keys.ServerName("intake"), creds.Info().ServerName) //nolint:staticcheck // the only way to look
	require.IsType(t, credentials.NewTLS(nil), creds)
}

func TestServerWithoutAPolicyForAnRPCIsFound(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	server := NewServer(ServerOptions{ChainOptions: f.chain, Reflection: true})
	server.RegisterService(&echoDesc, f.server)
	require.NoError(t, CheckPolicy(server.GetServiceInfo(), f.chain.Policy))
	none, err := auth.LoadPolicy()
	require.NoError(t, err)
	err = CheckPolicy(server.GetServiceInfo(), none)
	require.ErrorContains(t, err, echoMethod)
	require.ErrorContains(t, err, watchMethod)
}

func TestWithoutPolicyOrVerifierNothingIsServed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.chain = ChainOptions{}
	_, err := echo(ForwardPrincipal(context.Background()), f.inProcess(), openMethod, &commonv1.Address{})
	requireReason(t, err, codes.PermissionDenied, "PERMISSION_DENIED")
	_, err = echo(as(staff("agent")), f.inProcess(), openMethod, &commonv1.Address{})
	requireReason(t, err, codes.Unauthenticated, "UNAUTHENTICATED")
}

func TestServiceConfigNamesReadsOnly(t *testing.T) {
	t.Parallel()
	config, err := serviceConfig([]string{testService})
	require.NoError(t, err)
	require.Contains(t, config, `"method":"GetOpen"`)
	require.NotContains(t, config, `"method":"Echo"`)
	_, err = serviceConfig([]string{"no.such.Service"})
	require.Error(t, err)
	conn, err := grpc.NewClient("127.0.0.1:1", grpc.WithDefaultServiceConfig(config), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err, "gRPC accepts it")
	require.NoError(t, conn.Close())
}

// What the transport says has the common shape too, and names no address.
func TestErrorsOfTheTransportHaveTheCommonShape(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := listener.Addr().String()
	require.NoError(t, listener.Close())
	conn, err := Dial(context.Background(), addr, ClientOptions{})
	require.NoError(t, err)
	defer conn.Close()
	ctx := metadata.AppendToOutgoingContext(WithRequestID(context.Background(), "r-1"), "accept-language", "en")
	_, err = echo(ctx, conn, echoMethod, &commonv1.Address{})
	requireReason(t, err, codes.Unavailable, "UNAVAILABLE")
	require.Equal(t, "r-1", detail[*errdetails.RequestInfo](t, err).GetRequestId())
	require.NotContains(t, status.Convert(err).Proto().String(), addr)
	require.Contains(t, err.Error(), addr, "for the log")

	stream, err := conn.NewStream(ctx, &echoDesc.Streams[0], watchMethod)
	if err == nil {
		err = stream.RecvMsg(new(commonv1.Address))
	}
	requireReason(t, err, codes.Unavailable, "UNAVAILABLE")

	f := newFixture(t)
	_, err = echo(as(staff("agent")), f.network(t), echoMethod, &commonv1.Address{Line: strings.Repeat("x", maxMessageBytes)})
	requireReason(t, err, codes.InvalidArgument, "TOO_LARGE")

	entered := make(chan struct{})
	f.server.do = func(ctx context.Context, _ *commonv1.Address) error { close(entered); <-ctx.Done(); return ctx.Err() }
	short, cancel := context.WithCancel(as(staff("agent")))
	go func() { <-entered; cancel() }()
	_, err = echo(short, f.inProcess(), echoMethod, &commonv1.Address{})
	requireReason(t, err, codes.Canceled, "CANCELLED")
}

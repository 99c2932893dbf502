package grpcx

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/keys"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
)

// The service of these tests is made here, not generated: Echo calls and Watch
// streams of a message that has validation rules (common.v1.Address).
const (
	testService = "aftersales.grpcx.test.EchoService"
	echoMethod  = "/" + testService + "/Echo"
	openMethod  = "/" + testService + "/GetOpen"
	watchMethod = "/" + testService + "/Watch"
)

var start = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func now() time.Time { return start }

// echoServer answers what it gets after doing what the test wants.
type echoServer struct {
	do func(ctx context.Context, in *commonv1.Address) error
}

func (s *echoServer) echo(ctx context.Context, in *commonv1.Address) (*commonv1.Address, error) {
	if s.do != nil {
		if err := s.do(ctx, in); err != nil {
			return nil, err
		}
	}
	return in, nil
}

func (s *echoServer) watch(stream grpc.ServerStream) error {
	for {
		in := new(commonv1.Address)
		if err := stream.RecvMsg(in); err != nil {
			return ignoreEOF(err)
		}
		out, err := s.echo(stream.Context(), in)
		if err != nil {
			return err
		}
		if err := stream.SendMsg(out); err != nil {
			return err
		}
	}
}

func echoHandler(ctx context.Context, srv any, dec func(any) error, i grpc.UnaryServerInterceptor, method string) (any, error) {
	in := new(commonv1.Address)
	if err := dec(in); err != nil {
		return nil, err
	}
	handle := func(ctx context.Context, req any) (any, error) {
		return srv.(*echoServer).echo(ctx, req.(*commonv1.Address))
	}
	if i == nil {
		return handle(ctx, in)
	}
	return i(ctx, in, &grpc.UnaryServerInfo{Server: srv, FullMethod: method}, handle)
}

var echoDesc = grpc.ServiceDesc{
	ServiceName: testService, HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{
		{MethodName: "Echo", Handler: func(srv any, ctx context.Context, dec func(any) error, i grpc.UnaryServerInterceptor) (any, error) {
			return echoHandler(ctx, srv, dec, i, echoMethod)
		}},
		{MethodName: "GetOpen", Handler: func(srv any, ctx context.Context, dec func(any) error, i grpc.UnaryServerInterceptor) (any, error) {
			return echoHandler(ctx, srv, dec, i, openMethod)
		}},
	},
	Streams: []grpc.StreamDesc{{
		StreamName: "Watch", ServerStreams: true, ClientStreams: true,
		Handler: func(srv any, stream grpc.ServerStream) error { return srv.(*echoServer).watch(stream) },
	}},
}

// descriptor is the same service as a proto descriptor with access options.
var descriptor = registerDescriptor()

func registerDescriptor() protoreflect.ServiceDescriptor {
	method := func(name string, access *commonv1.Access, stream bool) *descriptorpb.MethodDescriptorProto {
		opts := &descriptorpb.MethodOptions{}
		proto.SetExtension(opts, commonv1.E_Access, access)
		return &descriptorpb.MethodDescriptorProto{
			Name: proto.String(name), Options: opts, ClientStreaming: &stream, ServerStreaming: &stream,
			InputType: proto.String(".aftersales.common.v1.Address"), OutputType: proto.String(".aftersales.common.v1.Address"),
		}
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("aftersales/grpcx/test.proto"), Package: proto.String("aftersales.grpcx.test"), Syntax: proto.String("proto3"),
		Dependency: []string{"aftersales/common/v1/types.proto", "aftersales/common/v1/access.proto"},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("EchoService"), Method: []*descriptorpb.MethodDescriptorProto{
			method("Echo", &commonv1.Access{Roles: []string{"agent"}, Services: true}, false),
			method("GetOpen", &commonv1.Access{Public: true}, false),
			method("Watch", &commonv1.Access{Roles: []string{"*"}, Services: true}, true),
		}}},
	}, protoregistry.GlobalFiles)
	if err != nil {
		panic(err)
	}
	if err := protoregistry.GlobalFiles.RegisterFile(file); err != nil {
		panic(err)
	}
	return file.Services().Get(0)
}

// fixture is what a test has at hand.
type fixture struct {
	ring   *keys.Ring
	signer *auth.Signer
	chain  ChainOptions
	server *echoServer
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	ring, err := keys.Init(t.TempDir())
	require.NoError(t, err)
	policy, err := auth.LoadPolicy(descriptor)
	require.NoError(t, err)
	return &fixture{
		ring: ring, signer: ring.TokenSigner(now), server: &echoServer{},
		chain: ChainOptions{Verifier: ring.TokenVerifier(now), Policy: policy},
	}
}

func (f *fixture) client() ClientOptions {
	return ClientOptions{Service: "survey", Tokens: auth.NewSource(f.signer, 10*time.Minute)}
}

// inProcess gives a connection to the test server inside this process.
func (f *fixture) inProcess() grpc.ClientConnInterface {
	channel := NewInProcess(f.chain)
	channel.RegisterService(&echoDesc, f.server)
	return Client(channel, f.client())
}

// network serves on a free loopback port and gives a connection to it.
func (f *fixture) network(t testing.TB) *grpc.ClientConn {
	t.Helper()
	server, client, err := f.ring.TLS("intake")
	require.NoError(t, err)
	s := NewServer(ServerOptions{ChainOptions: f.chain, TLS: server})
	s.RegisterService(&echoDesc, f.server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(s.Stop)
	opts := f.client()
	opts.TLS, opts.Peer, opts.RetryReads = client, "intake", []string{testService}
	conn, err := Dial(context.Background(), listener.Addr().String(), opts)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// connections runs a test over both forms: nothing may differ but the socket.
func connections(t *testing.T, test func(t *testing.T, f *fixture, connect func() grpc.ClientConnInterface)) {
	t.Helper()
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t)
		test(t, f, f.inProcess)
	})
	t.Run("network", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t)
		test(t, f, func() grpc.ClientConnInterface { return f.network(t) })
	})
}

func staff(roles ...string) auth.Principal {
	return auth.Principal{Subject: "users/1", Kind: auth.Staff, Org: "organisations/a", Roles: roles}
}

// as makes the call one of p.
func as(p auth.Principal) context.Context {
	return ForwardPrincipal(auth.WithPrincipal(context.Background(), p))
}

func echo(ctx context.Context, conn grpc.ClientConnInterface, method string, in *commonv1.Address) (*commonv1.Address, error) {
	out := new(commonv1.Address)
	return out, conn.Invoke(ctx, method, in, out)
}

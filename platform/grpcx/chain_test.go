package grpcx

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
)

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// detail finds one detail of a status; there must be exactly one of its type.
func detail[T proto.Message](t *testing.T, err error) T {
	t.Helper()
	var found []T
	for _, d := range status.Convert(err).Details() {
		if m, ok := d.(T); ok {
			found = append(found, m)
		}
	}
	require.Len(t, found, 1, "details of %v", err)
	return found[0]
}

func requireReason(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()
	require.Equal(t, code, status.Code(err), "%v", err)
	info := detail[*errdetails.ErrorInfo](t, err)
	require.Equal(t, reason, info.GetReason())
	require.Equal(t, "aftersales", info.GetDomain())
}

func TestCallReachesHandlerWithPrincipal(t *testing.T) {
	t.Parallel()
	connections(t, func(t *testing.T, f *fixture, connect func() grpc.ClientConnInterface) {
		var seen auth.Principal
		var id string
		f.server.do = func(ctx context.Context, _ *commonv1.Address) error {
			seen, id = auth.FromContext(ctx), RequestID(ctx)
			return nil
		}
		out, err := echo(WithRequestID(as(staff("agent")), "req-1"), connect(), echoMethod, &commonv1.Address{Line: "世纪大道1号"})
		require.NoError(t, err)
		require.Equal(t, "世纪大道1号", out.GetLine())
		require.Equal(t, staff("agent"), seen)
		require.Equal(t, "req-1", id)
	})
}

func TestWithoutForwardingTheServiceItselfCalls(t *testing.T) {
	t.Parallel()
	connections(t, func(t *testing.T, f *fixture, connect func() grpc.ClientConnInterface) {
		var seen auth.Principal
		f.server.do = func(ctx context.Context, _ *commonv1.Address) error { seen = auth.FromContext(ctx); return nil }
		ctx := auth.WithPrincipal(context.Background(), staff("agent"))
		_, err := echo(ctx, connect(), echoMethod, &commonv1.Address{})
		require.NoError(t, err)
		require.Equal(t, auth.ServicePrincipal("survey"), seen)
	})
}

func TestIdentityCannotBeSmuggledInMetadata(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	token, _, err := f.signer.Sign(staff("agent"), time.Minute)
	require.NoError(t, err)
	var seen auth.Principal
	f.server.do = func(ctx context.Context, _ *commonv1.Address) error { seen = auth.FromContext(ctx); return nil }
	// A header that some transport put into the outgoing metadata is replaced.
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+token)
	_, err = echo(ForwardPrincipal(ctx), f.inProcess(), openMethod, &commonv1.Address{})
	require.NoError(t, err)
	require.Equal(t, auth.Public, seen.Kind)
}

func TestRefusalsCarryReasonAndTwoLanguages(t *testing.T) {
	t.Parallel()
	errState := apierr.Define(codes.FailedPrecondition, "CASE_STATE_INVALID", "状态为 {state}", "state is {state}")
	cases := []struct {
		name   string
		ctx    context.Context
		in     *commonv1.Address
		fail   error
		code   codes.Code
		reason string
		zh, en string
	}{
		{"nobody", ForwardPrincipal(context.Background()), &commonv1.Address{}, nil, codes.Unauthenticated, "UNAUTHENTICATED", "请先登录", "valid credentials"},
		{"wrong role", as(staff("engineer")), &commonv1.Address{}, nil, codes.PermissionDenied, "PERMISSION_DENIED", "没有执行", "may not do this"},
		{"bad field", as(staff("agent")), &commonv1.Address{RegionCode: "x"}, nil, codes.InvalidArgument, "FIELD_INVALID", "region_code 格式不符", "region_code"},
		{"domain", as(staff("agent")), &commonv1.Address{}, errState.New("state", "CLOSED"), codes.FailedPrecondition, "CASE_STATE_INVALID", "状态为 CLOSED", "state is CLOSED"},
		{"internal", as(staff("agent")), &commonv1.Address{}, errors.New("dsn=secret"), codes.Internal, "INTERNAL", "系统内部错误", "internal error"},
	}
	connections(t, func(t *testing.T, f *fixture, connect func() grpc.ClientConnInterface) {
		conn := connect()
		for _, c := range cases {
			f.server.do = func(context.Context, *commonv1.Address) error { return c.fail }
			for language, want := range map[string]string{"zh-CN,zh;q=0.9": c.zh, "en-US": c.en} {
				ctx := metadata.AppendToOutgoingContext(c.ctx, "accept-language", language)
				_, err := echo(WithRequestID(ctx, "r-7"), conn, echoMethod, c.in)
				requireReason(t, err, c.code, c.reason)
				require.Contains(t, detail[*errdetails.LocalizedMessage](t, err).GetMessage(), want, c.name)
				require.Equal(t, "r-7", detail[*errdetails.RequestInfo](t, err).GetRequestId())
				require.NotContains(t, err.Error(), "secret")
			}
		}
	})
}

func TestBadRequestNamesEveryField(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, err := echo(as(staff("agent")), f.inProcess(), echoMethod, &commonv1.Address{RegionCode: "x", Line: strings.Repeat("长", 201)})
	requireReason(t, err, codes.InvalidArgument, "FIELD_INVALID")
	var fields []string
	for _, v := range detail[*errdetails.BadRequest](t, err).GetFieldViolations() {
		fields = append(fields, v.GetField())
		require.NotEmpty(t, v.GetDescription())
		require.Equal(t, "zh-CN", v.GetLocalizedMessage().GetLocale())
	}
	require.Equal(t, []string{"region_code", "line"}, fields)
}

func TestValidationComesAfterAuthorisation(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, err := echo(as(staff("engineer")), f.inProcess(), echoMethod, &commonv1.Address{RegionCode: "x"})
	requireReason(t, err, codes.PermissionDenied, "PERMISSION_DENIED")
}

func TestPanicIsInternalLoggedWithStackAndNotTold(t *testing.T) {
	t.Parallel()
	connections(t, func(t *testing.T, f *fixture, connect func() grpc.ClientConnInterface) {
		var out lockedBuffer
		f.chain.Log = slog.New(slog.NewJSONHandler(&out, nil))
		f.server.do = func(context.Context, *commonv1.Address) error { panic("kaboom") }
		conn := connect()
		_, err := echo(as(staff("agent")), conn, echoMethod, &commonv1.Address{})
		requireReason(t, err, codes.Internal, "INTERNAL")
		require.NotContains(t, err.Error(), "kaboom")
		require.Contains(t, out.String(), "kaboom")
		require.Contains(t, out.String(), "chain_test.go")
		f.server.do = nil
		_, err = echo(as(staff("agent")), conn, echoMethod, &commonv1.Address{})
		require.NoError(t, err, "the server goes on")
	})
}

func TestBrokenTokenIsRefusedEvenWherePublic(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	channel := NewInProcess(f.chain)
	channel.RegisterService(&echoDesc, f.server)
	for _, header := range []string{"Bearer x.y.z", "Basic abc", "Bearer "} {
		ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", header)
		_, err := echo(ctx, channel, openMethod, &commonv1.Address{})
		requireReason(t, err, codes.Unauthenticated, "UNAUTHENTICATED")
	}
}

func TestStreamIsAuthorisedAndEachMessageValidated(t *testing.T) {
	t.Parallel()
	connections(t, func(t *testing.T, _ *fixture, connect func() grpc.ClientConnInterface) {
		conn := connect()
		stream := open(as(staff("engineer")), t, conn)
		out := new(commonv1.Address)
		require.NoError(t, stream.SendMsg(&commonv1.Address{Line: "一"}))
		require.NoError(t, stream.RecvMsg(out))
		require.Equal(t, "一", out.GetLine())
		require.NoError(t, stream.SendMsg(&commonv1.Address{RegionCode: "bad"}))
		requireReason(t, stream.RecvMsg(out), codes.InvalidArgument, "FIELD_INVALID")

		stream = open(as(auth.Principal{Subject: "customers/1", Kind: auth.Customer}), t, conn)
		requireReason(t, stream.RecvMsg(out), codes.PermissionDenied, "PERMISSION_DENIED")
	})
}

func open(ctx context.Context, t *testing.T, conn grpc.ClientConnInterface) grpc.ClientStream {
	t.Helper()
	stream, err := conn.NewStream(ctx, &echoDesc.Streams[0], watchMethod)
	require.NoError(t, err)
	return stream
}

func TestDeadlineIsSetShavedAndClamped(t *testing.T) {
	t.Parallel()
	connections(t, func(t *testing.T, f *fixture, connect func() grpc.ClientConnInterface) {
		var left time.Duration
		f.server.do = func(ctx context.Context, _ *commonv1.Address) error {
			deadline, ok := ctx.Deadline()
			require.True(t, ok)
			left = time.Until(deadline)
			return nil
		}
		conn := connect()
		ctx, cancel := context.WithTimeout(as(staff("agent")), 5*time.Second)
		defer cancel()
		for _, c := range []struct {
			ctx  context.Context
			most time.Duration
		}{{as(staff("agent")), 10 * time.Second}, {ctx, 5*time.Second - deadlineMargin}} {
			_, err := echo(c.ctx, conn, echoMethod, &commonv1.Address{})
			require.NoError(t, err)
			require.LessOrEqual(t, left, c.most)
			require.Greater(t, left, c.most-4*time.Second)
		}
		long, cancel := context.WithTimeout(as(staff("agent")), time.Hour)
		defer cancel()
		_, err := echo(long, conn, echoMethod, &commonv1.Address{})
		require.NoError(t, err)
		require.LessOrEqual(t, left, defaultMaxDeadline)
	})
}

func TestPassedDeadlineIsToldWithoutACall(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ctx, cancel := context.WithTimeout(as(staff("agent")), deadlineMargin/2)
	defer cancel()
	_, err := echo(ctx, f.inProcess(), echoMethod, &commonv1.Address{})
	requireReason(t, err, codes.DeadlineExceeded, "DEADLINE_EXCEEDED")
}

func TestCancellationReachesTheHandler(t *testing.T) {
	t.Parallel()
	connections(t, func(t *testing.T, f *fixture, connect func() grpc.ClientConnInterface) {
		entered, ended := make(chan struct{}), make(chan error, 1)
		f.server.do = func(ctx context.Context, _ *commonv1.Address) error {
			close(entered)
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		}
		ctx, cancel := context.WithCancel(as(staff("agent")))
		go func() { <-entered; cancel() }()
		_, err := echo(ctx, connect(), echoMethod, &commonv1.Address{})
		require.Equal(t, codes.Canceled, status.Code(err))
		require.ErrorIs(t, <-ended, context.Canceled)
	})
}

func TestCallerBeyondLimitIsToldWhenToReturn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.chain.Limiter = NewLocalLimiter(1, 2, now)
	conn := f.inProcess()
	for range 2 {
		_, err := echo(as(staff("agent")), conn, echoMethod, &commonv1.Address{})
		require.NoError(t, err)
	}
	_, err := echo(as(staff("agent")), conn, echoMethod, &commonv1.Address{})
	requireReason(t, err, codes.ResourceExhausted, "RATE_LIMITED")
	require.Equal(t, time.Second, detail[*errdetails.RetryInfo](t, err).GetRetryDelay().AsDuration())
	_, err = echo(context.Background(), conn, echoMethod, &commonv1.Address{})
	require.NoError(t, err, "services are not limited")
}

func TestServerShedsBeyondItsCapacity(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.chain.MaxInFlight = 1
	entered, leave := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	f.server.do = func(context.Context, *commonv1.Address) error {
		if first.CompareAndSwap(false, true) {
			close(entered)
			<-leave
		}
		return nil
	}
	conn := f.inProcess()
	done := make(chan error, 1)
	go func() { _, err := echo(as(staff("agent")), conn, echoMethod, &commonv1.Address{}); done <- err }()
	<-entered
	_, err := echo(as(staff("agent")), conn, echoMethod, &commonv1.Address{})
	requireReason(t, err, codes.ResourceExhausted, "OVERLOADED")
	close(leave)
	require.NoError(t, <-done)
	_, err = echo(as(staff("agent")), conn, echoMethod, &commonv1.Address{})
	require.NoError(t, err)
}

func TestRequestIDFromOutsideIsTakenOnlyWhenPrintable(t *testing.T) {
	t.Parallel()
	require.True(t, validRequestID("0192-abc"))
	for _, bad := range []string{"", "a b", "a\nb", strings.Repeat("x", 129), "中"} {
		require.False(t, validRequestID(bad), "%q", bad)
	}
}

// lockedBuffer is a log's destination that the test may read meanwhile.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

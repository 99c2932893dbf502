package apierr_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

var errState = apierr.Define(codes.FailedPrecondition, "CASE_STATE_INVALID", "状态为 {state},不能{verb}", "the case is {state}; {verb} is not possible")

func only[T proto.Message](t *testing.T, st *status.Status) T {
	t.Helper()
	var found []T
	for _, d := range st.Details() {
		if m, ok := d.(T); ok {
			found = append(found, m)
		}
	}
	require.Len(t, found, 1)
	return found[0]
}

func TestStatusCarriesExactlyOneErrorInfoAndBothLanguages(t *testing.T) {
	t.Parallel()
	e := errState.New("state", "CLOSED", "verb", "accept").WithRetry(2 * time.Second)
	zh, en := e.Status(apierr.ZH, "req-1"), e.Status(apierr.EN, "req-1")
	require.Equal(t, codes.FailedPrecondition, zh.Code())
	info := only[*errdetails.ErrorInfo](t, zh)
	require.Equal(t, "CASE_STATE_INVALID", info.GetReason())
	require.Equal(t, "aftersales", info.GetDomain())
	require.Equal(t, map[string]string{"state": "CLOSED", "verb": "accept"}, info.GetMetadata())
	require.Equal(t, "状态为 CLOSED,不能accept", only[*errdetails.LocalizedMessage](t, zh).GetMessage())
	require.Equal(t, "the case is CLOSED; accept is not possible", only[*errdetails.LocalizedMessage](t, en).GetMessage())
	require.Equal(t, "req-1", only[*errdetails.RequestInfo](t, zh).GetRequestId())
	require.Equal(t, 2*time.Second, only[*errdetails.RetryInfo](t, zh).GetRetryDelay().AsDuration())
	require.Equal(t, en.Message(), zh.Message(), "the status itself is English in both")
}

func TestKindIsFoundThroughWrapping(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk on fire")
	err := fmt.Errorf("store: %w", errState.Wrap(cause, "state", "NEW"))
	require.ErrorIs(t, err, errState)
	require.ErrorIs(t, err, cause)
	require.NotErrorIs(t, err, apierr.ErrStale)
	require.Equal(t, "CASE_STATE_INVALID", apierr.Reason(err))
	require.ErrorIs(t, fmt.Errorf("x: %w", apierr.ErrStale), apierr.ErrStale, "a bare kind is an error too")
	require.Equal(t, codes.Aborted, status.Code(apierr.ErrStale))
}

func TestInvalidCollectsFields(t *testing.T) {
	t.Parallel()
	e := apierr.Invalid("phone", "格式不符", "has a wrong form").WithField("name", "必填", "is required")
	br := only[*errdetails.BadRequest](t, e.Status(apierr.ZH, ""))
	require.Len(t, br.GetFieldViolations(), 2)
	require.Equal(t, "phone", br.GetFieldViolations()[0].GetField())
	require.Equal(t, "必填", br.GetFieldViolations()[1].GetLocalizedMessage().GetMessage())
	require.Equal(t, "请求内容无效:phone 格式不符;name 必填", e.Text(apierr.ZH))
	require.Equal(t, "the request is invalid: phone has a wrong form; name is required", e.Text(apierr.EN))
}

func TestCopiesDoNotShareState(t *testing.T) {
	t.Parallel()
	base := errState.New("state", "NEW")
	a, b := base.With("verb", "a"), base.With("verb", "b")
	require.Equal(t, "a", a.Metadata()["verb"])
	require.Equal(t, "b", b.Metadata()["verb"])
	require.NotContains(t, base.Metadata(), "verb")
	f := apierr.Invalid("x", "错", "bad")
	require.Len(t, f.WithField("y", "错", "bad").Fields(), 2)
	require.Len(t, f.Fields(), 1)
}

func TestFromHidesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	refused := status.Error(codes.PermissionDenied, "remote secret")
	for _, c := range []struct {
		err  error
		want *apierr.Kind
	}{
		{errors.New("password=1"), apierr.ErrInternal},
		{fmt.Errorf("q: %w", context.DeadlineExceeded), apierr.ErrDeadline},
		{context.Canceled, apierr.ErrCancelled},
		{status.Error(codes.Unavailable, "host 10.0.0.1"), apierr.ErrUnavailable},
		{refused, apierr.ErrInternal}, // another service's refusal of us is our fault
		{fmt.Errorf("call: %w", refused), apierr.ErrInternal},
		{apierr.NotFound("cases/1"), apierr.ErrNotFound},
	} {
		e := apierr.From(c.err)
		require.ErrorIs(t, e, c.want)
		require.ErrorIs(t, e, c.err)
		require.NotContains(t, e.Status(apierr.EN, "r").Proto().String(), "secret")
		require.NotContains(t, e.Status(apierr.EN, "r").Proto().String(), "10.0.0.1")
	}
	require.Equal(t, "CASE_STATE_INVALID", apierr.Reason(errState.New().GRPCStatus().Err()), "of a remote error")
	require.Empty(t, apierr.Reason(errors.New("x")))
}

func TestLocale(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"": apierr.ZH, "zh": apierr.ZH, "zh-TW,en;q=0.5": apierr.ZH, "*": apierr.ZH, "zh_CN": apierr.ZH,
		"en-GB,zh;q=0.4": apierr.EN, "fr": apierr.EN, "zha": apierr.EN, "en ;q=1": apierr.EN,
	} {
		require.Equal(t, want, apierr.Locale(header), header)
	}
}

func TestMalformedKindsPanic(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"", "lower", "A", "TRAILING_", "SPACE D"} {
		require.Panics(t, func() { apierr.Define(codes.Internal, reason, "中", "en") }, reason)
	}
	require.Panics(t, func() { apierr.Define(codes.OK, "GOOD_REASON", "中", "en") })
	require.Panics(t, func() { errState.New("odd") })
}

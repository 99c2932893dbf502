package transcode

import (
	"context"
	"errors"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// httpStatus says where the HTTP status is not the one of the gRPC code.
var httpStatus = map[string]int{
	"TOO_LARGE":                http.StatusRequestEntityTooLarge,
	"CONTENT_TYPE_UNSUPPORTED": http.StatusUnsupportedMediaType,
	"HTTP_METHOD_NOT_ALLOWED":  http.StatusMethodNotAllowed,
}

// handleError is the mux's error handler.
func handleError(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, httpReq *http.Request, err error) {
	WriteError(w, From(ctx), judge(From(ctx), httpReq, err))
}

// judge finds the error to answer: the reason to refuse that was kept, what a service answered, or what the mux stumbled
// over, which it tells as a bare InvalidArgument.
func judge(r *Request, httpReq *http.Request, err error) error {
	var path *runtime.HTTPStatusError
	switch {
	case r != nil && r.refused != nil:
		return r.refused
	case errors.As(err, &path):
		return ErrPath.Wrap(err)
	case r == nil || status.Code(err) != codes.InvalidArgument || infoOf(err) != nil || apierr.Reason(err) != "":
		return err
	}
	if q := r.explainQuery(httpReq.URL.RawQuery); q != nil {
		return q
	}
	return r.explain()
}

// handleRoutingError answers what no RPC takes.
func handleRoutingError(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, httpReq *http.Request, code int) {
	var err error
	if strings.Contains(path.Base(httpReq.URL.Path), ":") {
		code = http.StatusNotFound // a verb that is not built looks like the name in a read's path, but it is simply not there
	}
	switch code {
	case http.StatusNotFound:
		err = ErrRoute.New("path", short(httpReq.URL.Path))
	case http.StatusMethodNotAllowed:
		err = ErrHTTPMethod.New("method", short(httpReq.Method))
	default:
		err = ErrPath.New()
	}
	WriteError(w, From(ctx), err)
}

// streamError shapes the error that ends a stream.
func streamError(ctx context.Context, err error) *status.Status {
	return statusOf(From(ctx), judge(From(ctx), &http.Request{URL: emptyURL}, err))
}

// WriteError answers with a google.rpc.Status as JSON.
func WriteError(w http.ResponseWriter, r *Request, err error) {
	st := statusOf(r, err)
	header := w.Header()
	header.Del("Content-Length")
	header.Set("Content-Type", "application/json")
	if st.Code() == codes.Unauthenticated {
		header.Set("WWW-Authenticate", `Bearer realm="aftersales"`) // fixed: an error's text does not belong here
	}
	if after := retryAfter(st); after > 0 {
		header.Set("Retry-After", strconv.Itoa(after))
	}
	text, merr := protojson.Marshal(st.Proto())
	if merr != nil {
		text = []byte(`{"code":13,"message":"INTERNAL"}`)
	}
	w.WriteHeader(statusCode(st))
	_, _ = w.Write(text) // nobody is there to be told
}

func statusCode(st *status.Status) int {
	if info := infoIn(st); info != nil {
		if code, ok := httpStatus[info.GetReason()]; ok {
			return code
		}
	}
	return runtime.HTTPStatusFromCode(st.Code())
}

// statusOf is err as a client may see it: a status with our ErrorInfo passes (with language and id added where a service
// did not), everything else is mapped.
func statusOf(r *Request, err error) *status.Status {
	locale, id := apierr.ZH, ""
	if r != nil {
		locale, id = r.Locale, r.ID
	}
	var own *apierr.Error
	var kind *apierr.Kind
	if errors.As(err, &own) || errors.As(err, &kind) {
		return apierr.From(err).Status(locale, id)
	}
	if st, ok := status.FromError(err); ok && infoIn(st) != nil {
		return st
	}
	return apierr.From(err).Status(locale, id)
}

func infoOf(err error) *errdetails.ErrorInfo {
	st, ok := status.FromError(err)
	if !ok {
		return nil
	}
	return infoIn(st)
}

func infoIn(st *status.Status) *errdetails.ErrorInfo {
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

// retryAfter is the wait in whole seconds, rounded up; 0 when none was told.
func retryAfter(st *status.Status) int {
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.RetryInfo); ok {
			return int((info.GetRetryDelay().AsDuration() + 999_999_999) / 1_000_000_000)
		}
	}
	return 0
}

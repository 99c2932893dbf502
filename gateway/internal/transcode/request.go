package transcode

import (
	"context"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

// Request is what the gateway knows about one HTTP request. It is made before anything else is looked at and filled as the
// request passes through; one goroutine at a time uses it.
type Request struct {
	ID             string         // X-Request-Id, told in every error
	Locale         string         // zh-CN or en
	Principal      auth.Principal // zero: nobody known
	Token          string         // the principal's token for services; "" for nobody
	Session        string         // id of the session of a bearer token
	IdempotencyKey string         // of the header; fills request_id
	Timeout        time.Duration  // of a unary call, clamped
	// Settle, when set, is waited for before an answer goes out: what makes the request unrepeatable must be durable by then.
	Settle func(ctx context.Context) error

	limit       int64
	timeoutText string
	body        []byte
	bodyRead    bool
	method      *method
	refused     error
}

type requestKey struct{}

// With puts the request into the context.
func With(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// From gives the request of the context, nil outside one.
func From(ctx context.Context) *Request {
	r, _ := ctx.Value(requestKey{}).(*Request)
	return r
}

// refuse keeps the first reason to refuse; whatever fails later is a consequence.
func (r *Request) refuse(err error) {
	if r.refused == nil {
		r.refused = err
	}
}

// admit is called by the mux when the RPC is known and nothing of the request was parsed. What it refuses, the connection
// and the error handler answer: the mux itself cannot be stopped here.
func (m *methods) admit(ctx context.Context, httpReq *http.Request, rpc string) metadata.MD {
	r := From(ctx)
	if r == nil {
		return nil
	}
	r.method = m.byName[rpc]
	if err := m.check(r, rpc); err != nil {
		r.refuse(err)
		httpReq.Body = http.NoBody
		return nil
	}
	if err := r.prepare(httpReq); err != nil {
		r.refuse(err)
		httpReq.Body = http.NoBody
	}
	return nil
}

// check refuses a caller before anything of the request is parsed; the service's own chain checks again.
func (m *methods) check(r *Request, rpc string) error {
	if r.method == nil {
		return apierr.ErrUnimplemented.New("method", rpc)
	}
	return m.policy.Check(rpc, r.Principal)
}

// prepare reads the body, judges its kind, and checks the query's names.
func (r *Request) prepare(httpReq *http.Request) error {
	if err := r.readCallHeaders(httpReq.Header); err != nil {
		return err
	}
	if err := r.ReadBody(httpReq); err != nil {
		return err
	}
	if err := checkContent(httpReq, len(r.body)); err != nil {
		return err
	}
	if r.method.streams {
		resume(httpReq, r.method)
	}
	return r.method.checkQuery(httpReq.URL.RawQuery)
}

// resume lets a browser's EventSource go on where it stopped.
func resume(httpReq *http.Request, m *method) {
	last := httpReq.Header.Get("Last-Event-ID")
	if last == "" || m.input.Fields().ByName("after") == nil || strings.Contains(httpReq.URL.RawQuery, "after=") {
		return
	}
	query := httpReq.URL.Query()
	query.Set("after", last)
	httpReq.URL.RawQuery = query.Encode()
}

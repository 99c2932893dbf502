package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/aftersales-suite/aftersales/gateway/internal/limit"
	"github.com/aftersales-suite/aftersales/gateway/internal/page"
	"github.com/aftersales-suite/aftersales/gateway/internal/partner"
	"github.com/aftersales-suite/aftersales/gateway/internal/transcode"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/proto"
)

// front is the HTTP side.
type front struct {
	*Service
	mux     http.Handler // every RPC
	tokens  *auth.Source
	limits  limit.Limiter
	nobody  *partner.Key
	proxies []netip.Prefix
}

// probeLimit bounds what /readyz asks.
const probeLimit = 2 * time.Second

func (s *Service) buildHTTP() error {
	backends, err := s.backends()
	if err != nil {
		return err
	}
	mux, err := transcode.NewMux(context.Background(), backends...)
	if err != nil {
		return err
	}
	f := &front{
		Service: s, mux: mux, tokens: s.tokens(), nobody: partner.NobodysKey(),
		limits: s.limiter("calls", limit.Rate{PerSecond: s.cfg.RatePerSecond, Burst: s.cfg.RateBurst}),
	}
	if f.proxies, err = s.cfg.proxies(); err != nil {
		return err
	}
	s.http = f.traced(f.routes())
	return nil
}

// routes: the few plain paths, and everything else is an RPC or nothing.
func (f *front) routes() http.Handler {
	plain := http.NewServeMux()
	plain.Handle("GET /{$}", page.Handler())
	plain.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, `{"status":"ok"}`) })
	plain.HandleFunc("GET /readyz", f.ready)
	plain.HandleFunc("GET /openapi.json", f.openapi())
	plain.HandleFunc("POST /oauth2/token", f.oauthToken)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := transcode.NewRequest(r, f.cfg.RequestTimeout, f.cfg.BodyLimit)
		secure(w.Header(), r)
		w.Header()["X-Request-Id"] = []string{req.ID}
		defer f.recover(w, r, req)
		if isPlain(r.URL.Path) {
			if _, pattern := plain.Handler(r); pattern == "" { // the method does not fit
				f.refuse(w, r, req, transcode.ErrHTTPMethod.New("method", r.Method))
				return
			}
			plain.ServeHTTP(w, r.WithContext(transcode.With(r.Context(), req)))
			return
		}
		f.call(w, r, req)
	})
}

func isPlain(path string) bool {
	switch path {
	case "/", "/healthz", "/readyz", "/openapi.json", "/oauth2/token":
		return true
	}
	return false
}

// call is the way of an RPC. Order: signature, nonce, rate limit, idempotency (api.md section 2).
func (f *front) call(w http.ResponseWriter, r *http.Request, req *transcode.Request) {
	ctx := r.Context()
	remote := f.remote(r)
	if err := f.identify(ctx, r, req, remote); err != nil {
		f.refuse(w, r, req, err)
		return
	}
	if wait := f.limits.Take(ctx, limitKey(req.Principal, remote)); wait > 0 {
		f.refuse(w, r, req, apierr.ErrRateLimited.New().WithRetry(wait))
		return
	}
	if err := f.mint(req); err != nil {
		f.refuse(w, r, req, apierr.ErrInternal.Wrap(err))
		return
	}
	f.mux.ServeHTTP(w, r.WithContext(transcode.With(ctx, req)))
}

// mint gives the request the principal's token for services; an unknown caller has none.
func (f *front) mint(req *transcode.Request) (err error) {
	if req.Principal.Kind != auth.Public {
		req.Token, err = f.tokens.Token(req.Principal)
	}
	return err
}

// limitKey counts people and partners by who they are, and unknown callers by where they come from.
func limitKey(p auth.Principal, remote netip.Addr) string {
	if p.Subject != "" {
		return p.Subject
	}
	return "address " + remote.String()
}

// refuse answers an error of the gateway's own, and logs its cause.
func (f *front) refuse(w http.ResponseWriter, r *http.Request, req *transcode.Request, err error) {
	f.deps.Log.InfoContext(r.Context(), "refused", "method", r.Method, "request_id", req.ID, "error", err)
	transcode.WriteError(w, req, err)
}

// recover is the last line: a panic must not tell its text, nor end the process.
func (f *front) recover(w http.ResponseWriter, r *http.Request, req *transcode.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler { //nolint:errorlint // a value that was panicked with is never wrapped
		panic(v)
	}
	f.deps.Log.ErrorContext(r.Context(), "panic", "request_id", req.ID, "panic", v, "stack", string(debug.Stack()))
	transcode.WriteError(w, req, apierr.ErrInternal.New())
}

// Fixed header values: shared, so that a request does not allocate them.
var (
	nosniff   = []string{"nosniff"}
	noFrames  = []string{"DENY"}
	policy    = []string{"default-src 'none'; frame-ancestors 'none'"}
	noRefer   = []string{"no-referrer"}
	sameSite  = []string{"same-origin"}
	noStore   = []string{"no-store"}
	transport = []string{"max-age=31536000"}
)

func secure(h http.Header, r *http.Request) {
	h["X-Content-Type-Options"] = nosniff
	h["X-Frame-Options"] = noFrames
	h["Content-Security-Policy"] = policy
	h["Referrer-Policy"] = noRefer
	h["Cross-Origin-Resource-Policy"] = sameSite
	h["Cache-Control"] = noStore
	if r.TLS != nil {
		h["Strict-Transport-Security"] = transport
	}
}

// traced begins the trace of a request. The trace that a stranger names is linked, not continued: it would decide what we
// record.
func (f *front) traced(next http.Handler) http.Handler {
	if _, none := f.deps.Tracer.(tracenoop.TracerProvider); none || f.deps.Tracer == nil {
		return next
	}
	return otelhttp.NewHandler(next, "http",
		otelhttp.WithTracerProvider(f.deps.Tracer), otelhttp.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithPublicEndpointFn(func(r *http.Request) bool { return !f.trusted(peer(r)) }),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return "HTTP " + r.Method }),
		otelhttp.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/healthz" && r.URL.Path != "/readyz" }),
	)
}

func (f *front) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), probeLimit)
	defer cancel()
	err := f.Health(ctx)
	if err == nil && f.deps.Ready != nil {
		err = f.deps.Ready(ctx)
	}
	if err != nil {
		f.refuse(w, r, transcode.From(r.Context()), apierr.ErrUnavailable.Wrap(err))
		return
	}
	writeJSON(w, http.StatusOK, `{"status":"ready"}`)
}

// openapi serves the merged document under the suite's own title; it is prepared by the first reader.
func (f *front) openapi() http.HandlerFunc {
	document := sync.OnceValue(func() []byte {
		var doc map[string]json.RawMessage
		if json.Unmarshal(proto.OpenAPI, &doc) != nil {
			return proto.OpenAPI
		}
		doc["info"] = json.RawMessage(`{"title":"Aftersales","version":"v1","description":"After-sales service suite: JSON over HTTP. Partners sign requests or use /oauth2/token; staff use /v1/auth:login."}`)
		doc["securityDefinitions"] = json.RawMessage(`{"bearer":{"type":"apiKey","in":"header","name":"Authorization","description":"Bearer <access token>, or AFTERSALES-HMAC-SHA256 key_id=…,timestamp=…,nonce=…,signature=…"}}`)
		doc["security"] = json.RawMessage(`[{"bearer":[]}]`)
		text, err := json.Marshal(doc)
		if err != nil {
			return proto.OpenAPI
		}
		return text
	})
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(document()) // the reader went away
	}
}

func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // the reader went away
}

package gateway

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSignedCaseReachesIntake(t *testing.T) { // R21
	t.Parallel()
	w := onSQLite(t, Config{})
	a := w.do(call{method: "POST", path: "/v1/cases", body: goodCase, signed: true, header: http.Header{"Idempotency-Key": {"k-1"}, "X-Request-Id": {"trace-me"}}})
	require.Equal(t, 200, a.status, a.text)
	require.Equal(t, "RECEIVED", a.json["state"])
	require.Equal(t, "trace-me", a.header.Get("X-Request-Id"))
	require.NotContains(t, a.json, "stateDeadline", "absent is not set")
	list := w.do(call{method: "GET", path: "/v1/cases", as: "agent"})
	require.Equal(t, []any{}, list.json["cases"], "lists of an answer are always there")
	req, caller, md := w.intake.last()
	require.Equal(t, "k-1", req.GetRequestId())
	require.Equal(t, "维修后洗衣机仍然漏水", req.GetCase().GetProblem())
	require.Equal(t, "partners/demo-mall", caller.Subject)
	require.Equal(t, "demo-mall", caller.Platform)
	require.Equal(t, []string{"organisations/demo-brand", "organisations/demo-store"}, caller.Sees())
	require.Equal(t, []string{"trace-me"}, md.Get("x-request-id"))
	require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
	require.Empty(t, a.header.Values("Grpc-Metadata-Content-Type"))
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	post := func(query string, keys ...string) answer {
		return w.do(call{method: "POST", path: "/v1/cases" + query, body: goodCase, signed: true, header: http.Header{"Idempotency-Key": keys}})
	}
	for query, keys := range map[string][]string{"?requestId=q": nil, "?requestId=q&": {"q"}} {
		require.Equal(t, 200, post(query, keys...).status)
		req, _, _ := w.intake.last()
		require.Equal(t, "q", req.GetRequestId())
	}
	post("?requestId=q", "other").requireError(t, 409, "IDEMPOTENCY_KEY_CONFLICT")
	post("", "a", "b").requireError(t, 400, "IDEMPOTENCY_KEY_INVALID")
	post("", "with space").requireError(t, 400, "IDEMPOTENCY_KEY_INVALID")
	post("", strings.Repeat("k", 129)).requireError(t, 400, "IDEMPOTENCY_KEY_INVALID")
}

func TestIdempotentCreateOfTheGatewaysOwn(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		create := func(name string) answer {
			return w.do(call{method: "POST", path: "/v1/users", as: "admin", header: http.Header{"Idempotency-Key": {"u1"}},
				body: `{"username":"new.agent","displayName":"` + name + `","roles":["agent"]}`})
		}
		first, again := create("小新"), create("小新")
		require.Equal(t, 200, first.status, first.text)
		require.Equal(t, first.json, again.json, "the same password too")
		create("小旧").requireError(t, 409, "IDEMPOTENCY_KEY_REUSED")
	})
}

func TestDownloads(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	a := w.do(call{method: "GET", path: "/v1/cases/1/archive", as: "manager"})
	require.Equal(t, 200, a.status, a.text)
	require.Equal(t, "application/zip", a.header.Get("Content-Type"))
	require.Equal(t, "PK", a.text)
	require.Contains(t, a.header.Get("Content-Disposition"), "a.zip")
	for name := range a.header {
		require.NotContains(t, strings.ToLower(name), "internal", "a service's other headers stay inside")
	}
}

func TestRateLimitPerCaller(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{RatePerSecond: 1, RateBurst: 3})
	for range 3 {
		require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/cases/1", signed: true}).status)
	}
	a := w.do(call{method: "GET", path: "/v1/cases/1", signed: true})
	a.requireError(t, 429, "RATE_LIMITED")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Equal(t, 200, w.do(call{method: "GET", path: "/v1/cases/1", as: "agent"}).status, "another caller")
}

func TestPlainPaths(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	require.Contains(t, w.do(call{method: "GET", path: "/"}).text, "售后服务套件")
	require.Equal(t, "ok", w.do(call{method: "GET", path: "/healthz"}).json["status"])
	require.Equal(t, "ready", w.do(call{method: "GET", path: "/readyz"}).json["status"])
	doc := w.do(call{method: "GET", path: "/openapi.json"})
	require.Equal(t, "Aftersales", doc.json["info"].(map[string]any)["title"])
	require.Contains(t, doc.json["paths"], "/v1/cases")
	require.NoError(t, w.db.Close())
	w.do(call{method: "GET", path: "/readyz"}).requireError(t, 503, "UNAVAILABLE")
}

package gateway

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The defaults of grpc-gateway that must not stay (api.md section 1), one test each.

func TestTrapUnknownFieldsAreRefusedWithTheirPath(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	for body, path := range map[string]string{
		`{"kind":"COMPLAINT","nonsense":1}`:                          "nonsense",
		`{"kind":"COMPLAINT","customer":{"fone":"1"}}`:               "customer.fone",
		`{"kind":"COMPLAINT","externalRef":{"a":{"b":[1,{"c":2}]}}}`: "externalRef.a",
		`{"kind":"COMPLAINT","items":[{},{"wat":1}]}`:                "items[1].wat",
	} {
		a := w.do(call{method: "POST", path: "/v1/cases", body: body, signed: true})
		a.requireError(t, 400, "FIELD_UNKNOWN")
		require.Equal(t, path, a.field())
	}
	require.Zero(t, w.intake.calls(), "nothing was changed")
}

func TestTrapUnknownQueryParametersAreRefused(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	for path, field := range map[string]string{
		"/v1/cases?pageSizes=3":         "pageSizes",
		"/v1/cases/1?name=cases/2":      "name",
		"/v1/events?after=1&after2=2":   "after2",
		"/v1/users?filter=a&page_sizes": "page_sizes",
	} {
		a := w.do(call{method: "GET", path: path, as: "admin"})
		a.requireError(t, 400, "FIELD_UNKNOWN")
		require.Equal(t, field, a.field(), path)
	}
	a := w.do(call{method: "GET", path: "/v1/cases?pageSize=many", as: "agent"})
	a.requireError(t, 400, "FIELD_INVALID")
	require.Equal(t, "pageSize", a.field())
	w.do(call{method: "GET", path: "/v1/cases?pageSize=%zz", as: "agent"}).requireError(t, 400, "QUERY_INVALID")
	w.do(call{method: "POST", path: "/v1/cases?case.kind=ENQUIRY", body: goodCase, as: "agent"}).requireError(t, 400, "FIELD_UNKNOWN")
}

func TestTrapWrongValuesAreNamed(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	for body, path := range map[string]string{
		`{"kind":"COMPLANT"}`:                   "kind",
		`{"problem":5}`:                         "problem",
		`{"customer":"me"}`:                     "customer",
		`{"items":{}}`:                          "items",
		`{"desiredResolveTime":"tomorrow"}`:     "desiredResolveTime",
		`{"kind":"COMPLAINT","kind":"ENQUIRY"}`: "(body)",
		`[]`:                                    "(body)",
		`{"customer":{"address":{"line":{"street":"世纪大道"}}}}`: "customer.address.line",
	} {
		a := w.do(call{method: "POST", path: "/v1/cases", body: body, signed: true})
		a.requireError(t, 400, "FIELD_INVALID")
		require.Equal(t, path, a.field(), body)
	}
	a := w.do(call{method: "POST", path: "/v1/cases", body: `{"kind":`, signed: true})
	a.requireError(t, 400, "JSON_INVALID")
	a = w.do(call{method: "POST", path: "/v1/cases", body: `{"kind":"COMPLANT"}`, signed: true})
	require.Contains(t, a.text, "SERVICE_REQUEST", "the allowed names are told")
}

func TestTrapPlainErrorTextStaysInside(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	w.intake.fail = http.ErrBodyNotAllowed
	a := w.do(call{method: "POST", path: "/v1/cases", body: goodCase, signed: true})
	a.requireError(t, 500, "INTERNAL")
	require.NotContains(t, a.text, "Body")
}

func TestTrapWWWAuthenticateSaysNothing(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	a := w.do(call{method: "GET", path: "/v1/cases", header: http.Header{"Authorization": {"Bearer forged"}}})
	a.requireError(t, 401, "UNAUTHENTICATED")
	require.Equal(t, `Bearer realm="aftersales"`, a.header.Get("Www-Authenticate"))
}

func TestTrapSmuggledMetadataHasNoEffect(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	a := w.do(call{method: "POST", path: "/v1/cases", body: goodCase, signed: true, header: http.Header{
		"Grpc-Metadata-Authorization":        {"Bearer forged"},
		"Grpc-Metadata-X-Request-Id":         {"smuggled"},
		"Grpc-Metadata-X-Aftersales-Session": {"smuggled"},
		"Grpc-Metadata-Anything":             {"smuggled"},
		"X-Aftersales-Session":               {"smuggled"},
		"Grpcgateway-Authorization":          {"smuggled"},
		"X-Forwarded-For":                    {"smuggled"},
		"Cookie":                             {"smuggled"},
	}})
	require.Equal(t, 200, a.status, a.text)
	_, caller, md := w.intake.last()
	require.Equal(t, "partners/demo-mall", caller.Subject)
	for key, values := range md {
		require.NotContains(t, strings.Join(values, " "), "smuggled", key)
		require.Contains(t, []string{"authorization", "x-request-id", "accept-language", "traceparent"}, key)
	}
}

func TestTrapMethodOverrideAndPathLengthFallbackAreOff(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	a := w.do(call{method: "POST", path: "/v1/cases/1", as: "agent", header: http.Header{
		"X-Http-Method-Override": {"GET"}, "Content-Type": {"application/x-www-form-urlencoded"},
	}})
	a.requireError(t, 405, "HTTP_METHOD_NOT_ALLOWED")
	a = w.do(call{method: "POST", path: "/v1/cases/1", body: "pageSize=1", as: "agent", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
	a.requireError(t, 405, "HTTP_METHOD_NOT_ALLOWED")
	a = w.do(call{method: "GET", path: "/v1/cases/1", as: "agent", header: http.Header{"X-Http-Method-Override": {"DELETE"}}})
	require.Equal(t, 200, a.status, a.text)
}

func TestTrapTimeoutIsClamped(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{RequestTimeout: 3 * time.Second})
	for value, most := range map[string]time.Duration{"1H": 3 * time.Second, "99999999H": 3 * time.Second, "500m": 500 * time.Millisecond} {
		a := w.do(call{method: "POST", path: "/v1/cases", body: goodCase, signed: true, header: http.Header{"Grpc-Timeout": {value}}})
		require.Equal(t, 200, a.status, a.text)
		require.LessOrEqual(t, w.intake.deadline, most, value)
	}
	for _, value := range []string{"soon", "-1S", "1", "123456789S", "1 S"} {
		a := w.do(call{method: "POST", path: "/v1/cases", body: goodCase, signed: true, header: http.Header{"Grpc-Timeout": {value}}})
		a.requireError(t, 400, "GRPC_TIMEOUT_INVALID")
	}
}

func TestTrapRoutingErrorsHaveTheCommonShape(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	w.do(call{method: "GET", path: "/v1/nothing", as: "agent"}).requireError(t, 404, "ROUTE_UNKNOWN")
	w.do(call{method: "POST", path: "/v1/cases/1:explode", as: "agent", body: "{}"}).requireError(t, 404, "ROUTE_UNKNOWN")
	w.do(call{method: "PUT", path: "/v1/cases", as: "agent"}).requireError(t, 405, "HTTP_METHOD_NOT_ALLOWED")
	w.do(call{method: "POST", path: "/healthz"}).requireError(t, 405, "HTTP_METHOD_NOT_ALLOWED")
	w.do(call{method: "GET", path: "/v1/progress/abc"}).requireError(t, 501, "METHOD_UNKNOWN")
}

func TestTrapBodyIsBounded(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	big := `{"problem":"` + strings.Repeat("x", 1<<20) + `"}`
	w.do(call{method: "POST", path: "/v1/cases", body: big, signed: true}).requireError(t, 413, "TOO_LARGE")
	w.do(call{method: "POST", path: "/v1/cases", body: big, as: "agent"}).requireError(t, 413, "TOO_LARGE")
	chunked := call{method: "POST", path: "/v1/cases", body: big, as: "agent", edit: func(r *http.Request) { r.ContentLength = -1 }}
	w.do(chunked).requireError(t, 413, "TOO_LARGE")
	deep := `{"items":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`
	w.do(call{method: "POST", path: "/v1/cases", body: deep, signed: true}).requireError(t, 400, "JSON_TOO_DEEP")
	gzip := call{method: "POST", path: "/v1/cases", body: goodCase, signed: true, header: http.Header{"Content-Encoding": {"gzip"}}}
	w.do(gzip).requireError(t, 415, "CONTENT_TYPE_UNSUPPORTED")
	form := call{method: "POST", path: "/v1/cases", body: "a=b", signed: true, header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
	w.do(form).requireError(t, 415, "CONTENT_TYPE_UNSUPPORTED")
	require.Zero(t, w.intake.calls())
}

func TestNobodyIsToldWhatIsWrongBeforeTheyAreKnown(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	bad := http.Header{"Grpc-Timeout": {"soon"}, "Idempotency-Key": {"with space"}}
	w.do(call{method: "POST", path: "/v1/cases?what=1", body: `{"nonsense":`, header: bad}).requireError(t, 401, "UNAUTHENTICATED")
	w.do(call{method: "POST", path: "/v1/cases?what=1", body: strings.Repeat("x", 2<<20), header: bad}).requireError(t, 401, "UNAUTHENTICATED")
	w.do(call{method: "POST", path: "/v1/users", body: `{"nonsense":`, as: "agent"}).requireError(t, 403, "PERMISSION_DENIED")
	wrong := call{method: "POST", path: "/v1/cases", body: `{"nonsense":`, signed: true, edit: func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), `nonce="`, `nonce="x`, 1))
	}}
	w.do(wrong).requireError(t, 401, "UNAUTHENTICATED")
}

func TestLanguageOfErrors(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, Config{})
	for language, want := range map[string]string{"": "找不到", "zh-TW,zh": "找不到", "en-US,zh;q=0.5": "was not found", "fr": "was not found"} {
		a := w.do(call{method: "GET", path: "/v1/cases/2", as: "agent", header: http.Header{"Accept-Language": {language}}})
		a.requireError(t, 404, "RESOURCE_NOT_FOUND")
		for _, d := range a.details() {
			if d["@type"] == "type.googleapis.com/google.rpc.LocalizedMessage" {
				require.Contains(t, d["message"], want)
			}
		}
	}
}

package gateway

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/gateway/internal/partner"
	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

var t0 = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// fakeIntake is intake behind the real chain: it answers from memory and keeps what it was told.
type fakeIntake struct {
	intakev1.UnimplementedCaseServiceServer
	intakev1.UnimplementedCodeServiceServer

	mu       sync.Mutex
	requests []*intakev1.CreateCaseRequest
	callers  []auth.Principal
	metadata []metadata.MD
	deadline time.Duration
	fail     error
}

func (f *fakeIntake) CreateCase(ctx context.Context, req *intakev1.CreateCaseRequest) (*intakev1.Case, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	md, _ := metadata.FromIncomingContext(ctx)
	f.requests, f.callers, f.metadata = append(f.requests, req), append(f.callers, auth.FromContext(ctx)), append(f.metadata, md)
	if at, ok := ctx.Deadline(); ok {
		f.deadline = time.Until(at)
	}
	if f.fail != nil {
		return nil, f.fail
	}
	c := proto.CloneOf(req.GetCase())
	c.Name, c.State = "cases/1", intakev1.Case_RECEIVED
	return c, nil
}

func (f *fakeIntake) GetCase(_ context.Context, req *intakev1.GetCaseRequest) (*intakev1.Case, error) {
	if req.GetName() != "cases/1" {
		return nil, apierr.NotFound(req.GetName())
	}
	return &intakev1.Case{Name: req.GetName(), Kind: intakev1.Case_COMPLAINT}, nil
}

func (f *fakeIntake) ListCases(context.Context, *intakev1.ListCasesRequest) (*intakev1.ListCasesResponse, error) {
	return &intakev1.ListCasesResponse{}, nil
}

func (f *fakeIntake) GetArchive(ctx context.Context, _ *intakev1.GetArchiveRequest) (*httpbody.HttpBody, error) {
	_ = grpc.SetHeader(ctx, metadata.Pairs("content-disposition", `attachment; filename="a.zip"`, "x-internal", "secret"))
	return &httpbody.HttpBody{ContentType: "application/zip", Data: []byte("PK")}, nil
}

func (f *fakeIntake) last() (*intakev1.CreateCaseRequest, auth.Principal, metadata.MD) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.requests) - 1
	return f.requests[n], f.callers[n], f.metadata[n]
}

func (f *fakeIntake) calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.requests)
}

// world is a gateway on a real database with a fake intake behind the real chain.
type world struct {
	t      testing.TB
	clock  *testkit.Clock
	db     sqldb.DB
	ring   *keys.Ring
	svc    *Service
	intake *fakeIntake
	server *httptest.Server
	creds  *Credentials
	tracer trace.TracerProvider
	inbox  gatewayv1.InboxServiceClient
	tokens map[string]string
}

func everywhere(t *testing.T, cfg Config, fn func(t *testing.T, w *world)) {
	t.Parallel()
	testkit.Engines(t, store.Migrations(), func(t *testing.T, db sqldb.DB) {
		w := &world{t: t, clock: testkit.NewClock(t0), db: db, ring: testkit.Keys(t)}
		w.start(cfg)
		w.seed()
		fn(t, w)
	})
}

// onSQLite is for what does not depend on the engine.
func onSQLite(t testing.TB, cfg Config) *world {
	w := &world{t: t, clock: testkit.NewClock(t0), db: testkit.Open(t, testkit.SQLite(t), store.Migrations()), ring: testkit.Keys(t)}
	w.start(cfg)
	few := Demo()
	few.Users = slices.DeleteFunc(few.Users, func(u SeedUser) bool { // a password costs 20 ms, with -race ten times that
		return !slices.Contains([]string{"agent", "manager", "admin", "quality"}, u.Key)
	})
	creds, err := w.svc.Seed(t.Context(), few)
	require.NoError(t, err)
	w.creds = creds
	return w
}

// start builds the gateway anew on the same database, as a restart does.
func (w *world) start(cfg Config) {
	w.t.Helper()
	if w.intake == nil {
		w.intake = &fakeIntake{}
	}
	conn := serve(w.t, w.ring, w.clock, w.tracer, w.intake)
	svc, err := New(cfg, Deps{DB: w.db, Keys: w.ring, Clock: w.clock, Tracer: w.tracer, Intake: conn, Dispatch: conn, Survey: conn})
	require.NoError(w.t, err)
	require.NoError(w.t, svc.Start(context.WithoutCancel(w.t.Context())))
	w.svc, w.server, w.tokens = svc, httptest.NewServer(svc.Handler()), map[string]string{}
	server := w.server
	w.t.Cleanup(func() {
		server.Close()
		require.NoError(w.t, svc.Stop(context.Background()))
	})
	own := grpcx.NewInProcess(chain(w.t, w.ring, w.clock, nil))
	svc.Register(own)
	client := grpcx.Client(own, grpcx.ClientOptions{Service: "intake", Tokens: auth.NewSource(w.ring.TokenSigner(w.clock.Now), time.Minute)})
	w.inbox = gatewayv1.NewInboxServiceClient(client)
}

func chain(t testing.TB, ring *keys.Ring, c clock.Clock, tracer trace.TracerProvider) grpcx.ChainOptions {
	descriptors := append(ownServices(), services(intakev1.File_aftersales_intake_v1_case_service_proto, intakev1.File_aftersales_intake_v1_code_service_proto)...)
	policy, err := auth.LoadPolicy(descriptors...)
	require.NoError(t, err)
	return grpcx.ChainOptions{Verifier: ring.TokenVerifier(c.Now), Policy: policy, Tracer: tracer}
}

func serve(t testing.TB, ring *keys.Ring, c clock.Clock, tracer trace.TracerProvider, intake *fakeIntake) grpc.ClientConnInterface {
	channel := grpcx.NewInProcess(chain(t, ring, c, tracer))
	intakev1.RegisterCaseServiceServer(channel, intake)
	intakev1.RegisterCodeServiceServer(channel, intake)
	return channel
}

func (w *world) seed() {
	w.t.Helper()
	creds, err := w.svc.Seed(w.t.Context(), Demo())
	require.NoError(w.t, err)
	w.creds = creds
}

// call is one request of a test.
type call struct {
	method, path, body string
	as                 string // user to call as
	signed             bool   // by the demo partner
	nonce, timestamp   string
	header             http.Header
	edit               func(*http.Request) // last touch, after signing
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	json   map[string]any
}

func (w *world) do(c call) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), c.method, w.server.URL+c.path, bytes.NewReader([]byte(c.body)))
	require.NoError(w.t, err)
	for name, values := range c.header {
		req.Header[name] = values
	}
	if c.body != "" && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	switch {
	case c.signed:
		req.Header.Set("Authorization", w.sign(c, req))
	case c.as != "":
		req.Header.Set("Authorization", "Bearer "+w.token(c.as))
	}
	if c.edit != nil {
		c.edit(req)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	a := answer{status: resp.StatusCode, header: resp.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.json) // not every answer is JSON
	return a
}

func (w *world) sign(c call, req *http.Request) string {
	cr := partner.Credentials{Scheme: partner.HMAC, KeyID: w.creds.Partner.KeyID, Timestamp: c.timestamp, Nonce: c.nonce}
	if cr.Timestamp == "" {
		cr.Timestamp = strconv.FormatInt(w.clock.Now().Unix(), 10)
	}
	if cr.Nonce == "" {
		cr.Nonce = rand.Text()
	}
	cr.Signature = partner.Sign(w.creds.Partner.Secret, cr, partner.Message{
		Method: c.method, Target: c.path, Body: []byte(c.body), OnBehalfOf: req.Header.Get("X-On-Behalf-Of"),
	})
	return authorization(cr)
}

func authorization(c partner.Credentials) string {
	return fmt.Sprintf(`%s key_id="%s",timestamp="%s",nonce="%s",signature="%s"`, c.Scheme, c.KeyID, c.Timestamp, c.Nonce, c.Signature)
}

func (w *world) token(user string) string {
	w.t.Helper()
	if w.tokens[user] == "" {
		w.tokens[user] = w.login(user)
	}
	return w.tokens[user]
}

func (w *world) login(user string) string {
	w.t.Helper()
	c := w.creds.Users[user]
	a := w.do(call{method: "POST", path: "/v1/auth:login", body: fmt.Sprintf(`{"username":%q,"password":%q}`, c.Username, c.Password)})
	require.Equal(w.t, 200, a.status, a.text)
	return a.json["accessToken"].(string)
}

// requireError checks the shape that every error has (api.md section 1).
func (a answer) requireError(t testing.TB, status int, reason string) {
	t.Helper()
	require.Equal(t, status, a.status, a.text)
	infos := 0
	seen := map[string]bool{}
	for _, d := range a.details() {
		seen[d["@type"].(string)] = true
		if d["@type"] == "type.googleapis.com/google.rpc.ErrorInfo" {
			infos++
			require.Equal(t, reason, d["reason"], a.text)
			require.Equal(t, "aftersales", d["domain"])
		}
	}
	require.Equal(t, 1, infos, a.text)
	require.True(t, seen["type.googleapis.com/google.rpc.LocalizedMessage"], a.text)
	require.True(t, seen["type.googleapis.com/google.rpc.RequestInfo"], a.text)
	require.Contains(t, a.text, a.header.Get("X-Request-Id"))
}

func (a answer) details() (all []map[string]any) {
	details, _ := a.json["details"].([]any)
	for _, d := range details {
		all = append(all, d.(map[string]any))
	}
	return all
}

// field is the path that BadRequest names.
func (a answer) field() string {
	for _, d := range a.details() {
		if v, ok := d["fieldViolations"].([]any); ok {
			return v[0].(map[string]any)["field"].(string)
		}
	}
	return ""
}

const goodCase = `{"kind":"COMPLAINT","channel":"PARTNER_PLATFORM","externalRef":{"platform":"demo-mall","afterSaleId":"A1"},"customer":{"displayName":"王小明","phone":"13800138000"},"problem":"维修后洗衣机仍然漏水"}`

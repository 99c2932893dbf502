package survey

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
)

var t0 = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

const (
	brand    = "organisations/brand"
	provider = "organisations/provider"
	oneDay   = 24 * time.Hour
)

// world is the service on a real database behind the real chain, with recording neighbours.
type world struct {
	surveyv1.InvitationServiceClient
	surveyv1.CallBackServiceClient
	surveyv1.StatisticsServiceClient
	surveyv1.CaseFileServiceClient
	surveyv1.InboxServiceClient

	t       *testing.T
	clock   *testkit.Clock
	db      sqldb.DB
	svc     *Service
	public  surveyv1.InvitationServiceClient
	intake  *inbox
	gateway *inbox
	driver  *driver
	told    int64 // events of intake so far
}

// everywhere runs fn on both engines in a world of its own.
func everywhere(t *testing.T, cfg Config, fn func(t *testing.T, w *world)) {
	t.Parallel()
	testkit.Engines(t, store.Migrations(), func(t *testing.T, db sqldb.DB) { fn(t, newWorld(t, cfg, db, testkit.NewClock(t0))) })
}

func newWorld(t *testing.T, cfg Config, db sqldb.DB, clock *testkit.Clock) *world {
	t.Helper()
	w := &world{t: t, clock: clock, db: db, intake: &inbox{}, gateway: &inbox{}, driver: &driver{sent: make(chan Message, 100)}}
	ring := testkit.Keys(t)
	neighbours := w.channel(ring, eventServices())
	intakev1.RegisterInboxServiceServer(neighbours, intakeInbox{inbox: w.intake})
	gatewayv1.RegisterInboxServiceServer(neighbours, gatewayInbox{inbox: w.gateway})
	out := w.client(ring, neighbours)

	var err error
	w.svc, err = New(cfg, Deps{
		DB: db, Keys: ring, Clock: w.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Intake: out, Gateway: out, Driver: w.driver,
	})
	require.NoError(t, err)
	channel := w.channel(ring, surveyServices())
	w.svc.Register(channel)
	signed := w.client(ring, channel)
	w.InvitationServiceClient = surveyv1.NewInvitationServiceClient(signed)
	w.CallBackServiceClient = surveyv1.NewCallBackServiceClient(signed)
	w.StatisticsServiceClient = surveyv1.NewStatisticsServiceClient(signed)
	w.CaseFileServiceClient = surveyv1.NewCaseFileServiceClient(signed)
	w.InboxServiceClient = surveyv1.NewInboxServiceClient(signed)
	w.public = surveyv1.NewInvitationServiceClient(grpcx.Client(channel, grpcx.ClientOptions{}))
	return w
}

type channel interface {
	grpc.ServiceRegistrar
	grpc.ClientConnInterface
}

func (w *world) channel(ring *keys.Ring, services []protoreflect.ServiceDescriptor) channel {
	policy, err := auth.LoadPolicy(services...)
	require.NoError(w.t, err)
	return grpcx.NewInProcess(grpcx.ChainOptions{Verifier: ring.TokenVerifier(w.clock.Now), Policy: policy})
}

func (w *world) client(ring *keys.Ring, to channel) grpc.ClientConnInterface {
	return grpcx.Client(to, grpcx.ClientOptions{Service: "test", Tokens: auth.NewSource(ring.TokenSigner(w.clock.Now), time.Hour)})
}

func surveyServices() (all []protoreflect.ServiceDescriptor) {
	for _, file := range []protoreflect.FileDescriptor{
		surveyv1.File_aftersales_survey_v1_invitation_proto, surveyv1.File_aftersales_survey_v1_call_back_proto,
		surveyv1.File_aftersales_survey_v1_statistics_proto, surveyv1.File_aftersales_survey_v1_case_file_proto,
		surveyv1.File_aftersales_survey_v1_inbox_proto,
	} {
		all = append(all, file.Services().Get(0))
	}
	return all
}

func eventServices() []protoreflect.ServiceDescriptor {
	return []protoreflect.ServiceDescriptor{
		intakev1.File_aftersales_intake_v1_inbox_service_proto.Services().ByName("InboxService"),
		gatewayv1.File_aftersales_gateway_v1_inbox_proto.Services().ByName("InboxService"),
	}
}

// as calls in somebody's name.
func (w *world) as(p auth.Principal) context.Context {
	return grpcx.ForwardPrincipal(auth.WithPrincipal(w.t.Context(), p))
}

// service calls as another service of the suite.
func (w *world) service() context.Context { return w.t.Context() }

func person(subject, org string, roles ...string) auth.Principal {
	return auth.Principal{Kind: auth.Staff, Subject: subject, Org: org, Roles: roles}
}

var (
	manager = person("users/manager", brand, auth.RoleManager)
	quality = person("users/quality", brand, auth.RoleQuality)
	caller  = person("users/caller", brand, auth.RoleCaller)
	agent   = person("users/agent", brand, auth.RoleAgent) // handled the case
)

// asks is a request of intake for an invitation of a case.
func asks(caseID string, purpose surveyv1.Invitation_Purpose) *surveyv1.CreateInvitationRequest {
	return &surveyv1.CreateInvitationRequest{
		Case: "cases/" + caseID, CaseNumber: "AS20261122-000001", Round: 1, OwnerOrg: brand, Purpose: purpose, Locale: "zh-CN",
		Contact:  &surveyv1.Contact{DisplayName: "王小明", Phone: "13800138000"},
		Handlers: []string{agent.Subject},
	}
}

// invited makes an invitation and gives its token, which staff see in a demo.
func (w *world) invited(req *surveyv1.CreateInvitationRequest) *surveyv1.Invitation {
	w.t.Helper()
	inv, err := w.CreateInvitation(w.service(), req)
	require.NoError(w.t, err)
	return inv
}

// drain hands everything in the outbox to the neighbours.
func (w *world) drain() {
	w.t.Helper()
	for _, relay := range w.svc.relays {
		require.NoError(w.t, relay.Drain(w.t.Context()))
	}
}

// sweep does what is due now.
func (w *world) sweep() {
	w.t.Helper()
	require.NoError(w.t, w.svc.deliverer.SweepCallBacks(w.t.Context()))
	require.NoError(w.t, w.svc.deliverer.SweepDeliveries(w.t.Context()))
	require.NoError(w.t, w.svc.deliverer.SweepExpiries(w.t.Context()))
}

// inbox records what a neighbour is told.
type inbox struct {
	mu   sync.Mutex
	seen []*eventv1.Envelope
}

func (i *inbox) take(req *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seen = append(i.seen, req.GetEnvelopes()...)
	return &eventv1.DeliverResponse{}, nil
}

func (i *inbox) envelopes() []*eventv1.Envelope {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.seen
}

type intakeInbox struct {
	intakev1.UnimplementedInboxServiceServer
	*inbox
}

func (i intakeInbox) Deliver(_ context.Context, req *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	return i.take(req)
}

type gatewayInbox struct {
	gatewayv1.UnimplementedInboxServiceServer
	*inbox
}

func (g gatewayInbox) Deliver(_ context.Context, req *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	return g.take(req)
}

// driver is a message service that can be out of order.
type driver struct {
	mu     sync.Mutex
	broken bool
	sent   chan Message
}

func (d *driver) Name() string { return "fake-sms" }

func (d *driver) fail(broken bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = broken
}

func (d *driver) Send(_ context.Context, m Message) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return "", errors.New("gateway busy")
	}
	d.sent <- m
	return "accepted", nil
}

// one takes the next message; there must be one.
func (d *driver) one(t *testing.T) Message {
	t.Helper()
	select {
	case m := <-d.sent:
		return m
	case <-time.After(20 * time.Second):
		require.Fail(t, "no message")
		return Message{}
	}
}

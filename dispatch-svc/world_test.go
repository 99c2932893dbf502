package dispatch

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// t0 is a Sunday noon in Shanghai.
var t0 = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

// The people of the demo.
var (
	dispatcher         = person("users/dispatcher", demoBrand, auth.RoleDispatcher)
	manager            = person("users/manager", demoBrand, auth.RoleManager)
	agent              = person("users/agent", demoBrand, auth.RoleAgent)
	providerDispatcher = person("users/provider-dispatcher", demoProvider, auth.RoleDispatcher)
	mall               = auth.Principal{Kind: auth.Partner, Subject: "partners/demo-mall", Org: demoBrand, Scopes: []string{"cases.read"}}
	otherPartner       = auth.Principal{Kind: auth.Partner, Subject: "partners/x", Org: demoBrand, Scopes: []string{"cases.read"}}
	li                 = worker("users/engineer", demoBrand, "engineers/demo-engineer")
	repairman          = worker("users/zhou", demoBrand, "engineers/demo-engineer-repair")
	providerEngineer   = worker("users/provider-engineer", demoProvider, "") // found by user
)

func person(subject, org string, roles ...string) auth.Principal {
	return auth.Principal{Kind: auth.Staff, Subject: subject, Org: org, Roles: roles}
}

func worker(subject, org, engineer string) auth.Principal {
	p := person(subject, org, auth.RoleEngineer)
	p.Engineer = engineer
	return p
}

// world is the service on a real database behind the real chain, with neighbours that record what they are sent.
type world struct {
	dispatchv1.WorkOrderServiceClient
	dispatchv1.EngineerServiceClient
	dispatchv1.PartServiceClient
	dispatchv1.CaseFileServiceClient
	dispatchv1.InboxServiceClient

	t       *testing.T
	clock   *testkit.Clock
	svc     *Service
	intake  *inbox
	gateway *inbox
}

// everywhere runs fn on both engines in a world of its own.
func everywhere(t *testing.T, cfg Config, fn func(t *testing.T, w *world)) {
	t.Parallel()
	testkit.Engines(t, store.Migrations(), func(t *testing.T, db sqldb.DB) { fn(t, newWorld(t, cfg, db)) })
}

// onSQLite is for what does not depend on the engine.
func onSQLite(t *testing.T, cfg Config) *world {
	t.Parallel()
	return newWorld(t, cfg, testkit.Open(t, testkit.SQLite(t), store.Migrations()))
}

func newWorld(t *testing.T, cfg Config, db sqldb.DB) *world {
	t.Helper()
	w := &world{t: t, clock: testkit.NewClock(t0), intake: newInbox(), gateway: newInbox()}
	ring := testkit.Keys(t)
	neighbours := w.channel(ring, intakev1.File_aftersales_intake_v1_inbox_service_proto.Services(), gatewayv1.File_aftersales_gateway_v1_inbox_proto.Services())
	intakev1.RegisterInboxServiceServer(neighbours, intakeInbox{inbox: w.intake})
	gatewayv1.RegisterInboxServiceServer(neighbours, gatewayInbox{inbox: w.gateway})
	out := w.client(ring, neighbours)
	var err error
	w.svc, err = New(cfg, Deps{DB: db, Keys: ring, Clock: w.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Intake: out, Gateway: out})
	require.NoError(t, err)
	require.NoError(t, w.svc.Seed(t.Context()))

	channel := w.channel(ring, dispatchv1.File_aftersales_dispatch_v1_work_order_service_proto.Services(),
		dispatchv1.File_aftersales_dispatch_v1_engineer_proto.Services(), dispatchv1.File_aftersales_dispatch_v1_part_proto.Services(),
		dispatchv1.File_aftersales_dispatch_v1_internal_proto.Services())
	w.svc.Register(channel)
	conn := w.client(ring, channel)
	w.WorkOrderServiceClient = dispatchv1.NewWorkOrderServiceClient(conn)
	w.EngineerServiceClient = dispatchv1.NewEngineerServiceClient(conn)
	w.PartServiceClient = dispatchv1.NewPartServiceClient(conn)
	w.CaseFileServiceClient = dispatchv1.NewCaseFileServiceClient(conn)
	w.InboxServiceClient = dispatchv1.NewInboxServiceClient(conn)
	return w
}

type channel interface {
	grpc.ServiceRegistrar
	grpc.ClientConnInterface
}

// channel is an in-process server; it refuses to exist where an RPC has no access option.
func (w *world) channel(ring *keys.Ring, files ...protoreflect.ServiceDescriptors) channel {
	var services []protoreflect.ServiceDescriptor
	for _, f := range files {
		for i := range f.Len() {
			services = append(services, f.Get(i))
		}
	}
	policy, err := auth.LoadPolicy(services...)
	require.NoError(w.t, err)
	return grpcx.NewInProcess(grpcx.ChainOptions{Verifier: ring.TokenVerifier(w.clock.Now), Policy: policy})
}

func (w *world) client(ring *keys.Ring, to channel) grpc.ClientConnInterface {
	return grpcx.Client(to, grpcx.ClientOptions{Service: "intake", Tokens: auth.NewSource(ring.TokenSigner(w.clock.Now), time.Hour)})
}

// start runs the relays and sweepers until the test is over.
func (w *world) start() {
	w.t.Helper()
	require.NoError(w.t, w.svc.Start(w.t.Context()))
	w.t.Cleanup(func() { require.NoError(w.t, w.svc.Stop(context.Background())) })
}

// as calls in somebody's name; the plain test context calls as intake.
func (w *world) as(p auth.Principal) context.Context {
	return grpcx.ForwardPrincipal(auth.WithPrincipal(w.t.Context(), p))
}

// create makes an order as intake does.
func (w *world) create(change func(*dispatchv1.WorkOrder)) *dispatchv1.WorkOrder {
	w.t.Helper()
	in := &dispatchv1.WorkOrder{
		Case: "cases/" + uuid.NewString(), CaseNumber: "AS20261122-000001", Round: 1, CaseKind: "SERVICE_REQUEST",
		Purpose: dispatchv1.WorkOrder_REPAIR, OwnerOrg: demoBrand, Urgency: "NORMAL", Problem: "洗衣机漏水", Partner: "partners/demo-mall",
		Customer: &dispatchv1.Contact{DisplayName: "王小明", Phone: "13800138000",
			Address: &commonv1.Address{RegionCode: "310115", Line: "世纪大道1号"}, Location: door()},
		FreeOfCharge: true,
	}
	if change != nil {
		change(in)
	}
	o, err := w.CreateWorkOrder(w.t.Context(), &dispatchv1.CreateWorkOrderRequest{RequestId: uuid.NewString(), WorkOrder: in})
	require.NoError(w.t, err)
	return o
}

func door() *commonv1.GeoPoint { return &commonv1.GeoPoint{Latitude: 31.228, Longitude: 121.538} }

func (w *world) at(d time.Duration) *timestamppb.Timestamp {
	return timestamppb.New(w.clock.Now().Add(d))
}

// The steps of a visit, as the demo's engineer unless told.
func (w *world) assign(name, engineer string) *dispatchv1.WorkOrder {
	w.t.Helper()
	return w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: name, Engineer: engineer}))
}

func (w *world) accept(name string, who auth.Principal) *dispatchv1.WorkOrder {
	w.t.Helper()
	return w.ok(w.Accept(w.as(who), &dispatchv1.AcceptRequest{Name: name}))
}

func (w *world) book(name string, who auth.Principal) *dispatchv1.WorkOrder {
	w.t.Helper()
	return w.ok(w.Book(w.as(who), &dispatchv1.BookRequest{Name: name, WindowStart: w.at(time.Hour), WindowEnd: w.at(3 * time.Hour)}))
}

// visit goes from CREATED to DIAGNOSED with the demo's engineer.
func (w *world) visit(o *dispatchv1.WorkOrder, inWarranty bool) *dispatchv1.WorkOrder {
	w.t.Helper()
	w.assign(o.GetName(), "engineers/demo-engineer")
	w.accept(o.GetName(), li)
	w.book(o.GetName(), li)
	w.ok(w.Depart(w.as(li), &dispatchv1.DepartRequest{Name: o.GetName()}))
	w.ok(w.Arrive(w.as(li), &dispatchv1.ArriveRequest{Name: o.GetName(), Location: door()}))
	return w.ok(w.Diagnose(w.as(li), &dispatchv1.DiagnoseRequest{Name: o.GetName(), Cause: "PART", Findings: "排水泵裂", InWarranty: inWarranty}))
}

func (w *world) ok(o *dispatchv1.WorkOrder, err error) *dispatchv1.WorkOrder {
	w.t.Helper()
	require.NoError(w.t, err)
	return o
}

// refused expects an error with this reason.
func (w *world) refused(reason string, err error) {
	w.t.Helper()
	require.Error(w.t, err)
	require.Equal(w.t, reason, apierr.Reason(err), "%v", err)
}

// reads gives the order as somebody sees it.
func (w *world) reads(who auth.Principal, name string) *dispatchv1.WorkOrder {
	w.t.Helper()
	return w.ok(w.GetWorkOrder(w.as(who), &dispatchv1.GetWorkOrderRequest{Name: name}))
}

// inbox records what a neighbour is sent.
type inbox struct {
	mu    sync.Mutex
	got   []*eventv1.Envelope
	fresh chan struct{}
}

func newInbox() *inbox { return &inbox{fresh: make(chan struct{}, 1)} }

func (i *inbox) take(req *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.got = append(i.got, req.GetEnvelopes()...)
	select {
	case i.fresh <- struct{}{}:
	default:
	}
	return &eventv1.DeliverResponse{}, nil
}

// of waits until n events of a case have come.
func (i *inbox) of(t *testing.T, caseName string, n int) []*eventv1.Envelope {
	t.Helper()
	for {
		i.mu.Lock()
		var of []*eventv1.Envelope
		for _, e := range i.got {
			if e.GetKey() == caseName {
				of = append(of, e)
			}
		}
		i.mu.Unlock()
		if len(of) >= n {
			return of
		}
		select {
		case <-i.fresh:
		case <-t.Context().Done():
			t.Fatalf("only %d of %d events", len(of), n)
		}
	}
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

func (i gatewayInbox) Deliver(_ context.Context, req *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	return i.take(req)
}

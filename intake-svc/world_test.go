package intake

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

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
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

var t0 = time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC) // a Sunday, 09:00 in Shanghai

const (
	brand    = "organisations/brand"
	provider = "organisations/provider"
	patience = 20 * time.Second // for what happens by itself
)

func staffOf(subject, org string, roles ...string) auth.Principal {
	return auth.Principal{Kind: auth.Staff, Subject: subject, Org: org, Roles: roles}
}

var (
	agent        = staffOf("users/agent", brand, auth.RoleAgent)
	otherAgent   = staffOf("users/other-agent", brand, auth.RoleAgent)
	investigator = staffOf("users/investigator", brand, auth.RoleInvestigator)
	manager      = staffOf("users/manager", brand, auth.RoleManager)
	quality      = staffOf("users/quality", brand, auth.RoleQuality)
	finance      = staffOf("users/finance", brand, auth.RoleFinance)
	admin        = staffOf("users/admin", brand, auth.RoleAdmin)
	providerDesk = staffOf("users/provider", provider, auth.RoleAgent, auth.RoleManager)
	mall         = auth.Principal{
		Kind: auth.Partner, Subject: "partners/mall", Org: brand, Platform: "mall",
		Scopes: []string{"cases.write", "cases.read", auth.ScopeActForCustomer},
	}
)

// world is the service on a real database behind the real chain, with hand-written neighbours.
type world struct {
	cases     intakev1.CaseServiceClient
	solutions intakev1.SolutionServiceClient
	contacts  intakev1.ContactServiceClient
	evidence  intakev1.EvidenceServiceClient
	codes     intakev1.CodeServiceClient
	inbox     intakev1.InboxServiceClient
	custody   intakev1.CustodyServiceClient
	incidents intakev1.IncidentServiceClient
	figures   intakev1.CaseStatisticsServiceClient
	progress  intakev1.ProgressServiceClient // as nobody
	promises  intakev1.PromiseServiceClient
	policies  intakev1.SlaPolicyServiceClient
	calendars intakev1.WorkingCalendarServiceClient

	devices     intakev1.DeviceServiceClient
	rules       intakev1.RuleServiceClient
	inquiry     intakev1.InvestigationServiceClient
	finance     intakev1.FinanceTaskServiceClient
	consent     intakev1.ConsentServiceClient // as nobody
	feasibility intakev1.FeasibilityServiceClient
	conn        grpc.ClientConnInterface // as somebody
	open        grpc.ClientConnInterface // as nobody
	first       intakev1.FirstContactServiceClient
	byLink      intakev1.FirstContactServiceClient // as nobody
	classes     intakev1.ClassificationServiceClient
	relations   intakev1.RelationServiceClient
	decisions   intakev1.DecisionRuleServiceClient
	templates   intakev1.TemplateServiceClient

	t        *testing.T
	clock    *testkit.Clock
	db       sqldb.DB
	ring     *keys.Ring
	svc      *Service
	dispatch *fakeDispatch
	survey   *fakeSurvey
	gateway  *fakeInbox
}

// everywhere runs fn on both engines, each in a world of its own that works by itself.
func everywhere(t *testing.T, cfg Config, fn func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	for name, config := range map[string]func(testing.TB) sqldb.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fn(t, newWorld(t, cfg, config(t)))
		})
	}
}

func newWorld(t testing.TB, cfg Config, db sqldb.Config) *world {
	t.Helper()
	w := &world{clock: testkit.NewClock(t0), ring: testkit.Keys(t), dispatch: newFakeDispatch(), survey: newFakeSurvey(), gateway: newFakeInbox()}
	w.t, _ = t.(*testing.T)
	db.Clock = w.clock
	var err error
	w.db, err = sqldb.Open(t.Context(), db)
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.db.Close() })
	require.NoError(t, Migrate(t.Context(), w.db))
	out := w.client(w.neighbours(t))
	w.svc, err = New(cfg, Deps{
		DB: w.db, Keys: w.ring, Clock: w.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Dispatch: out, Survey: out, Gateway: out,
	})
	require.NoError(t, err)
	require.NoError(t, w.svc.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, w.svc.Stop(ctx))
	})
	w.connect(t)
	return w
}

func (w *world) connect(t testing.TB) {
	channel := w.channel(t, servicesOf("aftersales.intake.v1"))
	w.svc.Register(channel)
	conn := w.client(channel)
	w.conn, w.open = conn, grpcx.Client(channel, grpcx.ClientOptions{})
	w.cases, w.solutions = intakev1.NewCaseServiceClient(conn), intakev1.NewSolutionServiceClient(conn)
	w.contacts, w.evidence = intakev1.NewContactServiceClient(conn), intakev1.NewEvidenceServiceClient(conn)
	w.codes, w.inbox = intakev1.NewCodeServiceClient(conn), intakev1.NewInboxServiceClient(conn)
	w.custody, w.incidents = intakev1.NewCustodyServiceClient(conn), intakev1.NewIncidentServiceClient(conn)
	w.figures = intakev1.NewCaseStatisticsServiceClient(conn)
	w.promises, w.policies = intakev1.NewPromiseServiceClient(conn), intakev1.NewSlaPolicyServiceClient(conn)
	w.calendars = intakev1.NewWorkingCalendarServiceClient(conn)
	w.progress = intakev1.NewProgressServiceClient(grpcx.Client(channel, grpcx.ClientOptions{}))
	w.consent = intakev1.NewConsentServiceClient(grpcx.Client(channel, grpcx.ClientOptions{}))
	w.devices, w.rules = intakev1.NewDeviceServiceClient(conn), intakev1.NewRuleServiceClient(conn)
	w.inquiry, w.finance = intakev1.NewInvestigationServiceClient(conn), intakev1.NewFinanceTaskServiceClient(conn)
	w.feasibility = intakev1.NewFeasibilityServiceClient(conn)
	nobody := grpcx.Client(channel, grpcx.ClientOptions{})
	w.progress, w.byLink = intakev1.NewProgressServiceClient(nobody), intakev1.NewFirstContactServiceClient(nobody)
	w.first, w.classes = intakev1.NewFirstContactServiceClient(conn), intakev1.NewClassificationServiceClient(conn)
	w.relations, w.decisions = intakev1.NewRelationServiceClient(conn), intakev1.NewDecisionRuleServiceClient(conn)
	w.templates = intakev1.NewTemplateServiceClient(conn)
}

type channel interface {
	grpc.ServiceRegistrar
	grpc.ClientConnInterface
}

func (w *world) channel(t testing.TB, services []protoreflect.ServiceDescriptor) channel {
	policy, err := auth.LoadPolicy(services...)
	require.NoError(t, err)
	return grpcx.NewInProcess(grpcx.ChainOptions{Verifier: w.ring.TokenVerifier(w.clock.Now), Policy: policy})
}

func (w *world) client(to channel) grpc.ClientConnInterface {
	return grpcx.Client(to, grpcx.ClientOptions{Service: "test", Tokens: auth.NewSource(w.ring.TokenSigner(w.clock.Now), 10000*time.Hour)})
}

func (w *world) neighbours(t testing.TB) channel {
	c := w.channel(t, slices.Concat(servicesOf("aftersales.dispatch.v1"), servicesOf("aftersales.survey.v1"), servicesOf("aftersales.gateway.v1")))
	dispatchv1.RegisterWorkOrderServiceServer(c, w.dispatch)
	dispatchv1.RegisterCaseFileServiceServer(c, dispatchFiles{w.dispatch, dispatchv1.UnimplementedCaseFileServiceServer{}})
	dispatchv1.RegisterPartServiceServer(c, dispatchParts{})
	dispatchv1.RegisterEngineerServiceServer(c, dispatchEngineers{})
	dispatchv1.RegisterInboxServiceServer(c, dispatchInbox{inbox: newFakeInbox()})
	surveyv1.RegisterInvitationServiceServer(c, w.survey)
	surveyv1.RegisterCaseFileServiceServer(c, surveyFiles{w.survey, surveyv1.UnimplementedCaseFileServiceServer{}})
	surveyv1.RegisterInboxServiceServer(c, surveyInbox{inbox: newFakeInbox()})
	gatewayv1.RegisterInboxServiceServer(c, gatewayInbox{inbox: w.gateway})
	gatewayv1.RegisterOrganisationServiceServer(c, gatewayOrganisations{})
	return c
}

func servicesOf(pkg string) (all []protoreflect.ServiceDescriptor) {
	for _, file := range []protoreflect.FileDescriptor{
		intakev1.File_aftersales_intake_v1_case_service_proto, intakev1.File_aftersales_intake_v1_solution_service_proto,
		intakev1.File_aftersales_intake_v1_contact_service_proto, intakev1.File_aftersales_intake_v1_evidence_service_proto,
		intakev1.File_aftersales_intake_v1_code_service_proto, intakev1.File_aftersales_intake_v1_progress_service_proto,
		intakev1.File_aftersales_intake_v1_channel_service_proto, intakev1.File_aftersales_intake_v1_transfer_service_proto,
		intakev1.File_aftersales_intake_v1_inbox_service_proto, intakev1.File_aftersales_intake_v1_device_service_proto,
		intakev1.File_aftersales_intake_v1_rule_service_proto, intakev1.File_aftersales_intake_v1_investigation_service_proto,
		intakev1.File_aftersales_intake_v1_finance_service_proto, intakev1.File_aftersales_intake_v1_consent_service_proto,
		intakev1.File_aftersales_intake_v1_feasibility_service_proto, dispatchv1.File_aftersales_dispatch_v1_part_proto,
		dispatchv1.File_aftersales_dispatch_v1_engineer_proto, dispatchv1.File_aftersales_dispatch_v1_work_order_service_proto,
		intakev1.File_aftersales_intake_v1_custody_service_proto, intakev1.File_aftersales_intake_v1_incident_service_proto,
		intakev1.File_aftersales_intake_v1_case_statistics_service_proto, gatewayv1.File_aftersales_gateway_v1_organisation_proto,
		intakev1.File_aftersales_intake_v1_promise_service_proto, intakev1.File_aftersales_intake_v1_sla_policy_service_proto,
		intakev1.File_aftersales_intake_v1_working_calendar_service_proto,
		intakev1.File_aftersales_intake_v1_first_contact_service_proto, intakev1.File_aftersales_intake_v1_classification_service_proto,
		intakev1.File_aftersales_intake_v1_relation_service_proto, intakev1.File_aftersales_intake_v1_decision_rule_service_proto,
		intakev1.File_aftersales_intake_v1_template_service_proto, intakev1.File_aftersales_intake_v1_article_service_proto,
		intakev1.File_aftersales_intake_v1_retention_service_proto,
		intakev1.File_aftersales_intake_v1_investigator_team_service_proto,
		intakev1.File_aftersales_intake_v1_inbox_service_proto, dispatchv1.File_aftersales_dispatch_v1_work_order_service_proto,
		dispatchv1.File_aftersales_dispatch_v1_internal_proto, surveyv1.File_aftersales_survey_v1_invitation_proto,
		surveyv1.File_aftersales_survey_v1_case_file_proto, surveyv1.File_aftersales_survey_v1_inbox_proto,
		gatewayv1.File_aftersales_gateway_v1_inbox_proto, gatewayv1.File_aftersales_gateway_v1_organisation_proto,
	} {
		if string(file.Package()) != pkg {
			continue
		}
		for n := range file.Services().Len() {
			all = append(all, file.Services().Get(n))
		}
	}
	return all
}

// as calls in somebody's name.
func (w *world) as(p auth.Principal) context.Context {
	return grpcx.ForwardPrincipal(auth.WithPrincipal(w.t.Context(), p))
}

// --- what every story begins with ---

func customer() *intakev1.Customer {
	return &intakev1.Customer{
		DisplayName: "王小明", Phone: "13800138000", Address: &commonv1.Address{RegionCode: "310115", Line: "世纪大道1号"},
	}
}

func complaint() *intakev1.Case {
	return &intakev1.Case{
		Kind: intakev1.Case_COMPLAINT, Channel: "HOTLINE", Customer: customer(), Problem: "维修后洗衣机仍然漏水", Expectation: "重新维修",
		Product:      &intakev1.Product{Brand: "海风", Model: "XQG100", SerialNumber: "SN-1", PurchaseDate: "2026-03-01"},
		PriorService: &intakev1.PriorService{ServiceDate: "2026-11-01", EngineerNumber: "E-1007"},
	}
}

func ofKind(kind intakev1.Case_Kind) *intakev1.Case {
	c := complaint()
	c.Kind, c.PriorService = kind, nil
	return c
}

func (w *world) file(p auth.Principal, c *intakev1.Case) *intakev1.Case {
	w.t.Helper()
	filed, err := w.cases.CreateCase(w.as(p), &intakev1.CreateCaseRequest{Case: c, RequestId: uuid.NewString()})
	require.NoError(w.t, err)
	return filed
}

func (w *world) accepted(c *intakev1.Case) *intakev1.Case {
	w.t.Helper()
	got, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: w.file(agent, c).GetName(), ContentClass: "REPAIR_QUALITY", Urgency: "HIGH"})
	require.NoError(w.t, err)
	return got
}

func (w *world) concluded() *intakev1.Case {
	w.t.Helper()
	c := w.accepted(complaint())
	_, err := w.cases.StartInvestigation(w.as(investigator), &intakev1.StartInvestigationRequest{Name: c.GetName()})
	require.NoError(w.t, err)
	return w.conclude(c.GetName())
}

func (w *world) conclude(name string) *intakev1.Case {
	w.t.Helper()
	c, err := w.cases.ConcludeInvestigation(w.as(investigator), &intakev1.ConcludeInvestigationRequest{
		Name: name, Cause: "PART", Liability: "DEFECTIVE_PART", Pattern: "ISOLATED", Upheld: true, Findings: "密封圈破裂",
	})
	require.NoError(w.t, err)
	return c
}

func (w *world) propose(name, kind string) *intakev1.Solution {
	w.t.Helper()
	s, err := w.solutions.CreateSolution(w.as(investigator), &intakev1.CreateSolutionRequest{
		Parent: name, Solution: &intakev1.Solution{Kind: kind, Explanation: "更换密封圈", Timetable: "两个工作日内"},
	})
	require.NoError(w.t, err)
	return s
}

func (w *world) agree(s *intakev1.Solution) {
	w.t.Helper()
	_, err := w.solutions.AgreeSolution(w.as(agent), &intakev1.AgreeSolutionRequest{Name: s.GetName()})
	require.NoError(w.t, err)
}

// inService is a complaint with an agreed repair under way, and its work order.
func (w *world) inService() (*intakev1.Case, string) {
	w.t.Helper()
	c := w.concluded()
	w.agree(w.propose(c.GetName(), "REPAIR_AGAIN"))
	w.until(c.GetName(), "in_service")
	return w.get(c.GetName()), w.dispatch.last(c.GetName())
}

// resolved is a complaint with a repair that the customer confirmed.
func (w *world) resolved() *intakev1.Case {
	w.t.Helper()
	c, order := w.inService()
	w.orderStep(c, order, "CONFIRMED", "FIXED", 0)
	return w.get(c.GetName())
}

func (w *world) get(name string) *intakev1.Case {
	w.t.Helper()
	c, err := w.cases.GetCase(w.as(agent), &intakev1.GetCaseRequest{Name: name})
	require.NoError(w.t, err)
	return c
}

func (w *world) state(name string) string {
	w.t.Helper()
	return w.get(name).GetState().String()
}

// until waits for an event of the case at the gateway.
func (w *world) until(name, what string) {
	w.t.Helper()
	w.gateway.wait(w.t, func(e *eventv1.Envelope) bool {
		return e.GetSubject() == name && e.GetType() == "aftersales.case."+what+".v1"
	})
}

// events of dispatch and survey, delivered as their relays do.

func (w *world) deliver(p eventPayload, source, name string, seq int64) {
	w.t.Helper()
	_, err := w.inbox.Deliver(w.t.Context(), &eventv1.DeliverRequest{Envelopes: []*eventv1.Envelope{envelope(w.t, p, source, name, seq)}})
	require.NoError(w.t, err)
}

func (w *world) orderStep(c *intakev1.Case, order, state, outcome string, open int32) {
	w.t.Helper()
	solution := c.GetCurrentSolution()
	w.deliver(&eventv1.WorkOrderChanged{
		WorkOrder: order, Case: c.GetName(), State: state, Outcome: outcome, Round: c.GetRound(), OpenWorkOrders: open, Solution: solution,
		Engineer: "engineers/e1", EngineerDisplayName: "李师傅",
		Step: &commonv1.Step{
			Event: "WORK_ORDER_" + state, Actor: "users/engineer", Place: "310115", Points: "step " + state,
			OccurredUs: w.clock.Now().UnixMicro(), DeviceUs: w.clock.Now().Add(-time.Minute).UnixMicro(),
		},
	}, "aftersales/dispatch", c.GetName(), w.dispatch.next())
}

func (w *world) answer(c *intakev1.Case, a *eventv1.SurveyResponded) {
	w.t.Helper()
	w.survey.answered(c, a, w.clock.Now())
	w.deliver(a, "aftersales/survey", c.GetName(), 1)
}

func good() *eventv1.SurveyResponded {
	return &eventv1.SurveyResponded{Invitation: "invitations/i1", Solved: true, Satisfied: true, Overall: 5, Sentiment: "SATISFIED"}
}

func (w *world) entries(name string) []*intakev1.TimelineEntry {
	w.t.Helper()
	list, err := w.cases.ListTimelineEntries(w.as(agent), &intakev1.ListTimelineEntriesRequest{Parent: name, PageSize: 1000})
	require.NoError(w.t, err)
	return list.GetTimelineEntries()
}

func (w *world) eventNames(name string) (all []string) {
	for _, e := range w.entries(name) {
		all = append(all, e.GetEvent())
	}
	return all
}

// requireReason checks the one reason of a refusal.
func requireReason(t *testing.T, err error, reason string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, reason, reasonOf(err), "%v", err)
}

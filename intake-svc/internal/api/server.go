package api

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/archive"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/directory"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/ledger"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/notice"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

// Deps is what the handlers need.
type Deps struct {
	DB       sqldb.DB
	Cases    *store.SQL
	Codes    *codes.Table
	Ledger   *ledger.Ledger
	Filer    *ledger.Filer
	Idem     *idempotency.Store
	Clock    clock.Clock
	Policy   *casefile.Policy
	Signer   archive.Signer
	Dispatch dispatchv1.CaseFileServiceClient
	Survey   surveyv1.CaseFileServiceClient
	Remote   Remote
	Notices  *notice.Printer
	Prices   Prices
	Log      *slog.Logger
	Channels Channels
	Orgs     *directory.Directory
	Defaults promise.Defaults // the general promises

	DemoShowsCode bool // a consent code is answered to who has it sent
}

// Remote is what dispatch is asked, as the service itself; never inside a transaction.
type Remote struct {
	Orders    dispatchv1.WorkOrderServiceClient
	Parts     dispatchv1.PartServiceClient
	Engineers dispatchv1.EngineerServiceClient

	Organisations gatewayv1.OrganisationServiceClient // the gateway's
}

// Prices of the installation, in fen.
type Prices struct{ Visit, Labour int64 }

// Server answers the RPCs of intake.
type Server struct {
	Deps
	caseSpec   *listing.Spec
	deviceSpec *listing.Spec
	taskSpec   *listing.Spec
	tools      tools

	copies sync.Mutex // held while a copy in memory is read anew: what was read earlier must not replace what was read later
}

// New makes the server.
func New(d Deps) *Server {
	s := &Server{Deps: d, tools: newTools()}
	s.Channels.complete()
	s.caseSpec, s.deviceSpec, s.taskSpec = s.caseList(), s.deviceList(), taskList()
	return s
}

// Each service is a type of its own: their methods are the RPCs and nothing else.
type (
	caseService struct {
		intakev1.UnimplementedCaseServiceServer
		*Server
	}
	solutionService struct {
		intakev1.UnimplementedSolutionServiceServer
		*Server
	}
	contactService struct {
		intakev1.UnimplementedContactServiceServer
		*Server
	}
	evidenceService struct {
		intakev1.UnimplementedEvidenceServiceServer
		*Server
	}
	codeService struct {
		intakev1.UnimplementedCodeServiceServer
		*Server
	}
	progressService struct {
		intakev1.UnimplementedProgressServiceServer
		*Server
	}
	deviceService struct {
		intakev1.UnimplementedDeviceServiceServer
		*Server
	}
	ruleService struct {
		intakev1.UnimplementedRuleServiceServer
		*Server
	}
	investigationService struct {
		intakev1.UnimplementedInvestigationServiceServer
		*Server
	}
	financeService struct {
		intakev1.UnimplementedFinanceTaskServiceServer
		*Server
	}
	consentService struct {
		intakev1.UnimplementedConsentServiceServer
		*Server
	}
	feasibilityService struct {
		intakev1.UnimplementedFeasibilityServiceServer
		*Server
	}
	promiseService struct {
		intakev1.UnimplementedPromiseServiceServer
		*Server
	}
	slaPolicyService struct {
		intakev1.UnimplementedSlaPolicyServiceServer
		*Server
	}
	workingCalendarService struct {
		intakev1.UnimplementedWorkingCalendarServiceServer
		*Server
	}
	inboxService struct {
		intakev1.UnimplementedInboxServiceServer
		*Server
	}
)

// Register registers all services.
func (s *Server) Register(r grpc.ServiceRegistrar) {
	intakev1.RegisterCaseServiceServer(r, caseService{Server: s})
	intakev1.RegisterSolutionServiceServer(r, solutionService{Server: s})
	intakev1.RegisterContactServiceServer(r, contactService{Server: s})
	intakev1.RegisterEvidenceServiceServer(r, evidenceService{Server: s})
	intakev1.RegisterCodeServiceServer(r, codeService{Server: s})
	intakev1.RegisterProgressServiceServer(r, progressService{Server: s})
	intakev1.RegisterDeviceServiceServer(r, deviceService{Server: s})
	intakev1.RegisterRuleServiceServer(r, ruleService{Server: s})
	intakev1.RegisterInvestigationServiceServer(r, investigationService{Server: s})
	intakev1.RegisterFinanceTaskServiceServer(r, financeService{Server: s})
	intakev1.RegisterConsentServiceServer(r, consentService{Server: s})
	intakev1.RegisterFeasibilityServiceServer(r, feasibilityService{Server: s})
	intakev1.RegisterPromiseServiceServer(r, promiseService{Server: s})
	intakev1.RegisterSlaPolicyServiceServer(r, slaPolicyService{Server: s})
	intakev1.RegisterWorkingCalendarServiceServer(r, workingCalendarService{Server: s})
	intakev1.RegisterInboxServiceServer(r, inboxService{Server: s})
	intakev1.RegisterCustodyServiceServer(r, custodyService{Server: s})
	intakev1.RegisterIncidentServiceServer(r, incidentService{Server: s})
	intakev1.RegisterCaseStatisticsServiceServer(r, figureService{Server: s})
	s.registerChannels(r)
	intakev1.RegisterFirstContactServiceServer(r, firstContactService{Server: s})
	intakev1.RegisterClassificationServiceServer(r, classificationService{Server: s})
	intakev1.RegisterRelationServiceServer(r, relationService{Server: s})
	intakev1.RegisterDecisionRuleServiceServer(r, decisionRuleService{Server: s})
	intakev1.RegisterTemplateServiceServer(r, templateService{Server: s})
	intakev1.RegisterArticleServiceServer(r, articleService{Server: s})
	intakev1.RegisterRetentionServiceServer(r, retentionService{Server: s})
	intakev1.RegisterInvestigatorTeamServiceServer(r, teamService{Server: s})
}

// moment says who acts now.
func (s *Server) moment(p auth.Principal) casefile.Moment {
	return casefile.Moment{By: actorOf(p), At: s.Clock.Now(), Policy: s.Policy, NewID: newID}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func actorOf(p auth.Principal) casefile.Actor {
	a := casefile.Actor{
		Name: p.Subject, Roles: p.Roles, OnBehalfOf: p.OnBehalfOf, Org: p.Org, Platform: p.Platform, Engineer: p.Engineer,
	}
	switch p.Kind {
	case auth.Staff:
		a.Kind, a.DisplayName = casefile.ActorStaff, p.DisplayName
	case auth.Partner:
		a.Kind = casefile.ActorPartner
	case auth.Customer:
		a.Kind = casefile.ActorCustomer
	case auth.Service, auth.System:
		a.Kind = casefile.ActorSystem
	}
	return a
}

// caseID takes the id out of "cases/<id>" and what follows it.
func caseID(name string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(name, "cases/"), "/")
	return id
}

// lastID takes the last part of a name.
func lastID(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// mutation is a request that changes a case.
type mutation interface {
	proto.Message
	GetRequestId() string
}

// change is the way of every verb (architecture.md section 2): in one transaction replay, load under lock, call the domain,
// write what follows, answer. do checks the etag of what it changes.
func change[Resp proto.Message](ctx context.Context, s *Server, id string, req mutation,
	do func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error), answer func(p *presenter, c *casefile.Case) Resp,
) (resp Resp, err error) {
	caller := auth.FromContext(ctx)
	return changeAs(ctx, s, id, req, store.ViewerOf(caller), actorOf(caller), do, answer)
}

// changeAs is change for somebody who is no principal: the holder of a progress link.
func changeAs[Resp proto.Message](ctx context.Context, s *Server, id string, req mutation, sees store.Viewer, by casefile.Actor,
	do func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error), answer func(p *presenter, c *casefile.Case) Resp,
) (resp Resp, err error) {
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (none Resp, err error) {
			c, err := s.Cases.Lock(ctx, tx, sees, id)
			if err != nil {
				return none, err
			}
			change, err := do(tx, c, casefile.Moment{By: by, At: s.Clock.Now(), Policy: s.Policy, NewID: newID})
			if err != nil {
				return none, err
			}
			if err := s.Ledger.Commit(ctx, tx, c, change); err != nil {
				return none, err
			}
			return answer(s.presenter(ctx), c), nil
		})
		return err
	})
	return resp, err
}

// changeCase is change for a verb that answers the case.
func (s *Server) changeCase(ctx context.Context, name, etag string, req mutation, do func(c *casefile.Case, m casefile.Moment) (casefile.Change, error)) (*intakev1.Case, error) {
	return change(ctx, s, caseID(name), req, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		if err := sameTag(etag, c.Etag()); err != nil {
			return casefile.Change{}, err
		}
		return do(c, m)
	}, (*presenter).fullCase)
}

// sameTag refuses a write on the basis of what has changed since.
func sameTag(given, current string) error {
	if given != "" && given != current {
		return apierr.ErrStale.New()
	}
	return nil
}

// see answers a case to the caller.
func (s *Server) see(ctx context.Context, name string) (*casefile.Case, error) {
	return s.Cases.Get(ctx, s.DB, store.ViewerOf(auth.FromContext(ctx)), caseID(name))
}

// presenter converts for one caller.
func (s *Server) presenter(ctx context.Context) *presenter {
	return &presenter{codes: s.Codes, caller: auth.FromContext(ctx), locale: grpcx.Locale(ctx)}
}

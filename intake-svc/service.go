package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/riverqueue/river"
	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/api"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/directory"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/jobs"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/ledger"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/notice"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/smtpd"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	platform "github.com/aftersales-suite/aftersales/platform/jobs"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/run"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

// Deps is what the service needs from outside. The connections call as services/intake.
type Deps struct {
	DB    sqldb.DB
	Keys  *keys.Ring
	Clock clock.Clock  // nil: the machine's
	Log   *slog.Logger // nil: the default

	Dispatch, Survey, Gateway grpc.ClientConnInterface
}

func (d *Deps) complete() error {
	if d.DB == nil || d.Keys == nil || d.Dispatch == nil || d.Survey == nil || d.Gateway == nil {
		return errors.New("intake: DB, Keys, Dispatch, Survey and Gateway are needed")
	}
	if d.Clock == nil {
		d.Clock = clock.System
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return nil
}

// Service is the intake service.
type Service struct {
	deps    Deps
	api     *api.Server
	worker  *jobs.Worker
	orgs    *directory.Directory
	filer   *ledger.Filer
	idem    *idempotency.Store
	workers run.Group
	door    *smtpd.Server // nil when mail is off
}

// New builds the service; it reads and writes nothing.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := deps.complete(); err != nil {
		return nil, err
	}
	policy, err := cfg.policy()
	if err != nil {
		return nil, err
	}
	printer, err := notice.New(cfg.NoticeFont)
	if err != nil {
		return nil, err
	}
	channels, err := cfg.channels()
	if err != nil {
		return nil, err
	}
	s := &Service{
		deps: deps, idem: idempotency.New(deps.Keys.Sealer(), deps.Clock),
		orgs: directory.New(gatewayv1.NewOrganisationServiceClient(deps.Gateway)),
	}
	cases := store.NewSQL(deps.Keys.Sealer(), deps.Keys.Indexer())
	book := ledger.New(cases, deps.Clock, jobs.Wake)
	s.filer = ledger.NewFiler(book, deps.DB, s.idem, policy.Zone, deps.Log)
	s.api = api.New(api.Deps{
		DB: deps.DB, Cases: cases, Codes: codes.NewTable(), Ledger: book, Filer: s.filer, Idem: s.idem, Clock: deps.Clock, Policy: policy,
		Signer: deps.Keys.ArchiveSigner(), Dispatch: dispatchv1.NewCaseFileServiceClient(deps.Dispatch),
		Channels: channels, Orgs: s.orgs, DemoShowsCode: cfg.DemoShowsCode,
		Survey: surveyv1.NewCaseFileServiceClient(deps.Survey), Log: deps.Log, Defaults: cfg.defaults(), Notices: printer,
		Prices: api.Prices{Visit: cmp.Or(cfg.VisitFee, defaultVisitFee), Labour: cmp.Or(cfg.LabourFee, defaultLabourFee)},
		Remote: api.Remote{
			Orders: dispatchv1.NewWorkOrderServiceClient(deps.Dispatch), Parts: dispatchv1.NewPartServiceClient(deps.Dispatch),
			Engineers: dispatchv1.NewEngineerServiceClient(deps.Dispatch), Organisations: gatewayv1.NewOrganisationServiceClient(deps.Gateway),
		},
	})
	s.worker = s.newWorker(cases, book, policy)
	return s, s.assemble(cfg)
}

func (s *Service) newWorker(cases *store.SQL, book *ledger.Ledger, policy *casefile.Policy) *jobs.Worker {
	return jobs.New(jobs.Deps{
		DB: s.deps.DB, Cases: cases, News: cases, Texts: cases, Ledger: book, Clock: s.deps.Clock, Policy: policy, Orders: dispatchv1.NewWorkOrderServiceClient(s.deps.Dispatch),
		Surveys: surveyv1.NewInvitationServiceClient(s.deps.Survey), Messages: jobs.LogMessenger{Log: s.deps.Log}, Orgs: s.orgs,
	})
}

// assemble adds job workers, relays and sweepers in the order of their start.
func (s *Service) assemble(cfg Config) error {
	workers := river.NewWorkers()
	s.worker.Register(workers)
	platform.AddTimeout(workers, importLimit, s.api.RunImport)
	queue, err := platform.New(s.deps.DB, platform.Config{Workers: workers, Log: s.deps.Log, Clock: s.deps.Clock})
	if err != nil {
		return err
	}
	s.workers.Add(
		queue,
		s.relay("gateway", gatewayv1.NewInboxServiceClient(s.deps.Gateway).Deliver),
		s.relay("dispatch", dispatchv1.NewInboxServiceClient(s.deps.Dispatch).Deliver),
		s.relay("survey", surveyv1.NewInboxServiceClient(s.deps.Survey).Deliver),
		platform.NewSweeper("intake.due", cfg.sweepEvery(), s.worker.Sweep).Log(s.deps.Log),
		platform.NewSweeper("intake.codes", codesEvery, s.api.ReloadCodes).Log(s.deps.Log),
		platform.NewSweeper("intake.organisations", codesEvery, s.orgs.Reload).Log(s.deps.Log),
		platform.NewSweeper("intake.promises", codesEvery, s.api.ReloadPromises).Log(s.deps.Log),
		platform.NewSweeper("intake.figures", cfg.sweepEvery(), s.api.RollUp).Log(s.deps.Log),
		platform.NewSweeper("intake.prune", pruneEvery, s.prune).Log(s.deps.Log),
		platform.NewSweeper("intake.imports", codesEvery, s.api.SweepImports).Log(s.deps.Log),
		platform.NewSweeper("intake.erasures", cfg.sweepEvery(), s.api.RunErasures).Log(s.deps.Log),
	)
	if cfg.EraseWhenDue {
		s.workers.Add(platform.NewSweeper("intake.retention", pruneEvery, s.api.EraseWhatIsDue).Log(s.deps.Log))
	}
	if s.door = cfg.mailDoor(s.api, s.deps.Log); s.door != nil {
		s.workers.Add(s.door)
	}
	return nil
}

// relay hands the outbox rows of one subscriber to its inbox.
func (s *Service) relay(subscriber string, deliver events.Remote) *events.Relay {
	return events.NewRelay(s.deps.DB, subscriber, deliver, events.RelayOptions{Log: s.deps.Log, Clock: s.deps.Clock})
}

func (s *Service) prune(ctx context.Context) error {
	return errors.Join(s.idem.Prune(ctx, s.deps.DB), events.PruneInbox(ctx, s.deps.DB, s.deps.Clock.Now()))
}

// Register puts the service's RPCs on a server.
func (s *Service) Register(r grpc.ServiceRegistrar) { s.api.Register(r) }

// Start loads the code tables and begins to work. What was started is stopped again when a later part fails.
func (s *Service) Start(ctx context.Context) error {
	for _, ship := range []func(context.Context) error{s.api.SeedCodes, s.api.ShipTexts, s.api.SeedRules, s.api.ShipPromises} {
		if err := ship(ctx); err != nil {
			return fmt.Errorf("intake: start: %w", err)
		}
	}
	return s.workers.Start(ctx)
}

// Stop lets filings under way end, then ends in reverse what Start began, and joins all errors.
func (s *Service) Stop(ctx context.Context) error {
	s.filer.Wait()
	return s.workers.Stop(ctx)
}

// Health says whether the service can work.
func (s *Service) Health(ctx context.Context) error { return s.deps.DB.Ping(ctx) }

// Migrate brings the service's tables to the state of this binary.
func Migrate(ctx context.Context, db sqldb.DB) error {
	files, err := fs.Sub(store.Migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, files)
}

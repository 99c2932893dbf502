package survey

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/jobs"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/run"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/zhtext"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/api"
	surveyjobs "github.com/aftersales-suite/aftersales/survey-svc/internal/jobs"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/text"
)

// Driver hands messages over: subscribe message, SMS, e-mail.
type Driver = surveyjobs.Driver

// Message asks a customer to follow a link.
type Message = surveyjobs.Message

// Deps is what the service needs from outside.
type Deps struct {
	DB    sqldb.DB
	Keys  *keys.Ring
	Clock clock.Clock
	Log   *slog.Logger
	// Intake and Gateway take this service's events.
	Intake, Gateway grpc.ClientConnInterface
	// Driver hands messages over; nil writes to the log that they would have gone out.
	Driver Driver
	// Text reads answers; nil builds a reader with the shipped models (a few MiB: one process should share one).
	Text *zhtext.Reader
}

// Service is the survey service.
type Service struct {
	core      *api.Core
	deliverer *surveyjobs.Deliverer
	relays    []*events.Relay
	workers   run.Group
}

// New builds the service; it reads and writes nothing.
func New(cfg Config, deps Deps) (*Service, error) {
	if deps.DB == nil || deps.Keys == nil || deps.Intake == nil || deps.Gateway == nil {
		return nil, errors.New("survey: DB, Keys, Intake and Gateway are needed")
	}
	cfg, deps = cfg.withDefaults(), deps.withDefaults()
	analyst, err := text.New(deps.Text)
	if err != nil {
		return nil, fmt.Errorf("survey: text analysis: %w", err)
	}
	rows := store.New(deps.Keys.Sealer())
	s := &Service{
		core: &api.Core{
			DB: deps.DB, Store: rows, Replay: idempotency.New(deps.Keys.Sealer(), deps.Clock),
			Outbox: events.NewOutbox("aftersales/survey", []string{"intake", "gateway"}, deps.Clock), Clock: deps.Clock,
			Analyst: analyst, Policy: cfg.policy(), Calls: cfg.calls(), ShowTokens: cfg.DemoShowsTokens, NewID: newID, NewToken: newToken,
		},
		deliverer: &surveyjobs.Deliverer{
			DB: deps.DB, Store: rows, Clock: deps.Clock, Driver: deps.Driver, Policy: cfg.policy(), LinkBase: cfg.LinkBase, Log: deps.Log,
		},
	}
	return s, s.assemble(cfg, deps)
}

func (d Deps) withDefaults() Deps {
	if d.Clock == nil {
		d.Clock = clock.System
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Driver == nil {
		d.Driver = surveyjobs.LogDriver{Log: d.Log}
	}
	return d
}

// assemble adds the workers, relays and sweepers in the order of their start.
func (s *Service) assemble(cfg Config, deps Deps) error {
	workers := river.NewWorkers()
	jobs.Add(workers, func(ctx context.Context, args surveyjobs.DeliverArgs) error {
		return s.deliverer.Deliver(ctx, args.Invitation)
	})
	client, err := jobs.New(deps.DB, jobs.Config{Workers: workers, Log: deps.Log, Clock: deps.Clock})
	if err != nil {
		return fmt.Errorf("survey: jobs: %w", err)
	}
	intake, gateway := intakev1.NewInboxServiceClient(deps.Intake), gatewayv1.NewInboxServiceClient(deps.Gateway)
	s.relays = []*events.Relay{relay(deps, "intake", intake.Deliver), relay(deps, "gateway", gateway.Deliver)}
	s.workers.Add(
		client, s.relays[0], s.relays[1],
		jobs.NewSweeper("survey.deliveries", cfg.SweepEvery, s.deliverer.SweepDeliveries).Log(deps.Log),
		jobs.NewSweeper("survey.expiries", cfg.SweepEvery, s.deliverer.SweepExpiries).Log(deps.Log),
		jobs.NewSweeper("survey.callbacks", cfg.SweepEvery, s.deliverer.SweepCallBacks).Log(deps.Log),
		jobs.NewSweeper("survey.prune", pruneEvery, func(ctx context.Context) error {
			return errors.Join(s.core.Replay.Prune(ctx, deps.DB), events.PruneInbox(ctx, deps.DB, deps.Clock.Now()))
		}).Log(deps.Log),
	)
	return nil
}

// relay hands the outbox rows of one subscriber to its inbox.
func relay(deps Deps, subscriber string, deliver events.Remote) *events.Relay {
	return events.NewRelay(deps.DB, subscriber, deliver, events.RelayOptions{Log: deps.Log, Clock: deps.Clock})
}

// Register puts the service's RPCs on a server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	surveyv1.RegisterInvitationServiceServer(r, &api.Invitations{Core: s.core})
	surveyv1.RegisterCallBackServiceServer(r, &api.CallBacks{Core: s.core})
	surveyv1.RegisterStatisticsServiceServer(r, &api.Statistics{Core: s.core})
	surveyv1.RegisterCaseFileServiceServer(r, &api.CaseFile{Core: s.core})
	surveyv1.RegisterInboxServiceServer(r, &api.Inbox{Core: s.core})
}

// Start begins to work jobs, deliver events and look for what is due.
func (s *Service) Start(ctx context.Context) error { return s.workers.Start(ctx) }

// Stop ends it in reverse.
func (s *Service) Stop(ctx context.Context) error { return s.workers.Stop(ctx) }

// Health says whether the service can do its work.
func (s *Service) Health(ctx context.Context) error { return s.core.DB.Ping(ctx) }

// Migrate brings the service's tables to the state of this binary.
func Migrate(ctx context.Context, db sqldb.DB) error {
	return sqldb.Migrate(ctx, db, store.Migrations())
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// newToken has 256 random bits in 43 characters: who knows it was invited.
func newToken() string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(random[:])
}

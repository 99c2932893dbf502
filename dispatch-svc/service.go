package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/api"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/notify"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/suggest"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/jobs"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/run"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

const (
	// feedKept is how long an engineer's phone may be away and still hear of every change.
	feedKept = 30 * 24 * time.Hour
	// messagesKept is how long the record of a sent code stays; its content is gone at once.
	messagesKept = 90 * 24 * time.Hour
	pruneEvery   = time.Hour
	sweepEvery   = 15 * time.Second
)

// Deps is what the service needs from outside.
type Deps struct {
	DB    sqldb.DB
	Keys  *keys.Ring
	Clock clock.Clock  // nil: the machine's
	Log   *slog.Logger // nil: the default
	// Intake and Gateway take this service's events.
	Intake, Gateway grpc.ClientConnInterface
	// Driver brings acceptance codes to customers; nil writes to the log that they would have gone out.
	Driver Driver
}

// Driver hands messages to customers over: SMS, subscribe message.
type Driver = notify.Driver

// Message tells a customer the code that confirms the work.
type Message = notify.Message

// Service is the dispatch service.
type Service struct {
	deps    Deps
	api     *api.Server
	store   *store.Store
	idem    *idempotency.Store
	workers run.Group
}

// New builds the service; it reads and writes nothing.
func New(cfg Config, deps Deps) (*Service, error) {
	if deps.DB == nil || deps.Keys == nil || deps.Intake == nil || deps.Gateway == nil {
		return nil, errors.New("dispatch: DB, Keys, Intake and Gateway are needed")
	}
	deps = deps.withDefaults()
	zone, err := cfg.zone()
	if err != nil {
		return nil, err
	}
	outbox := events.NewOutbox("aftersales/dispatch", []string{"intake", "gateway"}, deps.Clock)
	s := &Service{deps: deps, store: store.New(deps.DB, deps.Keys.Sealer(), outbox), idem: idempotency.New(deps.Keys.Sealer(), deps.Clock)}
	s.api = api.New(api.Deps{
		Store: s.store, Idem: s.idem, Clock: deps.Clock, Suggest: suggest.New(s.store, deps.Clock, zone), Indexer: deps.Keys.Indexer(),
	}, cfg.options(zone))
	s.assemble(cfg)
	return s, nil
}

func (d Deps) withDefaults() Deps {
	if d.Clock == nil {
		d.Clock = clock.System
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Driver == nil {
		d.Driver = notify.LogDriver{Log: d.Log}
	}
	return d
}

// assemble adds the relays and sweepers in the order of their start.
func (s *Service) assemble(cfg Config) {
	intake, gateway := intakev1.NewInboxServiceClient(s.deps.Intake), gatewayv1.NewInboxServiceClient(s.deps.Gateway)
	s.workers.Add(
		s.relay("intake", intake.Deliver),
		s.relay("gateway", gateway.Deliver),
		&notify.Sender{Store: s.store, Clock: s.deps.Clock, Driver: s.deps.Driver, Digest: s.api.CodeDigest, Log: s.deps.Log,
			Every: orElse(cfg.SweepEvery, sweepEvery)},
		jobs.NewSweeper("dispatch.offers", orElse(cfg.SweepEvery, sweepEvery), s.api.ExpireOffers).Log(s.deps.Log),
		jobs.NewSweeper("dispatch.arrivals", orElse(cfg.SweepEvery, sweepEvery), s.api.BookArrivals).Log(s.deps.Log),
		jobs.NewSweeper("dispatch.prune", pruneEvery, s.prune).Log(s.deps.Log),
	)
}

func (s *Service) relay(subscriber string, deliver events.Remote) *events.Relay {
	return events.NewRelay(s.deps.DB, subscriber, deliver, events.RelayOptions{Log: s.deps.Log, Clock: s.deps.Clock})
}

func (s *Service) prune(ctx context.Context) error {
	now := s.deps.Clock.Now()
	return errors.Join(s.idem.Prune(ctx, s.deps.DB), events.PruneInbox(ctx, s.deps.DB, now),
		s.store.PruneFeed(ctx, now.Add(-feedKept)), s.store.PruneMessages(ctx, now.Add(-messagesKept)))
}

// Register puts the service's RPCs on a server.
func (s *Service) Register(r grpc.ServiceRegistrar) { s.api.Register(r) }

// Start begins to relay events and to sweep.
func (s *Service) Start(ctx context.Context) error { return s.workers.Start(ctx) }

// Stop ends in reverse what Start began.
func (s *Service) Stop(ctx context.Context) error { return s.workers.Stop(ctx) }

// Health says whether the service can work.
func (s *Service) Health(ctx context.Context) error { return s.deps.DB.Ping(ctx) }

// Migrate brings the service's tables to the state of this binary.
func Migrate(ctx context.Context, db sqldb.DB) error {
	return sqldb.Migrate(ctx, db, store.Migrations())
}

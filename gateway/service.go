package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/gateway/internal/api"
	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/gateway/internal/limit"
	"github.com/aftersales-suite/aftersales/gateway/internal/live"
	"github.com/aftersales-suite/aftersales/gateway/internal/partner"
	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/gateway/internal/webhook"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/jobs"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/run"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Deps are what the gateway works with. DB, Keys and the three connections must be set.
type Deps struct {
	DB     sqldb.DB // its own, migrated
	Keys   *keys.Ring
	Clock  clock.Clock          // nil: the system's
	Log    *slog.Logger         // nil: none
	Tracer trace.TracerProvider // nil: no spans
	// Intake, Dispatch and Survey are connections without an identity of their own: the gateway calls as the caller.
	Intake, Dispatch, Survey grpc.ClientConnInterface
	// Ready is asked by /readyz beside Health, e.g. for the other services of the process; nil asks nobody.
	Ready func(ctx context.Context) error
}

// Service is the gateway.
type Service struct {
	cfg     Config
	deps    Deps
	core    *api.Core
	store   *store.Store
	dir     *identity.Directory
	nonces  *partner.Nonces
	sender  *webhook.Sender
	redis   *live.Server // nil without a URL
	workers run.Group
	http    http.Handler
}

// tokenLife of the internal tokens, which are reused for half of it.
const tokenLife = 5 * time.Minute

// sweepEvery is how often expired rows are removed.
const sweepEvery = 10 * time.Minute

// New builds the gateway. It fails where an RPC behind it has no access option.
func New(cfg Config, deps Deps) (*Service, error) {
	if deps.DB == nil || deps.Keys == nil || deps.Intake == nil || deps.Dispatch == nil || deps.Survey == nil {
		return nil, errors.New("gateway: DB, Keys, Intake, Dispatch and Survey are needed")
	}
	if deps.Clock == nil {
		deps.Clock = clock.System
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{cfg: cfg.withDefaults(), deps: deps, store: store.New(deps.DB)}
	if err := s.buildShared(); err != nil {
		return nil, err
	}
	if err := s.buildHTTP(); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	return s, nil
}

// buildShared builds what has a local form and one with Redis, and the handlers' core.
func (s *Service) buildShared() error {
	now, d := s.deps.Clock, s.deps
	hub := live.NewHub()
	wake := hub.Wake
	var cache partner.Cache
	if s.cfg.RedisURL != "" {
		var err error
		if s.redis, err = live.NewServer(s.cfg.RedisURL, now, d.Log); err != nil {
			return err
		}
		bridge := live.NewBridge(hub, s.redis)
		wake, cache = bridge.Wake, nonceCache{s.redis}
		s.workers.Add(bridge)
	}
	s.dir = identity.NewDirectory(s.store, d.Keys.Sealer(), d.Keys.TokenVerifier(now.Now), now)
	s.nonces = partner.NewNonces(s.store, cache, now)
	s.sender = webhook.NewSender(s.store, d.Keys.Sealer(), now, d.Log, s.cfg.WebhookPrivate)
	s.core = &api.Core{
		DB: d.DB, Clock: now, Log: d.Log, Sealer: d.Keys.Sealer(), Signer: d.Keys.TokenSigner(now.Now),
		Idem: idempotency.New(d.Keys.Sealer(), now), Hasher: identity.NewHasher(), Directory: s.dir,
		SignIns: s.limiter("sign-in", signInRate), Hub: hub, Wake: wake,
		SessionTTL: s.cfg.SessionTTL, PartnerTokenTTL: s.cfg.PartnerTokenTTL, PrivateHooks: s.cfg.WebhookPrivate,
	}
	sweeper := jobs.NewSweeper("gateway", sweepEvery, s.sweep)
	s.workers.Add(&listener{hub: hub, topic: api.TopicIdentity, do: s.dir.Forget},
		&listener{hub: hub, topic: api.TopicWebhooks, do: s.sender.Wake}, s.sender, sweeper.Log(d.Log))
	return nil
}

// signInRate counts attempts per name that did not succeed: ten at once, then two a minute. Guessing is hopeless, and nobody
// is shut out for long.
var signInRate = limit.Rate{PerSecond: 1.0 / 30, Burst: 10}

func (s *Service) limiter(name string, r limit.Rate) limit.Limiter {
	local := limit.NewLocal(r, s.deps.Clock)
	if s.redis == nil {
		return local
	}
	return limit.NewShared(name, s.redis, r, local)
}

// Register adds the gateway's own gRPC services to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) { s.core.Register(r) }

// Handler is the HTTP side. It serves after Start.
func (s *Service) Handler() http.Handler { return s.http }

// Migrate brings the gateway's tables to the state of this binary.
func Migrate(ctx context.Context, db sqldb.DB) error {
	return sqldb.Migrate(ctx, db, store.Migrations())
}

// Start reads the nonces that were heard before and begins to send web-hooks.
func (s *Service) Start(ctx context.Context) error {
	if err := s.nonces.Load(ctx); err != nil {
		return fmt.Errorf("gateway: nonces: %w", err)
	}
	return s.workers.Start(ctx)
}

// Stop ends what Start began, in reverse.
func (s *Service) Stop(ctx context.Context) error {
	s.nonces.Flush()
	err := s.workers.Stop(ctx)
	if s.redis != nil {
		err = errors.Join(err, s.redis.Close())
	}
	return err
}

// Health says whether the gateway can serve. Redis is not asked: it may be gone.
func (s *Service) Health(ctx context.Context) error { return s.deps.DB.Ping(ctx) }

// sweep removes what has expired.
func (s *Service) sweep(ctx context.Context) error {
	now := s.deps.Clock.Now()
	return errors.Join(s.store.Prune(ctx, now), s.core.Idem.Prune(ctx, s.deps.DB), events.PruneInbox(ctx, s.deps.DB, now))
}

// tokens mints the callers' short-lived tokens for services.
func (s *Service) tokens() *auth.Source {
	return auth.NewSource(s.deps.Keys.TokenSigner(s.deps.Clock.Now), tokenLife)
}

package process

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/obs"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Service is what a service's New builds.
type Service interface {
	Register(r grpc.ServiceRegistrar)
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	Health(ctx context.Context) error
}

// Process holds what is built from the configuration. Close gives it back in reverse order.
type Process struct {
	Config Config
	Name   string
	Obs    *obs.Obs
	Keys   *keys.Ring
	Clock  clock.Clock
	Policy *auth.Policy

	closers []func(context.Context) error
}

// gcPercent trades memory for time: live data are a few megabytes, so that four times as much garbage stays far below what a
// small machine has, and collecting costs a quarter.
const gcPercent = 400

// tokenTTL of the tokens by which services call each other.
const tokenTTL = 5 * time.Minute

// New builds log, keys, clock and policy. Missing keys are an error unless create is set.
func New(ctx context.Context, cfg Config, name, version string, create bool) (*Process, error) {
	o, err := obs.New(ctx, obs.Config{
		Service: name, Version: version, Level: cfg.LogLevel, Format: cfg.LogFormat,
		OTLPEndpoint: cfg.OTLPEndpoint, TraceRatio: cfg.TraceRatio, Pprof: cfg.Pprof,
	})
	if err != nil {
		return nil, err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	// Jobs find their tracer where OpenTelemetry keeps it; everything else gets it handed over.
	otel.SetTracerProvider(o.Tracer)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	p := &Process{Config: cfg, Name: name, Obs: o, Clock: clock.FromEnv(), closers: []func(context.Context) error{o.Shutdown}}
	if err := p.load(create); err != nil {
		return nil, errors.Join(err, p.Close(ctx))
	}
	return p, nil
}

func (p *Process) load(create bool) (err error) {
	open := keys.Load
	if create {
		open = keys.Init
	}
	if p.Keys, err = open(p.Config.Keys()); err != nil {
		return err
	}
	p.Policy, err = auth.LoadPolicyFiles(ownFiles()...)
	return err
}

// ownFiles are the suite's linked proto files; each of their RPCs must say who may call it.
func ownFiles() []protoreflect.FileDescriptor {
	var files []protoreflect.FileDescriptor
	for _, name := range append([]string{"common", "event"}, Names...) {
		files = append(files, filesOf(name)...)
	}
	return files
}

// filesOf are the linked proto files of aftersales.<name>.v1.
func filesOf(name string) (files []protoreflect.FileDescriptor) {
	protoregistry.GlobalFiles.RangeFilesByPackage(protoreflect.FullName("aftersales."+name+".v1"), func(file protoreflect.FileDescriptor) bool {
		files = append(files, file)
		return true
	})
	return files
}

// rpcServices are the full names of a service's RPC services: their reads may be tried again.
func rpcServices(name string) (services []string) {
	for _, file := range filesOf(name) {
		for i := range file.Services().Len() {
			services = append(services, string(file.Services().Get(i).FullName()))
		}
	}
	return services
}

// Location is the installation's time zone.
func (p *Process) Location() (*time.Location, error) { return time.LoadLocation(p.Config.TimeZone) }

// DB opens a service's database: a schema on PostgreSQL, a file in the data folder on SQLite.
func (p *Process) DB(ctx context.Context, service string) (sqldb.DB, error) {
	db, err := sqldb.Open(ctx, p.Config.database(service, p.Obs.Log, p.Clock))
	if err != nil {
		return nil, fmt.Errorf("database of %s: %w", service, err)
	}
	p.closers = append(p.closers, func(context.Context) error { return db.Close() })
	return db, nil
}

func (c Config) database(service string, log *slog.Logger, now clock.Clock) sqldb.Config {
	cfg := sqldb.Config{Engine: sqldb.SQLite, Path: c.SQLiteFile(service), Log: log, Clock: now}
	if c.Postgres() {
		cfg.Engine, cfg.URL, cfg.Schema = sqldb.Postgres, c.DatabaseURL, service
	}
	return cfg
}

// Chain is the interceptor chain of this process' servers.
func (p *Process) Chain() grpcx.ChainOptions {
	return grpcx.ChainOptions{
		Log: p.Obs.Log, Verifier: p.Keys.TokenVerifier(p.Clock.Now), Policy: p.Policy,
		Meter: p.Obs.Meter, Tracer: p.Obs.Tracer,
	}
}

// Client says how a service calls others: as itself, or forwarding its caller where it asks for that. The gateway has no
// identity of its own here: it calls as whoever called it.
func (p *Process) Client(service string) grpcx.ClientOptions {
	options := grpcx.ClientOptions{Service: service, Tracer: p.Obs.Tracer}
	if service != Gateway {
		options.Tokens = auth.NewSource(p.Keys.TokenSigner(p.Clock.Now), tokenTTL)
	}
	return options
}

// Dial connects a service to another one at its configured address.
func (p *Process) Dial(ctx context.Context, from, to string) (grpc.ClientConnInterface, error) {
	address := p.Config.Address(to)
	if address == "" {
		return nil, fmt.Errorf("%s-addr is not configured: %s needs it", to, from)
	}
	options := p.Client(from)
	options.RetryReads = rpcServices(to)
	if p.Config.MutualTLS {
		_, client, err := p.Keys.TLS(from)
		if err != nil {
			return nil, err
		}
		options.TLS, options.Peer = client, to
	}
	conn, err := grpcx.Dial(ctx, address, options)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, func(context.Context) error { return conn.Close() })
	return conn, nil
}

// DialAll connects a service to several others, by name.
func (p *Process) DialAll(ctx context.Context, from string, to ...string) (map[string]grpc.ClientConnInterface, error) {
	peers := make(map[string]grpc.ClientConnInterface, len(to))
	for _, name := range to {
		conn, err := p.Dial(ctx, from, name)
		if err != nil {
			return nil, err
		}
		peers[name] = conn
	}
	return peers, nil
}

// Close gives back what was built, the newest first.
func (p *Process) Close(ctx context.Context) error {
	var failed error
	for i := len(p.closers) - 1; i >= 0; i-- {
		failed = errors.Join(failed, p.closers[i](ctx))
	}
	p.closers = nil
	return failed
}

// OpenShared opens a service's database beside a running server, for short administrative commands.
func (c Config) OpenShared(ctx context.Context, service string) (sqldb.DB, error) {
	cfg := c.database(service, nil, nil)
	cfg.Shared = true
	return sqldb.Open(ctx, cfg)
}

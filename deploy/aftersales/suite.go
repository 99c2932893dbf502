package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"google.golang.org/grpc"

	dispatch "github.com/aftersales-suite/aftersales/dispatch-svc"
	"github.com/aftersales-suite/aftersales/gateway"
	intake "github.com/aftersales-suite/aftersales/intake-svc"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/process"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	survey "github.com/aftersales-suite/aftersales/survey-svc"
)

// suiteConfig is the configuration of the all-in-one: the common keys and every service's own.
type suiteConfig struct {
	process.Config `embed:""`
	Intake         intake.Config   `embed:"" prefix:"intake-"`
	Dispatch       dispatch.Config `embed:"" prefix:"dispatch-"`
	Survey         survey.Config   `embed:"" prefix:"survey-"`
	Gateway        gateway.Config  `embed:"" prefix:"gateway-"`
}

// handedOn gives the common keys on to the services.
func (c suiteConfig) handedOn() suiteConfig {
	c.Intake.ForDemo(c.Demo)
	c.Intake.Zone, c.Dispatch.Zone, c.Gateway.RedisURL = c.TimeZone, c.TimeZone, c.RedisURL
	c.Dispatch.DemoShowsCode = c.Dispatch.DemoShowsCode || c.Demo
	c.Survey.DemoShowsTokens = c.Survey.DemoShowsTokens || c.Demo
	return c
}

// suite is the four services in one process, tied by one in-process channel that runs the same interceptors as a network.
type suite struct {
	*process.Process
	config   suiteConfig
	channel  *inprocgrpc.Channel
	db       map[string]sqldb.DB
	intake   *intake.Service
	dispatch *dispatch.Service
	survey   *survey.Service
	gateway  *gateway.Service
}

// openSuite builds everything and starts nothing. The caller closes it.
func openSuite(ctx context.Context, cfg suiteConfig) (*suite, error) {
	p, err := process.New(ctx, cfg.Config, "aftersales", process.Version(version), true)
	if err != nil {
		return nil, err
	}
	s := &suite{Process: p, config: cfg.handedOn(), channel: grpcx.NewInProcess(p.Chain()), db: map[string]sqldb.DB{}}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, p.Close(ctx))
	}
	return s, nil
}

func (s *suite) open(ctx context.Context) error {
	for _, name := range process.Names {
		db, err := s.DB(ctx, name)
		if err != nil {
			return err
		}
		s.db[name] = db
	}
	return s.build()
}

// conn is the channel as the given service uses it.
func (s *suite) conn(service string) grpc.ClientConnInterface {
	return grpcx.Client(s.channel, s.Client(service))
}

// build makes the services. The channel may be handed out before they are registered on it: nothing is called yet.
func (s *suite) build() (err error) {
	if s.intake, err = s.newIntake(); err != nil {
		return err
	}
	if s.dispatch, err = s.newDispatch(); err != nil {
		return err
	}
	if s.survey, err = s.newSurvey(); err != nil {
		return err
	}
	if s.gateway, err = s.newGateway(); err != nil {
		return err
	}
	for _, name := range process.Names {
		s.service(name).Register(s.channel)
	}
	return nil
}

func (s *suite) newIntake() (*intake.Service, error) {
	conn := s.conn(process.Intake)
	return intake.New(s.config.Intake, intake.Deps{
		DB: s.db[process.Intake], Keys: s.Keys, Clock: s.Clock, Log: s.Obs.Log, Dispatch: conn, Survey: conn, Gateway: conn,
	})
}

func (s *suite) newDispatch() (*dispatch.Service, error) {
	conn := s.conn(process.Dispatch)
	return dispatch.New(s.config.Dispatch, dispatch.Deps{
		DB: s.db[process.Dispatch], Keys: s.Keys, Clock: s.Clock, Log: s.Obs.Log, Intake: conn, Gateway: conn,
	})
}

func (s *suite) newSurvey() (*survey.Service, error) {
	conn := s.conn(process.Survey)
	return survey.New(s.config.Survey, survey.Deps{
		DB: s.db[process.Survey], Keys: s.Keys, Clock: s.Clock, Log: s.Obs.Log, Intake: conn, Gateway: conn,
	})
}

func (s *suite) newGateway() (*gateway.Service, error) {
	conn := s.conn(process.Gateway)
	return gateway.New(s.config.Gateway, gateway.Deps{
		DB: s.db[process.Gateway], Keys: s.Keys, Clock: s.Clock, Log: s.Obs.Log, Tracer: s.Obs.Tracer,
		Intake: conn, Dispatch: conn, Survey: conn, Ready: s.ready,
	})
}

func (s *suite) service(name string) process.Service {
	switch name {
	case process.Intake:
		return s.intake
	case process.Dispatch:
		return s.dispatch
	case process.Survey:
		return s.survey
	default:
		return s.gateway
	}
}

// ready says whether every service can work.
func (s *suite) ready(ctx context.Context) error {
	var failed error
	for _, name := range process.Names {
		if err := s.service(name).Health(ctx); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", name, err))
		}
	}
	return failed
}

// migrations of each service.
var migrations = map[string]func(context.Context, sqldb.DB) error{
	process.Intake: intake.Migrate, process.Dispatch: dispatch.Migrate, process.Survey: survey.Migrate, process.Gateway: gateway.Migrate,
}

// migrate brings every database to the state of this binary.
func (s *suite) migrate(ctx context.Context) error {
	for _, name := range process.Names {
		if err := migrations[name](ctx, s.db[name]); err != nil {
			return fmt.Errorf("migrate %s: %w", name, err)
		}
	}
	return nil
}

// coded is an error that ends the program with an exit code of its own.
type coded struct {
	error
	code int
}

func exitCode(err error) int {
	var c coded
	if errors.As(err, &c) {
		return c.code
	}
	return 1
}

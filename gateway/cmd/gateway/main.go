// Command gateway runs the gateway as a process of its own.
package main

import (
	"context"
	"os"

	"github.com/aftersales-suite/aftersales/gateway"
	"github.com/aftersales-suite/aftersales/platform/process"
	"github.com/aftersales-suite/aftersales/platform/run"
)

// version is set by the Makefile through -ldflags.
var version = ""

// program is the configuration: the common keys and this service's own.
type program struct {
	process.Config `embed:""`
	Gateway        gateway.Config `embed:"" prefix:"gateway-"`
}

func main() {
	var cfg program
	os.Exit(process.Main(process.Gateway, version, &cfg, &cfg.Config, cfg.build))
}

func (cfg *program) build(ctx context.Context, p *process.Process) (process.Service, []run.Part, error) {
	db, err := p.DB(ctx, process.Gateway)
	if err != nil {
		return nil, nil, err
	}
	peers, err := p.DialAll(ctx, process.Gateway, process.Intake, process.Dispatch, process.Survey)
	if err != nil {
		return nil, nil, err
	}
	cfg.Gateway.RedisURL = cfg.RedisURL
	service, err := gateway.New(cfg.Gateway, gateway.Deps{
		DB: db, Keys: p.Keys, Clock: p.Clock, Log: p.Obs.Log, Tracer: p.Obs.Tracer,
		Intake: peers[process.Intake], Dispatch: peers[process.Dispatch], Survey: peers[process.Survey],
		Ready: process.NewPeers(peers).Seen,
	})
	if err != nil {
		return nil, nil, err
	}
	return service, []run.Part{process.HTTPPart("http", cfg.HTTPAddr, service.Handler())}, nil
}

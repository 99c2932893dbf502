// Command dispatch-svc runs the dispatch service as a process of its own.
package main

import (
	"context"
	"os"

	dispatch "github.com/aftersales-suite/aftersales/dispatch-svc"
	"github.com/aftersales-suite/aftersales/platform/process"
	"github.com/aftersales-suite/aftersales/platform/run"
)

// version is set by the Makefile through -ldflags.
var version = ""

// program is the configuration: the common keys and this service's own.
type program struct {
	process.Config `embed:""`
	Dispatch       dispatch.Config `embed:"" prefix:"dispatch-"`
}

func main() {
	var cfg program
	os.Exit(process.Main(process.Dispatch, version, &cfg, &cfg.Config, cfg.build))
}

func (cfg *program) build(ctx context.Context, p *process.Process) (process.Service, []run.Part, error) {
	db, err := p.DB(ctx, process.Dispatch)
	if err != nil {
		return nil, nil, err
	}
	peers, err := p.DialAll(ctx, process.Dispatch, process.Intake, process.Gateway)
	if err != nil {
		return nil, nil, err
	}
	cfg.Dispatch.DemoShowsCode = cfg.Dispatch.DemoShowsCode || cfg.Demo
	cfg.Dispatch.Zone = cfg.TimeZone
	service, err := dispatch.New(cfg.Dispatch, dispatch.Deps{
		DB: db, Keys: p.Keys, Clock: p.Clock, Log: p.Obs.Log, Intake: peers[process.Intake], Gateway: peers[process.Gateway],
	})
	return service, nil, err
}

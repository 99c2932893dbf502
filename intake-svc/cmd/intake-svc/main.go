// Command intake-svc runs the intake service as a process of its own.
package main

import (
	"context"
	"os"

	intake "github.com/aftersales-suite/aftersales/intake-svc"
	"github.com/aftersales-suite/aftersales/platform/process"
	"github.com/aftersales-suite/aftersales/platform/run"
)

// version is set by the Makefile through -ldflags.
var version = ""

// program is the configuration: the common keys and this service's own.
type program struct {
	process.Config `embed:""`
	Intake         intake.Config `embed:"" prefix:"intake-"`
}

func main() {
	var cfg program
	os.Exit(process.Main(process.Intake, version, &cfg, &cfg.Config, cfg.build))
}

func (cfg *program) build(ctx context.Context, p *process.Process) (process.Service, []run.Part, error) {
	db, err := p.DB(ctx, process.Intake)
	if err != nil {
		return nil, nil, err
	}
	peers, err := p.DialAll(ctx, process.Intake, process.Dispatch, process.Survey, process.Gateway)
	if err != nil {
		return nil, nil, err
	}
	cfg.Intake.ForDemo(cfg.Demo)
	cfg.Intake.Zone = cfg.TimeZone
	service, err := intake.New(cfg.Intake, intake.Deps{
		DB: db, Keys: p.Keys, Clock: p.Clock, Log: p.Obs.Log,
		Dispatch: peers[process.Dispatch], Survey: peers[process.Survey], Gateway: peers[process.Gateway],
	})
	return service, nil, err
}

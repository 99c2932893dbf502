// Command survey-svc runs the survey service as a process of its own.
package main

import (
	"context"
	"os"

	"github.com/aftersales-suite/aftersales/platform/process"
	"github.com/aftersales-suite/aftersales/platform/run"
	survey "github.com/aftersales-suite/aftersales/survey-svc"
)

// version is set by the Makefile through -ldflags.
var version = ""

// program is the configuration: the common keys and this service's own.
type program struct {
	process.Config `embed:""`
	Survey         survey.Config `embed:"" prefix:"survey-"`
}

func main() {
	var cfg program
	os.Exit(process.Main(process.Survey, version, &cfg, &cfg.Config, cfg.build))
}

func (cfg *program) build(ctx context.Context, p *process.Process) (process.Service, []run.Part, error) {
	db, err := p.DB(ctx, process.Survey)
	if err != nil {
		return nil, nil, err
	}
	peers, err := p.DialAll(ctx, process.Survey, process.Intake, process.Gateway)
	if err != nil {
		return nil, nil, err
	}
	cfg.Survey.DemoShowsTokens = cfg.Survey.DemoShowsTokens || cfg.Demo
	service, err := survey.New(cfg.Survey, survey.Deps{
		DB: db, Keys: p.Keys, Clock: p.Clock, Log: p.Obs.Log, Intake: peers[process.Intake], Gateway: peers[process.Gateway],
	})
	return service, nil, err
}

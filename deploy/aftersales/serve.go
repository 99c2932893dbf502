package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/aftersales-suite/aftersales/platform/process"
	"github.com/aftersales-suite/aftersales/platform/run"
)

// credentialsFile in the data folder holds what the demo seed drew at random.
const credentialsFile = "demo-credentials.json"

type serveCmd struct{}

// Run serves everything from one process until it is asked to stop.
func (serveCmd) Run(cfg *suiteConfig) error {
	return serve(context.Background(), *cfg, os.Stdout)
}

func serve(ctx context.Context, cfg suiteConfig, out io.Writer) error {
	s, err := openSuite(ctx, cfg)
	if err != nil {
		return err
	}
	return s.serve(ctx, func() error { return s.greet(out) })
}

// serve prepares the databases, starts everything, calls up once it is up, and serves until ctx or the process ends.
func (s *suite) serve(ctx context.Context, up func() error) (failed error) {
	defer func() { failed = errors.Join(failed, s.Close(context.WithoutCancel(ctx))) }()
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if s.config.Demo {
		if err := s.seed(ctx); err != nil {
			return err
		}
		debug.FreeOSMemory() // hashing the drawn passwords took 19 MiB each, which an idle shop should not keep
	}
	parts, err := s.parts()
	if err != nil {
		return err
	}
	return run.Run(ctx, s.Obs.Log, append(parts, run.Part{Name: "up", Start: func(context.Context) error { return up() }})...)
}

// parts are what runs, in the order of starting: workers first, the entrances last.
func (s *suite) parts() ([]run.Part, error) {
	parts := s.AdminPart()
	for _, name := range process.Names {
		parts = append(parts, process.ServicePart(name, s.service(name)))
	}
	if s.config.GRPCAddr != "" {
		part, err := s.GRPCPart("gateway", s.config.GRPCAddr, s.intake, s.dispatch, s.survey, s.gateway)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return append(parts, process.HTTPPart("http", s.config.HTTPAddr, s.gateway.Handler())), nil
}

// greet says where the suite is, who the visitor may be, and a line to try at once.
func (s *suite) greet(w io.Writer) error {
	base := "http://" + s.config.HTTPAddr
	fmt.Fprintf(w, "\n售后服务套件已就绪 / Aftersales is ready: %s\n  接口文档 / API: %s/openapi.json\n", base, base)
	if !s.config.Demo {
		return nil
	}
	path := filepath.Join(s.config.DataDir, credentialsFile)
	fmt.Fprintf(w, "  演示账号与密码 / demo users and passwords: %s\n", path)
	fmt.Fprintf(w, "  身份 / roles: agent investigator manager dispatcher engineer quality admin, partner demo-mall\n")
	fmt.Fprintf(w, "  试一试 / try:\n    curl -s %s/v1/auth:login --json \"$(jq -c .users.agent %s)\"\n", base, path)
	_, err := fmt.Fprintf(w, "    bin/aftersales demo --url %s --data-dir %s\n\n", base, s.config.DataDir)
	return err
}

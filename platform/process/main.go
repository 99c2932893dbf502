package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/aftersales-suite/aftersales/platform/config"
	"github.com/aftersales-suite/aftersales/platform/run"
)

// Main runs one service as a program of its own and answers the exit code. dst is a pointer to a struct that embeds Config
// and the service's own section; build makes the service and whatever else it serves.
func Main(name, version string, dst any, common *Config, build func(ctx context.Context, p *Process) (Service, []run.Part, error)) int {
	if _, err := config.Load(dst, config.Sources{Args: os.Args[1:], Foreign: Foreign(name), Name: name}); err != nil {
		return fail(os.Stderr, name, err)
	}
	if err := serve(context.Background(), name, version, *common, build); err != nil {
		return fail(os.Stderr, name, err)
	}
	return 0
}

func fail(w io.Writer, name string, err error) int {
	fmt.Fprintf(w, "%s: %v\n", name, err)
	return 1
}

func serve(ctx context.Context, name, version string, cfg Config, build func(context.Context, *Process) (Service, []run.Part, error)) error {
	if cfg.GRPCAddr == "" {
		return errors.New("grpc-addr is not configured: where should the other services find this one?")
	}
	p, err := New(ctx, cfg, name, Version(version), false)
	if err != nil {
		return err
	}
	defer p.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the process ends here
	service, more, err := build(ctx, p)
	if err != nil {
		return err
	}
	server, err := p.GRPCPart(name, cfg.GRPCAddr, service)
	if err != nil {
		return err
	}
	parts := append(p.AdminPart(), server, ServicePart(name, service))
	return run.Run(ctx, p.Obs.Log, append(parts, more...)...)
}

// Version is the given one, else that of the build.
func Version(given string) string {
	if info, ok := debug.ReadBuildInfo(); ok && given == "" {
		return info.Main.Version
	}
	return given
}

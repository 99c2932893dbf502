package process

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"

	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/run"
)

// Bounds of an HTTP connection; a slow client must not hold one for ever. Streams lift the write bound by themselves.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
)

// HTTPPart serves a handler on an address.
func HTTPPart(name, address string, handler http.Handler) run.Part {
	failed := make(chan error, 1)
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
	}
	return run.Part{
		Name: name, Failed: failed,
		Start: func(ctx context.Context) error {
			listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
			if err != nil {
				return err
			}
			go func() {
				if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
					failed <- err
				}
			}()
			return nil
		},
		Stop: func(ctx context.Context) error {
			if err := server.Shutdown(ctx); err != nil {
				return errors.Join(err, server.Close()) // streams that do not end by themselves
			}
			return nil
		},
	}
}

// GRPCPart serves the services on an address, with mutual TLS where configured. Without it only a loopback address is
// served: tokens and personal data do not go over a network in plain text.
func (p *Process) GRPCPart(service, address string, services ...Service) (run.Part, error) {
	options := grpcx.ServerOptions{ChainOptions: p.Chain(), Reflection: p.Config.Reflection, Health: health.NewServer()}
	switch {
	case p.Config.MutualTLS:
		server, _, err := p.Keys.TLS(service)
		if err != nil {
			return run.Part{}, err
		}
		options.TLS = server
	case !loopback(address):
		return run.Part{}, fmt.Errorf("grpc-addr %s is not a loopback address: set mutual-tls", address)
	}
	server := grpcx.NewServer(options)
	for _, s := range services {
		s.Register(server)
	}
	if err := grpcx.CheckPolicy(server.GetServiceInfo(), p.Policy); err != nil {
		return run.Part{}, err
	}
	return grpcPart(address, server, &watcher{services: services, health: options.Health}), nil
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func grpcPart(address string, server *grpc.Server, w *watcher) run.Part {
	failed := make(chan error, 1)
	return run.Part{
		Name: "grpc", Failed: failed,
		Start: func(ctx context.Context) error {
			listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
			if err != nil {
				return err
			}
			w.start(ctx)
			go func() {
				if err := server.Serve(listener); err != nil {
					failed <- err
				}
			}()
			return nil
		},
		Stop: func(ctx context.Context) error {
			w.stop()
			done := make(chan struct{})
			go func() { server.GracefulStop(); close(done) }()
			select {
			case <-done:
			case <-ctx.Done():
				server.Stop()
				<-done
			}
			return nil
		},
	}
}

// AdminPart serves metrics and, by configuration, pprof; nothing when no address is configured.
func (p *Process) AdminPart() []run.Part {
	if p.Config.AdminAddr == "" {
		return nil
	}
	return []run.Part{HTTPPart("admin", p.Config.AdminAddr, p.Obs.Admin())}
}

// ServicePart starts and stops a service's own workers.
func ServicePart(name string, s Service) run.Part {
	return run.Part{Name: name, Start: s.Start, Stop: s.Stop}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// server is a running all-in-one that the demo walks through.
type server struct{ url, dir string }

// temporaryServer serves the suite with demo data on a free port and a folder that is kept for the reader to look at.
func temporaryServer(ctx context.Context, cfg suiteConfig) (server, func(), error) {
	dir, err := os.MkdirTemp("", "aftersales-demo-*")
	if err != nil {
		return server{}, nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return server{}, nil, err
	}
	cfg.DataDir, cfg.DatabaseURL, cfg.HTTPAddr, cfg.GRPCAddr, cfg.AdminAddr, cfg.Demo, cfg.LogLevel = dir, "", address, "", "", true, "warn"
	ctx, cancel := context.WithCancel(ctx)
	s, err := openSuite(ctx, cfg)
	if err != nil {
		cancel()
		return server{}, nil, err
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- s.serve(ctx, func() error { close(ready); return nil }) }()
	stop := func() {
		cancel()
		if err := <-ended; err != nil {
			fmt.Fprintln(os.Stderr, "aftersales:", err)
		}
	}
	select {
	case <-ready:
		return server{url: "http://" + address, dir: dir}, stop, nil
	case err := <-ended:
		cancel()
		return server{}, nil, errors.Join(errors.New("the temporary server did not start"), err)
	case <-time.After(time.Minute):
		stop()
		return server{}, nil, errors.New("the temporary server did not start within a minute")
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

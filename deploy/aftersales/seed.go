package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aftersales-suite/aftersales/gateway"
)

type migrateCmd struct{}

// Run brings every database to the state of this binary.
func (migrateCmd) Run(cfg *suiteConfig) error { return migrateAll(context.Background(), *cfg) }

func migrateAll(ctx context.Context, cfg suiteConfig) (failed error) {
	s, err := openSuite(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, s.Close(ctx)) }()
	return s.migrate(ctx)
}

type seedCmd struct{}

// Run migrates and writes the demo data; repeated it changes nothing.
func (seedCmd) Run(cfg *suiteConfig) (failed error) {
	ctx := context.Background()
	s, err := openSuite(ctx, *cfg)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, s.Close(ctx)) }()
	if err := s.migrate(ctx); err != nil {
		return err
	}
	return s.seed(ctx)
}

// credentials is demo-credentials.json.
type credentials struct {
	BaseURL string `json:"baseUrl"`
	*gateway.Credentials
}

// seed writes the demo once. The credentials file is written last: without it, a crashed seed is simply repeated.
func (s *suite) seed(ctx context.Context) error {
	path := filepath.Join(s.config.DataDir, credentialsFile)
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.dispatch.Seed(ctx); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	drawn, err := s.gateway.Seed(ctx, gateway.Demo())
	if err != nil {
		return err
	}
	return writeCredentials(path, credentials{BaseURL: "http://" + s.config.HTTPAddr, Credentials: drawn})
}

func writeCredentials(path string, c credentials) error {
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

package sqldb

import (
	"log/slog"
	"runtime"

	"github.com/aftersales-suite/aftersales/platform/clock"
)

// Config says which database to open. The zero value of everything but Engine, and URL or Path, is usable.
type Config struct {
	Engine Engine
	// URL of the PostgreSQL server, "postgres://user@host/db?…" or key=value form.
	URL string
	// Schema is the service's schema on PostgreSQL; Migrate creates it.
	Schema string
	// Path of the SQLite file; its folder is made when missing and locked.
	Path string
	// Shared opens a SQLite file without taking the folder's lock, for short administrative commands beside a running server.
	Shared bool
	// MaxConns bounds the PostgreSQL pool, or the readers on SQLite. Default: 4 per core, at least 8; at most 4 readers.
	MaxConns int
	Log      *slog.Logger
	// Clock gives jobs their times; nil is the system's clock, which leaves times to the database.
	Clock clock.Clock
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Schema == "" {
		c.Schema = "public"
	}
	if c.MaxConns <= 0 {
		c.MaxConns = max(8, 4*runtime.GOMAXPROCS(0))
		if c.Engine == SQLite {
			c.MaxConns = 4
		}
	}
	if c.Engine == Postgres {
		c.MaxConns = max(c.MaxConns, 4) // Migrate needs three at once
	}
	return c
}

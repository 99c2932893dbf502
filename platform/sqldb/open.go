package sqldb

import (
	"context"
	"fmt"
)

// Open connects to the database. It does not migrate.
func Open(ctx context.Context, cfg Config) (DB, error) {
	cfg = cfg.withDefaults()
	switch cfg.Engine {
	case Postgres:
		return openPostgres(ctx, cfg)
	case SQLite:
		return openSQLite(ctx, cfg)
	default:
		return nil, fmt.Errorf("sqldb: unknown engine %q, known are %q and %q", cfg.Engine, Postgres, SQLite)
	}
}

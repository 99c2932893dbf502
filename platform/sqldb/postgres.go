package sqldb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
)

type postgresDB struct {
	cfg  Config
	pool *pgxpool.Pool
	jobs *river.Client[pgx.Tx]
	hub  *hub
}

// openPostgres connects a pool whose connections see the service's schema first. pgx prepares every statement once per
// connection and keeps it (512 by default).
func openPostgres(ctx context.Context, cfg Config) (DB, error) {
	poolCfg, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("sqldb: PostgreSQL address: %w", err)
	}
	poolCfg.MaxConns = int32(cfg.MaxConns)
	poolCfg.ConnConfig.RuntimeParams["search_path"] = pgx.Identifier{cfg.Schema}.Sanitize()
	if poolCfg.ConnConfig.RuntimeParams["application_name"] == "" {
		poolCfg.ConnConfig.RuntimeParams["application_name"] = "aftersales/" + cfg.Schema
	}
	if poolCfg.ConnConfig.ConnectTimeout == 0 {
		poolCfg.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	pool, err := pgxpool.NewWithConfig(ctx, poolCfg)
	if err != nil {
		return nil, fmt.Errorf("sqldb: open PostgreSQL: %w", err)
	}
	db := &postgresDB{cfg: cfg, pool: pool, hub: newHub()}
	if err := db.start(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return db, nil
}

func (db *postgresDB) start(ctx context.Context) error {
	if err := db.Ping(ctx); err != nil {
		return fmt.Errorf("sqldb: reach PostgreSQL: %w", err)
	}
	jobs, err := river.NewClient(db.driver(), insertConfig(db.cfg))
	if err != nil {
		return fmt.Errorf("sqldb: job client: %w", err)
	}
	db.jobs = jobs
	return nil
}

func (db *postgresDB) Engine() Engine { return Postgres }
func (db *postgresDB) signals() *hub  { return db.hub }

func (db *postgresDB) Ping(ctx context.Context) error { return classifyPostgres(db.pool.Ping(ctx)) }

func (db *postgresDB) Close() error {
	db.pool.Close()
	return nil
}

func (db *postgresDB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return pgQueryer{db.pool}.Exec(ctx, query, args...)
}

func (db *postgresDB) Row(ctx context.Context, query string, args ...any) Row {
	return pgQueryer{db.pool}.Row(ctx, query, args...)
}

func (db *postgresDB) Rows(ctx context.Context, query string, args ...any) (Rows, error) {
	return pgQueryer{db.pool}.Rows(ctx, query, args...)
}

func (db *postgresDB) InTx(ctx context.Context, fn func(tx Tx) error) error {
	return runTx(ctx, db.cfg.Log, func() error { return db.tryTx(ctx, fn) })
}

func (db *postgresDB) tryTx(ctx context.Context, fn func(tx Tx) error) (err error) {
	raw, err := db.pool.Begin(ctx)
	if err != nil {
		return beginFailed(err)
	}
	committed := false
	defer func() {
		if !committed { // also when fn panics
			rollbackPostgres(ctx, raw)
		}
	}()
	tx := &pgTx{pgQueryer: pgQueryer{raw}, afterTx: afterTx{hub: db.hub}, raw: raw, jobs: db.jobs}
	if err := fn(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	committed = true
	if err := commitPostgres(ctx, raw); err != nil {
		return err
	}
	tx.run()
	return nil
}

// beginFailed: a connection that died while it was idle shows it here, and another will do. A server that cannot be
// connected to is not asked again at once.
func beginFailed(err error) error {
	var connect *pgconn.ConnectError
	err = classifyPostgres(err)
	if errors.Is(err, ErrUnavailable) && !errors.As(err, &connect) {
		return fmt.Errorf("%w: %w", errConflict, err)
	}
	return err
}

func rollbackPostgres(ctx context.Context, raw pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitLimit)
	defer cancel()
	_ = raw.Rollback(ctx) // a failed rollback closes the connection, which rolls back too
}

func commitPostgres(ctx context.Context, raw pgx.Tx) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitLimit)
	defer cancel()
	err := raw.Commit(ctx)
	if err != nil && isContextErr(err) {
		return fmt.Errorf("%w: no answer to the commit: %w", ErrUnavailable, err)
	}
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return fmt.Errorf("%w: %w", errAborted, err)
	}
	return classifyPostgres(err)
}

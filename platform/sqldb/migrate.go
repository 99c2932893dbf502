package sqldb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations
var platformFiles embed.FS

const (
	platformTable = "platform_version" // goose's table for the platform's own migrations
	serviceTable  = "schema_version"   // and for the service's
)

// Migrate brings the database to the state of this binary: River's tables, the platform's (idempotency, outbox, inbox), then
// the service's. The root of migrations has the folders postgres/ and sqlite/ with goose files (00001_name.sql); nil for a
// database without tables of its own. Several processes may call it at once; when nothing is new it costs one read.
func Migrate(ctx context.Context, db DB, migrations fs.FS) error {
	target, ok := Unwrap(db).(migrator)
	if !ok {
		return fmt.Errorf("sqldb: this database cannot be migrated")
	}
	platform, err := fs.Sub(platformFiles, "migrations")
	if err != nil {
		return err
	}
	digest, err := schemaDigest(db.Engine(), platform, migrations)
	if err != nil {
		return fmt.Errorf("sqldb: read migrations: %w", err)
	}
	if isCurrent(ctx, db, digest) {
		return nil
	}
	return target.migrate(ctx, func(ctx context.Context, pool *sql.DB) error {
		return migrateAll(ctx, target, pool, platform, migrations, digest)
	})
}

// migrator is what an engine does for Migrate: take the lock against other migrating processes, and lend its pool.
type migrator interface {
	DB
	migrate(ctx context.Context, run func(ctx context.Context, pool *sql.DB) error) error
	migrateRiver(ctx context.Context) error
	dialect() goose.Dialect
}

func migrateAll(ctx context.Context, db migrator, pool *sql.DB, platform, service fs.FS, digest string) error {
	if err := db.migrateRiver(ctx); err != nil {
		return fmt.Errorf("sqldb: migrate job tables: %w", err)
	}
	if err := migrateFiles(ctx, db, pool, platform, platformTable); err != nil {
		return err
	}
	if service != nil {
		if err := migrateFiles(ctx, db, pool, service, serviceTable); err != nil {
			return err
		}
	}
	return remember(ctx, pool, digest)
}

func migrateFiles(ctx context.Context, db migrator, pool *sql.DB, files fs.FS, table string) error {
	folder, err := fs.Sub(files, string(db.Engine()))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(db.dialect(), pool, folder,
		goose.WithTableName(table), goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return fmt.Errorf("sqldb: migrations (%s): %w", table, err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("sqldb: migrate (%s): %w", table, err)
	}
	return nil
}

// schemaDigest covers everything that Migrate would apply.
func schemaDigest(engine Engine, trees ...fs.FS) (string, error) {
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%s river 0.47\n", engine) // a hash takes everything
	for _, tree := range trees {
		if tree == nil {
			continue
		}
		if err := digestTree(sum, tree, string(engine)); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func digestTree(sum hash.Hash, tree fs.FS, folder string) error {
	return fs.WalkDir(tree, folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(tree, path)
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", path, len(text), text)
		return err
	})
}

// isCurrent looks whether the last complete migration was this very one; any error means no.
func isCurrent(ctx context.Context, db DB, digest string) bool {
	var found string
	err := db.Row(ctx, `SELECT digest FROM schema_digest WHERE id = 1`).Scan(&found)
	return err == nil && found == digest
}

func remember(ctx context.Context, pool *sql.DB, digest string) error {
	const create = `CREATE TABLE IF NOT EXISTS schema_digest (id INTEGER PRIMARY KEY, digest TEXT NOT NULL)`
	if _, err := pool.ExecContext(ctx, create); err != nil {
		return err
	}
	_, err := pool.ExecContext(ctx, `INSERT INTO schema_digest (id, digest) VALUES (1, $1)
		ON CONFLICT (id) DO UPDATE SET digest = excluded.digest`, digest)
	return err
}

func upRiver[T any](ctx context.Context, driver riverdriver.Driver[T], log *slog.Logger) error {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quietJobs(log)})
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

func (db *postgresDB) dialect() goose.Dialect { return goose.DialectPostgres }

func (db *postgresDB) migrateRiver(ctx context.Context) error {
	return upRiver(ctx, riverpgxv5.New(db.pool), db.cfg.Log)
}

// migrate holds an advisory lock of this schema's name while it runs, on a connection of its own.
func (db *postgresDB) migrate(ctx context.Context, run func(ctx context.Context, pool *sql.DB) error) error {
	err := db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext($1))`, "aftersales/migrate/"+db.cfg.Schema); err != nil {
			return err
		}
		defer unlockAll(ctx, conn)
		if _, err := conn.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS `+pgx.Identifier{db.cfg.Schema}.Sanitize()); err != nil {
			return err
		}
		pool := stdlib.OpenDBFromPool(db.pool)
		defer func() { _ = pool.Close() }()
		return run(ctx, pool)
	})
	return classifyPostgres(err)
}

// unlockAll gives the lock back; should it fail, the end of the connection does.
func unlockAll(ctx context.Context, conn *pgxpool.Conn) {
	if _, err := conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock_all()`); err != nil {
		_ = conn.Conn().Close(context.WithoutCancel(ctx))
	}
}

func (db *sqliteDB) dialect() goose.Dialect { return goose.DialectSQLite3 }

func (db *sqliteDB) migrateRiver(ctx context.Context) error {
	return upRiver(ctx, riversqlite.New(db.writer), db.cfg.Log)
}

// migrate needs no lock: the data folder is locked against other processes.
func (db *sqliteDB) migrate(ctx context.Context, run func(ctx context.Context, pool *sql.DB) error) error {
	return classifySQLite(run(ctx, db.writer))
}

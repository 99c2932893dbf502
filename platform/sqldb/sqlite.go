package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"modernc.org/sqlite"
)

type sqliteDB struct {
	cfg    Config
	writer *sql.DB // one connection: whoever wants to write waits for it in order of arrival
	reader *sql.DB
	jobs   *river.Client[*sql.Tx]
	hub    *hub
	unlock func()

	orphans atomic.Bool // jobs of a dead predecessor were released
}

// openSQLite opens one file with one writer connection and a pool of readers.
func openSQLite(ctx context.Context, cfg Config) (DB, error) {
	if err := os.MkdirAll(filepath.Dir(cfg.Path), 0o700); err != nil {
		return nil, fmt.Errorf("sqldb: data folder: %w", err)
	}
	db := &sqliteDB{cfg: cfg, hub: newHub(), unlock: func() {}}
	if !cfg.Shared {
		unlock, err := lockFolder(filepath.Dir(cfg.Path))
		if err != nil {
			return nil, err
		}
		db.unlock = unlock
	}
	if err := db.start(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *sqliteDB) start(ctx context.Context) (err error) {
	if db.writer, err = openSQLitePool(sqliteDSN(db.cfg.Path, false), 1); err != nil {
		return err
	}
	if err := db.writer.PingContext(ctx); err != nil { // makes the file before a reader looks for it
		return classifySQLite(err)
	}
	if db.reader, err = openSQLitePool(sqliteDSN(db.cfg.Path, true), db.cfg.MaxConns); err != nil {
		return err
	}
	db.jobs, err = river.NewClient(db.driver(), insertConfig(db.cfg))
	return err
}

func (db *sqliteDB) driver() riverdriver.Driver[*sql.Tx] {
	return &sqliteDriver{Driver: riversqlite.New(db.writer), hub: db.hub}
}

func (db *sqliteDB) newJobClient(cfg *river.Config) (JobClient, error) {
	return river.NewClient(db.driver(), cfg)
}

func openSQLitePool(dsn string, conns int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("sqldb: SQLite address: %w", err)
	}
	pool := sql.OpenDB(preparedConnector{connector})
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}

// sqliteDSN: synchronous=FULL makes a commit durable before it is acknowledged; NORMAL would lose the last commits of a WAL
// at a power cut. BEGIN IMMEDIATE takes the write lock at once instead of failing half-way.
func sqliteDSN(path string, readOnly bool) string {
	q := url.Values{}
	for _, pragma := range []string{
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"cache_size(-16000)", "temp_store(MEMORY)", "journal_size_limit(67108864)",
	} {
		q.Add("_pragma", pragma)
	}
	if readOnly {
		q.Add("_pragma", "query_only(1)")
	} else {
		q.Set("_txlock", "immediate")
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

func (db *sqliteDB) Engine() Engine { return SQLite }
func (db *sqliteDB) signals() *hub  { return db.hub }

func (db *sqliteDB) Ping(ctx context.Context) error {
	return classifySQLite(db.reader.PingContext(ctx))
}

func (db *sqliteDB) Close() error {
	var errs []error
	for _, pool := range []*sql.DB{db.reader, db.writer} { // the writer last: it leaves the WAL empty
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	db.unlock()
	db.unlock = func() {}
	return errors.Join(errs...)
}

func (db *sqliteDB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return sqlQueryer{db.writer}.Exec(ctx, query, args...)
}

func (db *sqliteDB) Row(ctx context.Context, query string, args ...any) Row {
	return sqlQueryer{db.reader}.Row(ctx, query, args...)
}

func (db *sqliteDB) Rows(ctx context.Context, query string, args ...any) (Rows, error) {
	return sqlQueryer{db.reader}.Rows(ctx, query, args...)
}

func (db *sqliteDB) InTx(ctx context.Context, fn func(tx Tx) error) error {
	return runTx(ctx, db.cfg.Log, func() error { return db.tryTx(ctx, fn) })
}

func (db *sqliteDB) tryTx(ctx context.Context, fn func(tx Tx) error) error {
	conn, err := db.writer.Conn(ctx) // the wait for the writer ends with ctx
	if err != nil {
		return classifySQLite(err)
	}
	defer func() { _ = conn.Close() }()
	// Without the caller's context: a commit or a statement that is interrupted would only make the outcome unknown.
	raw, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return classifySQLite(err)
	}
	defer func() { _ = raw.Rollback() }() // does nothing after a commit; also when fn panics
	state := &uninterrupted{tx: raw}
	tx := &sqliteTx{sqlQueryer: sqlQueryer{state}, afterTx: afterTx{hub: db.hub}, state: state, jobs: db.jobs}
	if err := fn(tx); err != nil {
		return err
	}
	if err := state.usable(ctx); err != nil {
		return err
	}
	if err := raw.Commit(); err != nil {
		return classifySQLite(err)
	}
	_ = conn.Close() // the next writer need not wait for what comes after
	tx.run()
	return nil
}

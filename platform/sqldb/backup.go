package sqldb

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// ErrNoBackup says that the engine brings its own tool: pg_dump on PostgreSQL.
var ErrNoBackup = errors.New("sqldb: this engine is backed up by its own tool")

// Backup copies a SQLite database into a new file while readers and writers go on: the copy is one moment's committed state,
// compact, and on the disk when Backup returns. It also works on a database opened with Shared beside a running server.
func Backup(ctx context.Context, db DB, path string) (err error) {
	lite, ok := Unwrap(db).(*sqliteDB)
	if !ok {
		return ErrNoBackup
	}
	pool, err := openSQLitePool(sqliteDSN(lite.cfg.Path, false), 1) // a connection of its own: the writer stays free
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	if _, err := pool.ExecContext(ctx, `VACUUM INTO $1`, path); err != nil {
		return fmt.Errorf("sqldb: backup: %w", classifySQLite(err))
	}
	return syncFile(path)
}

func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Chmod(0o600), file.Sync(), file.Close())
}

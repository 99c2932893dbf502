package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// dumpSQLite copies every database as of one moment: it holds the write lock of all of them while it copies. Readers and
// the running server's reads go on; its writes wait.
func dumpSQLite(ctx context.Context, dir string, names []string, to string, progress func(string)) (failed error) {
	for _, name := range names {
		unlock, err := lockWrites(ctx, filepath.Join(dir, name+".db"))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer func() { failed = errors.Join(failed, unlock()) }()
	}
	for _, name := range names {
		progress(name + ".db")
		if err := copySQLite(ctx, filepath.Join(dir, name+".db"), filepath.Join(to, name+".db")); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func openSQLite(path string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	return sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(30000)&_txlock=immediate")
}

// lockWrites begins a transaction that keeps all other writers out; unlock ends it without a change.
func lockWrites(ctx context.Context, path string) (unlock func() error, err error) {
	db, err := openSQLite(path)
	if err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return func() error { return errors.Join(tx.Rollback(), db.Close()) }, nil
}

func copySQLite(ctx context.Context, from, to string) error {
	db, err := openSQLite(from)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", to)
	return errors.Join(err, db.Close())
}

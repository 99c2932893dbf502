package sqldb

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// uniqueText finds "cases.number" or "index 'cases_number'" in SQLite's message.
var uniqueText = regexp.MustCompile(`UNIQUE constraint failed: (?:index '([^']+)'|([^()]+?))(?: \(|$)`)

// classifySQLite turns a driver's error into the package's; nil stays nil.
func classifySQLite(err error) error {
	var liteErr *sqlite.Error
	switch {
	case err == nil || classified(err) || isContextErr(err):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return ErrNoRows
	case errors.Is(err, sql.ErrConnDone), errors.Is(err, driver.ErrBadConn):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case !errors.As(err, &liteErr):
		return err
	}
	return classifyResult(liteErr)
}

// classifyResult reads SQLite's (extended) result code. https://www.sqlite.org/rescode.html
func classifyResult(err *sqlite.Error) error {
	switch err.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return &UniqueError{Constraint: violated(err.Error()), Err: err}
	}
	switch err.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", errConflict, err)
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func violated(message string) string {
	match := uniqueText.FindStringSubmatch(message)
	if match == nil {
		return ""
	}
	return match[1] + match[2]
}

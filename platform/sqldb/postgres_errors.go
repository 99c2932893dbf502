package sqldb

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATE values that mean something to the caller.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	pgUnique        = "23505"
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
	pgLockTimeout   = "55P03"
	pgClassConn     = "08" // connection exception
	pgClassResource = "53" // too many connections, out of memory, disk full
	pgClassOperator = "57P"
)

// classifyPostgres turns a driver's error into the package's; nil stays nil.
func classifyPostgres(err error) error {
	var pgErr *pgconn.PgError
	switch {
	case err == nil || classified(err) || isContextErr(err):
		return err
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNoRows
	case errors.As(err, &pgErr):
		return classifyState(pgErr)
	case pgconn.SafeToRetry(err):
		return fmt.Errorf("%w: nothing was sent: %w", errConflict, err)
	case isConnectionError(err):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func classifyState(err *pgconn.PgError) error {
	switch {
	case err.Code == pgUnique:
		return &UniqueError{Constraint: err.ConstraintName, Err: err}
	case err.Code == pgSerialization, err.Code == pgDeadlock, err.Code == pgLockTimeout:
		return fmt.Errorf("%w: %w", errConflict, err)
	case strings.HasPrefix(err.Code, pgClassConn), strings.HasPrefix(err.Code, pgClassResource), strings.HasPrefix(err.Code, pgClassOperator):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func isConnectionError(err error) bool {
	var netErr net.Error
	var connectErr *pgconn.ConnectError
	return errors.As(err, &netErr) || errors.As(err, &connectErr) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "closed pool")
}

// classified says that an error has been through here, or came out of a caller's function inside InTx.
func classified(err error) bool {
	var unique *UniqueError
	return errors.Is(err, ErrUnavailable) || errors.Is(err, errConflict) || errors.Is(err, ErrNoRows) || errors.As(err, &unique)
}

package sqldb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var (
	// ErrNoRows says that a row which was asked for is not there.
	ErrNoRows = errors.New("sqldb: no rows")
	// ErrUnavailable says that the database could not be reached or gave no answer: what was asked may or may not have happened.
	ErrUnavailable error = unavailable("sqldb: database unavailable")
	// ErrRetryTx is returned by a function inside InTx that wants to be run again in a new transaction.
	ErrRetryTx = errors.New("sqldb: run the transaction again")
	// ErrLocked says that another process uses the data folder.
	ErrLocked = errors.New("sqldb: data folder is in use by another process")

	// errConflict marks serialization failures, deadlocks and a busy database: InTx runs again.
	errConflict error = unavailable("sqldb: conflict with another transaction")
	// errAborted answers for a transaction that goes on after a statement failed. PostgreSQL refuses it; SQLite would not, so
	// that code tested on one engine would fail on the other.
	errAborted = errors.New("sqldb: the transaction goes on after an error")
)

// unavailable is an error that a client may answer by trying again.
type unavailable string

func (u unavailable) Error() string { return string(u) }

// GRPCStatus is what the interceptors make of it.
func (u unavailable) GRPCStatus() *status.Status { return status.New(codes.Unavailable, string(u)) }

// UniqueError says that a row with the same key exists. Constraint is the constraint's or index's name on PostgreSQL; on
// SQLite it is "table.column[, table.column…]", or the index's name for an index on expressions.
type UniqueError struct {
	Constraint string
	Err        error
}

func (e *UniqueError) Error() string {
	return fmt.Sprintf("sqldb: %s is not unique: %v", e.Constraint, e.Err)
}

// Unwrap gives the driver's error.
func (e *UniqueError) Unwrap() error { return e.Err }

// IsUnique says whether err is a *UniqueError. With names, one of them must be the constraint, the table or a
// "table.column" of the violated constraint, on either engine. On PostgreSQL constraint names begin with the table's name
// unless they were named otherwise.
func IsUnique(err error, constraintOrTable ...string) bool {
	var unique *UniqueError
	if !errors.As(err, &unique) {
		return false
	}
	if len(constraintOrTable) == 0 {
		return true
	}
	for _, name := range constraintOrTable {
		if unique.matches(name) {
			return true
		}
	}
	return false
}

func (e *UniqueError) matches(name string) bool {
	if e.Constraint == name || strings.HasPrefix(e.Constraint, name+"_") {
		return true
	}
	for _, part := range strings.Split(e.Constraint, ", ") {
		if part == name || strings.HasPrefix(part, name+".") {
			return true
		}
	}
	// PostgreSQL names the constraint of UNIQUE (a) on t "t_a_key"; "t.a" then means the same.
	return e.Constraint == strings.ReplaceAll(name, ".", "_")+"_key"
}

// retryable says whether InTx may run the function again: nothing of the failed attempt was kept.
func retryable(err error) bool {
	return errors.Is(err, errConflict) || errors.Is(err, ErrRetryTx)
}

func isContextErr(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

package sqldb

import (
	"context"

	"github.com/riverqueue/river"
)

// Engine names the database behind a DB.
type Engine string

// The two engines that the suite runs on.
const (
	Postgres Engine = "postgres"
	SQLite   Engine = "sqlite"
)

// Queryer reads and writes. Placeholders are $1, $2, … on both engines. Every error has gone through classification:
// ErrNoRows, *UniqueError, ErrUnavailable can be tested for.
type Queryer interface {
	// Exec runs a statement and says how many rows it affected.
	Exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	// Row runs a query that is expected to give at most one row. Scan must be called.
	Row(ctx context.Context, query string, args ...any) Row
	// Rows runs a query. Close must be called, and Err looked at after the last Next.
	Rows(ctx context.Context, query string, args ...any) (Rows, error)
}

// Row is one row that has not been read yet; Scan returns ErrNoRows when there is none.
type Row interface {
	Scan(dest ...any) error
}

// Rows is a result being read.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// Tx is a running transaction. After a statement failed nothing more can be done in it (ErrNoRows is not a failure): the error
// must be returned from InTx; to go on after a conflict use ON CONFLICT DO NOTHING and the affected rows. Inside InTx only it is used: on SQLite a read through the DB would not see what the
// transaction wrote, and a second writer would wait for the first for ever.
type Tx interface {
	Queryer
	// Send runs the statements of a batch in their order: in one round trip on PostgreSQL, one by one on SQLite. It stops at
	// the first error.
	Send(ctx context.Context, b *Batch) error
	// Enqueue inserts a job that becomes visible with the commit. The trace context of ctx travels in the job's metadata.
	Enqueue(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error
	// EnqueueMany inserts many jobs with one statement, for group commit.
	EnqueueMany(ctx context.Context, jobs []river.InsertManyParams) error
	// AfterCommit runs f after a successful commit, in the order of the calls, never after a rollback. It is for wake-ups and
	// for telling Redis, never for facts: a crash in between loses it.
	AfterCommit(f func())
	// Wake tells the listeners of a topic in this process (see Listen) after the commit.
	Wake(topic string)
	// Engine is the engine of the transaction's database.
	Engine() Engine
}

// DB is one service's database: a schema on PostgreSQL, a file on SQLite.
type DB interface {
	Queryer
	// InTx runs fn in one transaction and commits when it returns nil. fn must be re-runnable: it is run again, at most five
	// times, after a serialization failure, a deadlock, a busy database, or when it returns ErrRetryTx. When the answer to the
	// commit is lost the error is ErrUnavailable and the outcome is unknown; it is not retried here.
	InTx(ctx context.Context, fn func(tx Tx) error) error
	Engine() Engine
	Ping(ctx context.Context) error
	Close() error
}

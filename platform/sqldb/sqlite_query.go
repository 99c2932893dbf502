package sqldb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/riverqueue/river"
)

// sqlConn is what a pool and a transaction of database/sql have in common.
type sqlConn interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// uninterrupted runs a transaction's statements without watching the context while they run: they are short, and the watch
// costs a goroutine each. A context that is already done is refused, and everything after a failed statement, as PostgreSQL
// does.
type uninterrupted struct {
	tx     *sql.Tx
	failed error
}

func (u *uninterrupted) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := u.usable(ctx); err != nil {
		return nil, err
	}
	result, err := u.tx.ExecContext(context.WithoutCancel(ctx), query, args...)
	u.failed = err
	return result, err
}

func (u *uninterrupted) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := u.usable(ctx); err != nil {
		return nil, err
	}
	rows, err := u.tx.QueryContext(context.WithoutCancel(ctx), query, args...)
	u.failed = err
	return rows, err
}

func (u *uninterrupted) usable(ctx context.Context) error {
	if u.failed != nil {
		return fmt.Errorf("%w: %w", errAborted, u.failed)
	}
	return ctx.Err()
}

type sqlQueryer struct{ conn sqlConn }

func (q sqlQueryer) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := q.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, classifySQLite(err)
	}
	return result.RowsAffected()
}

func (q sqlQueryer) Row(ctx context.Context, query string, args ...any) Row {
	rows, err := q.conn.QueryContext(ctx, query, args...) //nolint:rowserrcheck // Scan does
	return sqlRow{rows: rows, err: err}
}

func (q sqlQueryer) Rows(ctx context.Context, query string, args ...any) (Rows, error) {
	rows, err := q.conn.QueryContext(ctx, query, args...) //nolint:rowserrcheck // the caller does, by Rows.Err
	if err != nil {
		return nil, classifySQLite(err)
	}
	return sqlRows{rows}, nil
}

type sqlRow struct {
	rows *sql.Rows
	err  error
}

func (r sqlRow) Scan(dest ...any) error {
	if r.err != nil {
		return classifySQLite(r.err)
	}
	defer func() { _ = r.rows.Close() }()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return classifySQLite(err)
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return classifySQLite(r.rows.Close())
}

type sqlRows struct{ rows *sql.Rows }

func (r sqlRows) Next() bool             { return r.rows.Next() }
func (r sqlRows) Scan(dest ...any) error { return r.rows.Scan(dest...) }
func (r sqlRows) Err() error             { return classifySQLite(r.rows.Err()) }
func (r sqlRows) Close()                 { _ = r.rows.Close() }

type sqliteTx struct {
	sqlQueryer
	afterTx
	state *uninterrupted
	jobs  *river.Client[*sql.Tx]
}

func (tx *sqliteTx) Engine() Engine { return SQLite }

func (tx *sqliteTx) Enqueue(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error {
	return tx.EnqueueMany(ctx, []river.InsertManyParams{{Args: args, InsertOpts: opts}})
}

func (tx *sqliteTx) EnqueueMany(ctx context.Context, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	if err := tx.state.usable(ctx); err != nil {
		return err
	}
	results, err := tx.jobs.InsertManyTx(context.WithoutCancel(ctx), tx.state.tx, jobs)
	if err != nil {
		tx.state.failed = err
		return classifySQLite(err)
	}
	noteQueues(&tx.afterTx, results)
	return nil
}

// Send runs the statements one by one: there is no round trip to save.
func (tx *sqliteTx) Send(ctx context.Context, b *Batch) error {
	for _, item := range b.items {
		if err := tx.sendItem(ctx, item); err != nil {
			return err
		}
	}
	return nil
}

func (tx *sqliteTx) sendItem(ctx context.Context, item batchItem) error {
	if item.row == nil {
		affected, err := tx.Exec(ctx, item.query, item.args...)
		if err == nil && item.done != nil {
			err = item.done(affected)
		}
		return err
	}
	rows, err := tx.Rows(ctx, item.query, item.args...)
	if err != nil {
		return err
	}
	return eachRow(rows, item.row)
}

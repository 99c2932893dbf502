package sqldb

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"
)

// pgConn is what the pool and a transaction have in common.
type pgConn interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

type pgQueryer struct{ conn pgConn }

func (q pgQueryer) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := q.conn.Exec(ctx, query, args...)
	return tag.RowsAffected(), classifyPostgres(err)
}

func (q pgQueryer) Row(ctx context.Context, query string, args ...any) Row {
	return pgRow{q.conn.QueryRow(ctx, query, args...)}
}

func (q pgQueryer) Rows(ctx context.Context, query string, args ...any) (Rows, error) {
	rows, err := q.conn.Query(ctx, query, args...)
	if err != nil {
		return nil, classifyPostgres(err)
	}
	return pgRows{rows}, nil
}

type pgRow struct{ row pgx.Row }

func (r pgRow) Scan(dest ...any) error { return classifyPostgres(r.row.Scan(dest...)) }

type pgRows struct{ rows pgx.Rows }

func (r pgRows) Next() bool             { return r.rows.Next() }
func (r pgRows) Scan(dest ...any) error { return classifyPostgres(r.rows.Scan(dest...)) }
func (r pgRows) Err() error             { return classifyPostgres(r.rows.Err()) }
func (r pgRows) Close()                 { r.rows.Close() }

type pgTx struct {
	pgQueryer
	afterTx
	raw  pgx.Tx
	jobs *river.Client[pgx.Tx]
}

func (tx *pgTx) Engine() Engine { return Postgres }

func (tx *pgTx) Enqueue(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error {
	return tx.EnqueueMany(ctx, []river.InsertManyParams{{Args: args, InsertOpts: opts}})
}

func (tx *pgTx) EnqueueMany(ctx context.Context, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	results, err := tx.jobs.InsertManyTx(ctx, tx.raw, jobs)
	if err != nil {
		return classifyPostgres(err)
	}
	noteQueues(&tx.afterTx, results)
	return nil
}

// Send uses the protocol's pipeline: one round trip for the whole batch.
func (tx *pgTx) Send(ctx context.Context, b *Batch) error {
	if b.Len() == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, item := range b.items {
		batch.Queue(item.query, item.args...)
	}
	results := tx.raw.SendBatch(ctx, &batch)
	err := readBatch(results, b)
	if closeErr := results.Close(); err == nil {
		err = classifyPostgres(closeErr)
	}
	return err
}

func readBatch(results pgx.BatchResults, b *Batch) error {
	for _, item := range b.items {
		if err := readBatchItem(results, item); err != nil {
			return err
		}
	}
	return nil
}

func readBatchItem(results pgx.BatchResults, item batchItem) error {
	if item.row == nil {
		tag, err := results.Exec()
		if err != nil {
			return classifyPostgres(err)
		}
		if item.done != nil {
			return item.done(tag.RowsAffected())
		}
		return nil
	}
	rows, err := results.Query()
	if err != nil {
		return classifyPostgres(err)
	}
	return eachRow(pgRows{rows}, item.row)
}

// eachRow hands every row to f and closes the result.
func eachRow(rows Rows, f func(Row) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

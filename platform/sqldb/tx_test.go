package sqldb_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

type pingArgs struct {
	Name string `json:"name"`
}

func (pingArgs) Kind() string { return "ping" }

func TestRollbackLeavesNothing(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx, after := t.Context(), 0
		err := db.InTx(ctx, func(tx sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('a')`)
			require.NoError(t, err)
			require.NoError(t, tx.Enqueue(ctx, pingArgs{Name: "a"}, nil))
			tx.AfterCommit(func() { after++ })
			tx.Wake("topic")
			return errBoom
		})
		require.ErrorIs(t, err, errBoom)
		require.Zero(t, count(t, db, "thing"))
		require.Zero(t, count(t, db, "river_job"))
		require.Zero(t, after)
	})
}

func TestPanicRollsBack(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx := t.Context()
		require.Panics(t, func() {
			_ = db.InTx(ctx, func(tx sqldb.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('a')`)
				require.NoError(t, err)
				panic("poisoned")
			})
		})
		require.Zero(t, count(t, db, "thing"))
		require.NoError(t, db.InTx(ctx, func(sqldb.Tx) error { return nil }), "the writer is free again")
	})
}

func TestJobCommitsWithTheFact(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx := t.Context()
		var order []string
		signal, stop := sqldb.Listen(db, "topic")
		defer stop()
		err := db.InTx(ctx, func(tx sqldb.Tx) error {
			tx.AfterCommit(func() { order = append(order, "first") })
			tx.AfterCommit(func() { order = append(order, "second") })
			tx.Wake("topic")
			require.Empty(t, signal)
			_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('a')`)
			require.NoError(t, err)
			return tx.EnqueueMany(ctx, []river.InsertManyParams{{Args: pingArgs{"a"}}, {Args: pingArgs{"b"}}})
		})
		require.NoError(t, err)
		require.EqualValues(t, 1, count(t, db, "thing"))
		require.EqualValues(t, 2, count(t, db, "river_job"))
		require.Equal(t, []string{"first", "second"}, order)
		require.Len(t, signal, 1)
	})
}

func TestRetryRunsAgainAndForgetsTheFailedAttempt(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx, runs, after := t.Context(), 0, 0
		err := db.InTx(ctx, func(tx sqldb.Tx) error {
			runs++
			tx.AfterCommit(func() { after++ })
			_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('a')`)
			require.NoError(t, err)
			if runs < 3 {
				return sqldb.ErrRetryTx
			}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, 3, runs)
		require.Equal(t, 1, after)
		require.EqualValues(t, 1, count(t, db, "thing"))
	})
}

func TestRetryEnds(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		runs := 0
		err := db.InTx(t.Context(), func(sqldb.Tx) error { runs++; return sqldb.ErrRetryTx })
		require.ErrorIs(t, err, sqldb.ErrUnavailable)
		require.ErrorIs(t, err, sqldb.ErrRetryTx)
		require.Equal(t, 5, runs)
	})
}

// Two transactions that lock the same rows in opposite order: PostgreSQL ends one by a deadlock, and InTx runs it again.
func TestDeadlockIsRetried(t *testing.T) {
	t.Parallel()
	db := testkit.Open(t, testkit.Postgres(t), thing())
	ctx := t.Context()
	_, err := db.Exec(ctx, `INSERT INTO thing (id, amount) VALUES ('a', 0), ('b', 0)`)
	require.NoError(t, err)

	var once [2]sync.Once
	var met sync.WaitGroup
	met.Add(2)
	errs := make(chan error, 2)
	for n, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		go func() {
			errs <- db.InTx(ctx, func(tx sqldb.Tx) error {
				if err := add(ctx, tx, order[0]); err != nil {
					return err
				}
				once[n].Do(func() { met.Done(); met.Wait() })
				return add(ctx, tx, order[1])
			})
		}()
	}
	require.NoError(t, <-errs)
	require.NoError(t, <-errs)
	var sum int64
	require.NoError(t, db.Row(ctx, `SELECT sum(amount)::bigint FROM thing`).Scan(&sum))
	require.EqualValues(t, 4, sum)
}

func add(ctx context.Context, tx sqldb.Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE thing SET amount = amount + 1 WHERE id = $1`, id)
	return err
}

func TestWritersQueueWithoutErrors(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx := t.Context()
		_, err := db.Exec(ctx, `INSERT INTO thing (id, amount) VALUES ('a', 0)`)
		require.NoError(t, err)
		errs := make(chan error, 32)
		for range cap(errs) {
			go func() {
				errs <- db.InTx(ctx, func(tx sqldb.Tx) error { return add(ctx, tx, "a") })
			}()
		}
		for range cap(errs) {
			require.NoError(t, <-errs)
		}
		var amount int64
		require.NoError(t, db.Row(ctx, `SELECT amount FROM thing`).Scan(&amount))
		require.EqualValues(t, 32, amount)
	})
}

func TestFaultyWritesAndReportsFailure(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		faulty, ctx := testkit.FaultyDB(db), t.Context()
		faulty.Lose(1)
		write := func(tx sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('a') ON CONFLICT DO NOTHING`)
			return err
		}
		require.ErrorIs(t, faulty.InTx(ctx, write), sqldb.ErrUnavailable)
		require.EqualValues(t, 1, count(t, db, "thing"))
		require.NoError(t, faulty.InTx(ctx, write), "the caller tries again")
		require.EqualValues(t, 1, count(t, db, "thing"))
		require.Equal(t, 1, faulty.Lost())
		require.Equal(t, db, sqldb.Unwrap(faulty))
	})
}

// What PostgreSQL refuses, SQLite must refuse too: a transaction that goes on after a failed statement.
func TestNothingWorksAfterAFailedStatement(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx := t.Context()
		err := db.InTx(ctx, func(tx sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('a')`)
			require.NoError(t, err)
			_, err = tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('a')`)
			require.True(t, sqldb.IsUnique(err, "thing.id") || sqldb.IsUnique(err, "thing_pkey"))
			_, err = tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('b')`)
			require.Error(t, err)
			require.Error(t, tx.Row(ctx, `SELECT 1`).Scan(new(int)))
			require.Error(t, tx.Enqueue(ctx, pingArgs{"a"}, nil))
			return nil // the error is swallowed
		})
		require.Error(t, err)
		require.Zero(t, count(t, db, "thing"))

		require.NoError(t, db.InTx(ctx, func(tx sqldb.Tx) error {
			require.ErrorIs(t, tx.Row(ctx, `SELECT id FROM thing WHERE id = 'none'`).Scan(new(string)), sqldb.ErrNoRows)
			_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('c')`)
			return err
		}), "no rows is no failure")
	})
}

func TestUnavailableIsAStatus(t *testing.T) {
	t.Parallel()
	require.Equal(t, codes.Unavailable, status.Code(fmt.Errorf("wrapped: %w", sqldb.ErrUnavailable)))
}

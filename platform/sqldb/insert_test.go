package sqldb_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

func TestInsertManyRows(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx := t.Context()
		insert := sqldb.NewInsert("thing", "id", "number", "amount", "done", "body", "at", "share")
		for n := range 64 {
			var number any // NULL in every second row
			if n%2 == 0 {
				number = fmt.Sprintf("AS-%06d", n)
			}
			insert.Row(fmt.Sprintf("id-%02d", n), number, n, n%3 == 0, []byte{byte(n)}, int64(n), nil)
		}
		require.Equal(t, 64, insert.Len())
		require.NoError(t, db.InTx(ctx, func(tx sqldb.Tx) error {
			affected, err := insert.Exec(ctx, tx)
			require.EqualValues(t, 64, affected)
			return err
		}))

		var number *string
		var amount int64
		var done bool
		var body []byte
		require.NoError(t, db.Row(ctx, `SELECT number, amount, done, body FROM thing WHERE id = $1`, "id-33").Scan(&number, &amount, &done, &body))
		require.Nil(t, number)
		require.EqualValues(t, 33, amount)
		require.True(t, done)
		require.Equal(t, []byte{33}, body)
		require.NoError(t, db.Row(ctx, `SELECT number FROM thing WHERE id = $1`, "id-32").Scan(&number))
		require.Equal(t, "AS-000032", *number)
	})
}

func TestInsertReturnsOnlyNewRowsInOrder(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx := t.Context()
		_, err := db.Exec(ctx, `INSERT INTO thing (id) VALUES ('b')`)
		require.NoError(t, err)
		var returned []string
		require.NoError(t, db.InTx(ctx, func(tx sqldb.Tx) error {
			returned = nil
			insert := sqldb.NewInsert("thing", "id", "number").OnConflict("(id) DO NOTHING")
			insert.Row("a", nil).Row("b", nil).Row("c", nil).Row("c", nil)
			return insert.Returning(ctx, tx, "id", func(row sqldb.Row) error {
				var id string
				err := row.Scan(&id)
				returned = append(returned, id)
				return err
			})
		}))
		require.Equal(t, []string{"a", "c"}, returned)
	})
}

func TestBatchSendsInOrderAndStopsAtTheFirstError(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx := t.Context()
		var ids []string
		require.NoError(t, db.InTx(ctx, func(tx sqldb.Tx) error {
			var b sqldb.Batch
			b.Exec(`INSERT INTO thing (id, number) VALUES ($1, $2)`, "a", "1")
			sqldb.NewInsert("thing", "id", "number").Row("b", "2").Row("c", "3").AddTo(&b, tx.Engine(), nil)
			b.ExecThen(func(n int64) error { require.EqualValues(t, 1, n); return nil }, `DELETE FROM thing WHERE id = $1`, "a")
			b.Query(func(row sqldb.Row) error {
				var id string
				err := row.Scan(&id)
				ids = append(ids, id)
				return err
			}, `SELECT id FROM thing ORDER BY id`)
			return tx.Send(ctx, &b)
		}))
		require.Equal(t, []string{"b", "c"}, ids)

		err := db.InTx(ctx, func(tx sqldb.Tx) error {
			var b sqldb.Batch
			b.Exec(`INSERT INTO thing (id, number) VALUES ($1, $2)`, "d", "2")
			b.Exec(`INSERT INTO thing (id, number) VALUES ($1, $2)`, "e", "5")
			return tx.Send(ctx, &b)
		})
		require.True(t, sqldb.IsUnique(err, "thing.number"), "%v", err)
		require.EqualValues(t, 2, count(t, db, "thing"))

		err = db.InTx(ctx, func(tx sqldb.Tx) error {
			var b sqldb.Batch
			b.ExecThen(func(int64) error { return errBoom }, `DELETE FROM thing`)
			return tx.Send(ctx, &b)
		})
		require.ErrorIs(t, err, errBoom)
		require.EqualValues(t, 2, count(t, db, "thing"))
	})
}

func TestIn(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx := t.Context()
		_, err := db.Exec(ctx, `INSERT INTO thing (id, amount) VALUES ('a', 1), ('b', 2), ('c"', 3)`)
		require.NoError(t, err)
		ids := func(condition string, args ...any) (found []string) {
			rows, err := db.Rows(ctx, `SELECT id FROM thing WHERE `+condition+` ORDER BY id`, args...)
			require.NoError(t, err)
			defer rows.Close()
			for rows.Next() {
				var id string
				require.NoError(t, rows.Scan(&id))
				found = append(found, id)
			}
			require.NoError(t, rows.Err())
			return found
		}
		text, arg := sqldb.In(db.Engine(), "id", 1, []string{"a", `c"`, "x"})
		require.Equal(t, []string{"a", `c"`}, ids(text, arg))
		number, arg := sqldb.In(db.Engine(), "amount", 1, []int64{2})
		require.Equal(t, []string{"b"}, ids(number, arg))
		none, arg := sqldb.In[string](db.Engine(), "id", 1, nil)
		require.Empty(t, ids(none, arg))
	})
}

func TestInsertRefusesWrongWidth(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() { sqldb.NewInsert("thing", "id").Row("a", "b") })
}

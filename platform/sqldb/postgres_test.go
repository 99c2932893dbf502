package sqldb_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// A connection that the server ended in the middle of a transaction: the caller learns that it may try again, and can.
func TestLostConnectionIsUnavailableThenHeals(t *testing.T) {
	t.Parallel()
	cfg := testkit.Postgres(t)
	db, other := testkit.Open(t, cfg, thing()), testkit.Open(t, cfg, nil)
	ctx := t.Context()
	err := db.InTx(ctx, func(tx sqldb.Tx) error {
		var pid int64
		require.NoError(t, tx.Row(ctx, `SELECT pg_backend_pid()`).Scan(&pid))
		_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('lost')`)
		require.NoError(t, err)
		_, err = other.Exec(ctx, `SELECT pg_terminate_backend($1, 5000)`, pid)
		require.NoError(t, err)
		_, err = tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('lost too')`)
		return err
	})
	require.ErrorIs(t, err, sqldb.ErrUnavailable)
	require.NoError(t, db.InTx(ctx, func(tx sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('kept')`)
		return err
	}))
	require.EqualValues(t, 1, count(t, db, "thing"))
}

// All idle connections die, as when the server restarts: the next transaction does not notice.
func TestRestartedServerIsNotNoticed(t *testing.T) {
	t.Parallel()
	cfg := testkit.Postgres(t)
	db, other := testkit.Open(t, cfg, thing()), testkit.Open(t, cfg, nil)
	ctx := t.Context()
	var ended int64
	require.NoError(t, other.Row(ctx, `SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
		WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()`).Scan(&ended))
	require.Positive(t, ended)
	require.NoError(t, db.InTx(ctx, func(tx sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('kept')`)
		return err
	}))
}

// Two services in one database do not see each other's tables.
func TestSchemasAreApart(t *testing.T) {
	t.Parallel()
	a := testkit.Open(t, testkit.Postgres(t), thing())
	b := testkit.Open(t, testkit.Postgres(t), nil)
	_, err := a.Exec(t.Context(), `INSERT INTO thing (id) VALUES ('a')`)
	require.NoError(t, err)
	_, err = b.Exec(t.Context(), `INSERT INTO thing (id) VALUES ('b')`)
	require.ErrorContains(t, err, "does not exist")
}

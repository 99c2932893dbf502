package sqldb_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

func tables(postgres, sqlite string) fs.FS {
	up := "-- +goose Up\n"
	return fstest.MapFS{
		"postgres/00001_test.sql": {Data: []byte(up + postgres)},
		"sqlite/00001_test.sql":   {Data: []byte(up + sqlite)},
	}
}

// thing is a table with every column type that the suite uses.
func thing() fs.FS {
	const columns = `id TEXT PRIMARY KEY, number TEXT UNIQUE, amount BIGINT, done BOOLEAN, body BLOB, at BIGINT, share DOUBLE PRECISION, UNIQUE (amount, at)`
	sqlite := `CREATE TABLE thing (` + columns + `); CREATE INDEX thing_at ON thing (at);`
	postgres := `CREATE TABLE thing (id TEXT PRIMARY KEY, number TEXT UNIQUE, amount BIGINT, done BOOLEAN, body BYTEA, at BIGINT, share DOUBLE PRECISION, UNIQUE (amount, at)); CREATE INDEX thing_at ON thing (at);`
	return tables(postgres, sqlite)
}

func engines(t *testing.T, fn func(t *testing.T, db sqldb.DB)) {
	t.Helper()
	t.Parallel()
	testkit.Engines(t, thing(), fn)
}

func count(t *testing.T, q sqldb.Queryer, table string) (n int64) {
	t.Helper()
	require.NoError(t, q.Row(t.Context(), `SELECT count(*) FROM `+table).Scan(&n))
	return n
}

func TestValuesSurviveBothEngines(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx := t.Context()
		now := time.Date(2026, 11, 22, 8, 30, 0, 123456000, time.UTC)
		err := db.InTx(ctx, func(tx sqldb.Tx) error {
			affected, err := tx.Exec(ctx, `INSERT INTO thing (id, number, amount, done, body, at, share) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				"a", "AS20261122-000001", int64(1999), true, []byte{0, 1, 2}, sqldb.Micros(now), 0.25)
			require.EqualValues(t, 1, affected)
			return err
		})
		require.NoError(t, err)

		var number string
		var amount, at int64
		var done bool
		var body []byte
		var share float64
		require.NoError(t, db.Row(ctx, `SELECT number, amount, done, body, at, share FROM thing WHERE id = $1`, "a").
			Scan(&number, &amount, &done, &body, &at, &share))
		require.Equal(t, "AS20261122-000001", number)
		require.EqualValues(t, 1999, amount)
		require.True(t, done)
		require.Equal(t, []byte{0, 1, 2}, body)
		require.Equal(t, now, sqldb.Time(at))
		require.InDelta(t, 0.25, share, 0)
	})
}

func TestErrorsAreClassified(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx := t.Context()
		var id string
		require.ErrorIs(t, db.Row(ctx, `SELECT id FROM thing WHERE id = $1`, "none").Scan(&id), sqldb.ErrNoRows)

		insert := func(id, number string, amount int64) error {
			_, err := db.Exec(ctx, `INSERT INTO thing (id, number, amount, at) VALUES ($1, $2, $3, 1)`, id, number, amount)
			return err
		}
		require.NoError(t, insert("a", "1", 1))

		err := insert("a", "2", 2)
		require.True(t, sqldb.IsUnique(err), "%v", err)
		require.True(t, sqldb.IsUnique(err, "thing"))
		err = insert("b", "1", 2)
		require.True(t, sqldb.IsUnique(err, "thing.number"), "%v", err)
		require.False(t, sqldb.IsUnique(err, "other"))
		require.False(t, sqldb.IsUnique(err, "thing.amount"))
		err = insert("c", "3", 1)
		require.True(t, sqldb.IsUnique(err, "thing"), "%v", err)

		_, err = db.Exec(ctx, `INSERT INTO missing (id) VALUES (1)`)
		require.Error(t, err)
		require.False(t, sqldb.IsUnique(err))
		require.NotErrorIs(t, err, sqldb.ErrUnavailable)
	})
}

func TestCanceledContextIsReported(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.InTx(ctx, func(tx sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('a')`)
			cancel()
			return err
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, count(t, db, "thing"), "a transaction whose caller went away before the commit leaves nothing")
	})
}

func TestClosedDatabaseIsUnavailable(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		require.NoError(t, db.Ping(t.Context()))
		require.NoError(t, db.Close())
		require.Error(t, db.Ping(t.Context()))
		err := db.InTx(t.Context(), func(sqldb.Tx) error { return nil })
		require.Error(t, err)
	})
}

func TestMicros(t *testing.T) {
	t.Parallel()
	require.Zero(t, sqldb.Micros(time.Time{}))
	require.True(t, sqldb.Time(0).IsZero())
	at := time.Date(1969, 1, 1, 0, 0, 0, 1000, time.UTC)
	require.Equal(t, at, sqldb.Time(sqldb.Micros(at)))
}

func TestMigrateTwiceAndFurther(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, nil, func(t *testing.T, db sqldb.DB) {
		ctx := t.Context()
		require.NoError(t, sqldb.Migrate(ctx, db, thing()))
		_, err := db.Exec(ctx, `INSERT INTO thing (id) VALUES ('kept')`)
		require.NoError(t, err)
		require.NoError(t, sqldb.Migrate(ctx, db, thing()), "again: nothing to do")

		next := thing().(fstest.MapFS)
		for _, engine := range []string{"postgres", "sqlite"} {
			next[engine+"/00002_more.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nALTER TABLE thing ADD COLUMN note TEXT;")}
		}
		require.NoError(t, sqldb.Migrate(ctx, db, next))
		_, err = db.Exec(ctx, `UPDATE thing SET note = 'n' WHERE id = 'kept'`)
		require.NoError(t, err)
		require.EqualValues(t, 1, count(t, db, "thing"))
	})
}

func TestBrokenMigrationIsAnError(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, nil, func(t *testing.T, db sqldb.DB) {
		broken := tables(`CREATE TABLE broken (`, `CREATE TABLE broken (`)
		require.Error(t, sqldb.Migrate(t.Context(), db, broken))
		require.NoError(t, sqldb.Migrate(t.Context(), db, thing()), "and may be repaired")
	})
}

func TestConcurrentMigrations(t *testing.T) {
	t.Parallel()
	cfg := testkit.Postgres(t)
	errs := make(chan error, 4)
	for range cap(errs) {
		db, err := sqldb.Open(t.Context(), cfg)
		require.NoError(t, err)
		t.Cleanup(func() { db.Close() })
		go func() { errs <- sqldb.Migrate(t.Context(), db, thing()) }()
	}
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
}

var errBoom = errors.New("boom")

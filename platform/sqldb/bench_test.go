package sqldb_test

import (
	"fmt"
	"io/fs"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// caseLike is six tables with two columns more than a key, about what creating a case writes.
func caseLike() fs.FS {
	ddl := "-- +goose Up\n"
	for n := range 6 {
		ddl += fmt.Sprintf("CREATE TABLE part%d (id TEXT PRIMARY KEY, owner TEXT NOT NULL, body TEXT NOT NULL, at BIGINT NOT NULL);\n", n)
	}
	return fstest.MapFS{"postgres/00001_b.sql": {Data: []byte(ddl)}, "sqlite/00001_b.sql": {Data: []byte(ddl)}}
}

func benchEngines(b *testing.B, fn func(b *testing.B, db sqldb.DB)) {
	for name, config := range map[string]func(testing.TB) sqldb.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) { fn(b, testkit.Open(b, config(b), caseLike())) })
	}
}

var serial atomic.Int64

// BenchmarkGroup writes n case-like entities into six tables in one transaction; ns/op is per entity.
func BenchmarkGroup(b *testing.B) {
	for _, size := range []int{1, 8, 64} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			benchEngines(b, func(b *testing.B, db sqldb.DB) {
				body := fmt.Sprintf("%0400d", 1)
				b.ResetTimer()
				for done := 0; done < b.N; done += size {
					require.NoError(b, db.InTx(b.Context(), func(tx sqldb.Tx) error {
						var batch sqldb.Batch
						group(size, body, tx.Engine(), &batch)
						return tx.Send(b.Context(), &batch)
					}))
				}
			})
		})
	}
}

func group(size int, body string, engine sqldb.Engine, batch *sqldb.Batch) {
	for table := range 6 {
		insert := sqldb.NewInsert(fmt.Sprintf("part%d", table), "id", "owner", "body", "at")
		for range size {
			insert.Row(fmt.Sprintf("%032d", serial.Add(1)), "orgs/brand", body, int64(1))
		}
		insert.AddTo(batch, engine, nil)
	}
}

// BenchmarkEnqueue inserts one job per transaction.
func BenchmarkEnqueue(b *testing.B) {
	benchEngines(b, func(b *testing.B, db sqldb.DB) {
		for b.Loop() {
			require.NoError(b, db.InTx(b.Context(), func(tx sqldb.Tx) error { return tx.Enqueue(b.Context(), pingArgs{"a"}, nil) }))
		}
	})
}

// BenchmarkEnqueueMany inserts 64 jobs per transaction; ns/op is per transaction.
func BenchmarkEnqueueMany(b *testing.B) {
	benchEngines(b, func(b *testing.B, db sqldb.DB) {
		many := make([]river.InsertManyParams, 64)
		for n := range many {
			many[n].Args = pingArgs{"a"}
		}
		for b.Loop() {
			require.NoError(b, db.InTx(b.Context(), func(tx sqldb.Tx) error { return tx.EnqueueMany(b.Context(), many) }))
		}
	})
}

// BenchmarkEmptyTx is begin and commit without a write.
func BenchmarkEmptyTx(b *testing.B) {
	benchEngines(b, func(b *testing.B, db sqldb.DB) {
		for b.Loop() {
			require.NoError(b, db.InTx(b.Context(), func(sqldb.Tx) error { return nil }))
		}
	})
}

func BenchmarkRow(b *testing.B) {
	benchEngines(b, func(b *testing.B, db sqldb.DB) {
		var n int64
		for b.Loop() {
			require.NoError(b, db.Row(b.Context(), `SELECT count(*) FROM part0 WHERE id = $1`, "x").Scan(&n))
		}
	})
}

// BenchmarkStart opens and migrates, an empty database or one that is current.
func BenchmarkStart(b *testing.B) {
	for name, config := range map[string]func(testing.TB) sqldb.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run("empty/"+name, func(b *testing.B) {
			for b.Loop() {
				start(b, config(b))
			}
		})
		b.Run("current/"+name, func(b *testing.B) {
			cfg := config(b)
			start(b, cfg)
			for b.Loop() {
				start(b, cfg)
			}
		})
	}
}

func start(b *testing.B, cfg sqldb.Config) {
	db, err := sqldb.Open(b.Context(), cfg)
	require.NoError(b, err)
	require.NoError(b, sqldb.Migrate(b.Context(), db, caseLike()))
	require.NoError(b, db.Close())
}

package jobs_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/jobs"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// BenchmarkInsertToWork is the time from the beginning of the transaction that enqueues to the beginning of the job.
func BenchmarkInsertToWork(b *testing.B) {
	for name, config := range map[string]func(testing.TB) sqldb.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) {
			db := testkit.Open(b, config(b), nil)
			ran, workers := make(chan struct{}), river.NewWorkers()
			jobs.Add(workers, func(context.Context, callArgs) error { ran <- struct{}{}; return nil })
			client, err := jobs.New(db, jobs.Config{Workers: workers, PollInterval: time.Hour, Log: slog.New(slog.DiscardHandler)})
			require.NoError(b, err)
			require.NoError(b, client.Start(b.Context()))
			for b.Loop() {
				require.NoError(b, db.InTx(b.Context(), func(tx sqldb.Tx) error {
					return tx.Enqueue(b.Context(), callArgs{"a"}, nil)
				}))
				<-ran
			}
			require.NoError(b, client.Stop(context.Background()))
		})
	}
}

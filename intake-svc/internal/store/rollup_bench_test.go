package store

import (
	"fmt"
	"io/fs"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// BenchmarkRollUp counts and indexes marked cases, as the sweeper does behind the commits. cpu-us is the CPU time of this process per case.
func BenchmarkRollUp(b *testing.B) {
	for name, config := range map[string]func(testing.TB) sqldb.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) { benchmarkRollUp(b, config(b)) })
	}
}

func benchmarkRollUp(b *testing.B, config sqldb.Config) {
	files, err := fs.Sub(Migrations, "migrations")
	require.NoError(b, err)
	ring := testkit.Keys(b)
	db := testkit.Open(b, config, files)
	s := NewSQL(ring.Sealer(), ring.Indexer())
	for first := 0; first < b.N; first += 500 {
		var filed []New
		for n := first; n < min(first+500, b.N); n++ {
			filed = append(filed, New{Case: benchCase(n)})
		}
		require.NoError(b, db.InTx(b.Context(), func(tx sqldb.Tx) error {
			var batch sqldb.Batch
			if err := s.Create(&batch, tx.Engine(), filed); err != nil {
				return err
			}
			return tx.Send(b.Context(), &batch)
		}))
	}
	before := cpuTime(b)
	b.ResetTimer()
	for done := 100; done == 100; {
		require.NoError(b, db.InTx(b.Context(), func(tx sqldb.Tx) (err error) {
			done, err = s.RollUp(b.Context(), tx, time.UTC, 100)
			return err
		}))
	}
	b.StopTimer()
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-us/op")
}

// cpuTime is the process' CPU time in microseconds.
func cpuTime(b *testing.B) int64 {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u.Utime.Sec*1e6 + u.Utime.Usec + u.Stime.Sec*1e6 + u.Stime.Usec
}

func benchCase(n int) *casefile.Case {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
	return &casefile.Case{
		ID: uuid.Must(uuid.NewV7()).String(), Number: fmt.Sprintf("B-%06d", n), Kind: casefile.Complaint, State: casefile.Received, Version: 1, Channel: "HOTLINE", Region: fmt.Sprintf("3101%02d", n%20),
		OwnerOrg: "organisations/brand", Confidentiality: casefile.Normal, Created: at, Updated: at, Rounds: []casefile.Round{{Number: 1, Started: at}},
		Problem: fmt.Sprintf("滚筒洗衣机维修后仍然漏水，地板都泡坏了，第%d次报修，希望尽快上门处理", n%7), Items: []casefile.Item{{Brand: "海风", Model: fmt.Sprintf("M%d", n%30), Serial: fmt.Sprintf("S%d", n)}},
	}
}

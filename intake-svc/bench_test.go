package intake

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// BenchmarkCreateCase registers cases through the whole chain, as a partner files them, by 1 and by 64 clients at once. cpu-us
// is the CPU time of this process per case; the database's own comes on top on PostgreSQL.
func BenchmarkCreateCase(b *testing.B) {
	for name, config := range map[string]func(testing.TB) sqldb.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		for _, clients := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d", name, clients), func(b *testing.B) { benchmarkCreate(b, config(b), clients) })
		}
	}
}

func benchmarkCreate(b *testing.B, config sqldb.Config, clients int) {
	w := newWorld(b, Config{}, config)
	filing := complaint()
	filing.Channel = "PARTNER_PLATFORM"
	var next atomic.Int64
	b.SetParallelism(clients)
	before := cpuTime(b)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		ctx := grpcx.ForwardPrincipal(auth.WithPrincipal(context.Background(), mall))
		for pb.Next() {
			id := strconv.FormatInt(next.Add(1), 10)
			own := proto.CloneOf(filing)
			own.ExternalRef = &commonv1.ExternalRef{Platform: "mall", OrderId: "E" + id, AfterSaleId: "A" + id}
			_, err := w.cases.CreateCase(ctx, &intakev1.CreateCaseRequest{Case: own, RequestId: id})
			require.NoError(b, err)
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-us/op")
}

// cpuTime is the process' CPU time in microseconds.
func cpuTime(b *testing.B) int64 {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u.Utime.Sec*1e6 + u.Utime.Usec + u.Stime.Sec*1e6 + u.Stime.Usec
}

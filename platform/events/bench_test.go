package events_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

func benchEngines(b *testing.B, fn func(b *testing.B, r *rig)) {
	for name, config := range map[string]func(testing.TB) sqldb.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) { fn(b, newRig(testkit.Open(b, config(b), nil))) })
	}
}

func benchAppend(b *testing.B, r *rig, from, to int) {
	evs := make([]events.Event, 0, 64)
	for n := from; n < min(from+64, to); n++ {
		ev := event(fmt.Sprintf("cases/%d", n), "x")
		ev.NewKey = true
		evs = append(evs, ev)
	}
	require.NoError(b, r.appendTx(b.Context(), evs...))
}

// BenchmarkAppend writes events of new keys, 64 a transaction; ns/op is per event.
func BenchmarkAppend(b *testing.B) {
	benchEngines(b, func(b *testing.B, r *rig) {
		for n := 0; n < b.N; n += 64 {
			benchAppend(b, r, n, b.N)
		}
	})
}

// BenchmarkRelay delivers waiting events into an inbox of the same database; ns/op is per event.
func BenchmarkRelay(b *testing.B) {
	benchEngines(b, func(b *testing.B, r *rig) {
		for n := 0; n < b.N; n += 64 {
			benchAppend(b, r, n, b.N)
		}
		relay := events.NewRelay(r.db, subscriber, events.DeliverFunc(r.receive), events.RelayOptions{Clock: r.clock, Poll: time.Hour, Log: slog.New(slog.DiscardHandler)})
		b.ResetTimer()
		require.NoError(b, relay.Drain(b.Context()))
		require.Len(b, r.seen, b.N)
	})
}

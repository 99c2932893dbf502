//go:build testhooks

package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/crashpoint"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// envRelay makes the test binary a process that appends, delivers, and dies in between.
const envRelay = "EVENTS_TEST_RELAY"

func TestMain(m *testing.M) {
	if config := os.Getenv(envRelay); config != "" {
		os.Exit(relayUntilDeath(config))
	}
	os.Exit(m.Run())
}

func relayUntilDeath(config string) int {
	var cfg sqldb.Config
	ctx := context.Background()
	if err := json.Unmarshal([]byte(config), &cfg); err != nil {
		return 1
	}
	db, err := sqldb.Open(ctx, cfg)
	if err != nil {
		return 1
	}
	outbox := events.NewOutbox("aftersales/test", []string{subscriber}, clock.System)
	err = db.InTx(ctx, func(tx sqldb.Tx) error { return outbox.Append(ctx, tx, event("k", "1"), event("l", "2")) })
	if err != nil {
		return 1
	}
	if err := events.NewRelay(db, subscriber, durably(db), events.RelayOptions{}).Drain(ctx); err != nil {
		return 1
	}
	return 0
}

// durably is a receiver whose effect is a row.
func durably(db sqldb.DB) events.DeliverFunc {
	return func(ctx context.Context, envelopes []*eventv1.Envelope) error {
		return events.Receive(ctx, db, envelopes, func(ctx context.Context, tx sqldb.Tx, ev events.Event) error {
			_, err := tx.Exec(ctx, `INSERT INTO effect (key) VALUES ($1)`, ev.Key)
			return err
		})
	}
}

// kill -9 after the receiver committed and before the relay removed its rows: they come again and have one effect.
func TestKillBetweenDeliveryAndRemoval(t *testing.T) {
	t.Parallel()
	const up = "-- +goose Up\nCREATE TABLE effect (key TEXT NOT NULL);"
	effects := fstest.MapFS{"postgres/00001_e.sql": {Data: []byte(up)}, "sqlite/00001_e.sql": {Data: []byte(up)}}
	for name, config := range map[string]func(testing.TB) sqldb.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t)
			require.NoError(t, testkit.Open(t, cfg, effects).Close())
			dieAfterDelivery(t, cfg)
			r := newRig(testkit.Open(t, cfg, effects))
			r.clock.Set(time.Now().Add(time.Minute)) // the dead process' lease is over
			require.EqualValues(t, 2, r.waiting(t))
			require.NoError(t, r.relay(durably(r.db)).Drain(t.Context()))
			require.Zero(t, r.waiting(t))
			var effects int64
			require.NoError(t, r.db.Row(t.Context(), `SELECT count(*) FROM effect`).Scan(&effects))
			require.EqualValues(t, 2, effects)
		})
	}
}

func dieAfterDelivery(t *testing.T, cfg sqldb.Config) {
	t.Helper()
	config, err := json.Marshal(cfg)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), envRelay+"="+string(config), crashpoint.Env+"=relay-delivered")
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Run(), &exit))
	require.Equal(t, syscall.SIGKILL, exit.Sys().(syscall.WaitStatus).Signal())
}

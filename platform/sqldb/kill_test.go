package sqldb_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

const (
	// envWrite makes the test binary a process that writes until it is killed.
	envWrite = "SQLDB_TEST_WRITE"
	// acknowledged is after how many answers the process is killed.
	acknowledged = 150
)

// writeUntilKilled commits a row and a job at a time, from four goroutines, and says so only after the commit.
func writeUntilKilled(config string) int {
	var cfg sqldb.Config
	if err := json.Unmarshal([]byte(config), &cfg); err != nil {
		return 1
	}
	ctx := context.Background()
	db, err := sqldb.Open(ctx, cfg)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for w := range 4 {
		go func() {
			for n := 0; ; n++ {
				writeOne(ctx, db, fmt.Sprintf("%d-%d", w, n))
			}
		}()
	}
	select {}
}

func writeOne(ctx context.Context, db sqldb.DB, id string) {
	err := db.InTx(ctx, func(tx sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ($1)`, id); err != nil {
			return err
		}
		return tx.Enqueue(ctx, pingArgs{Name: id}, nil)
	})
	if err == nil {
		fmt.Println("committed", id)
	}
}

// kill -9 at any moment loses no acknowledged write and leaves no half one: every row has its job.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func(testing.TB) sqldb.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t)
			require.NoError(t, testkit.Open(t, cfg, thing()).Close())
			acked := killWriter(t, cfg)
			db := testkit.Open(t, cfg, thing())
			for _, id := range acked {
				var found int64
				require.NoError(t, db.Row(t.Context(), `SELECT count(*) FROM thing WHERE id = $1`, id).Scan(&found))
				require.EqualValues(t, 1, found, "acknowledged %s", id)
			}
			require.GreaterOrEqual(t, count(t, db, "thing"), int64(len(acked)))
			require.Equal(t, count(t, db, "thing"), count(t, db, "river_job"))
		})
	}
}

// killWriter starts a writer, kills it after some answers, and gives the ids that it acknowledged.
func killWriter(t *testing.T, cfg sqldb.Config) (acked []string) {
	t.Helper()
	cfg.Log, cfg.Clock = nil, nil
	config, err := json.Marshal(cfg)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), envWrite+"="+string(config))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if id, ok := strings.CutPrefix(lines.Text(), "committed "); ok {
			acked = append(acked, id)
		}
		if len(acked) == acknowledged {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.Error(t, cmd.Wait(), "killed")
	require.GreaterOrEqual(t, len(acked), acknowledged)
	return acked
}

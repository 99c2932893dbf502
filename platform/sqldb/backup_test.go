package sqldb_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// The copy is a state between two transactions, although writers never stop.
func TestBackupWhileServing(t *testing.T) {
	t.Parallel()
	db := testkit.Open(t, testkit.SQLite(t), thing())
	ctx, cancel := context.WithCancel(t.Context())
	running, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		writePairs(ctx, db, running)
	}()
	<-running
	copied := filepath.Join(t.TempDir(), "copy.db")
	require.NoError(t, sqldb.Backup(t.Context(), db, copied))
	cancel()
	<-stopped

	restored := testkit.Open(t, sqldb.Config{Engine: sqldb.SQLite, Path: copied}, thing())
	rows := count(t, restored, "thing")
	require.Positive(t, rows)
	require.Zero(t, rows%2, "no half transaction")
	var check string
	require.NoError(t, restored.Row(t.Context(), `SELECT integrity_check FROM pragma_integrity_check`).Scan(&check))
	require.Equal(t, "ok", check)
	require.Error(t, sqldb.Backup(t.Context(), db, copied), "an existing file is not overwritten")
}

// writePairs commits two rows at a time until ctx ends.
func writePairs(ctx context.Context, db sqldb.DB, running chan<- struct{}) {
	for n := 0; ctx.Err() == nil; n++ {
		_ = db.InTx(ctx, func(tx sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ($1), ($2)`, fmt.Sprintf("%d-a", n), fmt.Sprintf("%d-b", n))
			return err
		})
		if n == 10 {
			close(running)
		}
	}
}

func TestBackupOfPostgresIsItsOwnTools(t *testing.T) {
	t.Parallel()
	db := testkit.Open(t, testkit.Postgres(t), nil)
	require.ErrorIs(t, sqldb.Backup(t.Context(), db, "x"), sqldb.ErrNoBackup)
}

package sqldb_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// envOpen makes the test binary a second process that opens a database.
const envOpen = "SQLDB_TEST_OPEN"

func TestMain(m *testing.M) {
	if path := os.Getenv(envOpen); path != "" {
		os.Exit(openAsSecond(path))
	}
	if config := os.Getenv(envWrite); config != "" {
		os.Exit(writeUntilKilled(config))
	}
	os.Exit(m.Run())
}

func openAsSecond(path string) int {
	cfg := sqldb.Config{Engine: sqldb.SQLite, Path: path, Shared: os.Getenv("SQLDB_TEST_SHARED") != ""}
	db, err := sqldb.Open(context.Background(), cfg)
	if errors.Is(err, sqldb.ErrLocked) {
		return 3
	}
	if err != nil {
		return 1
	}
	defer db.Close()
	_, err = db.Exec(context.Background(), `INSERT INTO thing (id) VALUES ('second')`)
	if err != nil {
		return 1
	}
	return 0
}

func second(t *testing.T, path string, env ...string) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(append(os.Environ(), envOpen+"="+path), env...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return cmd.ProcessState.ExitCode()
}

func TestSecondProcessIsKeptOutOfTheDataFolder(t *testing.T) {
	t.Parallel()
	cfg := testkit.SQLite(t)
	db := testkit.Open(t, cfg, thing())
	require.Equal(t, 3, second(t, cfg.Path))

	other := cfg
	other.Path = filepath.Join(filepath.Dir(cfg.Path), "other.db")
	sibling, err := sqldb.Open(t.Context(), other)
	require.NoError(t, err, "the services of one process share the folder")

	require.NoError(t, db.Close())
	require.Equal(t, 3, second(t, cfg.Path), "the sibling still holds it")
	require.NoError(t, sibling.Close())
	require.NoError(t, sibling.Close(), "closing twice is harmless")
	require.Zero(t, second(t, cfg.Path))
}

func TestSharedCommandWritesBesideTheServer(t *testing.T) {
	t.Parallel()
	cfg := testkit.SQLite(t)
	db := testkit.Open(t, cfg, thing())
	require.Zero(t, second(t, cfg.Path, "SQLDB_TEST_SHARED=1"))
	require.EqualValues(t, 1, count(t, db, "thing"))
}

func TestOpenRefusesNonsense(t *testing.T) {
	t.Parallel()
	_, err := sqldb.Open(t.Context(), sqldb.Config{Engine: "oracle"})
	require.ErrorContains(t, err, "oracle")
	_, err = sqldb.Open(t.Context(), sqldb.Config{Engine: sqldb.Postgres, URL: "postgres://nobody@127.0.0.1:1/none?connect_timeout=1"})
	require.ErrorIs(t, err, sqldb.ErrUnavailable)
	_, err = sqldb.Open(t.Context(), sqldb.Config{Engine: sqldb.Postgres, URL: "postgres://%zz"})
	require.Error(t, err)
}

// An acknowledged commit must survive a power cut: not WAL's default synchronous=NORMAL.
func TestSQLiteIsDurable(t *testing.T) {
	t.Parallel()
	db := testkit.Open(t, testkit.SQLite(t), nil)
	pragma := func(q sqldb.Queryer, name string) (value string) {
		require.NoError(t, q.Row(t.Context(), `SELECT CAST(`+name+` AS TEXT) FROM pragma_`+name).Scan(&value))
		return value
	}
	require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
		require.Equal(t, "2", pragma(tx, "synchronous"))
		require.Equal(t, "wal", pragma(tx, "journal_mode"))
		require.Equal(t, "1", pragma(tx, "foreign_keys"))
		return nil
	}))
	require.Equal(t, "1", pragma(db, "query_only"), "readers cannot write")
}

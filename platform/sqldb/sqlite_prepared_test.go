package sqldb

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func openLite(t *testing.T) *sqliteDB {
	t.Helper()
	db, err := Open(t.Context(), Config{Engine: SQLite, Path: filepath.Join(t.TempDir(), "t.db")})
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	_, err = db.Exec(t.Context(), `CREATE TABLE thing (id INTEGER PRIMARY KEY, note TEXT)`)
	require.NoError(t, err)
	return db.(*sqliteDB)
}

// cached looks at the writer connection's statements.
func cached(t *testing.T, db *sqliteDB) (n int) {
	t.Helper()
	conn, err := db.writer.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(driverConn any) error {
		c := driverConn.(*preparedConn)
		require.Equal(t, len(c.byText), c.recent.Len())
		n = c.recent.Len()
		return nil
	}))
	return n
}

func TestStatementsArePreparedOnce(t *testing.T) {
	t.Parallel()
	db := openLite(t)
	before := cached(t, db)
	for n := range 100 {
		_, err := db.Exec(t.Context(), `INSERT INTO thing (id, note) VALUES ($1, $2)`, n, "x")
		require.NoError(t, err)
	}
	require.Equal(t, before+1, cached(t, db))
}

func TestPreparedStatementsAreBounded(t *testing.T) {
	t.Parallel()
	db := openLite(t)
	for n := range preparedMax + 50 {
		_, err := db.Exec(t.Context(), fmt.Sprintf(`UPDATE thing SET note = 'n' WHERE id = %d`, n))
		require.NoError(t, err)
	}
	require.Equal(t, preparedMax, cached(t, db))
}

// The same text inside its own loop: the open result must not be disturbed.
func TestSameTextWhileItsResultIsOpen(t *testing.T) {
	t.Parallel()
	db := openLite(t)
	_, err := db.Exec(t.Context(), `INSERT INTO thing (id) VALUES (1), (2), (3)`)
	require.NoError(t, err)
	const query = `SELECT id FROM thing WHERE id >= $1 ORDER BY id`
	var seen []int64
	require.NoError(t, db.InTx(t.Context(), func(tx Tx) error {
		rows, err := tx.Rows(t.Context(), query, 1)
		require.NoError(t, err)
		return eachRow(rows, func(row Row) error {
			var outer, inner int64
			require.NoError(t, row.Scan(&outer))
			require.NoError(t, tx.Row(t.Context(), query, outer).Scan(&inner))
			seen = append(seen, outer, inner)
			return nil
		})
	}))
	require.Equal(t, []int64{1, 1, 2, 2, 3, 3}, seen)
}

// A statement prepared before the table changed still runs.
func TestPreparedSurvivesSchemaChange(t *testing.T) {
	t.Parallel()
	db := openLite(t)
	for range 2 {
		_, err := db.Exec(t.Context(), `INSERT INTO thing (note) VALUES ($1)`, "x")
		require.NoError(t, err)
		_, err = db.Exec(t.Context(), fmt.Sprintf(`ALTER TABLE thing ADD COLUMN c%d TEXT`, cached(t, db)))
		require.NoError(t, err)
	}
}

func TestFailedStatementCanBeRunAgain(t *testing.T) {
	t.Parallel()
	db := openLite(t)
	insert := func(id int) error {
		_, err := db.Exec(t.Context(), `INSERT INTO thing (id) VALUES ($1)`, id)
		return err
	}
	require.NoError(t, insert(1))
	require.True(t, IsUnique(insert(1), "thing.id"))
	require.NoError(t, insert(2))
}

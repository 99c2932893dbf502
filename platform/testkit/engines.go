package testkit

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const (
	// EnvPostgres holds the address of the server that tests may use, as testkit/cmd/servers sets it.
	EnvPostgres = "AFTERSALES_TEST_POSTGRES"
	// EnvRedis holds the URL of the Redis server that tests may use.
	EnvRedis = "AFTERSALES_TEST_REDIS"

	adminLimit = 30 * time.Second
)

// Engines runs fn once per engine, each with a fresh, migrated database. migrations may be nil. Without a PostgreSQL server
// only SQLite runs, with a visible line; in CI that is a failure.
func Engines(t *testing.T, migrations fs.FS, fn func(t *testing.T, db sqldb.DB)) {
	t.Helper()
	for _, engine := range []struct {
		name   string
		config func(testing.TB) sqldb.Config
	}{{"sqlite", SQLite}, {"postgres", Postgres}} {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			fn(t, Open(t, engine.config(t), migrations))
		})
	}
}

// Open opens and migrates a database that is closed after the test.
func Open(t testing.TB, cfg sqldb.Config, migrations fs.FS) sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, sqldb.Migrate(t.Context(), db, migrations))
	return db
}

// SQLite is a file in the test's folder.
func SQLite(t testing.TB) sqldb.Config {
	t.Helper()
	return sqldb.Config{Engine: sqldb.SQLite, Path: filepath.Join(t.TempDir(), "test.db")}
}

// Postgres is a schema of its own on the server of EnvPostgres; it is dropped after the test.
func Postgres(t testing.TB) sqldb.Config {
	t.Helper()
	address := server(t, EnvPostgres, "PostgreSQL")
	schema := schemaName(t.Name())
	admin(t, address, `CREATE SCHEMA `+schema)
	t.Cleanup(func() { admin(t, address, `DROP SCHEMA IF EXISTS `+schema+` CASCADE`) })
	return sqldb.Config{Engine: sqldb.Postgres, URL: address, Schema: schema, MaxConns: 8}
}

// server reads a server's address; its absence fails in CI and skips elsewhere, visibly.
func server(t testing.TB, env, name string) string {
	t.Helper()
	address := os.Getenv(env)
	if address != "" {
		return address
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not set: in CI the tests on %s must run (go run ./platform/testkit/cmd/servers -- go test …)", env, name)
	}
	fmt.Fprintf(os.Stderr, "NOT RUN on %s (%s is not set): %s\n", name, env, t.Name())
	t.Skipf("%s is not set", env)
	return ""
}

// schemaName keeps the test's name readable and is unique; River allows 46 characters.
func schemaName(test string) string {
	keep := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}
	name := strings.Map(keep, strings.ToLower(test))
	if len(name) > 24 {
		name = name[:24]
	}
	return "t_" + name + "_" + strings.ToLower(rand.Text()[:12])
}

func admin(t testing.TB, address, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), adminLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	require.NoError(t, err)
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	require.NoError(t, err)
}

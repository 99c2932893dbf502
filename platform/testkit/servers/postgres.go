package servers

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// startPostgres makes a cluster and starts it on a free port and on a socket in its own folder. Collation C gives the same
// order everywhere.
func (s *Set) startPostgres(ctx context.Context, opts Options) error {
	bin, err := postgresBin(ctx, opts)
	if err != nil {
		return err
	}
	owner, err := unprivileged("postgres", "nobody")
	if err != nil {
		return err
	}
	data, err := s.folder("postgres", owner)
	if err != nil {
		return err
	}
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"),
		"-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir = s.dir
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: owner.credential()}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	server, err := s.run("postgresql", owner, syscall.SIGQUIT, filepath.Join(bin, "postgres"), postgresArgs(data, port, opts.Durable)...)
	if err != nil {
		return err
	}
	s.PostgresURL = fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
	return server.ready(ctx, s.askPostgres)
}

func postgresArgs(data string, port int, durable bool) []string {
	args := []string{"-D", data, "-p", strconv.Itoa(port), "-k", data}
	settings := []string{"listen_addresses=127.0.0.1", "max_connections=400", "shared_buffers=128MB", "max_wal_size=1GB", "jit=off"}
	if !durable {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

func (s *Set) askPostgres(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.PostgresURL)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// postgresBin finds the newest installed server, or installs one.
func postgresBin(ctx context.Context, opts Options) (string, error) {
	if bin := installedPostgres(); bin != "" {
		return bin, nil
	}
	if err := install(ctx, opts.Progress, "postgresql"); err != nil {
		return "", err
	}
	if bin := installedPostgres(); bin != "" {
		return bin, nil
	}
	return "", fmt.Errorf("no postgres binary after the installation")
}

func installedPostgres() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	sort.Slice(found, func(i, j int) bool { return postgresVersion(found[i]) > postgresVersion(found[j]) })
	if len(found) > 0 {
		return filepath.Dir(found[0])
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return ""
	}
	return filepath.Dir(path)
}

func postgresVersion(path string) int {
	version, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return version
}

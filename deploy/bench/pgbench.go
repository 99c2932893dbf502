package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgres is the private server that everything is measured on.
type postgres struct {
	url  *url.URL
	dir  string // scratch folder
	main int    // process id of the server
}

// referenceSchema is one case-like row and one job row, with the indexes that such tables need.
const referenceSchema = `DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench;
CREATE TABLE bench.cases (id text PRIMARY KEY, number bigint GENERATED ALWAYS AS IDENTITY, owner text, state text, phone_index text, body bytea, created bigint);
CREATE INDEX ON bench.cases (owner, created);
CREATE TABLE bench.jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text, args text, state text, scheduled bigint);
CREATE INDEX ON bench.jobs (state, scheduled);`

// referenceScript is what pgbench commits: the least that accepting a case durably can mean.
const referenceScript = `BEGIN;
INSERT INTO bench.cases (id, owner, state, phone_index, body, created) VALUES (gen_random_uuid()::text, 'organisations/demo-brand', 'RECEIVED', md5(random()::text), decode(repeat('ab', 600), 'hex'), extract(epoch from now())::bigint);
INSERT INTO bench.jobs (kind, args, state, scheduled) VALUES ('acknowledge', '{"case":"cases/0192aaaa-0000-7000-8000-000000000000"}', 'available', 0);
COMMIT;
`

func openPostgres(ctx context.Context, address string) (*postgres, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "aftersales-bench-*")
	if err != nil {
		return nil, err
	}
	p := &postgres{url: u, dir: dir}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, referenceSchema); err != nil {
		return nil, err
	}
	p.main, err = mainProcess(int(conn.PgConn().PID()))
	return p, err
}

// mainProcess is the parent of a back end: the server itself.
func mainProcess(backend int) (int, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", backend))
	if err != nil {
		return 0, err
	}
	parent := regexp.MustCompile(`PPid:\s+(\d+)`).FindSubmatch(data)
	if parent == nil {
		return 0, fmt.Errorf("no parent of back end %d", backend)
	}
	return strconv.Atoi(string(parent[1]))
}

// database makes a fresh database for one deployment.
func (p *postgres) database(ctx context.Context, name string) (string, error) {
	conn, err := pgx.Connect(ctx, p.url.String())
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		return "", err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	u := *p.url
	u.Path = "/" + name
	return u.String(), nil
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// reference runs pgbench and answers its commits per second.
func (p *postgres) reference(ctx context.Context, clients int, d time.Duration) (float64, error) {
	script := filepath.Join(p.dir, "reference.sql")
	if err := os.WriteFile(script, []byte(referenceScript), 0o600); err != nil {
		return 0, err
	}
	program, err := pgbenchProgram()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, program, "-n", "-f", script, "-c", strconv.Itoa(clients), "-j", "2", "-M", "prepared",
		"-T", strconv.Itoa(int(d.Seconds())), p.url.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	found := tps.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("pgbench printed no rate:\n%s", out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

func pgbenchProgram() (string, error) {
	if path, err := exec.LookPath("pgbench"); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if len(found) == 0 {
		return "", fmt.Errorf("pgbench is not installed: it comes with Debian's postgresql package")
	}
	return found[len(found)-1], nil
}

package backup

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// dumpPostgres copies every table of the schemas from one snapshot, as CSV with a header line that names the columns.
func dumpPostgres(ctx context.Context, url string, schemas []string, to string, progress func(string)) (failed error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, conn.Close(context.WithoutCancel(ctx))) }()
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, tx.Rollback(context.WithoutCancel(ctx))) }()
	for _, schema := range schemas {
		tables, err := tablesOf(ctx, tx, schema)
		if err != nil {
			return err
		}
		for _, table := range tables {
			progress(schema + "." + table)
			if err := copyOut(ctx, conn, schema, table, filepath.Join(to, schema, table+".csv")); err != nil {
				return fmt.Errorf("%s.%s: %w", schema, table, err)
			}
		}
	}
	return nil
}

func copyOut(ctx context.Context, conn *pgx.Conn, schema, table, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = conn.PgConn().CopyTo(ctx, file, "COPY "+pgx.Identifier{schema, table}.Sanitize()+" TO STDOUT (FORMAT csv, HEADER)")
	return errors.Join(err, file.Close())
}

// tablesOf lists the tables of a schema, those that others refer to first.
func tablesOf(ctx context.Context, q pgx.Tx, schema string) ([]string, error) {
	names, err := column(ctx, q, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind = 'r' ORDER BY 1`, schema)
	if err != nil {
		return nil, err
	}
	references, err := referencesOf(ctx, q, schema)
	if err != nil {
		return nil, err
	}
	var ordered []string
	var visit func(string)
	visit = func(name string) {
		if slices.Contains(ordered, name) {
			return
		}
		for _, target := range references[name] {
			if target != name {
				visit(target)
			}
		}
		ordered = append(ordered, name)
	}
	for _, name := range names {
		visit(name)
	}
	return ordered, nil
}

func column(ctx context.Context, q pgx.Tx, query string, args ...any) ([]string, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// referencesOf answers, by table, the tables that its foreign keys point to.
func referencesOf(ctx context.Context, q pgx.Tx, schema string) (map[string][]string, error) {
	rows, err := q.Query(ctx, `SELECT a.relname, b.relname FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid
		JOIN pg_class b ON b.oid = k.confrelid JOIN pg_namespace n ON n.oid = a.relnamespace WHERE k.contype = 'f' AND n.nspname = $1`, schema)
	if err != nil {
		return nil, err
	}
	references := map[string][]string{}
	var from, to string
	_, err = pgx.ForEachRow(rows, []any{&from, &to}, func() error {
		references[from] = append(references[from], to)
		return nil
	})
	return references, err
}

func checkEmptyPostgres(ctx context.Context, url string, schemas []string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var found int
	err = conn.QueryRow(ctx, "SELECT count(*) FROM pg_tables WHERE schemaname = ANY($1)", schemas).Scan(&found)
	if err == nil && found > 0 {
		return fmt.Errorf("%w: the schemas hold %d tables", ErrNotEmpty, found)
	}
	return err
}

// loadPostgres fills the freshly migrated schemas in one transaction.
func loadPostgres(ctx context.Context, url, from string, schemas []string, progress func(string)) (failed error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, conn.Close(context.WithoutCancel(ctx))) }()
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, schema := range schemas {
			if err := loadSchema(ctx, conn, tx, schema, filepath.Join(from, schema), progress); err != nil {
				return fmt.Errorf("%s: %w", schema, err)
			}
		}
		return nil
	})
}

func loadSchema(ctx context.Context, conn *pgx.Conn, tx pgx.Tx, schema, from string, progress func(string)) error {
	tables, err := tablesOf(ctx, tx, schema)
	if err != nil {
		return err
	}
	for _, table := range tables { // what the migration itself wrote is in the backup, too
		if _, err := tx.Exec(ctx, "TRUNCATE "+pgx.Identifier{schema, table}.Sanitize()+" CASCADE"); err != nil {
			return err
		}
	}
	for _, table := range tables {
		progress(schema + "." + table)
		if err := copyIn(ctx, conn, schema, table, filepath.Join(from, table+".csv")); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return resetSequences(ctx, tx, schema)
}

// copyIn reads the columns from the header line, so that a column added by a newer release keeps its default.
func copyIn(ctx context.Context, conn *pgx.Conn, schema, table, path string) error {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil // a table of a newer release
	}
	if err != nil {
		return err
	}
	defer file.Close()
	columns, err := headerOf(path)
	if err != nil {
		return err
	}
	_, err = conn.PgConn().CopyFrom(ctx, file, fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT csv, HEADER)",
		pgx.Identifier{schema, table}.Sanitize(), columns))
	return err
}

// resetSequences lets every identity column go on after its highest value.
func resetSequences(ctx context.Context, tx pgx.Tx, schema string) error {
	statements, err := column(ctx, tx, `SELECT format('SELECT setval(%L, COALESCE((SELECT max(%I) FROM %I.%I), 0) + 1, false)',
			pg_get_serial_sequence(format('%I.%I', table_schema, table_name), column_name), column_name, table_schema, table_name)
		FROM information_schema.columns
		WHERE table_schema = $1 AND pg_get_serial_sequence(format('%I.%I', table_schema, table_name), column_name) IS NOT NULL`, schema)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// headerOf reads the column names from the first line and quotes them.
func headerOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	names, err := csv.NewReader(file).Read()
	if err != nil {
		return "", err
	}
	for i, name := range names {
		names[i] = pgx.Identifier{name}.Sanitize()
	}
	return strings.Join(names, ", "), nil
}

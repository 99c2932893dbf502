package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Import is a file of cases on its way in.
type Import struct {
	ID, Org, Creator, Locale, FileName, Channel string
	Acting                                      Acting
	DryRun, Done                                bool
	Total, DoneRows, Good                       int64
	Unknown                                     []string // columns
	Created, Updated                            time.Time
	Content                                     []byte // the file; nil when done
}

// Acting is as whom an import files.
type Acting struct {
	Roles []string `json:"roles"`
	Orgs  []string `json:"orgs"`
}

// ImportRow is the report on one row.
type ImportRow struct {
	Row                     int64
	Good                    bool
	CaseID, Reason, Message string
}

// AddImport keeps a new import with its file, sealed.
func (s *SQL) AddImport(ctx context.Context, tx sqldb.Tx, i Import) error {
	content, err := s.seal(i.Content, "imports/"+i.ID)
	if err != nil {
		return err
	}
	acting, err := json.Marshal(i.Acting)
	if err != nil {
		return err
	}
	unknown, err := json.Marshal(i.Unknown)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO case_imports (id, org, creator, acting, locale, file_name, dry_run, channel, state, total_rows, done_rows, good_rows,
		unknown_columns, created_at, updated_at, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'RUNNING', $9, 0, 0, $10, $11, $11, $12)`,
		i.ID, i.Org, i.Creator, string(acting), i.Locale, i.FileName, i.DryRun, i.Channel, i.Total, string(unknown), sqldb.Micros(i.Created), content)
	if err != nil {
		return fmt.Errorf("store: keep import: %w", err)
	}
	return nil
}

// Import answers an import; the file with it where it is still needed.
func (s *SQL) Import(ctx context.Context, q sqldb.Queryer, id string) (i Import, err error) {
	var acting, unknown, state string
	var created, updated int64
	var sealed []byte
	err = q.Row(ctx, `SELECT id, org, creator, acting, locale, file_name, dry_run, channel, state, total_rows, done_rows, good_rows, unknown_columns,
		created_at, updated_at, content FROM case_imports WHERE id = $1`, id).Scan(&i.ID, &i.Org, &i.Creator, &acting, &i.Locale, &i.FileName, &i.DryRun,
		&i.Channel, &state, &i.Total, &i.DoneRows, &i.Good, &unknown, &created, &updated, &sealed)
	if errors.Is(err, sqldb.ErrNoRows) {
		return i, apierr.NotFound("caseImports/" + id)
	}
	if err != nil {
		return i, fmt.Errorf("store: read import: %w", err)
	}
	i.Done, i.Created, i.Updated = state == "DONE", sqldb.Time(created), sqldb.Time(updated)
	if err := errors.Join(json.Unmarshal([]byte(acting), &i.Acting), json.Unmarshal([]byte(unknown), &i.Unknown)); err != nil {
		return i, fmt.Errorf("store: read import: %w", err)
	}
	i.Content, err = s.open(sealed, "imports/"+id)
	return i, err
}

// ReportRows keeps the reports on rows, each once, and counts on; with the last row the import is done and its file goes.
func (s *SQL) ReportRows(ctx context.Context, tx sqldb.Tx, id string, rows []ImportRow, at time.Time) error {
	insert := sqldb.NewInsert("case_import_rows", "import_id", "row_no", "good", "case_id", "reason", "message").OnConflict("DO NOTHING")
	for _, r := range rows {
		insert.Row(id, r.Row, r.Good, r.CaseID, r.Reason, r.Message)
	}
	if _, err := insert.Exec(ctx, tx); err != nil {
		return fmt.Errorf("store: report rows: %w", err)
	}
	var done, good int64
	err := tx.Row(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN good THEN 1 ELSE 0 END), 0) FROM case_import_rows WHERE import_id = $1`, id).Scan(&done, &good)
	if err != nil {
		return fmt.Errorf("store: count rows: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE case_imports SET done_rows = $2, good_rows = $3, updated_at = $4,
		state = CASE WHEN total_rows <= $2 THEN 'DONE' ELSE state END, content = CASE WHEN total_rows <= $2 THEN NULL ELSE content END WHERE id = $1`,
		id, done, good, sqldb.Micros(at))
	return err
}

// ImportRows answers the reports of an import in order, behind a row.
func (s *SQL) ImportRows(ctx context.Context, q sqldb.Queryer, id string, after int64, limit int) ([]ImportRow, error) {
	rows, err := q.Rows(ctx, `SELECT row_no, good, case_id, reason, message FROM case_import_rows WHERE import_id = $1 AND row_no > $2 ORDER BY row_no LIMIT $3`,
		id, after, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read rows: %w", err)
	}
	defer rows.Close()
	var found []ImportRow
	for rows.Next() {
		var r ImportRow
		if err := rows.Scan(&r.Row, &r.Good, &r.CaseID, &r.Reason, &r.Message); err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// StaleImports answers running imports that nobody has worked on since.
func (s *SQL) StaleImports(ctx context.Context, q sqldb.Queryer, since time.Time) (ids []string, err error) {
	rows, err := q.Rows(ctx, `SELECT id FROM case_imports WHERE state = 'RUNNING' AND updated_at <= $1 ORDER BY updated_at LIMIT 20`, sqldb.Micros(since))
	if err != nil {
		return nil, fmt.Errorf("store: find imports: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

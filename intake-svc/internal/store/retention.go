package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// ErasureRun is one sweep over the cases whose retention is over.
type ErasureRun struct {
	ID, Org, Creator, Reason string
	Orgs                     []string // whose cases; nil for all
	DueBefore                time.Time
	Done                     bool
	Due, Erased, Failed      int64
	Reached                  string // last case that was looked at
	Created, Updated         time.Time
}

// RetentionLine is a line of the audit.
type RetentionLine struct {
	Case, Number string
	casefile.RetentionAct
}

// retained writes the row that the sweep finds a case by, and the lines of the audit.
func retained(b *sqldb.Batch, engine sqldb.Engine, c *casefile.Case, change casefile.Change) {
	switch {
	case c.Retention == nil && c.RoundNumber() == 1: // it never ended
	case c.Retention == nil:
		b.Exec(`DELETE FROM retentions WHERE case_id = $1`, c.ID)
	default:
		var erased int64
		if c.Erased != nil {
			erased = sqldb.Micros(c.Erased.At)
		}
		b.Exec(`INSERT INTO retentions (case_id, keep_until, held, erased_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (case_id) DO UPDATE SET keep_until = excluded.keep_until, held = excluded.held, erased_at = excluded.erased_at`,
			c.ID, sqldb.Micros(c.Retention.Until), c.Hold != nil, erased)
	}
	if len(change.Retained) == 0 {
		return
	}
	insert := sqldb.NewInsert("retention_audit", "id", "org", "case_id", "case_number", "act", "reason", "actor", "run", "keep_until", "acted_at")
	for _, a := range change.Retained {
		var until int64
		if !a.Until.IsZero() {
			until = sqldb.Micros(a.Until)
		}
		insert.Row(a.ID, c.OwnerOrg, c.ID, c.Number, a.Act, a.Reason, a.Actor, a.Run, until, sqldb.Micros(a.At))
	}
	insert.AddTo(b, engine, nil)
}

// RetainedAfter is where a page of retentions ended.
type RetainedAfter struct {
	Until int64
	Case  string
}

// Retentions answers cases that are still whole and whose retention ends before a time, the longest overdue first.
func (s *SQL) Retentions(ctx context.Context, q Reader, v Viewer, before time.Time, held bool, after RetainedAfter, limit int) ([]*casefile.Case, error) {
	w := condition{next: 1}
	due := w.arg(sqldb.Micros(before))
	until, id := w.arg(after.Until), w.arg(after.Case)
	only := ""
	if held {
		only = " AND r.held"
	}
	sees, args := v.where(q.Engine(), w.next)
	w.args, w.next = append(w.args, args...), w.next+len(args)
	rows, err := q.Rows(ctx, `SELECT `+readColumns+` FROM retentions r JOIN cases ON cases.id = r.case_id
		WHERE r.erased_at = 0 AND r.keep_until < `+due+` AND (r.keep_until > `+until+` OR r.keep_until = `+until+` AND r.case_id > `+id+`)`+only+
		` AND (`+sees+`) ORDER BY r.keep_until, r.case_id LIMIT `+w.arg(int64(limit)), w.args...)
	if err != nil {
		return nil, fmt.Errorf("store: retentions: %w", err)
	}
	defer rows.Close()
	var found []*casefile.Case
	for rows.Next() {
		c, err := s.scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// dueIn is what a run has still to look at.
const dueIn = ` FROM retentions r JOIN cases ON cases.id = r.case_id WHERE r.erased_at = 0 AND NOT r.held AND r.keep_until < $1 AND r.case_id > $2`

// DueForErasure answers the next cases of a run, in the order of their ids.
func (s *SQL) DueForErasure(ctx context.Context, q Reader, r ErasureRun, limit int) ([]string, error) {
	own, args := inAny(q.Engine(), 4, r.Orgs) //nolint:mnd // behind three arguments
	return ids(q.Rows(ctx, `SELECT r.case_id`+dueIn+` AND `+own+` ORDER BY r.case_id LIMIT $3`,
		append([]any{sqldb.Micros(r.DueBefore), r.Reached, int64(limit)}, args...)...))
}

// CountDue counts what a run will look at.
func (s *SQL) CountDue(ctx context.Context, q Reader, r ErasureRun) (n int64, err error) {
	own, args := inAny(q.Engine(), 3, r.Orgs) //nolint:mnd // behind two arguments
	err = q.Row(ctx, `SELECT COUNT(*)`+dueIn+` AND `+own, append([]any{sqldb.Micros(r.DueBefore), r.Reached}, args...)...).Scan(&n)
	return n, err
}

// erasures are the statements that take what is personal out of the rows that belong to a case ($1). Digests, times and codes stay.
var erasures = []string{
	`UPDATE entries SET content = NULL WHERE case_id = $1`,
	`UPDATE contact_attempts SET points = NULL, record = NULL, place = '' WHERE case_id = $1`,
	`UPDATE evidence SET content = NULL, file_name = '', description = '' WHERE case_id = $1`,
	`UPDATE progress_news SET content = NULL WHERE case_id = $1`,
	`DELETE FROM investigation_records WHERE case_id = $1`,
	`DELETE FROM case_messages WHERE case_id = $1`,
	`DELETE FROM external_refs WHERE case_id = $1`,
	`UPDATE calls SET phone = NULL, phone_index = '' WHERE case_id = $1`,
	`UPDATE escalations SET reason = '' WHERE case_id = $1`,
	`UPDATE finance_tasks SET order_id = '' WHERE case_id = $1`,
}

// Erase takes what is personal out of the rows that belong to the case; its own row is written by Save. It must run before Save, whose
// entry about the erasure keeps its words.
func (s *SQL) Erase(ctx context.Context, tx sqldb.Tx, caseID string) error {
	for _, statement := range erasures {
		if _, err := tx.Exec(ctx, statement, caseID); err != nil {
			return fmt.Errorf("store: erase cases/%s: %w", caseID, err)
		}
	}
	return nil
}

// ReplaceArchive puts the erased archive of a round in the place of the whole one.
func (s *SQL) ReplaceArchive(ctx context.Context, tx sqldb.Tx, caseID string, round int, file []byte) error {
	sealed, err := s.seal(file, archiveAAD(caseID, round))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE archives SET file = $3 WHERE case_id = $1 AND round = $2`, caseID, int64(round), sealed)
	return err
}

// AddErasureRun keeps a new run.
func (s *SQL) AddErasureRun(ctx context.Context, tx sqldb.Tx, r ErasureRun) error {
	orgs, err := json.Marshal(r.Orgs)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO erasure_runs (id, orgs, org, creator, reason, due_before, state, due, erased, failed, reached, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'RUNNING', $7, 0, 0, '', $8, $8)`,
		r.ID, string(orgs), r.Org, r.Creator, r.Reason, sqldb.Micros(r.DueBefore), r.Due, sqldb.Micros(r.Created))
	return err
}

const runColumns = `id, orgs, org, creator, reason, due_before, state, due, erased, failed, reached, created_at, updated_at`

func scanRun(row sqldb.Row) (r ErasureRun, err error) {
	var orgs, state string
	var before, created, updated int64
	if err := row.Scan(&r.ID, &orgs, &r.Org, &r.Creator, &r.Reason, &before, &state, &r.Due, &r.Erased, &r.Failed, &r.Reached, &created, &updated); err != nil {
		return r, err
	}
	r.DueBefore, r.Done, r.Created, r.Updated = sqldb.Time(before), state == "DONE", sqldb.Time(created), sqldb.Time(updated)
	return r, json.Unmarshal([]byte(orgs), &r.Orgs)
}

// ErasureRun answers one run of the organisations.
func (s *SQL) ErasureRun(ctx context.Context, q Reader, orgs []string, id string) (ErasureRun, error) {
	own, arg := sqldb.In(q.Engine(), "org", 2, orgs) //nolint:mnd // the argument behind the id
	r, err := scanRun(q.Row(ctx, `SELECT `+runColumns+` FROM erasure_runs WHERE id = $1 AND `+own, id, arg))
	if errors.Is(err, sqldb.ErrNoRows) {
		return r, apierr.NotFound("erasureRuns/" + id)
	}
	return r, err
}

// ErasureRuns lists runs, the newest first, behind an id.
func (s *SQL) ErasureRuns(ctx context.Context, q Reader, orgs []string, before string, limit int) ([]ErasureRun, error) {
	own, arg := sqldb.In(q.Engine(), "org", 3, orgs) //nolint:mnd // behind two arguments
	return scanAll(scanRun)(q.Rows(ctx, `SELECT `+runColumns+` FROM erasure_runs WHERE ($1 = '' OR id < $1) AND `+own+` ORDER BY id DESC LIMIT $2`,
		before, int64(limit), arg))
}

// RunningErasures answers the runs that are not done, the oldest first.
func (s *SQL) RunningErasures(ctx context.Context, q Reader) ([]ErasureRun, error) {
	return scanAll(scanRun)(q.Rows(ctx, `SELECT `+runColumns+` FROM erasure_runs WHERE state = 'RUNNING' ORDER BY id`))
}

// LastErasure is when the suite itself last started a run; zero when it never did.
func (s *SQL) LastErasure(ctx context.Context, q Reader) (time.Time, error) {
	var last int64
	err := q.Row(ctx, `SELECT COALESCE(MAX(created_at), 0) FROM erasure_runs WHERE org = ''`).Scan(&last)
	return sqldb.Time(last), err
}

// ErasureStep writes how far a run has come.
func (s *SQL) ErasureStep(ctx context.Context, tx sqldb.Tx, id, reached string, erased, failed int64, done bool, at time.Time) error {
	state := "RUNNING"
	if done {
		state = "DONE"
	}
	_, err := tx.Exec(ctx, `UPDATE erasure_runs SET reached = $2, erased = erased + $3, failed = failed + $4, state = $5, updated_at = $6
		WHERE id = $1 AND state = 'RUNNING'`, id, reached, erased, failed, state, sqldb.Micros(at))
	return err
}

// RetentionAudit answers the audit of the organisations, newest first, behind an id; of one case when it is named.
func (s *SQL) RetentionAudit(ctx context.Context, q Reader, orgs []string, caseID, before string, limit int) ([]RetentionLine, error) {
	own, arg := sqldb.In(q.Engine(), "org", 4, orgs) //nolint:mnd // behind three arguments
	return scanAll(scanRetention)(q.Rows(ctx, `SELECT id, case_id, case_number, act, reason, actor, run, keep_until, acted_at FROM retention_audit
		WHERE ($1 = '' OR id < $1) AND ($2 = '' OR case_id = $2) AND `+own+` ORDER BY id DESC LIMIT $3`, before, caseID, int64(limit), arg))
}

func scanRetention(row sqldb.Row) (l RetentionLine, err error) {
	var until, at int64
	err = row.Scan(&l.ID, &l.Case, &l.Number, &l.Act, &l.Reason, &l.Actor, &l.Run, &until, &at)
	if until > 0 {
		l.Until = sqldb.Time(until)
	}
	l.At = sqldb.Time(at)
	return l, err
}

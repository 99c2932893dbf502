package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// never is the due time of what nothing presses: it sorts behind everything.
const never = math.MaxInt64

// addReadModels writes what follows from a case into the tables that lists and figures are read from: work lists, the named list, and
// the mark that its figures are to be counted again.
func addReadModels(b *sqldb.Batch, engine sqldb.Engine, fresh bool, cases ...*casefile.Case) {
	items := sqldb.NewInsert("work_items", "case_id", "place", "work_org", "role", "assignee", "step", "due_at")
	readers := sqldb.NewInsert("case_readers", "case_id", "reader")
	dirty := sqldb.NewInsert("stats_dirty", "case_id").OnConflict("DO NOTHING")
	for _, c := range cases {
		if !fresh {
			b.Exec(`DELETE FROM work_items WHERE case_id = $1`, c.ID)
			b.Exec(`DELETE FROM case_readers WHERE case_id = $1`, c.ID)
		}
		for n, w := range c.WorkItems() {
			due := int64(never)
			if !w.Due.IsZero() {
				due = sqldb.Micros(w.Due)
			}
			items.Row(c.ID, int64(n), w.Org, w.Role, w.Assignee, w.Step, due)
		}
		for _, r := range c.Readers {
			readers.Row(c.ID, r)
		}
		dirty.Row(c.ID)
	}
	for _, insert := range []*sqldb.Insert{items, readers, dirty} {
		if insert.Len() > 0 {
			insert.AddTo(b, engine, nil)
		}
	}
}

// WorkRow is a line of a work list.
type WorkRow struct {
	Case, Number, Urgency string
	Place                 int64
	casefile.WorkItem
}

// After is where the page before ended: the keys of its last row.
type After struct {
	Due  int64
	Case string
	Role string
}

// WorkList answers what waits for the roles, or for the person, in the order of its due time. Rows of cases that the viewer does not see are
// left out, except a transfer that waits for the viewer's organisation.
func (s *SQL) WorkList(ctx context.Context, q Reader, v Viewer, roles []string, after After, limit int) ([]WorkRow, error) {
	if len(v.orgs) == 0 || len(roles) == 0 {
		return nil, nil
	}
	w := condition{next: 1}
	org, arg := sqldb.In(q.Engine(), "w.work_org", w.next, v.orgs)
	w.arg(arg)
	role, arg := sqldb.In(q.Engine(), "w.role", w.next, roles)
	w.arg(arg)
	me := w.arg(v.subject)
	due, id := w.arg(after.Due), w.arg(after.Case)
	sees, args := v.where(q.Engine(), w.next)
	w.args, w.next = append(w.args, args...), w.next+len(args)
	rows, err := q.Rows(ctx, `SELECT w.case_id, w.place, w.work_org, w.role, w.assignee, w.step, w.due_at, cases.number, cases.urgency
		FROM work_items w JOIN cases ON cases.id = w.case_id
		WHERE `+org+` AND `+role+` AND (w.assignee = '' OR w.assignee = `+me+`) AND (w.due_at > `+due+` OR w.due_at = `+due+` AND w.case_id > `+id+`)
		AND (w.step = '`+casefile.StepAcceptTransfer+`' OR (`+sees+`))
		ORDER BY w.due_at, w.case_id, w.place LIMIT `+w.arg(int64(limit)), w.args...)
	if err != nil {
		return nil, fmt.Errorf("store: work list: %w", err)
	}
	defer rows.Close()
	var found []WorkRow
	for rows.Next() {
		var r WorkRow
		var due int64
		if err := rows.Scan(&r.Case, &r.Place, &r.Org, &r.Role, &r.Assignee, &r.Step, &due, &r.Number, &r.Urgency); err != nil {
			return nil, err
		}
		if due != never {
			r.Due = sqldb.Time(due)
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// DueKey is the sort key of a row, for the page behind it.
func (r *WorkRow) DueKey() int64 {
	if r.Due.IsZero() {
		return never
	}
	return sqldb.Micros(r.Due)
}

// Incident groups cases of one cause.
type Incident struct {
	ID, Org, Title, Brand, Model, Finding, Measure string
	Cases                                          int64
	Created                                        time.Time
}

// AddIncident keeps a new incident.
func (s *SQL) AddIncident(ctx context.Context, tx sqldb.Tx, i Incident) error {
	_, err := tx.Exec(ctx, `INSERT INTO incidents (id, owner_org, title, brand, model, finding, measure, created_at) VALUES ($1, $2, $3, $4, $5, '', '', $6)`,
		i.ID, i.Org, i.Title, i.Brand, i.Model, sqldb.Micros(i.Created))
	if err != nil {
		return fmt.Errorf("store: keep incident: %w", err)
	}
	return nil
}

// AddIncidentCase puts a case into an incident, once.
func (s *SQL) AddIncidentCase(ctx context.Context, tx sqldb.Tx, incident, caseID string) error {
	_, err := tx.Exec(ctx, `INSERT INTO incident_cases (incident_id, case_id) VALUES ($1, $2) ON CONFLICT (incident_id, case_id) DO NOTHING`, incident, caseID)
	return err
}

// SetFinding keeps the shared finding and measure.
func (s *SQL) SetFinding(ctx context.Context, tx sqldb.Tx, i Incident) error {
	_, err := tx.Exec(ctx, `UPDATE incidents SET finding = $2, measure = $3 WHERE id = $1`, i.ID, i.Finding, i.Measure)
	return err
}

const incidentColumns = `id, owner_org, title, brand, model, finding, measure, created_at,
	(SELECT COUNT(*) FROM incident_cases WHERE incident_id = incidents.id)`

func scanIncident(row sqldb.Row) (i Incident, err error) {
	var created int64
	err = row.Scan(&i.ID, &i.Org, &i.Title, &i.Brand, &i.Model, &i.Finding, &i.Measure, &created, &i.Cases)
	i.Created = sqldb.Time(created)
	return i, err
}

// Incident answers one incident of the organisations.
func (s *SQL) Incident(ctx context.Context, q Reader, orgs []string, id string) (Incident, error) {
	in, arg := sqldb.In(q.Engine(), "owner_org", 2, orgs) //nolint:mnd // the argument behind the id
	i, err := scanIncident(q.Row(ctx, `SELECT `+incidentColumns+` FROM incidents WHERE id = $1 AND `+in, id, arg))
	if errors.Is(err, sqldb.ErrNoRows) {
		return i, apierr.NotFound("incidents/" + id)
	}
	return i, err
}

// Incidents lists the incidents of the organisations, newest first, behind an id.
func (s *SQL) Incidents(ctx context.Context, q Reader, orgs []string, before string, limit int) ([]Incident, error) {
	in, arg := sqldb.In(q.Engine(), "owner_org", 3, orgs) //nolint:mnd // behind two arguments
	rows, err := q.Rows(ctx, `SELECT `+incidentColumns+` FROM incidents WHERE ($1 = '' OR id < $1) AND `+in+` ORDER BY id DESC LIMIT $2`, before, int64(limit), arg)
	if err != nil {
		return nil, fmt.Errorf("store: list incidents: %w", err)
	}
	defer rows.Close()
	var found []Incident
	for rows.Next() {
		i, err := scanIncident(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, i)
	}
	return found, rows.Err()
}

// IncidentCases answers the ids of an incident's cases, in order.
func (s *SQL) IncidentCases(ctx context.Context, q sqldb.Queryer, incident string) ([]string, error) {
	return ids(q.Rows(ctx, `SELECT case_id FROM incident_cases WHERE incident_id = $1 ORDER BY case_id`, incident))
}

func ids(rows sqldb.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		found = append(found, id)
	}
	return found, rows.Err()
}

package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Escalation is the row of an alert: a line of a work list until it is settled.
type Escalation struct {
	casefile.Alert
	CaseID, CaseNumber string
	Settled            time.Time
	Acknowledger       string
}

func newAlerts() *sqldb.Insert {
	return sqldb.NewInsert("escalations", "id", "case_id", "clock_n", "code", "reason", "role", "assignee", "tier", "due_at", "late_us", "raised_at",
		"settled_at", "acknowledger")
}

const escalationColumns = `e.id, e.case_id, cases.number, e.clock_n, e.code, e.reason, e.role, e.assignee, e.tier, e.due_at, e.late_us, e.raised_at,
	e.settled_at, e.acknowledger`

// Escalations implements Promises.
func (s *SQL) Escalations(ctx context.Context, q Reader, v Viewer, query listing.Query) ([]Escalation, error) {
	sees, args := v.where(q.Engine(), 1)
	where, more := query.Where(len(args) + 1)
	rows, err := q.Rows(ctx, `SELECT `+escalationColumns+` FROM escalations e JOIN cases ON cases.id = e.case_id WHERE `+sees+` AND `+where+
		` ORDER BY `+query.OrderBy+` LIMIT `+strconv.Itoa(query.Limit), append(args, more...)...)
	if err != nil {
		return nil, fmt.Errorf("store: list escalations: %w", err)
	}
	defer rows.Close()
	var found []Escalation
	for rows.Next() {
		e, err := scanEscalation(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, rows.Err()
}

// Escalation implements Promises.
func (s *SQL) Escalation(ctx context.Context, q Reader, v Viewer, id string) (Escalation, error) {
	sees, args := v.where(q.Engine(), 2)
	e, err := scanEscalation(q.Row(ctx, `SELECT `+escalationColumns+` FROM escalations e JOIN cases ON cases.id = e.case_id WHERE e.id = $1 AND `+sees,
		append([]any{id}, args...)...))
	if errors.Is(err, sqldb.ErrNoRows) {
		return e, apierr.NotFound("escalations/" + id)
	}
	return e, err
}

func scanEscalation(row sqldb.Row) (e Escalation, err error) {
	var clock, due, late, raised, settled int64
	err = row.Scan(&e.ID, &e.CaseID, &e.CaseNumber, &clock, &e.Code, &e.Reason, &e.Role, &e.Assignee, &e.Tier, &due, &late, &raised, &settled, &e.Acknowledger)
	e.Clock, e.Due, e.Late = int(clock)-1, sqldb.Time(due), time.Duration(late)*time.Microsecond
	e.At, e.Settled = sqldb.Time(raised), sqldb.Time(settled)
	return e, err
}

// Acknowledge implements Promises.
func (s *SQL) Acknowledge(ctx context.Context, tx sqldb.Tx, id, by string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE escalations SET settled_at = $2, acknowledger = $3 WHERE id = $1 AND settled_at = 0`, id, sqldb.Micros(at), by)
	if err != nil {
		return fmt.Errorf("store: acknowledge: %w", err)
	}
	return nil
}

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/worktime"
)

// Deadline is the row of a clock.
type Deadline struct {
	CaseID, CaseNumber string
	N                  int // from 1
	Clock              casefile.Clock
}

// Key is what pages of deadlines are ordered by last.
func (d Deadline) Key() string { return d.CaseID + "." + strconv.Itoa(d.N) }

// DeadlineKey is the unique column of deadlines.
const DeadlineKey = "(d.case_id || '.' || d.n)"

// way is how a due time came about, as its row keeps it.
type way struct {
	Segments []worktime.Segment `json:"segments"`
	Warnings []worktime.Warning `json:"warnings,omitempty"`
}

func newDeadlines() *sqldb.Insert {
	return sqldb.NewInsert("deadlines", "case_id", "n", "round", "code", "type", "state", "policy", "started_at", "due_at", "warn_at", "wake_at",
		"ended_at", "breached_at", "detail", "way").OnConflict(`(case_id, n) DO UPDATE SET state = excluded.state, policy = excluded.policy,
		due_at = excluded.due_at, warn_at = excluded.warn_at, wake_at = excluded.wake_at, ended_at = excluded.ended_at,
		breached_at = excluded.breached_at, detail = excluded.detail,
		way = CASE WHEN excluded.way = '' THEN deadlines.way ELSE excluded.way END`)
}

// addDeadlines puts the rows of the clocks that changed, and of what somebody must look after, into the batch.
func (s *SQL) addDeadlines(b *sqldb.Batch, engine sqldb.Engine, filed ...New) error {
	rows, alerts := newDeadlines(), newAlerts()
	for _, n := range filed {
		for _, at := range n.clocks() {
			if err := addDeadline(rows, n.Case, at); err != nil {
				return err
			}
		}
		for _, a := range n.Change.Alerts {
			alerts.Row(a.ID, n.Case.ID, int64(a.Clock+1), a.Code, a.Reason, a.Role, a.Assignee, int64(a.Tier), sqldb.Micros(a.Due),
				a.Late.Microseconds(), sqldb.Micros(a.At), int64(0), "")
		}
	}
	rows.AddTo(b, engine, nil)
	alerts.AddTo(b, engine, nil)
	return nil
}

// clocks are the places of those whose rows are to be written: of a new case all of them.
func (n New) clocks() []int {
	if n.saved {
		return n.Change.Clocks
	}
	all := make([]int, len(n.Case.Clocks))
	for i := range all {
		all[i] = i
	}
	return all
}

func addDeadline(rows *sqldb.Insert, c *casefile.Case, at int) error {
	k := &c.Clocks[at]
	detail, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("store: write %s: %w", c.ClockName(at), err)
	}
	path := ""
	if len(k.Way) > 0 {
		text, err := json.Marshal(way{k.Way, k.Warnings})
		if err != nil {
			return fmt.Errorf("store: write %s: %w", c.ClockName(at), err)
		}
		path = string(text)
	}
	rows.Row(c.ID, int64(at+1), int64(k.Round), k.Code, k.Type, k.State(), k.Policy, sqldb.Micros(k.Started), sqldb.Micros(k.Due), sqldb.Micros(k.Warn),
		sqldb.Micros(k.Wake()), sqldb.Micros(k.Ended), sqldb.Micros(k.Breached), string(detail), path)
	return nil
}

// settle ends the lines of work lists whose matter is done: the deadline was met, or the customer was told.
func (s *SQL) settle(b *sqldb.Batch, c *casefile.Case, change casefile.Change, at time.Time) {
	const query = `UPDATE escalations SET settled_at = $3 WHERE case_id = $1 AND clock_n = $2 AND settled_at = 0`
	for _, n := range change.Clocks {
		if !c.Clocks[n].Ended.IsZero() {
			b.Exec(query, c.ID, int64(n+1), sqldb.Micros(at))
		}
	}
	if change.Heard || !c.State.Open() {
		b.Exec(query, c.ID, int64(0), sqldb.Micros(at))
	}
}

const deadlineColumns = `d.case_id, cases.number, d.n, d.detail, d.way`

// Deadlines implements Promises.
func (s *SQL) Deadlines(ctx context.Context, q Reader, v Viewer, caseID string, query listing.Query) ([]Deadline, error) {
	sees, args := v.where(q.Engine(), 1)
	of := "d.ended_at = 0 AND d.due_at > 0 AND d.type IN ('PROMISE', 'LEGAL', 'REGULATOR', 'PLATFORM')"
	if caseID != "" {
		args = append(args, caseID)
		of = "d.case_id = $" + strconv.Itoa(len(args))
	}
	where, more := query.Where(len(args) + 1)
	rows, err := q.Rows(ctx, `SELECT `+deadlineColumns+` FROM deadlines d JOIN cases ON cases.id = d.case_id WHERE `+of+` AND `+sees+` AND `+where+
		` ORDER BY `+query.OrderBy+` LIMIT `+strconv.Itoa(query.Limit), append(args, more...)...)
	if err != nil {
		return nil, fmt.Errorf("store: list deadlines: %w", err)
	}
	defer rows.Close()
	var found []Deadline
	for rows.Next() {
		d, err := scanDeadline(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, d)
	}
	return found, rows.Err()
}

// Deadline implements Promises.
func (s *SQL) Deadline(ctx context.Context, q sqldb.Queryer, caseID string, n int) (Deadline, error) {
	d, err := scanDeadline(q.Row(ctx, `SELECT `+deadlineColumns+` FROM deadlines d JOIN cases ON cases.id = d.case_id WHERE d.case_id = $1 AND d.n = $2`,
		caseID, int64(n)))
	if errors.Is(err, sqldb.ErrNoRows) {
		return d, apierr.NotFound("cases/" + caseID + "/deadlines/" + strconv.Itoa(n))
	}
	return d, err
}

func scanDeadline(row sqldb.Row) (d Deadline, err error) {
	var detail, path string
	if err := row.Scan(&d.CaseID, &d.CaseNumber, &d.N, &detail, &path); err != nil {
		return d, err
	}
	if err := json.Unmarshal([]byte(detail), &d.Clock); err != nil {
		return d, fmt.Errorf("store: read deadline %s: %w", d.Key(), err)
	}
	if path != "" {
		var w way
		if err := json.Unmarshal([]byte(path), &w); err != nil {
			return d, fmt.Errorf("store: read deadline %s: %w", d.Key(), err)
		}
		d.Clock.Way, d.Clock.Warnings = w.Segments, w.Warnings
	}
	return d, nil
}

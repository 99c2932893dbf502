package store

import (
	"context"
	"fmt"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/callback"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// CallBack is a task with the invitation that it belongs to.
type CallBack struct {
	callback.Task
	Invitation survey.Invitation
}

const taskColumns = `c.id, c.invitation, c.state, c.due_us, c.caller, c.claim_until_us, c.attempts, c.create_us, c.version`

// InsertTask adds a task.
func (s *Store) InsertTask(ctx context.Context, tx sqldb.Tx, t *callback.Task) error {
	_, err := tx.Exec(ctx, `INSERT INTO call_backs (id, invitation, state, due_us, create_us) VALUES ($1, $2, $3, $4, $5)`,
		t.ID, t.Invitation, string(t.State), sqldb.Micros(t.Due), sqldb.Micros(t.Created))
	t.Version = 1
	return err
}

// SaveTask writes what changes in a task's life, on the version it was read at.
func (s *Store) SaveTask(ctx context.Context, tx sqldb.Tx, t *callback.Task) error {
	err := one(tx.Exec(ctx, `UPDATE call_backs SET state = $1, due_us = $2, caller = $3, claim_until_us = $4, attempts = $5,
			version = version + 1 WHERE id = $6 AND version = $7`,
		string(t.State), sqldb.Micros(t.Due), t.Caller, sqldb.Micros(t.ClaimUntil), t.Attempts, t.ID, t.Version))
	if err == nil {
		t.Version++
	}
	return err
}

// CallBack reads one that p may see, with its invitation and the handlers of the case.
func (s *Store) CallBack(ctx context.Context, q Queryer, p auth.Principal, id string) (CallBack, error) {
	seen, args := visible(q.Engine(), p, 2)
	row := q.Row(ctx, `SELECT `+taskColumns+`, `+invitationColumns+` FROM call_backs c JOIN invitations i ON i.id = c.invitation
		WHERE c.id = $1 AND `+seen, append([]any{id}, args...)...)
	cb, err := s.scanCallBack(row)
	if missing(err) {
		return cb, apierr.NotFound("callBacks/" + id)
	}
	if err != nil {
		return cb, err
	}
	err = s.loadHandlers(ctx, q, &cb.Invitation)
	cb.Handlers = cb.Invitation.Handlers
	return cb, err
}

// TaskOf reads the task of an invitation; nil when nobody calls.
func (s *Store) TaskOf(ctx context.Context, q sqldb.Queryer, inv *survey.Invitation) (*callback.Task, error) {
	if inv.CallBack == "" {
		return nil, nil
	}
	var t callback.Task
	err := scanTask(q.Row(ctx, `SELECT `+taskColumns+` FROM call_backs c WHERE c.id = $1`, inv.CallBack), &t)
	t.Case, t.Handlers = inv.Case, inv.Handlers
	return &t, err
}

func scanTask(row sqldb.Row, t *callback.Task, more ...any) error {
	var due, claim, created int64
	err := row.Scan(append([]any{&t.ID, &t.Invitation, &t.State, &due, &t.Caller, &claim, &t.Attempts, &created, &t.Version}, more...)...)
	t.Due, t.ClaimUntil, t.Created = sqldb.Time(due), sqldb.Time(claim), sqldb.Time(created)
	return err
}

// split lets one row be scanned by two scanners: the task's columns first, then the invitation's.
type split struct {
	row  sqldb.Row
	task *callback.Task
}

func (s split) Scan(dest ...any) error { return scanTask(s.row, s.task, dest...) }

func (s *Store) scanCallBack(row sqldb.Row) (CallBack, error) {
	var cb CallBack
	inv, err := s.scanInvitation(split{row: row, task: &cb.Task})
	cb.Invitation, cb.Case = inv, inv.Case
	return cb, err
}

// CallBackSpec is what a list of call-backs can be filtered and ordered by.
var CallBackSpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"case":     {Column: "i.case_name", Type: listing.Ref},
		"state":    {Column: "c.state", Type: listing.Enum, Values: names(callback.States)},
		"purpose":  {Column: "i.purpose", Type: listing.Enum, Values: names(survey.Purposes)},
		"caller":   {Column: "c.caller", Type: listing.Ref},
		"due_time": {Column: "c.due_us", Type: listing.Time},
		"dueTime":  {Column: "c.due_us", Type: listing.Time},
	},
	Orders:       map[string]string{"due_time": "c.due_us", "dueTime": "c.due_us"},
	DefaultOrder: "due_time",
	Tie:          "c.id",
}

// CallBackFilter chooses call-backs beside the list's own filter.
type CallBackFilter struct {
	Mine bool      // only what the principal can call now: due and free or claimed by them, never of their own cases
	Now  time.Time // for Mine
}

// CallBacks reads a page of what p may see: at most q.Limit rows, with handlers.
func (s *Store) CallBacks(ctx context.Context, db Queryer, p auth.Principal, f CallBackFilter, q listing.Query) ([]CallBack, error) {
	seen, args := visible(db.Engine(), p, 1)
	if f.Mine {
		n := len(args) + 1
		seen += fmt.Sprintf(` AND (c.state IN ('WAITING', 'DUE') AND c.due_us <= $%d OR c.state = 'CLAIMED' AND (c.caller = $%d OR c.claim_until_us <= $%d))
			AND i.expire_us > $%d AND NOT %s`, n, n+1, n, n, handled(n+1))
		args = append(args, sqldb.Micros(f.Now), p.Subject)
	}
	where, more := q.Where(len(args) + 1)
	rows, err := db.Rows(ctx, fmt.Sprintf(`SELECT `+taskColumns+`, `+invitationColumns+` FROM call_backs c
		JOIN invitations i ON i.id = c.invitation WHERE %s AND %s ORDER BY %s LIMIT %d`,
		seen, where, q.OrderBy, q.Limit), append(args, more...)...)
	list, err := collect(rows, err, s.scanCallBack)
	if err != nil {
		return nil, err
	}
	for n := range list {
		if err := s.loadHandlers(ctx, db, &list[n].Invitation); err != nil {
			return nil, err
		}
		list[n].Handlers = list[n].Invitation.Handlers
	}
	return list, nil
}

// DueTicks gives the ids of at most limit tasks whose time has come, or whose claim ran out.
func (s *Store) DueTicks(ctx context.Context, q sqldb.Queryer, now time.Time, limit int) ([]string, error) {
	rows, err := q.Rows(ctx, `SELECT id FROM call_backs WHERE state = 'WAITING' AND due_us <= $1
		OR state = 'CLAIMED' AND claim_until_us <= $1 ORDER BY due_us LIMIT $2`, sqldb.Micros(now), limit)
	return collect(rows, err, scanString)
}

// AddCall records a call.
func (s *Store) AddCall(ctx context.Context, tx sqldb.Tx, task string, a callback.Attempt) error {
	note, err := s.seal(a.Note, "note", task)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO call_attempts (call_back, number, caller, call_us, result, channel, note)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, task, a.Number, a.Caller, sqldb.Micros(a.Time), string(a.Result), a.Channel, note)
	return err
}

// Calls reads the calls of several tasks, oldest first, by task.
func (s *Store) Calls(ctx context.Context, q Queryer, tasks []string) (map[string][]callback.Attempt, error) {
	in, arg := sqldb.In(q.Engine(), "call_back", 1, tasks)
	rows, err := q.Rows(ctx, `SELECT call_back, number, caller, call_us, result, channel, note FROM call_attempts
		WHERE `+in+` ORDER BY call_back, number`, arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	byTask := make(map[string][]callback.Attempt, len(tasks))
	for rows.Next() {
		var task string
		var a callback.Attempt
		var at int64
		var note []byte
		if err := rows.Scan(&task, &a.Number, &a.Caller, &at, &a.Result, &a.Channel, &note); err != nil {
			return nil, err
		}
		a.Time = sqldb.Time(at)
		if err := s.open(note, &a.Note, "note", task); err != nil {
			return nil, err
		}
		byTask[task] = append(byTask[task], a)
	}
	return byTask, rows.Err()
}

package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/hotline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const callColumns = `id, org, external_id, phone, agent, queue, case_id, rang_at, connected_at, answered_at, ended_at, created_at`

// LockCall answers the organisation's call by the telephone system's id, locked until the commit; fresh is put there when
// there is none.
func (s *SQL) LockCall(ctx context.Context, tx sqldb.Tx, fresh hotline.Call) (*hotline.Call, error) {
	_, err := tx.Exec(ctx, `INSERT INTO calls (id, org, external_id, phone_index, agent, queue, case_id, rang_at, connected_at, answered_at, ended_at, in_time, created_at)
		VALUES ($1, $2, $3, '', '', '', '', 0, 0, 0, 0, FALSE, $4) ON CONFLICT DO NOTHING`, fresh.ID, fresh.Org, fresh.ExternalID, sqldb.Micros(fresh.Created))
	if err != nil {
		return nil, fmt.Errorf("store: begin call: %w", err)
	}
	return s.oneCall(tx.Row(ctx, `SELECT `+callColumns+` FROM calls WHERE org = $1 AND external_id = $2`+locking(tx), fresh.Org, fresh.ExternalID), fresh.ExternalID)
}

// LockCallNamed is LockCall for a call that is known by its id.
func (s *SQL) LockCallNamed(ctx context.Context, tx sqldb.Tx, orgs []string, id string) (*hotline.Call, error) {
	return s.callOf(ctx, tx, orgs, id, locking(tx))
}

// Call answers one call of the organisations.
func (s *SQL) Call(ctx context.Context, q Reader, orgs []string, id string) (*hotline.Call, error) {
	return s.callOf(ctx, q, orgs, id, "")
}

func (s *SQL) callOf(ctx context.Context, q Reader, orgs []string, id, lock string) (*hotline.Call, error) {
	within, arg := sqldb.In(q.Engine(), "org", 2, orgs)
	return s.oneCall(q.Row(ctx, `SELECT `+callColumns+` FROM calls WHERE id = $1 AND `+within+lock, id, arg), id)
}

// locking is what a SELECT adds to lock its row. SQLite has one writer: its transaction is the lock.
func locking(tx sqldb.Tx) string {
	if tx.Engine() == sqldb.Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// SaveCall writes a locked call.
func (s *SQL) SaveCall(ctx context.Context, tx sqldb.Tx, c *hotline.Call, inTime bool) error {
	var phone []byte
	if c.Phone != "" {
		phone = []byte(c.Phone)
	}
	sealed, err := s.seal(phone, "calls/"+c.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE calls SET phone_index = $2, phone = $3, agent = $4, queue = $5, case_id = $6, rang_at = $7, connected_at = $8,
		answered_at = $9, ended_at = $10, in_time = $11 WHERE id = $1`,
		c.ID, s.PhoneIndex(c.Phone), sealed, c.Agent, c.Queue, c.CaseID, sqldb.Micros(c.Rang), sqldb.Micros(c.Connected), sqldb.Micros(c.Answered),
		sqldb.Micros(c.Ended), inTime)
	if err != nil {
		return fmt.Errorf("store: save call: %w", err)
	}
	return nil
}

// Calls answers a page of the organisations' calls.
func (s *SQL) Calls(ctx context.Context, q Reader, orgs []string, query listing.Query) ([]*hotline.Call, error) {
	within, arg := sqldb.In(q.Engine(), "org", 1, orgs)
	where, args := query.Where(2)
	rows, err := q.Rows(ctx, `SELECT `+callColumns+` FROM calls WHERE `+within+` AND `+where+` ORDER BY `+query.OrderBy+` LIMIT `+strconv.Itoa(query.Limit),
		append([]any{arg}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("store: list calls: %w", err)
	}
	defer rows.Close()
	var found []*hotline.Call
	for rows.Next() {
		c, err := s.oneCall(rows, "")
		if err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

func (s *SQL) oneCall(row sqldb.Row, name string) (*hotline.Call, error) {
	var c hotline.Call
	var rang, connected, answered, ended, created int64
	var phone []byte
	err := row.Scan(&c.ID, &c.Org, &c.ExternalID, &phone, &c.Agent, &c.Queue, &c.CaseID, &rang, &connected, &answered, &ended, &created)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, apierr.NotFound("calls/" + name)
	}
	if err != nil {
		return nil, fmt.Errorf("store: read call: %w", err)
	}
	c.Rang, c.Connected, c.Answered, c.Ended = sqldb.Time(rang), sqldb.Time(connected), sqldb.Time(answered), sqldb.Time(ended)
	c.Created = sqldb.Time(created)
	plain, err := s.open(phone, "calls/"+c.ID)
	c.Phone = string(plain)
	return &c, err
}

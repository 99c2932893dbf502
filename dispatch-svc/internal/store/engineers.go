package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/engineer"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const engineerColumns = `id, user_name, display_name, org, active, profile`

func scanEngineer(row sqldb.Row, more ...any) (*engineer.Engineer, error) {
	var e engineer.Engineer
	var profile string
	if err := row.Scan(append([]any{&e.ID, &e.User, &e.Name, &e.Org, &e.Active, &profile}, more...)...); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(profile), &e.Profile); err != nil {
		return nil, fmt.Errorf("store: engineer %s: %w", e.ID, err)
	}
	return &e, nil
}

// PutEngineer writes an engineer or replaces what is known.
func (s *Store) PutEngineer(ctx context.Context, tx sqldb.Tx, e *engineer.Engineer, now time.Time) error {
	profile, err := json.Marshal(e.Profile)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO engineers (id, user_name, display_name, org, active, profile, feed_seq, changed_us)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7) ON CONFLICT (id) DO UPDATE SET user_name = excluded.user_name,
		display_name = excluded.display_name, org = excluded.org, active = excluded.active, profile = excluded.profile,
		changed_us = excluded.changed_us`, e.ID, e.User, e.Name, e.Org, e.Active, string(profile), sqldb.Micros(now))
	return err
}

// Engineer reads an engineer of one of the organisations; nil organisations are all.
func (s *Store) Engineer(ctx context.Context, q Reader, name string, orgs []string) (*engineer.Engineer, error) {
	id := strings.TrimPrefix(name, "engineers/")
	cond, args := orgCondition(q.Engine(), orgs, 2)
	e, err := scanEngineer(q.Row(ctx, `SELECT `+engineerColumns+` FROM engineers WHERE id = $1 AND `+cond, append([]any{id}, args...)...))
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, apierr.NotFound(name)
	}
	return e, err
}

func orgCondition(e sqldb.Engine, orgs []string, start int) (string, []any) {
	if orgs == nil {
		return "TRUE", nil
	}
	cond, arg := sqldb.In(e, "org", start, orgs)
	return cond, []any{arg}
}

// EngineerOfUser gives "engineers/<id>" of a user, "" when there is none.
func (s *Store) EngineerOfUser(ctx context.Context, user string) (string, error) {
	ids, err := strings1(ctx, s.DB, `SELECT id FROM engineers WHERE user_name = $1 AND user_name <> '' ORDER BY id LIMIT 1`, user)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return "engineers/" + ids[0], nil
}

var engineerSpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"org":    {Column: "org", Type: listing.Ref},
		"user":   {Column: "user_name", Type: listing.Ref},
		"active": {Column: "active", Type: listing.Bool},
	},
	Orders:       map[string]string{"display_name": "display_name", "displayName": "display_name"},
	OrderTypes:   map[string]listing.Type{"display_name": listing.String, "displayName": listing.String},
	DefaultOrder: "display_name", Tie: "id",
}

// Engineers is a page of the engineers of the organisations; nil are all.
func (s *Store) Engineers(ctx context.Context, orgs []string, in listing.Request) ([]*engineer.Engineer, string, error) {
	q, err := listing.Parse(engineerSpec, in)
	if err != nil {
		return nil, "", err
	}
	cond, args := orgCondition(s.DB.Engine(), orgs, 1)
	where, more := q.Where(len(args) + 1)
	found, err := s.engineers(ctx, cond+` AND `+where+` ORDER BY `+q.OrderBy+` LIMIT `+strconv.Itoa(q.Limit), append(args, more...)...)
	if err != nil {
		return nil, "", err
	}
	page, next := listing.Page(q, found, func(e *engineer.Engineer) map[string]any {
		return map[string]any{"display_name": e.Name, "id": e.ID}
	})
	return page, next, nil
}

func (s *Store) engineers(ctx context.Context, cond string, args ...any) ([]*engineer.Engineer, error) {
	rows, err := s.DB.Rows(ctx, `SELECT `+engineerColumns+` FROM engineers WHERE `+cond, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*engineer.Engineer
	for rows.Next() {
		e, err := scanEngineer(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// ChangedEngineers gives, in order of change, engineers who changed, or whose orders did, at or after since; after skips what the
// page before had. For the index of suggestions, which asks again from a little earlier: changes commit out of order.
func (s *Store) ChangedEngineers(ctx context.Context, since int64, after string, limit int) (page []*engineer.Engineer, last int64, err error) {
	rows, err := s.DB.Rows(ctx, `SELECT `+engineerColumns+`, changed_us FROM engineers
		WHERE (changed_us, id) > ($1, $2) ORDER BY changed_us, id LIMIT $3`, since, after, limit)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanEngineer(rows, &last)
		if err != nil {
			return nil, 0, err
		}
		page = append(page, e)
	}
	return page, last, rows.Err()
}

// promised are the states in which an engineer is expected somewhere.
const promised = `'BOOKED', 'EN_ROUTE', 'ON_SITE', 'DIAGNOSED', 'QUOTED', 'QUOTE_AGREED'`

// Booked gives the booked orders of engineers whose window ends in [from, to), by engineer and window.
func (s *Store) Booked(ctx context.Context, engineers []string, from, to time.Time) ([]*workorder.Order, error) {
	cond, arg := sqldb.In(s.DB.Engine(), "engineer", 1, engineers)
	return s.orders(ctx, s.DB, cond+` AND state IN (`+promised+`) AND window_end_us >= $2 AND window_start_us < $3
		ORDER BY engineer, window_start_us, id`, arg, sqldb.Micros(from), sqldb.Micros(to))
}

// BookedBeside gives an engineer's appointments but one order's that touch [from, to), the first ones first. An engineer has a few at a
// time; a hundred are enough to see that there are too many.
func (s *Store) BookedBeside(ctx context.Context, q Reader, engineer, except string, from, to time.Time) ([]*workorder.Order, error) {
	return s.orders(ctx, q, `engineer = $1 AND id <> $2 AND state IN (`+promised+`) AND window_end_us >= $3 AND window_start_us < $4
		ORDER BY window_start_us, id LIMIT 100`, engineer, except, sqldb.Micros(from), sqldb.Micros(to))
}

// OrdersOf reads orders by id as far as the viewer sees them.
func (s *Store) OrdersOf(ctx context.Context, v Viewer, ids []string) ([]*workorder.Order, error) {
	cond, args := v.filter(s.DB.Engine(), 2)
	in, arg := sqldb.In(s.DB.Engine(), "id", 1, ids)
	return s.orders(ctx, s.DB, in+` AND `+cond, append([]any{arg}, args...)...)
}

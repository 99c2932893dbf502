package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Promises keeps deadlines as rows, what they come from, and what was told. Rows of deadlines and escalations are written with the case
// (Cases.Create, Cases.Save), in the transaction of the change.
type Promises interface {
	// Deadlines answers a page of the deadlines of one case, or of all visible ones that run when caseID is "".
	Deadlines(ctx context.Context, q Reader, v Viewer, caseID string, query listing.Query) ([]Deadline, error)
	// Deadline answers one. Who may see the case was asked before.
	Deadline(ctx context.Context, q sqldb.Queryer, caseID string, n int) (Deadline, error)
	// Escalations answers a page of the lines of work lists of visible cases; Escalation one.
	Escalations(ctx context.Context, q Reader, v Viewer, query listing.Query) ([]Escalation, error)
	Escalation(ctx context.Context, q Reader, v Viewer, id string) (Escalation, error)
	// Acknowledge must take an open line off the list, once.
	Acknowledge(ctx context.Context, tx sqldb.Tx, id, by string, at time.Time) error

	// AllPolicies, AllCalendars and AllHolidays answer everything that a book is made of.
	AllPolicies(ctx context.Context, q sqldb.Queryer) ([]promise.Policy, error)
	AllCalendars(ctx context.Context, q sqldb.Queryer) ([]promise.Calendar, error)
	AllHolidays(ctx context.Context, q sqldb.Queryer) ([]promise.HolidaySpan, error)
	// ListPolicies and ListCalendars answer pages of the general ones and of those of the organisations.
	ListPolicies(ctx context.Context, q Reader, orgs []string, query listing.Query) ([]promise.Policy, error)
	ListCalendars(ctx context.Context, q Reader, orgs []string, query listing.Query) ([]promise.Calendar, error)
	// PutPolicy and PutCalendar must write a row: a new one when Version is 0, else the one that was read, or fail with apierr.ErrStale.
	PutPolicy(ctx context.Context, tx sqldb.Tx, p promise.Policy) error
	PutCalendar(ctx context.Context, tx sqldb.Tx, c promise.Calendar) error
	// Ship must write general rows as they are, whether or not they are there.
	Ship(ctx context.Context, tx sqldb.Tx, policies []promise.Policy, calendars []promise.Calendar, at time.Time) error
	// ReplaceHolidays must replace a year of a region as a whole.
	ReplaceHolidays(ctx context.Context, tx sqldb.Tx, region string, year int, spans []promise.HolidaySpan) error

	// AddNews must keep news; NewsOf answers them in order behind an id, LatestNews the newest first, OneNews one.
	AddNews(ctx context.Context, tx sqldb.Tx, caseID string, n casefile.News) error
	NewsOf(ctx context.Context, q sqldb.Queryer, caseID, after string, limit int) ([]casefile.News, error)
	LatestNews(ctx context.Context, q sqldb.Queryer, caseID string, limit int) ([]casefile.News, error)
	OneNews(ctx context.Context, q sqldb.Queryer, caseID, id string) (casefile.News, error)
}

var _ Promises = (*SQL)(nil)

const policyColumns = `id, org, promise, active, version, updated_at, detail`

// AllPolicies implements Promises.
func (s *SQL) AllPolicies(ctx context.Context, q sqldb.Queryer) ([]promise.Policy, error) {
	return scanAll(scanPolicy)(q.Rows(ctx, `SELECT `+policyColumns+` FROM sla_policies ORDER BY id`))
}

// ListPolicies implements Promises.
func (s *SQL) ListPolicies(ctx context.Context, q Reader, orgs []string, query listing.Query) ([]promise.Policy, error) {
	own, arg := sqldb.In(q.Engine(), "org", 1, append([]string{""}, orgs...))
	where, more := query.Where(2)
	return scanAll(scanPolicy)(q.Rows(ctx, `SELECT `+policyColumns+` FROM sla_policies WHERE `+own+` AND `+where+` ORDER BY `+query.OrderBy+
		` LIMIT `+strconv.Itoa(query.Limit), append([]any{arg}, more...)...))
}

// scanAll reads rows by a function that reads one.
func scanAll[T any](scan func(sqldb.Row) (T, error)) func(sqldb.Rows, error) ([]T, error) {
	return func(rows sqldb.Rows, err error) ([]T, error) {
		if err != nil {
			return nil, fmt.Errorf("store: read rows: %w", err)
		}
		defer rows.Close()
		var all []T
		for rows.Next() {
			one, err := scan(rows)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		return all, rows.Err()
	}
}

func scanPolicy(row sqldb.Row) (p promise.Policy, err error) {
	var updated int64
	var detail string
	var id, org, code string
	var active bool
	var version int64
	if err := row.Scan(&id, &org, &code, &active, &version, &updated, &detail); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(detail), &p); err != nil {
		return p, fmt.Errorf("store: read policy %s: %w", id, err)
	}
	p.ID, p.Org, p.Promise, p.Active, p.Version, p.Updated = id, org, code, active, version, sqldb.Time(updated)
	return p, nil
}

// PutPolicy implements Promises.
func (s *SQL) PutPolicy(ctx context.Context, tx sqldb.Tx, p promise.Policy) error {
	detail, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("store: write policy: %w", err)
	}
	return put(ctx, tx, p.Version, `INSERT INTO sla_policies (id, org, promise, active, updated_at, detail, version) VALUES ($1, $2, $3, $4, $5, $6, 1)`,
		`UPDATE sla_policies SET org = $2, promise = $3, active = $4, updated_at = $5, detail = $6, version = version + 1 WHERE id = $1 AND version = $7`,
		p.ID, p.Org, p.Promise, p.Active, sqldb.Micros(p.Updated), string(detail))
}

// put inserts a row, or updates the version that was read.
func put(ctx context.Context, tx sqldb.Tx, version int64, insert, update string, args ...any) error {
	if version == 0 {
		_, err := tx.Exec(ctx, insert, args...)
		return err
	}
	n, err := tx.Exec(ctx, update, append(args, version)...)
	if err == nil && n == 0 {
		err = apierr.ErrStale.New()
	}
	return err
}

const calendarColumns = `id, org, version, updated_at, detail`

// AllCalendars implements Promises.
func (s *SQL) AllCalendars(ctx context.Context, q sqldb.Queryer) ([]promise.Calendar, error) {
	return scanAll(scanCalendar)(q.Rows(ctx, `SELECT `+calendarColumns+` FROM working_calendars ORDER BY id`))
}

// ListCalendars implements Promises.
func (s *SQL) ListCalendars(ctx context.Context, q Reader, orgs []string, query listing.Query) ([]promise.Calendar, error) {
	own, arg := sqldb.In(q.Engine(), "org", 1, append([]string{""}, orgs...))
	where, more := query.Where(2)
	return scanAll(scanCalendar)(q.Rows(ctx, `SELECT `+calendarColumns+` FROM working_calendars WHERE `+own+` AND `+where+` ORDER BY `+query.OrderBy+
		` LIMIT `+strconv.Itoa(query.Limit), append([]any{arg}, more...)...))
}

func scanCalendar(row sqldb.Row) (c promise.Calendar, err error) {
	var id, org, detail string
	var version, updated int64
	if err := row.Scan(&id, &org, &version, &updated, &detail); err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(detail), &c); err != nil {
		return c, fmt.Errorf("store: read calendar %s: %w", id, err)
	}
	c.ID, c.Org, c.Version, c.Updated = id, org, version, sqldb.Time(updated)
	return c, nil
}

// PutCalendar implements Promises.
func (s *SQL) PutCalendar(ctx context.Context, tx sqldb.Tx, c promise.Calendar) error {
	detail, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("store: write calendar: %w", err)
	}
	return put(ctx, tx, c.Version, `INSERT INTO working_calendars (id, org, updated_at, detail, version) VALUES ($1, $2, $3, $4, 1)`,
		`UPDATE working_calendars SET org = $2, updated_at = $3, detail = $4, version = version + 1 WHERE id = $1 AND version = $5`,
		c.ID, c.Org, sqldb.Micros(c.Updated), string(detail))
}

// Ship implements Promises.
func (s *SQL) Ship(ctx context.Context, tx sqldb.Tx, policies []promise.Policy, calendars []promise.Calendar, at time.Time) error {
	for _, p := range policies {
		detail, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("store: write policy: %w", err)
		}
		_, err = tx.Exec(ctx, `INSERT INTO sla_policies (id, org, promise, active, version, updated_at, detail) VALUES ($1, '', $2, $3, 1, $4, $5)
			ON CONFLICT (id) DO UPDATE SET promise = excluded.promise, active = excluded.active, detail = excluded.detail`,
			p.ID, p.Promise, p.Active, sqldb.Micros(at), string(detail))
		if err != nil {
			return fmt.Errorf("store: ship policy %s: %w", p.ID, err)
		}
	}
	for _, c := range calendars {
		detail, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("store: write calendar: %w", err)
		}
		_, err = tx.Exec(ctx, `INSERT INTO working_calendars (id, org, version, updated_at, detail) VALUES ($1, '', 1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET detail = excluded.detail`, c.ID, sqldb.Micros(at), string(detail))
		if err != nil {
			return fmt.Errorf("store: ship calendar %s: %w", c.ID, err)
		}
	}
	return nil
}

// AllHolidays implements Promises.
func (s *SQL) AllHolidays(ctx context.Context, q sqldb.Queryer) ([]promise.HolidaySpan, error) {
	scan := func(row sqldb.Row) (h promise.HolidaySpan, err error) {
		err = row.Scan(&h.Region, &h.First, &h.Last, &h.MakeUp, &h.ZH, &h.EN)
		return h, err
	}
	return scanAll(scan)(q.Rows(ctx, `SELECT region, first_day, last_day, make_up, name_zh, name_en FROM holidays ORDER BY region, first_day`))
}

// ReplaceHolidays implements Promises.
func (s *SQL) ReplaceHolidays(ctx context.Context, tx sqldb.Tx, region string, year int, spans []promise.HolidaySpan) error {
	if _, err := tx.Exec(ctx, `DELETE FROM holidays WHERE region = $1 AND year = $2`, region, int64(year)); err != nil {
		return fmt.Errorf("store: replace holidays: %w", err)
	}
	rows := sqldb.NewInsert("holidays", "region", "first_day", "last_day", "year", "make_up", "name_zh", "name_en")
	for _, h := range spans {
		rows.Row(region, h.First, h.Last, int64(year), h.MakeUp, h.ZH, h.EN)
	}
	if _, err := rows.Exec(ctx, tx); err != nil {
		return fmt.Errorf("store: replace holidays: %w", err)
	}
	return nil
}

// newsWords is what news says, sealed in its row.
type newsWords struct {
	Doing      string `json:"doing"`
	Difficulty string `json:"difficulty,omitempty"`
}

func newsAAD(id string) string { return "progressNews/" + id }

// AddNews implements Promises.
func (s *SQL) AddNews(ctx context.Context, tx sqldb.Tx, caseID string, n casefile.News) error {
	content, err := s.sealJSON(newsWords{n.Doing, n.Difficulty}, newsAAD(n.ID))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO progress_news (id, case_id, round, next_at, expected_at, author, told_at, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		n.ID, caseID, int64(n.Round), sqldb.Micros(n.Next), sqldb.Micros(n.Expected), n.Author, sqldb.Micros(n.At), content)
	if err != nil {
		return fmt.Errorf("store: keep news: %w", err)
	}
	return nil
}

const newsColumns = `id, round, next_at, expected_at, author, told_at, content`

// NewsOf implements Promises.
func (s *SQL) NewsOf(ctx context.Context, q sqldb.Queryer, caseID, after string, limit int) ([]casefile.News, error) {
	return scanAll(s.scanNews)(q.Rows(ctx, `SELECT `+newsColumns+` FROM progress_news WHERE case_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		caseID, after, int64(limit)))
}

// LatestNews implements Promises.
func (s *SQL) LatestNews(ctx context.Context, q sqldb.Queryer, caseID string, limit int) ([]casefile.News, error) {
	return scanAll(s.scanNews)(q.Rows(ctx, `SELECT `+newsColumns+` FROM progress_news WHERE case_id = $1 ORDER BY id DESC LIMIT $2`, caseID, int64(limit)))
}

// OneNews implements Promises.
func (s *SQL) OneNews(ctx context.Context, q sqldb.Queryer, caseID, id string) (casefile.News, error) {
	n, err := s.scanNews(q.Row(ctx, `SELECT `+newsColumns+` FROM progress_news WHERE case_id = $1 AND id = $2`, caseID, id))
	if errors.Is(err, sqldb.ErrNoRows) {
		return n, apierr.NotFound("cases/" + caseID + "/progressNews/" + id)
	}
	return n, err
}

func (s *SQL) scanNews(row sqldb.Row) (n casefile.News, err error) {
	var next, expected, told int64
	var content []byte
	if err := row.Scan(&n.ID, &n.Round, &next, &expected, &n.Author, &told, &content); err != nil {
		return n, err
	}
	n.Next, n.Expected, n.At = sqldb.Time(next), sqldb.Time(expected), sqldb.Time(told)
	var words newsWords
	if content != nil {
		err = s.openJSON(content, newsAAD(n.ID), &words)
	}
	n.Doing, n.Difficulty = words.Doing, words.Difficulty
	return n, err
}

package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Get implements Cases.
func (s *SQL) Get(ctx context.Context, q Reader, v Viewer, id string) (*casefile.Case, error) {
	return s.one(ctx, q, v, id, "")
}

// Lock implements Cases. SQLite has one writer: its transaction is the lock.
func (s *SQL) Lock(ctx context.Context, tx sqldb.Tx, v Viewer, id string) (*casefile.Case, error) {
	lock := ""
	if tx.Engine() == sqldb.Postgres {
		lock = " FOR UPDATE"
	}
	return s.one(ctx, tx, v, id, lock)
}

func (s *SQL) one(ctx context.Context, q Reader, v Viewer, id, lock string) (*casefile.Case, error) {
	where, args := v.where(q.Engine(), 2)
	c, err := s.scan(q.Row(ctx, `SELECT `+readColumns+` FROM cases WHERE id = $1 AND `+where+lock, append([]any{id}, args...)...))
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, apierr.NotFound("cases/" + id)
	}
	return c, err
}

// Save implements Cases.
func (s *SQL) Save(ctx context.Context, tx sqldb.Tx, c *casefile.Case, change casefile.Change, at time.Time) error {
	read := c.Version
	if !change.Quiet {
		c.Version++
	}
	entries := newEntries()
	for _, e := range change.Entries {
		link, err := c.Chain.Append(c.Name(), e, at)
		if err != nil {
			return err
		}
		if err := s.addEntry(entries, c.ID, link); err != nil {
			return err
		}
	}
	row, err := s.row(c)
	if err != nil {
		return err
	}
	var b sqldb.Batch
	b.ExecThen(func(affected int64) error {
		if affected != 1 {
			return apierr.ErrStale.New()
		}
		return nil
	}, updateCase, append(row, read)...)
	entries.AddTo(&b, tx.Engine(), nil)
	payments(&b, tx.Engine(), c, change, at)
	addReadModels(&b, tx.Engine(), false, c)
	retained(&b, tx.Engine(), c, change)
	if err := s.addDeadlines(&b, tx.Engine(), New{Case: c, Change: change, saved: true}); err != nil {
		return err
	}
	s.settle(&b, c, change, at)
	if err := tx.Send(ctx, &b); err != nil {
		return fmt.Errorf("store: save %s: %w", c.Name(), err)
	}
	return nil
}

// List implements Cases. Each branch of the viewer is read in the list's order through its own index, and no further than the page goes:
// a condition with OR would be sorted whole.
func (s *SQL) List(ctx context.Context, q Reader, v Viewer, query listing.Query) ([]*casefile.Case, error) {
	text, args := listSQL(q.Engine(), v, query)
	rows, err := q.Rows(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("store: list cases: %w", err)
	}
	defer rows.Close()
	var cases []*casefile.Case
	for rows.Next() {
		c, err := s.scan(rows)
		if err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	return cases, rows.Err()
}

func listSQL(engine sqldb.Engine, v Viewer, query listing.Query) (text string, args []any) {
	limit := strconv.Itoa(query.Limit)
	branches := v.branches()
	parts := make([]string, len(branches))
	for n, b := range branches {
		sees, more := b.where(engine, len(args)+1)
		args = append(args, more...)
		where, more := query.Where(len(args) + 1)
		args = append(args, more...)
		parts[n] = sees + " AND " + where
		if strings.Contains(where, "phone_index") {
			parts[n] += b.unhidden(engine, &args)
		}
	}
	order := " ORDER BY " + query.OrderBy + " LIMIT " + limit
	if len(parts) == 1 {
		return "SELECT " + readColumns + " FROM cases WHERE " + parts[0] + order, args
	}
	for n := range parts {
		parts[n] = "SELECT id FROM (SELECT id FROM cases WHERE " + parts[n] + order + ") AS b" + strconv.Itoa(n)
	}
	return "SELECT " + readColumns + " FROM cases WHERE id IN (" + strings.Join(parts, " UNION ALL ") + ")" + order, args
}

// Due implements Cases.
func (s *SQL) Due(ctx context.Context, q sqldb.Queryer, at time.Time, limit int) ([]string, error) {
	rows, err := q.Rows(ctx, `SELECT id FROM (
			SELECT id, next_due AS due FROM cases WHERE next_due > 0 AND next_due <= $1
			UNION ALL SELECT case_id, wake_at FROM deadlines WHERE wake_at > 0 AND wake_at <= $1
		) AS looks GROUP BY id ORDER BY MIN(due) LIMIT $2`, sqldb.Micros(at), int64(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find what is due: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Entries implements Cases.
func (s *SQL) Entries(ctx context.Context, q sqldb.Queryer, caseID string, after int64, limit int) ([]timeline.Link, error) {
	query, args := `SELECT seq, header, hash, content FROM entries WHERE case_id = $1 AND seq > $2 ORDER BY seq`, []any{caseID, after}
	if limit > 0 {
		query, args = query+` LIMIT $3`, append(args, int64(limit))
	}
	rows, err := q.Rows(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("store: read timeline: %w", err)
	}
	defer rows.Close()
	var links []timeline.Link
	for rows.Next() {
		var link timeline.Link
		var content []byte
		if err := rows.Scan(&link.Seq, &link.Header, &link.Hash, &content); err != nil {
			return nil, err
		}
		if link.Content, err = s.open(content, entryAAD(caseID, link.Seq)); err != nil {
			return nil, err
		}
		links = append(links, link)
	}
	return links, rows.Err()
}

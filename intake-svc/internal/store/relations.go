package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Relations finds cases that may belong together, within one owning organisation.
type Relations interface {
	// Related answers cases of the same customer (by blind index or account), first serial number or first order, newest first;
	// never the case itself. Zero since means of all times.
	Related(ctx context.Context, q Reader, v Viewer, c *casefile.Case, since time.Time, limit int) ([]*casefile.Case, error)
	// Problems answers what the newest cases tell, without anything personal.
	Problems(ctx context.Context, q Reader, v Viewer, org string, since time.Time, limit int) ([]Problem, error)
}

// Problem is what a case tells.
type Problem struct{ CaseID, Text string }

var _ Relations = (*SQL)(nil)

// Related implements Relations.
func (s *SQL) Related(ctx context.Context, q Reader, v Viewer, c *casefile.Case, since time.Time, limit int) ([]*casefile.Case, error) {
	k := s.keysOf(c)
	w := condition{next: 1}
	var same []string
	for _, key := range []struct{ column, value string }{
		{"phone_index", k.phone}, {"customer", k.customer}, {"serial", k.serial}, {"order_id", k.order},
	} {
		if key.value != "" { // "<> ''" lets the partial index serve
			same = append(same, "("+key.column+" = "+w.arg(key.value)+" AND "+key.column+" <> '')")
		}
	}
	if len(same) == 0 {
		return nil, nil
	}
	query := `SELECT ` + readColumns + ` FROM cases WHERE (` + strings.Join(same, " OR ") + `) AND owner_org = ` + w.arg(c.OwnerOrg) +
		` AND id <> ` + w.arg(c.ID) + ` AND created_at >= ` + w.arg(sqldb.Micros(since))
	sees, args := v.where(q.Engine(), w.next)
	w.args, w.next = append(w.args, args...), w.next+len(args)
	rows, err := q.Rows(ctx, query+` AND `+sees+` ORDER BY created_at DESC, id DESC LIMIT `+w.arg(int64(limit)), w.args...)
	if err != nil {
		return nil, fmt.Errorf("store: find related cases: %w", err)
	}
	defer rows.Close()
	var all []*casefile.Case
	for rows.Next() {
		found, err := s.scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, found)
	}
	return all, rows.Err()
}

// Problems implements Relations.
func (s *SQL) Problems(ctx context.Context, q Reader, v Viewer, org string, since time.Time, limit int) ([]Problem, error) {
	sees, args := v.where(q.Engine(), 4)
	rows, err := q.Rows(ctx, `SELECT id, detail FROM cases WHERE owner_org = $1 AND created_at >= $2 AND `+sees+
		` ORDER BY created_at DESC, id DESC LIMIT $3`, append([]any{org, sqldb.Micros(since), int64(limit)}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("store: read problems: %w", err)
	}
	defer rows.Close()
	var all []Problem
	for rows.Next() {
		var id, detail string
		if err := rows.Scan(&id, &detail); err != nil {
			return nil, err
		}
		var told struct {
			Problem string `json:"problem"`
		}
		if err := json.Unmarshal([]byte(detail), &told); err != nil {
			return nil, fmt.Errorf("store: read cases/%s: %w", id, err)
		}
		all = append(all, Problem{CaseID: id, Text: told.Problem})
	}
	return all, rows.Err()
}

// SameCustomer says that two cases have the customer in common, as Related finds it.
func (s *SQL) SameCustomer(a, b *casefile.Case) bool {
	x, y := s.keysOf(a), s.keysOf(b)
	return x.phone != "" && x.phone == y.phone || x.customer != "" && x.customer == y.customer
}

package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/figures"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// repeatWithin is how far back a case of the same serial makes a repeat.
const repeatWithin = 90 * 24 * time.Hour

// RollUp counts marked cases again, at most limit, and answers how many there were. Cases are locked before their mark is taken, in the order
// of their ids: a change that commits meanwhile marks its case again.
func (s *SQL) RollUp(ctx context.Context, tx sqldb.Tx, zone *time.Location, limit int) (int, error) {
	marked, err := ids(tx.Rows(ctx, `SELECT case_id FROM stats_dirty ORDER BY case_id LIMIT $1`, int64(limit)))
	if err != nil {
		return 0, fmt.Errorf("store: marked cases: %w", err)
	}
	sums := map[figures.Key]*figures.Measures{}
	for _, id := range marked {
		if err := s.recount(ctx, tx, zone, id, sums); err != nil {
			return 0, err
		}
	}
	return len(marked), addSums(ctx, tx, sums)
}

func (s *SQL) recount(ctx context.Context, tx sqldb.Tx, zone *time.Location, id string, sums map[figures.Key]*figures.Measures) error {
	c, err := s.Lock(ctx, tx, Everything, id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM stats_dirty WHERE case_id = $1`, id); err != nil {
		return err
	}
	var text string
	err = tx.Row(ctx, `SELECT fact FROM stats_facts WHERE case_id = $1`, id).Scan(&text)
	if err != nil && !errors.Is(err, sqldb.ErrNoRows) {
		return err
	}
	var before figures.Fact
	if err == nil {
		if err := json.Unmarshal([]byte(text), &before); err != nil {
			return fmt.Errorf("store: fact of %s: %w", id, err)
		}
		tally(sums, &before, -1)
	}
	repeat, err := s.repeats(ctx, tx, c)
	if err != nil {
		return err
	}
	now := figures.Of(c, zone, repeat)
	tally(sums, &now, 1)
	fact, err := json.Marshal(now)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO stats_facts (case_id, fact) VALUES ($1, $2) ON CONFLICT (case_id) DO UPDATE SET fact = excluded.fact`, id, string(fact))
	return err
}

func tally(sums map[figures.Key]*figures.Measures, f *figures.Fact, sign int64) {
	for _, k := range f.Keys() {
		if sums[k] == nil {
			sums[k] = &figures.Measures{}
		}
		sums[k].Add(f.Measures, sign)
	}
}

func (s *SQL) repeats(ctx context.Context, tx sqldb.Tx, c *casefile.Case) (bool, error) {
	if len(c.Items) == 0 || c.Items[0].Serial == "" {
		return false, nil
	}
	var n int64
	err := tx.Row(ctx, `SELECT COUNT(*) FROM cases WHERE serial = $1 AND serial <> '' AND created_at < $2 AND created_at >= $3 AND owner_org = $4`,
		c.Items[0].Serial, sqldb.Micros(c.Created), sqldb.Micros(c.Created.Add(-repeatWithin)), c.OwnerOrg).Scan(&n)
	return n > 0, err
}

var upsertSum = func() string {
	keys := []string{"org", "dim1", "dim2", "day", "val1", "val2", "secret"}
	add := make([]string, len(figures.Columns))
	marks := make([]string, len(keys)+len(figures.Columns))
	for n := range marks {
		marks[n] = fmt.Sprintf("$%d", n+1)
	}
	for n, column := range figures.Columns {
		add[n] = column + " = stats_rollup." + column + " + excluded." + column
	}
	return "INSERT INTO stats_rollup (" + strings.Join(append(slices.Clone(keys), figures.Columns...), ", ") + ") VALUES (" + strings.Join(marks, ", ") +
		") ON CONFLICT (" + strings.Join(keys, ", ") + ") DO UPDATE SET " + strings.Join(add, ", ")
}()

// addSums adds what changed, in one order, so that two sweepers do not wait for each other in a circle.
func addSums(ctx context.Context, tx sqldb.Tx, sums map[figures.Key]*figures.Measures) error {
	keys := make([]figures.Key, 0, len(sums))
	for k, m := range sums {
		if !m.Zero() {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	slices.SortFunc(keys, func(a, b figures.Key) int {
		return cmp.Or(cmp.Compare(a.Org, b.Org), cmp.Compare(a.Dim1, b.Dim1), cmp.Compare(a.Dim2, b.Dim2), cmp.Compare(a.Day, b.Day),
			cmp.Compare(a.Val1, b.Val1), cmp.Compare(a.Val2, b.Val2))
	})
	var b sqldb.Batch
	for _, k := range keys {
		args := []any{k.Org, k.Dim1, k.Dim2, k.Day, k.Val1, k.Val2, k.Secret}
		for _, v := range sums[k].Values() {
			args = append(args, *v)
		}
		b.Exec(upsertSum, args...)
	}
	if err := tx.Send(ctx, &b); err != nil {
		return fmt.Errorf("store: add sums: %w", err)
	}
	return nil
}

// FigureQuery asks for sums: of the organisations, by days, and by at most two dimensions, each with a value or for all values.
type FigureQuery struct {
	Orgs       []string
	From, To   string // YYYY-MM-DD
	Dim1, Dim2 string // in the order of figures.Dimensions
	Val1, Val2 *string
	ByOrg      bool
	Time       int // leading characters of the day to group by: 10, 7, 4; 0: not by time
}

// FigureRow is one group; confidential cases are apart.
type FigureRow struct {
	Org, Time, Val1, Val2 string
	Secret                bool
	figures.Measures
}

// Figures answers the groups in order, at most limit.
func (s *SQL) Figures(ctx context.Context, q Reader, f FigureQuery, limit int) ([]FigureRow, error) {
	w := condition{next: 1}
	orgs, arg := sqldb.In(q.Engine(), "org", w.next, f.Orgs)
	w.arg(arg)
	where := []string{orgs, "dim1 = " + w.arg(f.Dim1), "dim2 = " + w.arg(f.Dim2), "day >= " + w.arg(f.From), "day <= " + w.arg(f.To)}
	group := []string{"''", "''", "''", "''"}
	if f.ByOrg {
		group[0] = "org"
	}
	if f.Time > 0 {
		group[1] = fmt.Sprintf("SUBSTR(day, 1, %d)", f.Time)
	}
	for n, v := range []*string{f.Val1, f.Val2} {
		column := fmt.Sprintf("val%d", n+1)
		if v != nil {
			where = append(where, column+" = "+w.arg(*v))
		}
		group[n+2] = column
	}
	sums := make([]string, len(figures.Columns))
	for n, column := range figures.Columns {
		sums[n] = "CAST(SUM(" + column + ") AS BIGINT)"
	}
	rows, err := q.Rows(ctx, `SELECT g0, g1, g2, g3, secret, `+strings.Join(sums, ", ")+` FROM (SELECT `+group[0]+` AS g0, `+group[1]+` AS g1, `+group[2]+` AS g2, `+
		group[3]+` AS g3, secret, `+strings.Join(figures.Columns, ", ")+` FROM stats_rollup WHERE `+strings.Join(where, " AND ")+
		`) AS found GROUP BY g0, g1, g2, g3, secret ORDER BY g0, g1, g2, g3, secret LIMIT `+w.arg(int64(limit)), w.args...)
	if err != nil {
		return nil, fmt.Errorf("store: figures: %w", err)
	}
	defer rows.Close()
	var found []FigureRow
	for rows.Next() {
		var r FigureRow
		into := []any{&r.Org, &r.Time, &r.Val1, &r.Val2, &r.Secret}
		for _, v := range r.Values() {
			into = append(into, v)
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

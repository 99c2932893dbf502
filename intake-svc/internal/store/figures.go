package store

import (
	"context"
	"encoding/json"
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

// RollUp counts marked cases again, at most limit, and answers how many there were; their words are indexed with it. Cases are locked before
// their marks are taken, in the order of their ids: a change that commits meanwhile marks its case again.
func (s *SQL) RollUp(ctx context.Context, tx sqldb.Tx, zone *time.Location, limit int) (int, error) {
	marked, err := ids(tx.Rows(ctx, `SELECT case_id FROM stats_dirty ORDER BY case_id LIMIT $1`, int64(limit)))
	if err != nil || len(marked) == 0 {
		return 0, err
	}
	cases, gone, err := s.lockAll(ctx, tx, marked)
	if err != nil {
		return 0, err
	}
	in, arg := sqldb.In(tx.Engine(), "case_id", 1, marked)
	if _, err := tx.Exec(ctx, `DELETE FROM stats_dirty WHERE `+in, arg); err != nil {
		return 0, fmt.Errorf("store: take marks: %w", err)
	}
	if err := s.IndexTexts(ctx, tx, cases, gone); err != nil {
		return 0, err
	}
	return len(marked), s.recount(ctx, tx, zone, cases)
}

// lockAll locks the cases that there are; gone are the others.
func (s *SQL) lockAll(ctx context.Context, tx sqldb.Tx, wanted []string) (cases []*casefile.Case, gone []string, err error) {
	in, arg := sqldb.In(tx.Engine(), "id", 1, wanted)
	lock := ""
	if tx.Engine() == sqldb.Postgres {
		lock = " FOR UPDATE"
	}
	rows, err := tx.Rows(ctx, `SELECT `+readColumns+` FROM cases WHERE `+in+` ORDER BY id`+lock, arg)
	if err != nil {
		return nil, nil, fmt.Errorf("store: lock cases: %w", err)
	}
	defer rows.Close()
	there := map[string]bool{}
	for rows.Next() {
		c, err := s.scan(rows)
		if err != nil {
			return nil, nil, err
		}
		cases, there[c.ID] = append(cases, c), true
	}
	for _, id := range wanted {
		if !there[id] {
			gone = append(gone, id)
		}
	}
	return cases, gone, rows.Err()
}

// recount takes the last facts of cases out of the sums and puts the present ones in. What a case that is no more contributed stays counted.
func (s *SQL) recount(ctx context.Context, tx sqldb.Tx, zone *time.Location, cases []*casefile.Case) error {
	before, err := factsOf(ctx, tx, cases)
	if err != nil {
		return err
	}
	repeats, err := repeated(ctx, tx, cases)
	if err != nil {
		return err
	}
	sums := map[figures.Key]*figures.Measures{}
	facts := sqldb.NewInsert("stats_facts", "case_id", "fact").OnConflict("(case_id) DO UPDATE SET fact = excluded.fact")
	for _, c := range cases {
		if old, ok := before[c.ID]; ok {
			tally(sums, &old, -1)
		}
		now := figures.Of(c, zone, repeats[c.ID])
		tally(sums, &now, 1)
		text, err := json.Marshal(now)
		if err != nil {
			return err
		}
		facts.Row(c.ID, string(text))
	}
	var b sqldb.Batch
	if facts.Len() > 0 {
		facts.AddTo(&b, tx.Engine(), nil)
	}
	addSums(&b, tx.Engine(), sums)
	if err := tx.Send(ctx, &b); err != nil {
		return fmt.Errorf("store: add sums: %w", err)
	}
	return nil
}

func factsOf(ctx context.Context, tx sqldb.Tx, cases []*casefile.Case) (map[string]figures.Fact, error) {
	wanted := make([]string, len(cases))
	for n, c := range cases {
		wanted[n] = c.ID
	}
	in, arg := sqldb.In(tx.Engine(), "case_id", 1, wanted)
	rows, err := tx.Rows(ctx, `SELECT case_id, fact FROM stats_facts WHERE `+in, arg)
	if err != nil {
		return nil, fmt.Errorf("store: read facts: %w", err)
	}
	defer rows.Close()
	found := map[string]figures.Fact{}
	for rows.Next() {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, err
		}
		var f figures.Fact
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return nil, fmt.Errorf("store: fact of %s: %w", id, err)
		}
		found[id] = f
	}
	return found, rows.Err()
}

func tally(sums map[figures.Key]*figures.Measures, f *figures.Fact, sign int64) {
	for _, k := range f.Keys() {
		if sums[k] == nil {
			sums[k] = &figures.Measures{}
		}
		sums[k].Add(f.Measures, sign)
	}
}

// repeated says which cases have a serial that had a case before.
func repeated(ctx context.Context, tx sqldb.Tx, cases []*casefile.Case) (map[string]bool, error) {
	found := map[string]bool{}
	var b sqldb.Batch
	for _, c := range cases {
		if len(c.Items) == 0 || c.Items[0].Serial == "" {
			continue
		}
		b.Query(func(row sqldb.Row) error {
			var n int64
			err := row.Scan(&n)
			found[c.ID] = n > 0
			return err
		}, `SELECT COUNT(*) FROM cases WHERE serial = $1 AND serial <> '' AND created_at < $2 AND created_at >= $3 AND owner_org = $4`,
			c.Items[0].Serial, sqldb.Micros(c.Created), sqldb.Micros(c.Created.Add(-repeatWithin)), c.OwnerOrg)
	}
	if err := tx.Send(ctx, &b); err != nil {
		return nil, fmt.Errorf("store: count repeats: %w", err)
	}
	return found, nil
}

var (
	sumKeys = []string{"org", "dim1", "dim2", "day", "val1", "val2", "secret"}
	addUp   = func() string {
		add := make([]string, len(figures.Columns))
		for n, column := range figures.Columns {
			add[n] = column + " = stats_rollup." + column + " + excluded." + column
		}
		return "(" + strings.Join(sumKeys, ", ") + ") DO UPDATE SET " + strings.Join(add, ", ")
	}()
)

// addSums adds what changed, in one order, so that two sweepers do not wait for each other in a circle.
func addSums(b *sqldb.Batch, engine sqldb.Engine, sums map[figures.Key]*figures.Measures) {
	keys := make([]figures.Key, 0, len(sums))
	for k, m := range sums {
		if !m.Zero() {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return
	}
	slices.SortFunc(keys, figures.Key.Compare)
	insert := sqldb.NewInsert("stats_rollup", append(slices.Clone(sumKeys), figures.Columns...)...).OnConflict(addUp)
	for _, k := range keys {
		row := []any{k.Org, k.Dim1, k.Dim2, k.Day, k.Val1, k.Val2, k.Secret}
		for _, v := range sums[k].Values() {
			row = append(row, *v)
		}
		insert.Row(row...)
	}
	insert.AddTo(b, engine, nil)
}

package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/figures"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// monthsMade is the version of the sums of months.
const monthsMade = "1"

// Remake makes read models anew that were made by another version or with another index key: the words of every case when the index key has
// changed, or were never indexed; the sums of months when there are none yet. It is harmless to repeat.
func (s *SQL) Remake(ctx context.Context, tx sqldb.Tx) error {
	key, _, _ := strings.Cut(s.index.BlindIndex("case-text", "made"), ".")
	if err := remake(ctx, tx, "texts", key, func() error {
		_, err := tx.Exec(ctx, `INSERT INTO stats_dirty (case_id) SELECT id FROM cases WHERE TRUE ON CONFLICT DO NOTHING`)
		return err
	}); err != nil {
		return err
	}
	return remake(ctx, tx, "months", monthsMade, func() error { return sumMonths(ctx, tx) })
}

func remake(ctx context.Context, tx sqldb.Tx, name, want string, do func() error) error {
	var made string
	err := tx.Row(ctx, `SELECT made FROM read_models WHERE name = $1`, name).Scan(&made)
	if err != nil && !errors.Is(err, sqldb.ErrNoRows) {
		return fmt.Errorf("store: read models: %w", err)
	}
	if err == nil && made == want {
		return nil
	}
	if err := do(); err != nil {
		return fmt.Errorf("store: make %s anew: %w", name, err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO read_models (name, made) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET made = excluded.made`, name, want)
	return err
}

// sumMonths makes the sums of months out of those of days.
func sumMonths(ctx context.Context, tx sqldb.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM stats_rollup WHERE day >= $1`, figures.MonthMark); err != nil {
		return err
	}
	sums := make([]string, len(figures.Columns))
	for n, column := range figures.Columns {
		sums[n] = "SUM(" + column + ")"
	}
	_, err := tx.Exec(ctx, `INSERT INTO stats_rollup (`+strings.Join(sumKeys, ", ")+", "+strings.Join(figures.Columns, ", ")+`)
		SELECT org, dim1, dim2, '`+figures.MonthMark+`' || SUBSTR(day, 1, 7), val1, val2, secret, `+strings.Join(sums, ", ")+`
		FROM stats_rollup GROUP BY org, dim1, dim2, SUBSTR(day, 1, 7), val1, val2, secret`)
	return err
}

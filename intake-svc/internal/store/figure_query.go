package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/figures"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// FigureQuery asks for sums: of the organisations, by days, and by at most two dimensions, each with a value or for all values.
type FigureQuery struct {
	Orgs       []string
	Span       figures.Span
	Dim1, Dim2 string // in the order of figures.Dimensions
	Val1, Val2 *string
	ByOrg      bool
	Time       int                // leading characters of the day to group by: 10, 7, 4; 0: not by time
	Ages       []figures.AgeClass // to group by instead of Time
}

// FigureRow is one group; confidential cases are apart.
type FigureRow struct {
	Org, Time, Val1, Val2 string
	Secret                bool
	figures.Measures
}

// Figures answers the groups in order, at most limit.
func (s *SQL) Figures(ctx context.Context, q Reader, f FigureQuery, limit int) ([]FigureRow, error) {
	if len(f.Span.Runs()) == 0 {
		return nil, nil
	}
	text, args := figuresSQL(q.Engine(), f, limit)
	rows, err := q.Rows(ctx, text, args...)
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

// figuresSQL reads each run of days and of months through the primary key, and sums what it read.
func figuresSQL(engine sqldb.Engine, f FigureQuery, limit int) (text string, args []any) {
	w := condition{next: 1}
	orgs, arg := sqldb.In(engine, "org", w.next, f.Orgs)
	w.arg(arg)
	where := []string{orgs, "dim1 = " + w.arg(f.Dim1), "dim2 = " + w.arg(f.Dim2)}
	for n, v := range []*string{f.Val1, f.Val2} {
		if v != nil {
			where = append(where, fmt.Sprintf("val%d = %s", n+1, w.arg(*v)))
		}
	}
	org := "''"
	if f.ByOrg {
		org = "org"
	}
	var parts []string
	for _, run := range f.Span.Runs() {
		parts = append(parts, "SELECT "+org+" AS g0, "+f.timeOf(&w, run)+" AS g1, val1 AS g2, val2 AS g3, secret, "+strings.Join(figures.Columns, ", ")+
			" FROM stats_rollup WHERE "+strings.Join(where, " AND ")+" AND day >= "+w.arg(run.From)+" AND day <= "+w.arg(run.To))
	}
	sums := make([]string, len(figures.Columns))
	for n, column := range figures.Columns {
		sums[n] = "CAST(SUM(" + column + ") AS BIGINT)"
	}
	return "SELECT g0, g1, g2, g3, secret, " + strings.Join(sums, ", ") + " FROM (" + strings.Join(parts, " UNION ALL ") +
		") AS found GROUP BY g0, g1, g2, g3, secret ORDER BY g0, g1, g2, g3, secret LIMIT " + w.arg(int64(limit)), w.args
}

// timeOf is the time, or the class of age, that a row is grouped by; behind the mark of a month stands YYYY-MM.
func (f *FigureQuery) timeOf(w *condition, run figures.Run) string {
	switch {
	case len(f.Ages) > 0 && !run.Months:
		classes := "CASE"
		for _, c := range f.Ages {
			classes += " WHEN day >= " + w.arg(c.From) + " THEN " + w.arg(c.Name)
		}
		return classes + " ELSE '" + figures.OldestClass + "' END"
	case len(f.Ages) > 0:
		return "'" + figures.OldestClass + "'"
	case f.Time == 0:
		return "''"
	case run.Months:
		return fmt.Sprintf("SUBSTR(day, %d, %d)", len(figures.MonthMark)+1, f.Time)
	}
	return fmt.Sprintf("SUBSTR(day, 1, %d)", f.Time)
}

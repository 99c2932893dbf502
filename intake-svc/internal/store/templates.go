package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/templates"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Templates keeps the texts. A row of an organisation must stand in the place of the shipped one, for that organisation alone.
type Templates interface {
	// ShipTemplates must bring the shipped rows to what is given, and leave those of organisations alone.
	ShipTemplates(ctx context.Context, tx sqldb.Tx, shipped []templates.Template) error
	// ListTemplates answers a page of what holds in an organisation; Template one; TemplatesOf those of a step.
	ListTemplates(ctx context.Context, q sqldb.Queryer, org string, query listing.Query) ([]templates.Template, error)
	Template(ctx context.Context, q sqldb.Queryer, org, id string) (templates.Template, error)
	TemplatesOf(ctx context.Context, q sqldb.Queryer, org, step string) ([]templates.Template, error)
	// ReplaceTemplate must write the row of t.Org. own says that it was read as the organisation's; apierr.ErrStale when
	// somebody was faster.
	ReplaceTemplate(ctx context.Context, tx sqldb.Tx, t templates.Template, own bool) error
}

var _ Templates = (*SQL)(nil)

const templateColumns = `org, id, kind, steps, carries, title_zh, title_en, text_zh, text_en, version, updated_at`

// spaced puts spaces around each word, so that one of them is found by LIKE.
func spaced(list []string) string { return " " + strings.Join(list, " ") + " " }

func templateRow(t templates.Template) []any {
	return []any{t.Org, t.ID, t.Kind, spaced(t.Steps), spaced(t.Rows), t.Title.ZH, t.Title.EN, t.ZH, t.EN, t.Version, sqldb.Micros(t.Updated)}
}

// ShipTemplates implements Templates.
func (s *SQL) ShipTemplates(ctx context.Context, tx sqldb.Tx, shipped []templates.Template) error {
	for _, t := range shipped {
		t.Org = ""
		_, err := tx.Exec(ctx, `INSERT INTO templates (`+templateColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (org, id) DO UPDATE SET kind = excluded.kind, steps = excluded.steps, carries = excluded.carries, title_zh = excluded.title_zh,
			title_en = excluded.title_en, text_zh = excluded.text_zh, text_en = excluded.text_en, updated_at = excluded.updated_at`, templateRow(t)...)
		if err != nil {
			return fmt.Errorf("store: ship template: %w", err)
		}
	}
	return nil
}

// ListTemplates implements Templates.
func (s *SQL) ListTemplates(ctx context.Context, q sqldb.Queryer, org string, query listing.Query) ([]templates.Template, error) {
	where, args := query.Where(2)
	return readTemplates(q.Rows(ctx, `SELECT `+templateColumns+` FROM templates WHERE `+inForce("templates", "id")+` AND `+where+
		` ORDER BY `+query.OrderBy+` LIMIT `+strconv.Itoa(query.Limit), append([]any{org}, args...)...))
}

// TemplatesOf implements Templates.
func (s *SQL) TemplatesOf(ctx context.Context, q sqldb.Queryer, org, step string) ([]templates.Template, error) {
	return readTemplates(q.Rows(ctx, `SELECT `+templateColumns+` FROM templates WHERE steps LIKE $2 AND `+inForce("templates", "id")+` ORDER BY id`,
		org, "% "+step+" %"))
}

// Template implements Templates.
func (s *SQL) Template(ctx context.Context, q sqldb.Queryer, org, id string) (templates.Template, error) {
	t, err := scanTemplate(q.Row(ctx, `SELECT `+templateColumns+` FROM templates WHERE id = $2 AND `+inForce("templates", "id"), org, id))
	if errors.Is(err, sqldb.ErrNoRows) {
		return t, apierr.NotFound("templates/" + id)
	}
	return t, err
}

func readTemplates(rows sqldb.Rows, err error) ([]templates.Template, error) {
	if err != nil {
		return nil, fmt.Errorf("store: read templates: %w", err)
	}
	defer rows.Close()
	var all []templates.Template
	for rows.Next() {
		t, err := scanTemplate(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

func scanTemplate(row sqldb.Row) (t templates.Template, err error) {
	var steps, carries string
	var updated int64
	err = row.Scan(&t.Org, &t.ID, &t.Kind, &steps, &carries, &t.Title.ZH, &t.Title.EN, &t.ZH, &t.EN, &t.Version, &updated)
	t.Steps, t.Rows, t.Updated = strings.Fields(steps), strings.Fields(carries), sqldb.Time(updated)
	return t, err
}

// ReplaceTemplate implements Templates. t.Version is the one that was read.
func (s *SQL) ReplaceTemplate(ctx context.Context, tx sqldb.Tx, t templates.Template, own bool) (err error) {
	var n int64
	if own {
		n, err = tx.Exec(ctx, `UPDATE templates SET text_zh = $3, text_en = $4, version = version + 1, updated_at = $5
			WHERE org = $1 AND id = $2 AND version = $6`, t.Org, t.ID, t.ZH, t.EN, sqldb.Micros(t.Updated), t.Version)
	} else {
		t.Version++
		n, err = tx.Exec(ctx, `INSERT INTO templates (`+templateColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (org, id) DO NOTHING`, templateRow(t)...)
	}
	if err != nil {
		return fmt.Errorf("store: replace template: %w", err)
	}
	if n == 0 {
		return apierr.ErrStale.New()
	}
	return nil
}

// AllTemplates answers the shipped rows.
func (s *SQL) AllTemplates(ctx context.Context, q sqldb.Queryer) ([]templates.Template, error) {
	return readTemplates(q.Rows(ctx, `SELECT `+templateColumns+` FROM templates WHERE org = '' ORDER BY id`))
}

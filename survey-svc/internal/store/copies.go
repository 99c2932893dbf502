package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// CaseCopy is what intake's events told of a case.
type CaseCopy struct {
	Case         string
	State        string
	Round        int
	Kind         string
	ContentClass string
	Brand, Model string
	Sequence     int64 // intake's, of the event it was taken from
}

// SaveCase keeps what an event told, unless a later one has been kept.
func (s *Store) SaveCase(ctx context.Context, tx sqldb.Tx, c CaseCopy) error {
	_, err := tx.Exec(ctx, `INSERT INTO case_copies (case_name, state, round, kind, content_class, brand, model, sequence)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (case_name) DO UPDATE SET state = excluded.state, round = excluded.round, kind = excluded.kind,
			content_class = excluded.content_class, brand = excluded.brand, model = excluded.model, sequence = excluded.sequence
		WHERE case_copies.sequence < excluded.sequence`,
		c.Case, c.State, c.Round, c.Kind, c.ContentClass, c.Brand, c.Model, c.Sequence)
	return err
}

// Case reads what was told of a case; the zero value when nothing was.
func (s *Store) Case(ctx context.Context, q sqldb.Queryer, name string) (c CaseCopy, err error) {
	err = q.Row(ctx, `SELECT case_name, state, round, kind, content_class, brand, model, sequence FROM case_copies
		WHERE case_name = $1`, name).Scan(&c.Case, &c.State, &c.Round, &c.Kind, &c.ContentClass, &c.Brand, &c.Model, &c.Sequence)
	if missing(err) {
		return CaseCopy{}, nil
	}
	return c, err
}

// Code is a row of a code table.
type Code struct {
	Axis, Code, Org  string
	LabelZH, LabelEN string
	Attributes       map[string]string
	Active           bool
}

// SaveCode keeps a row of a code table.
func (s *Store) SaveCode(ctx context.Context, tx sqldb.Tx, c Code) error {
	attributes, err := json.Marshal(c.Attributes)
	if err != nil {
		return fmt.Errorf("store: write attributes: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO codes (axis, code, org, label_zh, label_en, attributes, active)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (axis, code, org) DO UPDATE SET label_zh = excluded.label_zh, label_en = excluded.label_en,
			attributes = excluded.attributes, active = excluded.active`,
		c.Axis, c.Code, c.Org, c.LabelZH, c.LabelEN, string(attributes), c.Active)
	return err
}

// CodeLabels reads the labels of an axis, by code; an organisation's own rows win over the common ones.
func (s *Store) CodeLabels(ctx context.Context, q sqldb.Queryer, axis, org string) (map[string]Code, error) {
	rows, err := q.Rows(ctx, `SELECT code, org, label_zh, label_en, active FROM codes WHERE axis = $1 AND org IN ('', $2)
		ORDER BY org`, axis, org)
	list, err := collect(rows, err, func(row sqldb.Row) (c Code, err error) {
		return c, row.Scan(&c.Code, &c.Org, &c.LabelZH, &c.LabelEN, &c.Active)
	})
	byCode := make(map[string]Code, len(list))
	for _, c := range list {
		byCode[c.Code] = c
	}
	return byCode, err
}

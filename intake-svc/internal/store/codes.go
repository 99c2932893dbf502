package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const codeColumns = `axis, code, label_zh, label_en, attributes, active, rank, version, updated_at`

// AllCodes implements Codes.
func (s *SQL) AllCodes(ctx context.Context, q sqldb.Queryer) ([]Code, error) {
	return readCodes(q.Rows(ctx, `SELECT `+codeColumns+` FROM codes ORDER BY axis, rank, code`))
}

// ListCodes implements Codes.
func (s *SQL) ListCodes(ctx context.Context, q sqldb.Queryer, query listing.Query) ([]Code, error) {
	where, args := query.Where(1)
	return readCodes(q.Rows(ctx, `SELECT `+codeColumns+` FROM codes WHERE `+where+` ORDER BY `+query.OrderBy+` LIMIT `+strconv.Itoa(query.Limit), args...))
}

func readCodes(rows sqldb.Rows, err error) ([]Code, error) {
	if err != nil {
		return nil, fmt.Errorf("store: read codes: %w", err)
	}
	defer rows.Close()
	var all []Code
	for rows.Next() {
		c, err := scanCode(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

func scanCode(row sqldb.Row) (c Code, err error) {
	var attributes string
	var updated int64
	if err := row.Scan(&c.Axis, &c.Code, &c.LabelZH, &c.LabelEN, &attributes, &c.Active, &c.Rank, &c.Version, &updated); err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(attributes), &c.Attributes); err != nil {
		return c, fmt.Errorf("store: attributes of code %s.%s: %w", c.Axis, c.Code, err)
	}
	c.Updated = sqldb.Time(updated)
	return c, nil
}

// AddCode implements Codes.
func (s *SQL) AddCode(ctx context.Context, tx sqldb.Tx, c Code) (bool, error) {
	attributes, err := json.Marshal(c.Attributes)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO codes (axis, code, label_zh, label_en, attributes, active, rank, version, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (axis, code) DO NOTHING`,
		c.Axis, c.Code, c.LabelZH, c.LabelEN, string(attributes), c.Active, int64(c.Rank), c.Version, sqldb.Micros(c.Updated))
	if err != nil {
		return false, fmt.Errorf("store: add code: %w", err)
	}
	return n == 1, nil
}

// UpdateCode implements Codes. c.Version is the one that was read.
func (s *SQL) UpdateCode(ctx context.Context, tx sqldb.Tx, c Code) error {
	attributes, err := json.Marshal(c.Attributes)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE codes SET label_zh = $3, label_en = $4, attributes = $5, active = $6, rank = $7, version = version + 1, updated_at = $8
		WHERE axis = $1 AND code = $2 AND version = $9`,
		c.Axis, c.Code, c.LabelZH, c.LabelEN, string(attributes), c.Active, int64(c.Rank), sqldb.Micros(c.Updated), c.Version)
	if err != nil {
		return fmt.Errorf("store: update code: %w", err)
	}
	if n == 0 {
		return apierr.ErrStale.New()
	}
	return nil
}

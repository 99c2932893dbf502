package store

import (
	"context"
	"slices"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// PutCode keeps a copy of a row of intake's code tables.
func (s *Store) PutCode(ctx context.Context, tx sqldb.Tx, c *eventv1.CodeChanged) error {
	_, err := tx.Exec(ctx, `INSERT INTO codes (axis, org, code, label_zh, label_en, active) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (axis, org, code) DO UPDATE SET label_zh = excluded.label_zh, label_en = excluded.label_en, active = excluded.active`,
		c.GetAxis(), c.GetOrg(), c.GetCode(), c.GetLabelZh(), c.GetLabelEn(), c.GetActive())
	return err
}

// CheckCode refuses a value that the axis does not have for the organisation. An axis without any row has not arrived yet: a field
// service does not stop for it.
func (s *Store) CheckCode(ctx context.Context, q sqldb.Queryer, axis, org, value string) error {
	if value == "" {
		return nil
	}
	allowed, err := strings1(ctx, q, `SELECT DISTINCT code FROM codes WHERE axis = $1 AND org IN ('', $2) AND active ORDER BY code`, axis, org)
	if err != nil {
		return err
	}
	if len(allowed) == 0 || slices.Contains(allowed, value) {
		return nil
	}
	return apierr.ErrUnknownCode.New("axis", axis, "value", value, "allowed", strings.Join(allowed, ", "))
}

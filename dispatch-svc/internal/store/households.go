package store

import (
	"context"
	"time"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// addHouseholds keeps what the order's household is found by.
func (s *Store) addHouseholds(ctx context.Context, tx sqldb.Tx, order string, households []string) error {
	for _, h := range households {
		if _, err := tx.Exec(ctx, `INSERT INTO order_households (work_order, household) VALUES ($1, $2) ON CONFLICT DO NOTHING`, order, h); err != nil {
			return err
		}
	}
	return nil
}

// Exclude keeps an engineer away from households, for the orders of one organisation. A repeat changes nothing.
func (s *Store) Exclude(ctx context.Context, tx sqldb.Tx, org, engineer string, households []string, now time.Time) error {
	for _, h := range households {
		_, err := tx.Exec(ctx, `INSERT INTO engineer_exclusions (org, household, engineer, created_us) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			org, h, engineer, sqldb.Micros(now))
		if err != nil {
			return err
		}
	}
	return nil
}

// excluded names the engineers who are kept away from the household of order $1.
const excluded = `SELECT x.engineer FROM ` + exclusions + ` WHERE h.work_order = $1`

// exclusions joins orders (h.work_order) with the engineers (x.engineer) kept away from their households.
const exclusions = `order_households h JOIN work_orders w ON w.id = h.work_order
	JOIN engineer_exclusions x ON x.household = h.household AND x.org = w.owner_org`

// Excluded says whether the engineer is kept away from the order's household.
func (s *Store) Excluded(ctx context.Context, q Reader, order, engineer string) (bool, error) {
	var n int64
	err := q.Row(ctx, `SELECT COUNT(*) FROM (`+excluded+` AND x.engineer = $2) AS e`, order, engineer).Scan(&n)
	return n > 0, err
}

// Decliners names the engineers who are not asked: they refused the order, or are kept away from the household.
func (s *Store) Decliners(ctx context.Context, order string) ([]string, error) {
	return strings1(ctx, s.DB, `SELECT engineer FROM assignments WHERE work_order = $1 AND ended_by = 'decline'
		UNION `+excluded+` ORDER BY engineer`, order)
}

// AllDecliners is Decliners of many orders, by order.
func (s *Store) AllDecliners(ctx context.Context, orders []string) (map[string][]string, error) {
	cond, arg := sqldb.In(s.DB.Engine(), "work_order", 1, orders)
	kept, _ := sqldb.In(s.DB.Engine(), "h.work_order", 1, orders)
	rows, err := s.DB.Rows(ctx, `SELECT work_order, engineer FROM assignments WHERE ended_by = 'decline' AND `+cond+`
		UNION SELECT h.work_order, x.engineer FROM `+exclusions+` WHERE `+kept+` ORDER BY 1, 2`, arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string][]string{}
	for rows.Next() {
		var order, engineer string
		if err := rows.Scan(&order, &engineer); err != nil {
			return nil, err
		}
		out[order] = append(out[order], engineer)
	}
	return out, rows.Err()
}

package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// insertOrder has version 1 behind the values of orderValues.
var insertOrder = `INSERT INTO work_orders (` + orderColumns + `) VALUES (` + marks(29) + `, 1) ON CONFLICT DO NOTHING`

// Create writes a new order with its first step. When the same measure of the case has an order already, that one is given and
// nothing is written.
func (s *Store) Create(ctx context.Context, tx sqldb.Tx, o *workorder.Order, c workorder.Change) (*workorder.Order, error) {
	values, err := s.orderValues(o)
	if err != nil {
		return nil, err
	}
	n, err := tx.Exec(ctx, insertOrder, values...)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return s.sameMeasure(ctx, tx, o)
	}
	o.Version = 1
	if err := s.addHouseholds(ctx, tx, o.ID, o.Households); err != nil {
		return nil, err
	}
	return o, s.record(ctx, tx, o, c)
}

func (s *Store) sameMeasure(ctx context.Context, tx sqldb.Tx, o *workorder.Order) (*workorder.Order, error) {
	found, err := s.orders(ctx, tx, `case_name = $1 AND solution = $2 AND round = $3 AND purpose = $4 AND state <> 'CANCELLED'`,
		o.Case, o.Solution, o.Round, string(o.Purpose))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, sqldb.ErrRetryTx // it was called off between the two statements
	}
	return found[0], nil
}

// updateOrder writes every column but the id; the last argument is the version that was read.
var updateOrder = func() string {
	columns := strings.Split(orderColumns, ",")
	set := make([]string, 0, len(columns))
	for i, c := range columns[1 : len(columns)-1] {
		set = append(set, strings.TrimSpace(c)+" = $"+strconv.Itoa(i+2))
	}
	return `UPDATE work_orders SET ` + strings.Join(set, ", ") + `, version = version + 1 WHERE id = $1 AND version = $30`
}()

// Save writes an order after one step, with everything that belongs to the step. An order that somebody else changed since it was
// read makes the transaction run again on what is there now.
func (s *Store) Save(ctx context.Context, tx sqldb.Tx, o *workorder.Order, c workorder.Change) error {
	if err := s.write(ctx, tx, o); err != nil {
		return err
	}
	if err := s.assignments(ctx, tx, o, c); err != nil {
		return err
	}
	if err := s.waits(ctx, tx, o, c); err != nil {
		return err
	}
	return s.record(ctx, tx, o, c)
}

// waits ends what the order waited for, as far as the step does.
func (s *Store) waits(ctx context.Context, tx sqldb.Tx, o *workorder.Order, c workorder.Change) error {
	switch {
	case o.PartWait == nil:
		return nil
	case !o.Open():
		return s.endWaits(ctx, tx, o.ID)
	case c.From == workorder.WaitingPart && c.To != workorder.WaitingPart:
		return s.EndArrival(ctx, tx, o.ID)
	}
	return nil
}

// SaveQuietly writes an order without a step: a wrong acceptance code was counted.
func (s *Store) SaveQuietly(ctx context.Context, tx sqldb.Tx, o *workorder.Order) error {
	return s.write(ctx, tx, o)
}

func (s *Store) write(ctx context.Context, tx sqldb.Tx, o *workorder.Order) error {
	values, err := s.orderValues(o)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, updateOrder, append(values, o.Version)...)
	if err != nil {
		return err
	}
	if n != 1 {
		return sqldb.ErrRetryTx
	}
	o.Version++
	return nil
}

// assignments keeps one live row while somebody has the order.
func (s *Store) assignments(ctx context.Context, tx sqldb.Tx, o *workorder.Order, c workorder.Change) error {
	given := c.Verb == workorder.VerbAssign || c.Verb == workorder.VerbReassign
	if given || c.Lost != "" || !o.Open() {
		_, err := tx.Exec(ctx, `UPDATE assignments SET ended_us = $1, ended_by = $2 WHERE work_order = $3 AND ended_us = 0`,
			sqldb.Micros(c.Now), string(c.Verb), o.ID)
		if err != nil {
			return err
		}
	}
	if !given {
		return nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO assignments (id, work_order, engineer, assigned_us, assigned_by, ended_us, ended_by)
		VALUES ($1, $2, $3, $4, $5, 0, '')`, id.String(), o.ID, o.Engineer, sqldb.Micros(c.Now), c.By.Subject)
	if sqldb.IsUnique(err, "assignments") {
		return sqldb.ErrRetryTx // another dispatcher won: look again
	}
	return err
}

// Etag is what a client must show to change what it has read.
func Etag(o *workorder.Order) string { return strconv.FormatInt(o.Version, 10) }

// CheckEtag refuses an etag of another version; an empty one is any.
func CheckEtag(o *workorder.Order, etag string) error {
	if etag != "" && etag != Etag(o) {
		return apierr.ErrStale.New()
	}
	return nil
}

// marks are $1 … $n.
func marks(n int) string {
	m := make([]string, n)
	for i := range m {
		m[i] = fmt.Sprintf("$%d", i+1)
	}
	return strings.Join(m, ", ")
}

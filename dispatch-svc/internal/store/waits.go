package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// PartByNumber gives "parts/<id>" of an organisation's part, "" when it has none of that number.
func (s *Store) PartByNumber(ctx context.Context, q sqldb.Queryer, org, number string) (string, error) {
	var id string
	err := q.Row(ctx, `SELECT id FROM parts WHERE org = $1 AND number = $2`, org, number).Scan(&id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return "", nil
	}
	return "parts/" + id, err
}

// Await keeps what the order waits for and sets aside what a warehouse has. Parts that are not ours are not looked for. What was set
// aside before and is not wanted any more goes back. ready: all of it is there.
func (s *Store) Await(ctx context.Context, tx sqldb.Tx, o *workorder.Order, now time.Time) (ready bool, err error) {
	if err := s.dropUnwanted(ctx, tx, o); err != nil {
		return false, err
	}
	for _, need := range o.PartWait.Parts {
		if need.Part == "" {
			continue
		}
		_, err := tx.Exec(ctx, `INSERT INTO part_waits (work_order, part, org, quantity, held, promised_us) VALUES ($1, $2, $3, $4, 0, $5)
			ON CONFLICT (work_order, part) DO UPDATE SET quantity = excluded.quantity, promised_us = excluded.promised_us`,
			o.ID, partID(need.Part), o.CarrierOrg(), int64(need.Quantity), sqldb.Micros(o.PartWait.Promised))
		if err != nil {
			return false, err
		}
		if err := s.fromWarehouse(ctx, tx, o, partID(need.Part)); err != nil {
			return false, err
		}
	}
	return s.arrived(ctx, tx, o.ID, now)
}

// dropUnwanted ends the waits for parts that are not waited for any more.
func (s *Store) dropUnwanted(ctx context.Context, tx sqldb.Tx, o *workorder.Order) error {
	wanted := map[string]bool{}
	for _, need := range o.PartWait.Parts {
		wanted[partID(need.Part)] = true
	}
	waiting, err := strings1(ctx, tx, `SELECT part FROM part_waits WHERE work_order = $1 ORDER BY part`, o.ID)
	if err != nil {
		return err
	}
	for _, part := range waiting {
		if wanted[part] {
			continue
		}
		if err := s.giveBack(ctx, tx, o.ID, part); err != nil {
			return err
		}
	}
	return nil
}

// fromWarehouse sets aside what is missing, where one warehouse has all of it.
func (s *Store) fromWarehouse(ctx context.Context, tx sqldb.Tx, o *workorder.Order, part string) error {
	var missing int64
	err := tx.Row(ctx, `SELECT quantity - held FROM part_waits WHERE work_order = $1 AND part = $2`, o.ID, part).Scan(&missing)
	if err != nil || missing <= 0 {
		return err
	}
	places, err := strings1(ctx, tx, `SELECT s.location FROM stock s JOIN stock_locations l ON l.id = s.location
		WHERE s.part = $1 AND l.org = $2 AND l.kind = 'WAREHOUSE' AND s.on_hand >= $3 ORDER BY s.location LIMIT 1`, part, o.CarrierOrg(), missing)
	if err != nil || len(places) == 0 {
		return err
	}
	_, err = s.setAside(ctx, tx, o.ID, part, places[0], missing)
	return err
}

// setAside takes pieces from stock for a waiting order; false when the order does not wait any more or the stock is gone.
func (s *Store) setAside(ctx context.Context, tx sqldb.Tx, order, part, location string, pieces int64) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE stock SET on_hand = on_hand - $1 WHERE part = $2 AND location = $3 AND on_hand >= $1`, pieces, part, location)
	if err != nil || n == 0 {
		return false, err
	}
	n, err = tx.Exec(ctx, `UPDATE part_waits SET held = held + $1 WHERE work_order = $2 AND part = $3 AND quantity - held >= $1`, pieces, order, part)
	if err != nil {
		return false, err
	}
	if n == 0 { // the order ended meanwhile
		_, err := tx.Exec(ctx, `UPDATE stock SET on_hand = on_hand + $1 WHERE part = $2 AND location = $3`, pieces, part, location)
		return false, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO part_holds (work_order, part, location, quantity) VALUES ($1, $2, $3, $4)
		ON CONFLICT (work_order, part, location) DO UPDATE SET quantity = part_holds.quantity + excluded.quantity`, order, part, location, pieces)
	return err == nil, err
}

// arrived notes for the sweeper that nothing is missing any more.
func (s *Store) arrived(ctx context.Context, tx sqldb.Tx, order string, now time.Time) (bool, error) {
	var waits, missing int64
	err := tx.Row(ctx, `SELECT COUNT(*), COALESCE(SUM(quantity - held), 0) FROM part_waits WHERE work_order = $1`, order).Scan(&waits, &missing)
	if err != nil || waits == 0 || missing > 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO part_arrivals (work_order, due_us) VALUES ($1, $2) ON CONFLICT DO NOTHING`, order, sqldb.Micros(now))
	return true, err
}

// Receipt is a goods receipt.
type Receipt struct {
	Org, Part, Location string // ids
	Quantity            int64
	Note, Actor         string
}

// Received is where the pieces of a receipt went.
type Received struct {
	Ready            []string // ids of orders that miss nothing any more
	SetAside, OnHand int64
}

// mostWaiting bounds the orders that one receipt serves.
const mostWaiting = 500

// Receive books a goods receipt and serves who waits, the earliest promise first.
func (s *Store) Receive(ctx context.Context, tx sqldb.Tx, r Receipt, now time.Time) (out Received, err error) {
	if err := s.bookReceipt(ctx, tx, r, now); err != nil {
		return out, err
	}
	waiting, err := s.waiting(ctx, tx, r)
	if err != nil {
		return out, err
	}
	left := r.Quantity
	for _, w := range waiting {
		pieces := min(w.missing, left)
		if pieces <= 0 {
			break
		}
		ok, err := s.setAside(ctx, tx, w.order, r.Part, r.Location, pieces)
		if err != nil {
			return out, err
		}
		if !ok {
			continue
		}
		left -= pieces
		ready, err := s.arrived(ctx, tx, w.order, now)
		if err != nil {
			return out, err
		}
		if ready {
			out.Ready = append(out.Ready, w.order)
		}
	}
	out.SetAside = r.Quantity - left
	err = tx.Row(ctx, `SELECT on_hand FROM stock WHERE part = $1 AND location = $2`, r.Part, r.Location).Scan(&out.OnHand)
	return out, err
}

func (s *Store) bookReceipt(ctx context.Context, tx sqldb.Tx, r Receipt, now time.Time) error {
	var n int64
	err := tx.Row(ctx, `SELECT COUNT(*) FROM parts p JOIN stock_locations l ON l.org = p.org WHERE p.id = $1 AND l.id = $2 AND p.org = $3`,
		r.Part, r.Location, r.Org).Scan(&n)
	if err != nil {
		return err
	}
	if n == 0 {
		return apierr.NotFound("parts/" + r.Part)
	}
	_, err = tx.Exec(ctx, `INSERT INTO stock (part, location, on_hand) VALUES ($1, $2, $3)
		ON CONFLICT (part, location) DO UPDATE SET on_hand = stock.on_hand + excluded.on_hand`, r.Part, r.Location, r.Quantity)
	if err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO goods_receipts (id, part, location, quantity, delivery_note, actor, received_us) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id.String(), r.Part, r.Location, r.Quantity, r.Note, r.Actor, sqldb.Micros(now))
	return err
}

// wait is an order that misses pieces.
type wait struct {
	order   string
	missing int64
}

func (s *Store) waiting(ctx context.Context, tx sqldb.Tx, r Receipt) ([]wait, error) {
	rows, err := tx.Rows(ctx, `SELECT work_order, quantity - held FROM part_waits WHERE part = $1 AND org = $2 AND quantity > held
		ORDER BY promised_us, work_order LIMIT $3`, r.Part, r.Org, int64(mostWaiting))
	if err != nil {
		return nil, err
	}
	found, err := collect(rows, func(w *wait) []any { return []any{&w.order, &w.missing} })
	out := make([]wait, len(found))
	for i, w := range found {
		out[i] = *w
	}
	return out, err
}

// LocationOrg is the organisation of a place; NOT_FOUND when it is none of theirs.
func (s *Store) LocationOrg(ctx context.Context, q Reader, location string, orgs []string) (org string, err error) {
	cond, args := orgCondition(q.Engine(), orgs, 2)
	err = q.Row(ctx, `SELECT org FROM stock_locations WHERE id = $1 AND `+cond, append([]any{location}, args...)...).Scan(&org)
	if errors.Is(err, sqldb.ErrNoRows) {
		return "", apierr.NotFound("stockLocations/" + location)
	}
	return org, err
}

// Arrivals names orders that miss nothing any more and are to be booked. For the sweeper.
func (s *Store) Arrivals(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return strings1(ctx, s.DB, `SELECT work_order FROM part_arrivals WHERE due_us <= $1 ORDER BY due_us LIMIT $2`, sqldb.Micros(now), limit)
}

// BookLater puts the next attempt to book off.
func (s *Store) BookLater(ctx context.Context, tx sqldb.Tx, order string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE part_arrivals SET due_us = $1 WHERE work_order = $2`, sqldb.Micros(at), order)
	return err
}

// EndArrival forgets an arrival: the order is booked, or does not wait any more.
func (s *Store) EndArrival(ctx context.Context, tx sqldb.Tx, order string) error {
	_, err := tx.Exec(ctx, `DELETE FROM part_arrivals WHERE work_order = $1`, order)
	return err
}

// endWaits: the order is over; what was set aside and not used goes back.
func (s *Store) endWaits(ctx context.Context, tx sqldb.Tx, order string) error {
	if err := s.EndArrival(ctx, tx, order); err != nil {
		return err
	}
	waited, err := strings1(ctx, tx, `SELECT part FROM part_waits WHERE work_order = $1 ORDER BY part`, order)
	if err != nil {
		return err
	}
	for _, part := range waited {
		if err := s.giveBack(ctx, tx, order, part); err != nil {
			return err
		}
	}
	return nil
}

// giveBack ends one wait. The row of the wait is taken first: a receipt that comes at the same time finds none to serve.
func (s *Store) giveBack(ctx context.Context, tx sqldb.Tx, order, part string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM part_waits WHERE work_order = $1 AND part = $2`, order, part); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE stock SET on_hand = on_hand + (SELECT h.quantity FROM part_holds h WHERE h.work_order = $1 AND h.part = stock.part
		AND h.location = stock.location) WHERE part = $2 AND location IN (SELECT location FROM part_holds WHERE work_order = $1 AND part = $2)`, order, part)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM part_holds WHERE work_order = $1 AND part = $2`, order, part)
	return err
}

// takeHeld uses pieces that were set aside for the order; location is where they came from, "" when there are not enough.
func (s *Store) takeHeld(ctx context.Context, tx sqldb.Tx, order, part string, pieces int64) (location string, err error) {
	places, err := strings1(ctx, tx, `SELECT location FROM part_holds WHERE work_order = $1 AND part = $2 AND quantity >= $3 ORDER BY location LIMIT 1`,
		order, part, pieces)
	if err != nil || len(places) == 0 {
		return "", err
	}
	n, err := tx.Exec(ctx, `UPDATE part_holds SET quantity = quantity - $1 WHERE work_order = $2 AND part = $3 AND location = $4 AND quantity >= $1`,
		pieces, order, part, places[0])
	if err != nil || n == 0 {
		return "", err
	}
	return places[0], nil
}

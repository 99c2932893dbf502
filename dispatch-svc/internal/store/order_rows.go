package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// orderColumns in the order of orderValues and scanOrder.
const orderColumns = `id, case_name, case_number, round, solution, purpose, state, outcome, owner_org, serving_org, released, engineer,
	urgency, region, partner, confidentiality, contact, window_start_us, window_end_us, confirmed_us, offered_us, offer_deadline_us,
	decline_reason, code_digest, code_tries, code_expires_us, body, created_us, updated_us, version`

// orderValues are the columns of an order but its version.
func (s *Store) orderValues(o *workorder.Order) ([]any, error) {
	plain, err := json.Marshal(o.Contact)
	if err != nil {
		return nil, fmt.Errorf("store: contact: %w", err)
	}
	contact, err := s.sealer.Seal(plain, contactKey(o.ID))
	if err != nil {
		return nil, fmt.Errorf("store: contact: %w", err)
	}
	body, err := json.Marshal(o.Body)
	if err != nil {
		return nil, fmt.Errorf("store: order: %w", err)
	}
	us := sqldb.Micros
	return []any{o.ID, o.Case, o.CaseNumber, o.Round, o.Solution, string(o.Purpose), string(o.State), string(o.Outcome), o.OwnerOrg,
		o.ServingOrg, o.Released, o.Engineer, o.Urgency, o.Region, o.Partner, o.Secrecy, contact, us(o.WindowStart), us(o.WindowEnd),
		us(o.ConfirmedAt), us(o.Offer.At), us(o.Offer.Deadline), o.Offer.DeclineReason, o.Code.Digest, int64(o.Code.Tries), us(o.Code.Expires),
		string(body), us(o.CreatedAt), us(o.UpdatedAt)}, nil
}

// contactKey binds a sealed contact to its order, so that sealed values cannot be swapped.
func contactKey(id string) []byte { return []byte("dispatch/work_orders/contact/" + id) }

func (s *Store) scanOrder(row sqldb.Row) (*workorder.Order, error) {
	var o workorder.Order
	var contact []byte
	var body string
	var start, end, confirmed, offered, deadline, codeEnds, created, updated int64
	err := row.Scan(&o.ID, &o.Case, &o.CaseNumber, &o.Round, &o.Solution, &o.Purpose, &o.State, &o.Outcome, &o.OwnerOrg, &o.ServingOrg,
		&o.Released, &o.Engineer, &o.Urgency, &o.Region, &o.Partner, &o.Secrecy, &contact, &start, &end, &confirmed, &offered, &deadline,
		&o.Offer.DeclineReason, &o.Code.Digest, &o.Code.Tries, &codeEnds, &body, &created, &updated, &o.Version)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(body), &o.Body); err != nil {
		return nil, fmt.Errorf("store: order %s: %w", o.ID, err)
	}
	o.WindowStart, o.WindowEnd, o.ConfirmedAt = sqldb.Time(start), sqldb.Time(end), sqldb.Time(confirmed)
	o.Offer.At, o.Offer.Deadline, o.Code.Expires = sqldb.Time(offered), sqldb.Time(deadline), sqldb.Time(codeEnds)
	o.CreatedAt, o.UpdatedAt = sqldb.Time(created), sqldb.Time(updated)
	return &o, s.openContact(&o, contact)
}

func (s *Store) openContact(o *workorder.Order, sealed []byte) error {
	plain, err := s.sealer.Open(sealed, contactKey(o.ID))
	if err != nil {
		return fmt.Errorf("store: contact of %s: %w", o.ID, err)
	}
	return json.Unmarshal(plain, &o.Contact)
}

// Order reads an order that the viewer may see; NOT_FOUND otherwise.
func (s *Store) Order(ctx context.Context, q Reader, v Viewer, id string) (*workorder.Order, error) {
	cond, args := v.filter(q.Engine(), 2)
	o, err := s.scanOrder(q.Row(ctx, `SELECT `+orderColumns+` FROM work_orders WHERE id = $1 AND `+cond, append([]any{id}, args...)...))
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, apierr.NotFound("workOrders/" + id)
	}
	return o, err
}

// Reader is a database or a transaction.
type Reader interface {
	sqldb.Queryer
	Engine() sqldb.Engine
}

// orders reads many; cond is what stands behind WHERE.
func (s *Store) orders(ctx context.Context, q Reader, cond string, args ...any) ([]*workorder.Order, error) {
	rows, err := q.Rows(ctx, `SELECT `+orderColumns+` FROM work_orders WHERE `+cond, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*workorder.Order
	for rows.Next() {
		o, err := s.scanOrder(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, rows.Err()
}

// maxCaseOrders bounds what is read of one case; a case has a handful.
const maxCaseOrders = 1000

// CaseOrders reads all orders of a case, oldest first. For the suite itself: nothing is filtered.
func (s *Store) CaseOrders(ctx context.Context, q Reader, caseName string) ([]*workorder.Order, error) {
	return s.orders(ctx, q, `case_name = $1 ORDER BY created_us, id LIMIT $2`, caseName, maxCaseOrders)
}

// OverdueOffers names orders whose offer has run out. For the sweeper.
func (s *Store) OverdueOffers(ctx context.Context, now int64, limit int) ([]string, error) {
	return strings1(ctx, s.DB, `SELECT id FROM work_orders WHERE state = 'OFFERED' AND offer_deadline_us <= $1
		ORDER BY offer_deadline_us LIMIT $2`, now, limit)
}

// WasAssigned says whether the engineer once had the order.
func (s *Store) WasAssigned(ctx context.Context, q Reader, id, engineer string) (bool, error) {
	var n int64
	err := q.Row(ctx, `SELECT COUNT(*) FROM assignments WHERE engineer = $1 AND work_order = $2`, engineer, id).Scan(&n)
	return n > 0, err
}

// strings1 reads one text column.
func strings1(ctx context.Context, q sqldb.Queryer, query string, args ...any) ([]string, error) {
	rows, err := q.Rows(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

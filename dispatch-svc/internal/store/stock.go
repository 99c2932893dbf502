package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/parts"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// TakeParts takes what was built in from stock and fills in number, specification and place (R147). Parts without a name are not
// ours and only recorded. Rows are locked in the order of parts, so that two completions do not wait for each other in a circle.
func (s *Store) TakeParts(ctx context.Context, tx sqldb.Tx, o *workorder.Order, used []workorder.PartUsed, now time.Time) error {
	order := make([]int, 0, len(used))
	for i := range used {
		if used[i].Part != "" {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return strings.Compare(used[a].Part+"@"+used[a].Location, used[b].Part+"@"+used[b].Location)
	})
	for _, i := range order {
		if err := s.takePart(ctx, tx, o, &used[i], now); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) takePart(ctx context.Context, tx sqldb.Tx, o *workorder.Order, u *workorder.PartUsed, now time.Time) error {
	if err := s.describePart(ctx, tx, o.CarrierOrg(), u); err != nil {
		return err
	}
	if err := s.takePieces(ctx, tx, o, u); err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO part_uses (id, work_order, part, location, quantity, used_us) VALUES ($1, $2, $3, $4, $5, $6)`,
		id.String(), o.ID, u.Part, u.Location, int64(u.Quantity), sqldb.Micros(now))
	return err
}

func partID(name string) string { return strings.TrimPrefix(name, "parts/") }

// takePieces uses what was set aside for the order, else what the place has.
func (s *Store) takePieces(ctx context.Context, tx sqldb.Tx, o *workorder.Order, u *workorder.PartUsed) error {
	if o.PartWait != nil {
		held, err := s.takeHeld(ctx, tx, o.ID, partID(u.Part), int64(u.Quantity))
		if err != nil || held != "" {
			u.Location = "stockLocations/" + held
			return err
		}
	}
	if err := s.findLocation(ctx, tx, o, u); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE stock SET on_hand = on_hand - $1 WHERE part = $2 AND location = $3 AND on_hand >= $1`,
		int64(u.Quantity), partID(u.Part), strings.TrimPrefix(u.Location, "stockLocations/"))
	if err == nil && n != 1 {
		err = parts.ErrInsufficient.New("part", u.Part, "location", u.Location)
	}
	return err
}

func (s *Store) describePart(ctx context.Context, tx sqldb.Tx, org string, u *workorder.PartUsed) error {
	err := tx.Row(ctx, `SELECT number, specification FROM parts WHERE id = $1 AND org = $2`,
		strings.TrimPrefix(u.Part, "parts/"), org).Scan(&u.Number, &u.Specification)
	if errors.Is(err, sqldb.ErrNoRows) {
		return apierr.NotFound(u.Part)
	}
	return err
}

// findLocation is the named place, if it belongs to the organisation, else the engineer's van.
func (s *Store) findLocation(ctx context.Context, tx sqldb.Tx, o *workorder.Order, u *workorder.PartUsed) error {
	cond, key := `id = $1 AND org = $2`, strings.TrimPrefix(u.Location, "stockLocations/")
	missing := apierr.NotFound(u.Location)
	if u.Location == "" {
		cond, key = `engineer = $1 AND org = $2`, o.Engineer
		missing = parts.ErrInsufficient.New("part", u.Part, "location", o.Engineer)
	}
	var id string
	err := tx.Row(ctx, `SELECT id FROM stock_locations WHERE `+cond, key, o.CarrierOrg()).Scan(&id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return missing
	}
	u.Location = "stockLocations/" + id
	return err
}

var partSpec = &listing.Spec{
	Fields: map[string]listing.Field{"number": {Column: "number", Type: listing.String}, "org": {Column: "org", Type: listing.Ref}},
	Orders: map[string]string{"number": "number"}, DefaultOrder: "number", Tie: "id",
}

// Parts is a page of the organisations' parts with their stock; nil organisations are all.
func (s *Store) Parts(ctx context.Context, orgs []string, in listing.Request) ([]*parts.Part, string, error) {
	q, err := listing.Parse(partSpec, in)
	if err != nil {
		return nil, "", err
	}
	cond, args := orgCondition(s.DB.Engine(), orgs, 1)
	where, more := q.Where(len(args) + 1)
	rows, err := s.DB.Rows(ctx, `SELECT id, org, number, display_name, specification, price_fen FROM parts WHERE `+cond+` AND `+where+
		` ORDER BY `+q.OrderBy+` LIMIT `+strconv.Itoa(q.Limit), append(args, more...)...)
	if err != nil {
		return nil, "", err
	}
	found, err := collect(rows, func(p *parts.Part) []any {
		return []any{&p.ID, &p.Org, &p.Number, &p.Name, &p.Specification, &p.PriceFen}
	})
	if err != nil {
		return nil, "", err
	}
	page, next := listing.Page(q, found, func(p *parts.Part) map[string]any { return map[string]any{"number": p.Number, "id": p.ID} })
	return page, next, s.fillStock(ctx, page)
}

// maxLocations bounds the places shown of one part.
const maxLocations = 200

func (s *Store) fillStock(ctx context.Context, page []*parts.Part) error {
	byID, ids := map[string]*parts.Part{}, make([]string, 0, len(page))
	for _, p := range page {
		byID[p.ID] = p
		ids = append(ids, p.ID)
	}
	cond, arg := sqldb.In(s.DB.Engine(), "part", 1, ids)
	rows, err := s.DB.Rows(ctx, `SELECT part, location, on_hand FROM stock WHERE `+cond+` ORDER BY part, location`, arg)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var part string
		var at parts.Stock
		if err := rows.Scan(&part, &at.Location, &at.OnHand); err != nil {
			return err
		}
		at.Location = "stockLocations/" + at.Location
		if p := byID[part]; len(p.Stock) < maxLocations {
			p.Stock = append(p.Stock, at)
		}
	}
	return rows.Err()
}

var locationSpec = &listing.Spec{
	Fields: map[string]listing.Field{"engineer": {Column: "engineer", Type: listing.Ref}, "org": {Column: "org", Type: listing.Ref},
		"kind": {Column: "kind", Type: listing.Enum, Values: []string{string(parts.Warehouse), string(parts.Van)}}},
	Orders:       map[string]string{"display_name": "display_name", "displayName": "display_name"},
	OrderTypes:   map[string]listing.Type{"display_name": listing.String, "displayName": listing.String},
	DefaultOrder: "display_name", Tie: "id",
}

// Locations is a page of the organisations' places; nil organisations are all.
func (s *Store) Locations(ctx context.Context, orgs []string, in listing.Request) ([]*parts.Location, string, error) {
	q, err := listing.Parse(locationSpec, in)
	if err != nil {
		return nil, "", err
	}
	cond, args := orgCondition(s.DB.Engine(), orgs, 1)
	where, more := q.Where(len(args) + 1)
	rows, err := s.DB.Rows(ctx, `SELECT id, org, display_name, kind, engineer FROM stock_locations WHERE `+cond+` AND `+where+
		` ORDER BY `+q.OrderBy+` LIMIT `+strconv.Itoa(q.Limit), append(args, more...)...)
	if err != nil {
		return nil, "", err
	}
	found, err := collect(rows, func(l *parts.Location) []any { return []any{&l.ID, &l.Org, &l.Name, &l.Kind, &l.Engineer} })
	if err != nil {
		return nil, "", err
	}
	page, next := listing.Page(q, found, func(l *parts.Location) map[string]any { return map[string]any{"display_name": l.Name, "id": l.ID} })
	return page, next, nil
}

// collect reads all rows into new values.
func collect[T any](rows sqldb.Rows, fields func(*T) []any) ([]*T, error) {
	defer rows.Close()
	var out []*T
	for rows.Next() {
		v := new(T)
		if err := rows.Scan(fields(v)...); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// PutPart writes a part, once.
func (s *Store) PutPart(ctx context.Context, tx sqldb.Tx, p parts.Part) error {
	_, err := tx.Exec(ctx, `INSERT INTO parts (id, org, number, display_name, specification, price_fen) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO NOTHING`, p.ID, p.Org, p.Number, p.Name, p.Specification, p.PriceFen)
	return err
}

// PutLocation writes a place where parts are kept, once.
func (s *Store) PutLocation(ctx context.Context, tx sqldb.Tx, l parts.Location) error {
	_, err := tx.Exec(ctx, `INSERT INTO stock_locations (id, org, display_name, kind, engineer) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO NOTHING`, l.ID, l.Org, l.Name, string(l.Kind), l.Engineer)
	return err
}

// PutStock writes what a place has of a part, once: a repeat does not bring back what was taken.
func (s *Store) PutStock(ctx context.Context, tx sqldb.Tx, part, location string, onHand int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO stock (part, location, on_hand) VALUES ($1, $2, $3) ON CONFLICT (part, location) DO NOTHING`,
		part, location, onHand)
	return err
}

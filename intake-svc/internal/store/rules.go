package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Kinds of rule rows: the plural of their resources.
const (
	ProductModels  = "productModels"
	WarrantyRules  = "warrantyRules"
	RemedyPolicies = "remedyPolicies"
	GuaranteeRules = "guaranteeRules"
)

// RuleRow is one decision of an organisation, as data.
type RuleRow struct {
	ID, Kind, OwnerOrg     string // OwnerOrg "" is the installation's
	Brand, Model, Category string // "" is any
	Active                 bool
	Created                time.Time
	Detail                 []byte // JSON of the kind
}

// Name is "<kind>/<id>".
func (r *RuleRow) Name() string { return r.Kind + "/" + r.ID }

const ruleColumns = `id, kind, owner_org, brand, model, category, active, created_at, detail`

// AddRule keeps a row, unless the id is there already.
func (s *SQL) AddRule(ctx context.Context, tx sqldb.Tx, r RuleRow) error {
	_, err := tx.Exec(ctx, `INSERT INTO rule_rows (`+ruleColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`,
		r.ID, r.Kind, r.OwnerOrg, r.Brand, r.Model, r.Category, r.Active, sqldb.Micros(r.Created), string(r.Detail))
	if err != nil {
		return fmt.Errorf("store: add rule: %w", err)
	}
	return nil
}

// Rule answers one row of the organisations or of the installation.
func (s *SQL) Rule(ctx context.Context, q Reader, orgs []string, kind, id string) (RuleRow, error) {
	where, arg := sqldb.In(q.Engine(), "owner_org", 3, append([]string{""}, orgs...))
	r, err := scanRule(q.Row(ctx, `SELECT `+ruleColumns+` FROM rule_rows WHERE kind = $1 AND id = $2 AND `+where, kind, id, arg))
	if errors.Is(err, sqldb.ErrNoRows) {
		return r, apierr.NotFound(kind + "/" + id)
	}
	return r, err
}

// ActiveRules answers every active row of a kind that one of the organisations, or the installation, has. They are few.
func (s *SQL) ActiveRules(ctx context.Context, q Reader, kind string, orgs ...string) ([]RuleRow, error) {
	where, arg := sqldb.In(q.Engine(), "owner_org", 2, append([]string{""}, orgs...))
	return readRules(q.Rows(ctx, `SELECT `+ruleColumns+` FROM rule_rows WHERE kind = $1 AND `+where+` AND active ORDER BY id`, kind, arg))
}

// ListRules answers a page of rows of the organisations and of the installation.
func (s *SQL) ListRules(ctx context.Context, q Reader, kind string, orgs []string, query listing.Query) ([]RuleRow, error) {
	org, arg := sqldb.In(q.Engine(), "owner_org", 2, append([]string{""}, orgs...))
	where, args := query.Where(3)
	return readRules(q.Rows(ctx, `SELECT `+ruleColumns+` FROM rule_rows WHERE kind = $1 AND `+org+` AND `+where+` ORDER BY `+query.OrderBy+
		` LIMIT `+strconv.Itoa(query.Limit), append([]any{kind, arg}, args...)...))
}

// RetireRule puts a row out of use. Rows of the installation are anybody's to retire who may at all.
func (s *SQL) RetireRule(ctx context.Context, tx sqldb.Tx, orgs []string, kind, id string) error {
	where, arg := sqldb.In(tx.Engine(), "owner_org", 3, append([]string{""}, orgs...))
	n, err := tx.Exec(ctx, `UPDATE rule_rows SET active = FALSE WHERE kind = $1 AND id = $2 AND `+where, kind, id, arg)
	if err != nil {
		return fmt.Errorf("store: retire rule: %w", err)
	}
	if n == 0 {
		return apierr.NotFound(kind + "/" + id)
	}
	return nil
}

func readRules(rows sqldb.Rows, err error) ([]RuleRow, error) {
	if err != nil {
		return nil, fmt.Errorf("store: read rules: %w", err)
	}
	defer rows.Close()
	var all []RuleRow
	for rows.Next() {
		r, err := scanRule(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func scanRule(row sqldb.Row) (r RuleRow, err error) {
	var created int64
	var detail string
	err = row.Scan(&r.ID, &r.Kind, &r.OwnerOrg, &r.Brand, &r.Model, &r.Category, &r.Active, &created, &detail)
	r.Created, r.Detail = sqldb.Time(created), []byte(detail)
	return r, err
}

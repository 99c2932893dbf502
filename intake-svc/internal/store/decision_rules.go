package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/rules"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// DecisionRules keeps the rules and the chosen schemes of organisations. A row of an organisation must stand in the place of the shipped
// one of its code, for that organisation alone.
type DecisionRules interface {
	// ShipDecisionRules must bring the shipped rows to what is given, and leave those of organisations alone.
	ShipDecisionRules(ctx context.Context, tx sqldb.Tx, shipped []rules.Rule) error
	// DecisionRulesOf answers the rules that hold in an organisation, by rank and code.
	DecisionRulesOf(ctx context.Context, q sqldb.Queryer, org string) ([]rules.Rule, error)
	// ListRules answers a page of them and DecisionRule one.
	ListDecisionRules(ctx context.Context, q sqldb.Queryer, org string, query listing.Query) ([]rules.Rule, error)
	DecisionRule(ctx context.Context, q sqldb.Queryer, org, code string) (rules.Rule, error)
	// AddDecisionRule must add a row of r.Org, and answer false when the organisation has one of the code.
	AddDecisionRule(ctx context.Context, tx sqldb.Tx, r rules.Rule) (added bool, err error)
	// UpdateDecisionRule must write a row of r.Org of the version that was read, or fail with apierr.ErrStale.
	UpdateDecisionRule(ctx context.Context, tx sqldb.Tx, r rules.Rule) error

	// Schemes answers the schemes that an organisation chose.
	Schemes(ctx context.Context, q sqldb.Queryer, org string) ([]string, error)
	// ChooseScheme and DropScheme must be harmless when repeated.
	ChooseScheme(ctx context.Context, tx sqldb.Tx, org, scheme string, at time.Time) error
	DropScheme(ctx context.Context, tx sqldb.Tx, org, scheme string) error
}

var _ DecisionRules = (*SQL)(nil)

const decisionRuleColumns = `org, code, kind, title_zh, title_en, expression, outcome, rank, active, version, updated_at`

// inForce are the rows that hold for the organisation $1.
func inForce(table, key string) string {
	return fmt.Sprintf(`(org = $1 OR org = '' AND NOT EXISTS (SELECT 1 FROM %[1]s own WHERE own.org = $1 AND own.%[2]s = %[1]s.%[2]s))`, table, key)
}

func decisionRuleRow(r rules.Rule) ([]any, error) {
	outcome, err := json.Marshal(r.Outcome)
	if err != nil {
		return nil, err
	}
	return []any{
		r.Org, r.Code, string(r.Kind), r.TitleZH, r.TitleEN, r.Expression, string(outcome), int64(r.Rank), r.Active, r.Version, sqldb.Micros(r.Updated),
	}, nil
}

// ShipDecisionRules implements DecisionRules.
func (s *SQL) ShipDecisionRules(ctx context.Context, tx sqldb.Tx, shipped []rules.Rule) error {
	for _, r := range shipped {
		r.Org = ""
		row, err := decisionRuleRow(r)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO rules (`+decisionRuleColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (org, code) DO UPDATE SET kind = excluded.kind, title_zh = excluded.title_zh, title_en = excluded.title_en,
			expression = excluded.expression, outcome = excluded.outcome, rank = excluded.rank, updated_at = excluded.updated_at`, row...)
		if err != nil {
			return fmt.Errorf("store: ship rule: %w", err)
		}
	}
	return nil
}

// DecisionRulesOf implements DecisionRules.
func (s *SQL) DecisionRulesOf(ctx context.Context, q sqldb.Queryer, org string) ([]rules.Rule, error) {
	return readDecisionRules(q.Rows(ctx, `SELECT `+decisionRuleColumns+` FROM rules WHERE `+inForce("rules", "code")+` ORDER BY rank, code`, org))
}

// ListDecisionRules implements DecisionRules.
func (s *SQL) ListDecisionRules(ctx context.Context, q sqldb.Queryer, org string, query listing.Query) ([]rules.Rule, error) {
	where, args := query.Where(2)
	return readDecisionRules(q.Rows(ctx, `SELECT `+decisionRuleColumns+` FROM rules WHERE `+inForce("rules", "code")+` AND `+where+
		` ORDER BY `+query.OrderBy+` LIMIT `+strconv.Itoa(query.Limit), append([]any{org}, args...)...))
}

// DecisionRule implements DecisionRules.
func (s *SQL) DecisionRule(ctx context.Context, q sqldb.Queryer, org, code string) (rules.Rule, error) {
	r, err := scanDecisionRule(q.Row(ctx, `SELECT `+decisionRuleColumns+` FROM rules WHERE code = $2 AND `+inForce("rules", "code"), org, code))
	if errors.Is(err, sqldb.ErrNoRows) {
		return r, apierr.NotFound("rules/" + code)
	}
	return r, err
}

func readDecisionRules(rows sqldb.Rows, err error) ([]rules.Rule, error) {
	if err != nil {
		return nil, fmt.Errorf("store: read rules: %w", err)
	}
	defer rows.Close()
	var all []rules.Rule
	for rows.Next() {
		r, err := scanDecisionRule(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func scanDecisionRule(row sqldb.Row) (r rules.Rule, err error) {
	var kind, outcome string
	var updated int64
	err = row.Scan(&r.Org, &r.Code, &kind, &r.TitleZH, &r.TitleEN, &r.Expression, &outcome, &r.Rank, &r.Active, &r.Version, &updated)
	if err != nil {
		return r, err
	}
	r.Kind, r.Updated = rules.Kind(kind), sqldb.Time(updated)
	if err := json.Unmarshal([]byte(outcome), &r.Outcome); err != nil {
		return r, fmt.Errorf("store: outcome of rule %s: %w", r.Code, err)
	}
	return r, nil
}

// AddDecisionRule implements DecisionRules.
func (s *SQL) AddDecisionRule(ctx context.Context, tx sqldb.Tx, r rules.Rule) (bool, error) {
	row, err := decisionRuleRow(r)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO rules (`+decisionRuleColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (org, code) DO NOTHING`, row...)
	if err != nil {
		return false, fmt.Errorf("store: add rule: %w", err)
	}
	return n == 1, nil
}

// UpdateDecisionRule implements DecisionRules. r.Version is the one that was read.
func (s *SQL) UpdateDecisionRule(ctx context.Context, tx sqldb.Tx, r rules.Rule) error {
	outcome, err := json.Marshal(r.Outcome)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE rules SET title_zh = $3, title_en = $4, expression = $5, outcome = $6, rank = $7, active = $8,
		version = version + 1, updated_at = $9 WHERE org = $1 AND code = $2 AND version = $10`,
		r.Org, r.Code, r.TitleZH, r.TitleEN, r.Expression, string(outcome), int64(r.Rank), r.Active, sqldb.Micros(r.Updated), r.Version)
	if err != nil {
		return fmt.Errorf("store: update rule: %w", err)
	}
	if n == 0 {
		return apierr.ErrStale.New()
	}
	return nil
}

// Schemes implements DecisionRules.
func (s *SQL) Schemes(ctx context.Context, q sqldb.Queryer, org string) ([]string, error) {
	rows, err := q.Rows(ctx, `SELECT scheme FROM org_schemes WHERE org = $1 ORDER BY scheme`, org)
	if err != nil {
		return nil, fmt.Errorf("store: read schemes: %w", err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		all = append(all, name)
	}
	return all, rows.Err()
}

// ChooseScheme implements DecisionRules.
func (s *SQL) ChooseScheme(ctx context.Context, tx sqldb.Tx, org, scheme string, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO org_schemes (org, scheme, chosen_at) VALUES ($1, $2, $3) ON CONFLICT (org, scheme) DO NOTHING`,
		org, scheme, sqldb.Micros(at))
	return err
}

// DropScheme implements DecisionRules.
func (s *SQL) DropScheme(ctx context.Context, tx sqldb.Tx, org, scheme string) error {
	_, err := tx.Exec(ctx, `DELETE FROM org_schemes WHERE org = $1 AND scheme = $2`, org, scheme)
	return err
}

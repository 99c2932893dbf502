package store

import (
	"context"
	"strconv"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const orgColumns = `name, display_name, kind, parent, legal_entity, created_at`

func scanOrg(row sqldb.Row) (o identity.Organisation, err error) {
	var created int64
	err = row.Scan(&o.Name, &o.DisplayName, &o.Kind, &o.Parent, &o.LegalEntity, &created)
	o.Created = sqldb.Time(created)
	return o, err
}

// Organisation gives one organisation.
func Organisation(ctx context.Context, q sqldb.Queryer, name string) (identity.Organisation, bool, error) {
	return one(q.Row(ctx, `SELECT `+orgColumns+` FROM organisations WHERE name = $1`, name), scanOrg)
}

// InsertOrganisation adds one; a name that is taken is a *sqldb.UniqueError.
func InsertOrganisation(ctx context.Context, tx sqldb.Tx, o identity.Organisation) error {
	_, err := tx.Exec(ctx, `INSERT INTO organisations (`+orgColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`,
		o.Name, o.DisplayName, o.Kind, o.Parent, o.LegalEntity, sqldb.Micros(o.Created))
	return err
}

// VisibleOrgs lists the organisation and those below it.
func VisibleOrgs(ctx context.Context, q sqldb.Queryer, org string) ([]string, error) {
	entity, err := query(ctx, q, scanOrg, `SELECT `+orgColumns+` FROM organisations
		WHERE legal_entity = (SELECT legal_entity FROM organisations WHERE name = $1)`, org)
	if err != nil {
		return nil, err
	}
	return identity.Below(org, entity), nil
}

// VisibleOrgs implements identity.Records.
func (s *Store) VisibleOrgs(ctx context.Context, org string) ([]string, error) {
	return VisibleOrgs(ctx, s.db, org)
}

var orgSpec = &listing.Spec{Tie: "name"}

// EveryOrg in place of the caller's organisations stands for all: the suite's own services see them.
const EveryOrg = "*"

const everyOrg = `'` + EveryOrg + `'`

// tiedTo is the condition for the organisations ($1) and those tied to them by a contract.
func tiedTo(engine sqldb.Engine, orgs []string) (string, any) {
	mine, arg := sqldb.In(engine, "name", 1, orgs)
	principal, _ := sqldb.In(engine, "principal", 1, orgs)
	provider, _ := sqldb.In(engine, "provider", 1, orgs)
	every, _ := sqldb.In(engine, everyOrg, 1, orgs)
	return `(` + every + ` OR ` + mine + ` OR name IN (SELECT provider FROM contracts WHERE ` + principal + `)
		OR name IN (SELECT principal FROM contracts WHERE ` + provider + `))`, arg
}

// OrganisationFor gives an organisation that those of orgs may know.
func OrganisationFor(ctx context.Context, q Reader, orgs []string, name string) (identity.Organisation, bool, error) {
	tied, arg := tiedTo(q.Engine(), orgs)
	return one(q.Row(ctx, `SELECT `+orgColumns+` FROM organisations WHERE `+tied+` AND name = $2`, arg, name), scanOrg)
}

// ListOrganisations lists the organisations and those tied to them by a contract.
func ListOrganisations(ctx context.Context, q Reader, orgs []string, in listing.Request) ([]identity.Organisation, string, error) {
	page, err := listing.Parse(orgSpec, in)
	if err != nil {
		return nil, "", err
	}
	tied, arg := tiedTo(q.Engine(), orgs)
	where, args := page.Where(2)
	all, err := query(ctx, q, scanOrg, `SELECT `+orgColumns+` FROM organisations WHERE `+tied+` AND `+where+`
		ORDER BY `+page.OrderBy+` LIMIT `+strconv.Itoa(page.Limit), append([]any{arg}, args...)...)
	if err != nil {
		return nil, "", err
	}
	all, next := listing.Page(page, all, func(o identity.Organisation) map[string]any { return map[string]any{"name": o.Name} })
	return all, next, nil
}

const contractColumns = `name, principal, provider, regions, categories, valid_from, valid_until`

func scanContract(row sqldb.Row) (c identity.Contract, err error) {
	var regions, categories string
	var from, until int64
	if err = row.Scan(&c.Name, &c.Principal, &c.Provider, &regions, &categories, &from, &until); err != nil {
		return c, err
	}
	c.ValidFrom, c.ValidUntil = sqldb.Time(from), sqldb.Time(until)
	if c.Regions, err = readList(regions); err == nil {
		c.Categories, err = readList(categories)
	}
	return c, err
}

// InsertContract ties a provider to a brand.
func InsertContract(ctx context.Context, tx sqldb.Tx, c identity.Contract) error {
	_, err := tx.Exec(ctx, `INSERT INTO contracts (`+contractColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.Name, c.Principal, c.Provider, textList(c.Regions), textList(c.Categories), sqldb.Micros(c.ValidFrom), sqldb.Micros(c.ValidUntil))
	return err
}

// ContractsBetween answers the contracts that tie an organisation of one side to one of the other, whichever is the principal.
func ContractsBetween(ctx context.Context, q Reader, one, other []string) ([]identity.Contract, error) {
	oneIsPrincipal, a := sqldb.In(q.Engine(), "principal", 1, one)
	otherProvides, b := sqldb.In(q.Engine(), "provider", 2, other) //nolint:mnd // the second argument
	oneProvides, _ := sqldb.In(q.Engine(), "provider", 1, one)
	otherIsPrincipal, _ := sqldb.In(q.Engine(), "principal", 2, other) //nolint:mnd // the second argument
	return query(ctx, q, scanContract, `SELECT `+contractColumns+` FROM contracts WHERE `+oneIsPrincipal+` AND `+otherProvides+`
		OR `+oneProvides+` AND `+otherIsPrincipal+` ORDER BY name`, a, b)
}

// ListContracts lists the contracts that have one of the organisations on either side.
func ListContracts(ctx context.Context, q Reader, orgs []string, in listing.Request) ([]identity.Contract, string, error) {
	page, err := listing.Parse(orgSpec, in)
	if err != nil {
		return nil, "", err
	}
	principal, arg := sqldb.In(q.Engine(), "principal", 1, orgs)
	provider, _ := sqldb.In(q.Engine(), "provider", 1, orgs)
	where, args := page.Where(2)
	all, err := query(ctx, q, scanContract, `SELECT `+contractColumns+` FROM contracts WHERE (`+principal+` OR `+provider+`) AND `+where+`
		ORDER BY `+page.OrderBy+` LIMIT `+strconv.Itoa(page.Limit), append([]any{arg}, args...)...)
	if err != nil {
		return nil, "", err
	}
	all, next := listing.Page(page, all, func(c identity.Contract) map[string]any { return map[string]any{"name": c.Name} })
	return all, next, nil
}

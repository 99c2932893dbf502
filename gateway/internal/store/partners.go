package store

import (
	"context"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const partnerColumns = `name, display_name, org, platform, scopes, addresses, disabled, created_at, updated_at, version`

func scanPartner(row sqldb.Row) (p identity.Partner, err error) {
	var scopes, addresses string
	var created, updated int64
	err = row.Scan(&p.Name, &p.DisplayName, &p.Org, &p.Platform, &scopes, &addresses, &p.Disabled, &created, &updated, &p.Version)
	if err != nil {
		return p, err
	}
	p.Created, p.Updated = sqldb.Time(created), sqldb.Time(updated)
	if p.Scopes, err = readList(scopes); err == nil {
		p.Addresses, err = readList(addresses)
	}
	return p, err
}

// InsertPartner adds one; a name that is taken is a *sqldb.UniqueError.
func InsertPartner(ctx context.Context, tx sqldb.Tx, p identity.Partner) error {
	_, err := tx.Exec(ctx, `INSERT INTO partners (`+partnerColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		p.Name, p.DisplayName, p.Org, p.Platform, textList(p.Scopes), textList(p.Addresses), p.Disabled,
		sqldb.Micros(p.Created), sqldb.Micros(p.Updated), p.Version)
	return err
}

// Partner gives a partner of one of the organisations, with its live keys.
func Partner(ctx context.Context, q Reader, orgs []string, name string) (identity.Partner, bool, error) {
	in, arg := sqldb.In(q.Engine(), "org", 2, orgs)
	p, found, err := one(q.Row(ctx, `SELECT `+partnerColumns+` FROM partners WHERE name = $1 AND `+in, name, arg), scanPartner)
	if err != nil || !found {
		return p, false, err
	}
	p.Keys, err = query(ctx, q, scanKey, `SELECT `+keyColumns+` FROM partner_keys WHERE partner = $1 AND revoked_at = 0 ORDER BY created_at, key_id`, name)
	return p, err == nil, err
}

// PartnerByName implements identity.Records.
func (s *Store) PartnerByName(ctx context.Context, name string) (identity.Partner, bool, error) {
	return one(s.db.Row(ctx, `SELECT `+partnerColumns+` FROM partners WHERE name = $1 AND NOT disabled`, name), scanPartner)
}

// UpdatePartner writes what may change, if the row is still the version that was read. It also serialises changes of keys.
func UpdatePartner(ctx context.Context, tx sqldb.Tx, p identity.Partner, now time.Time) (updated bool, err error) {
	n, err := tx.Exec(ctx, `UPDATE partners SET disabled = $1, updated_at = $2, version = version + 1 WHERE name = $3 AND version = $4`,
		p.Disabled, sqldb.Micros(now), p.Name, p.Version)
	return n == 1, err
}

// ListPartners lists the partners of the organisations, without keys.
func ListPartners(ctx context.Context, q Reader, orgs []string, in listing.Request) ([]identity.Partner, string, error) {
	page, err := listing.Parse(orgSpec, in)
	if err != nil {
		return nil, "", err
	}
	mine, arg := sqldb.In(q.Engine(), "org", 1, orgs)
	where, args := page.Where(2)
	all, err := query(ctx, q, scanPartner, `SELECT `+partnerColumns+` FROM partners WHERE `+mine+` AND `+where+`
		ORDER BY `+page.OrderBy+` LIMIT `+strconv.Itoa(page.Limit), append([]any{arg}, args...)...)
	if err != nil {
		return nil, "", err
	}
	all, next := listing.Page(page, all, func(p identity.Partner) map[string]any { return map[string]any{"name": p.Name} })
	return all, next, nil
}

const keyColumns = `key_id, partner, algorithm, secret, created_at, revoked_at`

func scanKey(row sqldb.Row) (k identity.PartnerKey, err error) {
	var created, revoked int64
	err = row.Scan(&k.KeyID, &k.Partner, &k.Algorithm, &k.Secret, &created, &revoked)
	k.Created, k.Revoked = sqldb.Time(created), sqldb.Time(revoked)
	return k, err
}

// InsertKey adds a key.
func InsertKey(ctx context.Context, tx sqldb.Tx, k identity.PartnerKey) error {
	_, err := tx.Exec(ctx, `INSERT INTO partner_keys (`+keyColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`,
		k.KeyID, k.Partner, k.Algorithm, k.Secret, sqldb.Micros(k.Created), sqldb.Micros(k.Revoked))
	return err
}

// RevokeKey ends a key of a partner; found says whether it was there, revoked or not.
func RevokeKey(ctx context.Context, tx sqldb.Tx, partner, keyID string, now time.Time) (found bool, err error) {
	n, err := tx.Exec(ctx, `UPDATE partner_keys SET revoked_at = CASE WHEN revoked_at = 0 THEN $1 ELSE revoked_at END
		WHERE key_id = $2 AND partner = $3`, sqldb.Micros(now), keyID, partner)
	return n == 1, err
}

// LivePartnerKey implements identity.Records.
func (s *Store) LivePartnerKey(ctx context.Context, keyID string) (identity.PartnerKey, identity.Partner, bool, error) {
	key, found, err := one(s.db.Row(ctx, `SELECT `+keyColumns+` FROM partner_keys WHERE key_id = $1 AND revoked_at = 0`, keyID), scanKey)
	if err != nil || !found {
		return key, identity.Partner{}, false, err
	}
	owner, found, err := s.PartnerByName(ctx, key.Partner)
	return key, owner, found, err
}

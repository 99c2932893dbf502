package store

import (
	"context"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// SeedOrganisation adds an organisation unless it is there.
func SeedOrganisation(ctx context.Context, tx sqldb.Tx, o identity.Organisation) error {
	_, there, err := Organisation(ctx, tx, o.Name)
	if err != nil || there {
		return err
	}
	return InsertOrganisation(ctx, tx, o)
}

// SeedContract adds a contract unless it is there.
func SeedContract(ctx context.Context, tx sqldb.Tx, c identity.Contract) error {
	_, there, err := one(tx.Row(ctx, `SELECT `+contractColumns+` FROM contracts WHERE name = $1`, c.Name), scanContract)
	if err != nil || there {
		return err
	}
	return InsertContract(ctx, tx, c)
}

// SeedUser adds an account, or gives the one that is there the new password and ends its sessions.
func SeedUser(ctx context.Context, tx sqldb.Tx, u identity.User) error {
	n, err := tx.Exec(ctx, `UPDATE users SET password_hash = $1, updated_at = $2, version = version + 1 WHERE name = $3`,
		u.PasswordHash, sqldb.Micros(u.Updated), u.Name)
	if err != nil {
		return err
	}
	if n == 0 {
		return InsertUser(ctx, tx, u)
	}
	return EndSessions(ctx, tx, u.Name, "")
}

// SeedPartner adds a partner, or revokes the keys of the one that is there and ends its sessions.
func SeedPartner(ctx context.Context, tx sqldb.Tx, p identity.Partner) error {
	n, err := tx.Exec(ctx, `UPDATE partners SET updated_at = $1, version = version + 1 WHERE name = $2`, sqldb.Micros(p.Updated), p.Name)
	if err != nil {
		return err
	}
	if n == 0 {
		return InsertPartner(ctx, tx, p)
	}
	if _, err := tx.Exec(ctx, `UPDATE partner_keys SET revoked_at = $1 WHERE partner = $2 AND revoked_at = 0`, sqldb.Micros(p.Updated), p.Name); err != nil {
		return err
	}
	return EndSessions(ctx, tx, p.Name, "")
}

package store

import (
	"context"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const userColumns = `name, username, display_name, org, roles, engineer, team, locale, password_hash, disabled, created_at, updated_at, version`

func scanUser(row sqldb.Row) (u identity.User, err error) {
	var roles string
	var created, updated int64
	err = row.Scan(&u.Name, &u.Username, &u.DisplayName, &u.Org, &roles, &u.Engineer, &u.Team, &u.Locale, &u.PasswordHash,
		&u.Disabled, &created, &updated, &u.Version)
	if err != nil {
		return u, err
	}
	u.Created, u.Updated = sqldb.Time(created), sqldb.Time(updated)
	u.Roles, err = readList(roles)
	return u, err
}

// InsertUser adds an account; a user name that is taken is a *sqldb.UniqueError.
func InsertUser(ctx context.Context, tx sqldb.Tx, u identity.User) error {
	_, err := tx.Exec(ctx, `INSERT INTO users (`+userColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		u.Name, u.Username, u.DisplayName, u.Org, textList(u.Roles), u.Engineer, u.Team, u.Locale, u.PasswordHash,
		u.Disabled, sqldb.Micros(u.Created), sqldb.Micros(u.Updated), u.Version)
	return err
}

// UserByUsername is for signing in: it sees every organisation.
func UserByUsername(ctx context.Context, q sqldb.Queryer, username string) (identity.User, bool, error) {
	return one(q.Row(ctx, `SELECT `+userColumns+` FROM users WHERE username = $1`, username), scanUser)
}

// User gives an account of one of the organisations.
func User(ctx context.Context, q Reader, orgs []string, name string) (identity.User, bool, error) {
	in, arg := sqldb.In(q.Engine(), "org", 2, orgs)
	return one(q.Row(ctx, `SELECT `+userColumns+` FROM users WHERE name = $1 AND `+in, name, arg), scanUser)
}

// UpdateUser writes what may change, if the row is still the version that was read.
func UpdateUser(ctx context.Context, tx sqldb.Tx, u identity.User, now time.Time) (updated bool, err error) {
	n, err := tx.Exec(ctx, `UPDATE users SET roles = $1, password_hash = $2, disabled = $3, updated_at = $4, version = version + 1
		WHERE name = $5 AND version = $6`,
		textList(u.Roles), u.PasswordHash, u.Disabled, sqldb.Micros(now), u.Name, u.Version)
	return n == 1, err
}

var userSpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"username": {Column: "username", Type: listing.String},
		"org":      {Column: "org", Type: listing.Ref},
		"disabled": {Column: "disabled", Type: listing.Bool},
	},
	Orders:       map[string]string{"username": "username", "create_time": "created_at"},
	OrderTypes:   map[string]listing.Type{"create_time": listing.Time},
	DefaultOrder: "username", Tie: "name",
}

// ListUsers lists the accounts of the organisations.
func ListUsers(ctx context.Context, q Reader, orgs []string, in listing.Request) ([]identity.User, string, error) {
	page, err := listing.Parse(userSpec, in)
	if err != nil {
		return nil, "", err
	}
	mine, arg := sqldb.In(q.Engine(), "org", 1, orgs)
	where, args := page.Where(2)
	all, err := query(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE `+mine+` AND `+where+`
		ORDER BY `+page.OrderBy+` LIMIT `+strconv.Itoa(page.Limit), append([]any{arg}, args...)...)
	if err != nil {
		return nil, "", err
	}
	all, next := listing.Page(page, all, func(u identity.User) map[string]any {
		return map[string]any{"username": u.Username, "created_at": u.Created, "name": u.Name}
	})
	return all, next, nil
}

package identity

import (
	"slices"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

// User is a staff account.
type User struct {
	Name         string // users/<id>
	Username     string // lower case
	DisplayName  string
	Org          string
	Roles        []string
	Engineer     string
	Team         string
	Locale       string
	PasswordHash string
	Disabled     bool
	Created      time.Time
	Updated      time.Time
	Version      int64
}

// Etag changes with every change.
func (u User) Etag() string { return strconv.FormatInt(u.Version, 36) }

// Principal is the user as services see them; orgs are those they see.
func (u User) Principal(orgs []string) auth.Principal {
	return auth.Principal{
		Subject: u.Name, Kind: auth.Staff, DisplayName: u.DisplayName, Org: u.Org, Orgs: orgs,
		Roles: u.Roles, Engineer: u.Engineer, Team: u.Team, Locale: u.Locale,
	}
}

// CheckRoles refuses roles that the suite does not know: a misspelt one would silently let nobody in.
func CheckRoles(roles []string) error {
	for _, role := range roles {
		if !slices.Contains(auth.Roles, role) {
			return apierr.ErrUnknownCode.New("axis", "ROLE", "value", role, "allowed", list(auth.Roles))
		}
	}
	return nil
}

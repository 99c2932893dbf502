package gateway

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/aftersales-suite/aftersales/gateway/internal/api"
	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Seed is who is there at the beginning. Ids are fixed and readable; nobody has a password or a secret in it.
type Seed struct {
	Organisations []SeedOrganisation
	Contracts     []SeedContract
	Users         []SeedUser
	Partners      []SeedPartner
}

// SeedOrganisation is an organisation; an empty Parent makes a legal entity. Kind is BRAND, PROVIDER or STORE.
type SeedOrganisation struct{ ID, DisplayName, Kind, Parent string }

// SeedContract ties a provider to a brand everywhere, for all categories, without an end.
type SeedContract struct{ ID, Principal, Provider string }

// SeedUser is a staff account; Key is its name in Credentials and, as users/<Key>, its resource name.
type SeedUser struct {
	Key, Username, DisplayName, Org string
	Roles                           []string
	Engineer                        string
}

// SeedPartner is a partner with one HMAC key.
type SeedPartner struct {
	ID, DisplayName, Org, Platform string
	Scopes                         []string
}

// Credentials are what Seed drew, in the form of demo-credentials.json (api.md section 4) but for baseUrl. They are nowhere
// else in the clear.
type Credentials struct {
	Users   map[string]UserCredentials `json:"users"`
	Partner PartnerCredentials         `json:"partner"`
}

// UserCredentials sign in.
type UserCredentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// PartnerCredentials sign requests.
type PartnerCredentials struct {
	KeyID    string `json:"keyId"`
	Secret   string `json:"secret"`
	Platform string `json:"platform"`
}

// Seed writes what is missing and draws new passwords and keys for everybody in it: call it only where the drawn ones are not
// known, e.g. when demo-credentials.json does not exist. Repeating it after a crash is harmless.
func (s *Service) Seed(ctx context.Context, seed Seed) (*Credentials, error) {
	creds := &Credentials{Users: map[string]UserCredentials{}}
	users, err := s.seedUsers(ctx, seed.Users, creds)
	if err != nil {
		return nil, err
	}
	err = s.deps.DB.InTx(ctx, func(tx sqldb.Tx) error {
		if err := s.seedOrganisations(ctx, tx, seed); err != nil {
			return err
		}
		for _, u := range users {
			if err := store.SeedUser(ctx, tx, u); err != nil {
				return err
			}
		}
		for _, p := range seed.Partners {
			if err := s.seedPartner(ctx, tx, p, creds); err != nil {
				return err
			}
		}
		tx.AfterCommit(s.dir.Forget)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("gateway: seed: %w", err)
	}
	return creds, nil
}

// seedUsers draws passwords and hashes them before the transaction: that takes long.
func (s *Service) seedUsers(ctx context.Context, seeds []SeedUser, creds *Credentials) ([]identity.User, error) {
	users := make([]identity.User, len(seeds))
	now := s.deps.Clock.Now()
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(identity.AtATime) // nobody of ours waits in the hasher's queue, which sheds
	for i, u := range seeds {
		if err := identity.CheckRoles(u.Roles); err != nil {
			return nil, err
		}
		password := identity.NewPassword()
		creds.Users[u.Key] = UserCredentials{Username: u.Username, Password: password}
		group.Go(func() error {
			hash, err := s.core.Hasher.Hash(gctx, password)
			users[i] = identity.User{
				Name: "users/" + u.Key, Username: u.Username, DisplayName: u.DisplayName, Org: u.Org, Roles: u.Roles,
				Engineer: u.Engineer, PasswordHash: hash, Created: now, Updated: now, Version: 1,
			}
			return err
		})
	}
	return users, group.Wait()
}

func (s *Service) seedOrganisations(ctx context.Context, tx sqldb.Tx, seed Seed) error {
	now, entities := s.deps.Clock.Now(), map[string]string{}
	for _, o := range seed.Organisations {
		name := "organisations/" + o.ID
		entities[name] = name
		if o.Parent != "" {
			entities[name] = entities[o.Parent]
		}
		if err := store.SeedOrganisation(ctx, tx, identity.Organisation{
			Name: name, DisplayName: o.DisplayName, Kind: o.Kind, Parent: o.Parent, LegalEntity: entities[name], Created: now,
		}); err != nil {
			return err
		}
	}
	for _, c := range seed.Contracts {
		if err := store.SeedContract(ctx, tx, identity.Contract{
			Name: "contracts/" + c.ID, Principal: c.Principal, Provider: c.Provider, ValidFrom: now,
		}); err != nil {
			return err
		}
	}
	return nil
}

// seedPartner replaces the partner's keys by a new one.
func (s *Service) seedPartner(ctx context.Context, tx sqldb.Tx, p SeedPartner, creds *Credentials) error {
	now, name := s.deps.Clock.Now(), "partners/"+p.ID
	if err := identity.CheckScopes(p.Scopes); err != nil {
		return err
	}
	if err := store.SeedPartner(ctx, tx, identity.Partner{
		Name: name, DisplayName: p.DisplayName, Org: p.Org, Platform: p.Platform, Scopes: p.Scopes, Created: now, Updated: now, Version: 1,
	}); err != nil {
		return err
	}
	key, secret, err := api.SecretKey(s.deps.Keys.Sealer(), name, now)
	if err != nil {
		return err
	}
	creds.Partner = PartnerCredentials{KeyID: key.KeyID, Secret: secret, Platform: p.Platform}
	return store.InsertKey(ctx, tx, key)
}

package webhook

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/aftersales-suite/aftersales/gateway/internal/feed"
)

// ScopeOf is what an owner of endpoints may read: a partner its cases, an organisation its own rows.
func ScopeOf(owner string) feed.Scope {
	if strings.HasPrefix(owner, "partners/") {
		return feed.Scope{Partner: owner}
	}
	return feed.Scope{Orgs: []string{owner}}
}

// Owners lists whose endpoints may want the entries, sorted.
func Owners(entries []feed.Entry) []string {
	var owners []string
	for _, e := range entries {
		for _, owner := range [...]string{e.Partner, e.OwnerOrg, e.ServingOrg} {
			if owner != "" && !slices.Contains(owners, owner) {
				owners = append(owners, owner)
			}
		}
	}
	slices.Sort(owners)
	return owners
}

// FanOut makes a delivery for every entry that an endpoint wants and its owner may read.
func FanOut(endpoints []Endpoint, entries []feed.Entry, now time.Time) ([]Delivery, error) {
	var all []Delivery
	for _, endpoint := range endpoints {
		scope := ScopeOf(endpoint.Owner)
		for _, e := range entries {
			if endpoint.State != Active || !endpoint.Wants(e.Type) || !scope.Covers(e) {
				continue
			}
			id, err := uuid.NewV7()
			if err != nil {
				return nil, err
			}
			all = append(all, Delivery{
				ID: id.String(), Endpoint: endpoint.Name, EventID: e.EventID, Cursor: e.Cursor, Case: e.Case, Type: e.Type,
				State: Pending, NextAttempt: now, Created: now,
			})
		}
	}
	return all, nil
}

package identity

import (
	"slices"
	"strings"
	"time"
)

// Kinds of organisations.
const (
	Brand    = "BRAND"
	Provider = "PROVIDER"
	Store    = "STORE"
)

// Organisation is a brand, a service provider or a store.
type Organisation struct {
	Name        string // organisations/<id>
	DisplayName string
	Kind        string
	Parent      string // "" for a legal entity
	LegalEntity string // root of its tree
	Created     time.Time
}

// Contract ties a provider to a brand.
type Contract struct {
	Name, Principal, Provider string
	Regions, Categories       []string // empty: all
	ValidFrom, ValidUntil     time.Time
}

// Covers says that the contract is valid at the time for a place and a category. What is not known of the matter is not held against it.
func (c *Contract) Covers(region, category string, at time.Time) bool {
	switch {
	case !c.ValidFrom.IsZero() && at.Before(c.ValidFrom), !c.ValidUntil.IsZero() && !at.Before(c.ValidUntil):
		return false
	case len(c.Categories) > 0 && category != "" && !slices.Contains(c.Categories, category):
		return false
	}
	return len(c.Regions) == 0 || region == "" || slices.ContainsFunc(c.Regions, func(prefix string) bool { return strings.HasPrefix(region, prefix) })
}

// Below lists the organisation and those under it, sorted, from the organisations of one legal entity.
func Below(name string, entity []Organisation) []string {
	children := map[string][]string{}
	for _, o := range entity {
		if o.Parent != "" {
			children[o.Parent] = append(children[o.Parent], o.Name)
		}
	}
	found := []string{name}
	for i := 0; i < len(found); i++ {
		for _, child := range children[found[i]] {
			if !slices.Contains(found, child) { // rows are made without cycles; a damaged one must not hang us
				found = append(found, child)
			}
		}
	}
	slices.Sort(found)
	return found
}

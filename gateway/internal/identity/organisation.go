package identity

import (
	"slices"
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

package entitlement

import (
	"cmp"
	"slices"
)

// Scope says which machines a row is about; an empty field is about any.
type Scope struct {
	Brand    string `json:"brand,omitempty"`
	Model    string `json:"model,omitempty"`
	Category string `json:"category,omitempty"`
}

// Covers says that the machine is one of them.
func (s Scope) Covers(m Machine) bool {
	fits := func(rule, value string) bool { return rule == "" || rule == value }
	return fits(s.Brand, m.Brand) && fits(s.Model, m.Model) && fits(s.Category, m.Category)
}

// weight is how particular a scope is: a model says more than a category, that more than a brand.
func (s Scope) weight() (w int) {
	for _, f := range []struct {
		value  string
		weight int
	}{{s.Model, 4}, {s.Category, 2}, {s.Brand, 1}} {
		if f.value != "" {
			w += f.weight
		}
	}
	return w
}

// Starts of a warranty.
const (
	StartPurchase     = "PURCHASE"
	StartInstallation = "INSTALLATION"
)

// Rule says how long something is covered.
type Rule struct {
	Name string `json:"-"` // warrantyRules/…
	Own  bool   `json:"-"` // of the owner's organisation; else the installation's
	Scope
	Part      string `json:"part,omitempty"` // main part; "" is the whole machine
	Months    int    `json:"months"`
	Start     string `json:"start,omitempty"`
	Paused    bool   `json:"paused,omitempty"`    // days in repair are added
	Restarted bool   `json:"restarted,omitempty"` // an exchange begins it anew
}

// Conditions of policies.
const (
	DaysSinceStart = "DAYS_SINCE_START"
	Repairs        = "REPAIRS"
	DaysInRepair   = "DAYS_IN_REPAIR"
)

// Policy says when the customer may ask for return or exchange.
type Policy struct {
	Name string `json:"-"` // remedyPolicies/…
	Own  bool   `json:"-"`
	Scope
	Remedy    string `json:"remedy"` // code of axis SOLUTION_KIND
	Condition string `json:"condition"`
	Limit     int    `json:"limit"` // days or repairs
}

// ranked is a row with what it is chosen by.
type ranked interface{ rank() (own bool, weight int) }

func (r Rule) rank() (own bool, weight int)   { return r.Own, r.weight() }
func (p Policy) rank() (own bool, weight int) { return p.Own, p.weight() }

// before: the organisation's own rows first, then the more particular ones.
func before[T ranked](a, b T) int {
	ownA, weightA := a.rank()
	ownB, weightB := b.rank()
	if ownA != ownB {
		if ownA {
			return -1
		}
		return 1
	}
	return cmp.Compare(weightB, weightA)
}

// chosen are the best rows for a machine, one a key.
func chosen[T ranked](rows []T, covers func(T) bool, key func(T) string) []T {
	fitting := slices.DeleteFunc(slices.Clone(rows), func(r T) bool { return !covers(r) })
	slices.SortStableFunc(fitting, before)
	seen := map[string]bool{}
	return slices.DeleteFunc(fitting, func(r T) bool {
		known := seen[key(r)]
		seen[key(r)] = true
		return known
	})
}

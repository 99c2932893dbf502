package rules

import (
	"bytes"
	_ "embed"
	"fmt"
	"time"

	"gopkg.in/yaml.v3"
)

// Kind says what a rule decides.
type Kind string

// Kinds.
const (
	Routing   Kind = "ROUTING"
	Priority  Kind = "PRIORITY"
	Authority Kind = "AUTHORITY"
)

// Keys of outcomes.
const (
	OutcomeTeam     = "team"      // of ROUTING: who handles it
	OutcomeAdvice   = "advice"    // of ROUTING: what to do first
	OutcomeUrgency  = "urgency"   // of PRIORITY
	OutcomeLimit    = "limit_fen" // of AUTHORITY: the highest compensation by a handler
	OutcomeApprover = "approver"  // of AUTHORITY: who is above
)

// Rule says what follows when an expression holds.
type Rule struct {
	Org        string            `yaml:"-"` // "" for a shipped one
	Code       string            `yaml:"code"`
	Kind       Kind              `yaml:"kind"`
	TitleZH    string            `yaml:"zh"`
	TitleEN    string            `yaml:"en"`
	Expression string            `yaml:"when"`
	Outcome    map[string]string `yaml:"then"`
	Rank       int               `yaml:"rank"`
	Active     bool              `yaml:"-"`
	Version    int64             `yaml:"-"`
	Updated    time.Time         `yaml:"-"`
}

// Name is "rules/<code>".
func (r *Rule) Name() string { return "rules/" + r.Code }

//go:embed shipped.yaml
var shipped []byte

// Shipped answers the rules that are shipped, in their order.
func Shipped(at time.Time) ([]Rule, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(shipped))
	decoder.KnownFields(true)
	var all []Rule
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("rules: shipped: %w", err)
	}
	for i := range all {
		all[i].Active, all[i].Version, all[i].Updated = true, 1, at
	}
	return all, nil
}

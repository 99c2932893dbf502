package promise

import (
	"cmp"
	"slices"
	"time"
)

// Promises.
const (
	Acknowledge   = "ACKNOWLEDGE"    // that the matter was received, in working time (R192)
	Respond       = "RESPOND"        // first word about the matter itself (R196, R197)
	Resolve       = "RESOLVE"        // from acceptance to RESOLVED, by urgency (R198)
	News          = "PROGRESS_NEWS"  // next news of the progress (R161-R163)
	HotlineAnswer = "HOTLINE_ANSWER" // from connected to the agent's answer (R191)
)

// All lists every promise in the order they are told.
var All = []string{Acknowledge, Respond, Resolve, News, HotlineAnswer}

// Reasons for which a promise may pause. Waiting for a part is none: that is our business, not the customer's.
const (
	WaitingForCustomer  = "WAITING_FOR_CUSTOMER"
	Unreachable         = "UNREACHABLE"
	WaitingForAppraisal = "WAITING_FOR_APPRAISAL" // of an outside body
	CustomerAskedLater  = "CUSTOMER_ASKED_LATER"
	AwaitingConsent     = "AWAITING_CONSENT" // a solution waits for the customer's word
)

// PauseReasons lists them, the one that is told first in front.
var PauseReasons = []string{WaitingForCustomer, Unreachable, WaitingForAppraisal, CustomerAskedLater, AwaitingConsent}

// Tier is one step of the escalation ladder.
type Tier struct {
	After time.Duration `json:"after"` // working time of the policy's calendar after the due time
	Role  string        `json:"role"`
}

// Policy is one promise for the matters that fit its conditions. An empty condition fits all.
type Policy struct {
	ID               string
	Promise          string
	LabelZH, LabelEN string
	Org              string // "": every organisation without an own policy
	Kinds, Classes   []string
	Urgencies        []string
	Channels         []string
	Within           time.Duration // of the calendar; 0: nothing is promised
	Calendar         string        // id; "": day and night
	Warn             time.Duration // of the calendar, before it is due; 0: no warning
	PauseFor         []string
	Tiers            []Tier
	StartEvent       string // what starts and ends promises outside of a case
	EndEvent         string
	Active           bool
	Version          int64
	Updated          time.Time
}

// Matter is what the conditions are about.
type Matter struct{ Org, Kind, Class, Urgency, Channel string }

// fits says that every condition holds.
func (p *Policy) fits(promise string, m Matter) bool {
	return p.Active && p.Promise == promise && (p.Org == "" || p.Org == m.Org) &&
		holds(p.Kinds, m.Kind) && holds(p.Classes, m.Class) && holds(p.Urgencies, m.Urgency) && holds(p.Channels, m.Channel)
}

func holds(condition []string, value string) bool {
	return len(condition) == 0 || slices.Contains(condition, value)
}

// conditions are those that the policy has, the weightiest first.
func (p *Policy) conditions() (names []string) {
	for _, c := range []struct {
		name   string
		values []string
	}{{conditionClass, p.Classes}, {conditionUrgency, p.Urgencies}, {conditionChannel, p.Channels}, {conditionKind, p.Kinds}} {
		if len(c.values) > 0 {
			names = append(names, c.name)
		}
	}
	return names
}

const (
	conditionClass   = "class"
	conditionUrgency = "urgency"
	conditionChannel = "channel"
	conditionKind    = "kind"
)

var conditionWeight = map[string]int{conditionClass: 8, conditionUrgency: 4, conditionChannel: 2, conditionKind: 1}

func (p *Policy) weight() (sum int) {
	for _, name := range p.conditions() {
		sum += conditionWeight[name]
	}
	return sum
}

// values counts what the conditions name: among equals the narrower one holds.
func (p *Policy) values() int {
	return len(p.Classes) + len(p.Urgencies) + len(p.Channels) + len(p.Kinds)
}

// before orders policies, the one that holds first. The id decides last, so that the answer never depends on the order of rows.
func before(a, b *Policy) int {
	own := func(p *Policy) int {
		if p.Org != "" {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(own(b), own(a)), cmp.Compare(len(b.conditions()), len(a.conditions())), cmp.Compare(b.weight(), a.weight()),
		cmp.Compare(a.values(), b.values()), cmp.Compare(a.ID, b.ID))
}

package workorder

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

// mayTake is who may take a step, written a second time: relation, then the roles of staff. E is the assigned engineer, O the owner, C the
// carrier, P the provider it is offered to, S the suite.
var mayTake = map[Verb]string{
	VerbOffer: "O:dispatcher,manager", VerbAcceptOffer: "P:dispatcher,manager", VerbDeclineOffer: "P:dispatcher,manager", VerbExpireOffer: "S:",
	VerbAssign: "C:dispatcher,manager", VerbReassign: "C:dispatcher,manager", VerbAccept: "E:", VerbDecline: "E:",
	VerbBook: "EC:dispatcher,manager,agent,call_taker", VerbBookFailed: "EC:dispatcher,manager,agent,call_taker", VerbDepart: "E:", VerbArrive: "E:",
	VerbDiagnose: "E:", VerbQuote: "EC:dispatcher,manager", VerbAgreeQuote: "ECO:dispatcher,manager,agent,call_taker",
	VerbRefuseQuote: "ECO:dispatcher,manager,agent,call_taker", VerbComplete: "E:", VerbConfirm: "ECO:dispatcher,manager,agent,call_taker",
	VerbConfirmRefused: "ECO:dispatcher,manager,agent,call_taker", VerbReschedule: "ECO:dispatcher,manager,agent,call_taker",
	VerbAwaitPart: "EC:dispatcher,manager,parts_keeper", VerbPartArrived: "S:", VerbAwaitAppraisal: "EC:dispatcher,manager", VerbTakeAway: "E:",
	VerbSuspend: "OS:dispatcher,manager", VerbResume: "OS:dispatcher,manager", VerbTransfer: "CO:dispatcher,manager", VerbCancel: "OS:dispatcher,manager",
	VerbAudit: "O:manager,quality", VerbSettle: "O:finance,manager",
}

// relation is an actor and the letters of mayTake that it stands in, for an order that a provider has (or, offered, could take).
type relation struct {
	name  string
	actor Actor
	is    func(state State) string
}

func relations(role string) []relation {
	staff := func(org string) Actor { return Actor{Subject: "users/s", Roles: []string{role}, Orgs: []string{org}} }
	carried := func(s State) bool { return s != Offered }
	return []relation{
		{"the engineer", Actor{Subject: "users/e", Engineer: "engineers/e", Roles: []string{auth.RoleEngineer}}, func(State) string { return "E" }},
		{"another engineer", Actor{Subject: "users/f", Engineer: "engineers/f", Roles: []string{auth.RoleEngineer}}, func(State) string { return "" }},
		{"the owner's staff", staff("organisations/owner"), func(s State) string {
			if carried(s) {
				return "O"
			}
			return "OC" // until somebody takes it, the owner carries it out
		}},
		{"the provider's staff", staff("organisations/provider"), func(s State) string {
			if carried(s) {
				return "PC"
			}
			return "P"
		}},
		{"a stranger's staff", staff("organisations/other"), func(State) string { return "" }},
		{"the suite", Actor{Subject: "system", System: true}, func(State) string { return "S" }},
	}
}

// TestEveryStateVerbRole walks every (state, verb, role, relation): what is not written above is refused, with the reason.
func TestEveryStateVerbRole(t *testing.T) {
	t.Parallel()
	for _, role := range auth.Roles {
		for _, r := range relations(role) {
			for _, state := range States {
				for _, verb := range allVerbs {
					walkOne(t, role, r, state, verb)
				}
			}
		}
	}
}

func walkOne(t *testing.T, role string, r relation, state State, verb Verb) {
	t.Helper()
	o := &Order{ID: "1", State: state, Purpose: Repair, OwnerOrg: "organisations/owner", ServingOrg: "organisations/provider", Released: true, Engineer: "engineers/e"}
	_, err := o.move(verb, Step{By: r.actor})
	relationsAllowed, roles, _ := strings.Cut(mayTake[verb], ":")
	if state == Assigned && verb == VerbBook {
		relationsAllowed = "E" // it accepts by the way, which nobody does for the engineer
	}
	stands := strings.ContainsAny(relationsAllowed, r.is(state))
	staffOnly := !strings.ContainsAny(r.is(state), "ES")
	allowed := stands && (!staffOnly || slices.Contains(strings.Split(roles, ","), role))
	about := []any{"%s: %s (%s) in %s", verb, r.name, role, state}
	switch {
	case find(state, verb, Repair) == nil && state == Suspended && r.name == "the engineer":
		require.ErrorIs(t, err, ErrSuspended, about...)
	case find(state, verb, Repair) == nil:
		require.ErrorIs(t, err, ErrState, about...)
	case allowed:
		require.NoError(t, err, about...)
	default:
		require.ErrorIs(t, err, apierr.ErrForbidden, about...)
		require.Equal(t, state, o.State, about...)
	}
}

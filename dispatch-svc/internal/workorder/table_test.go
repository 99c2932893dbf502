package workorder

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// mayWait is what may happen to a visit under way.
const mayWait = "awaitPart=WAITING_PART awaitAppraisal=WAITING_APPRAISAL takeAway=TAKEN_AWAY suspend=SUSPENDED"

// expected is architecture.md section 3 written a second time, by state: every step that an order of purpose REPAIR has there. What is
// not named must be refused.
var expected = map[State]string{
	Created:          "offer=OFFERED assign=ASSIGNED suspend=SUSPENDED cancel=CANCELLED",
	Offered:          "acceptOffer=PROVIDER_ACCEPTED declineOffer=PROVIDER_DECLINED expireOffer=OFFER_EXPIRED suspend=SUSPENDED cancel=CANCELLED",
	ProviderAccepted: "assign=ASSIGNED suspend=SUSPENDED transfer=TRANSFERRED cancel=CANCELLED",
	ProviderDeclined: "offer=OFFERED assign=ASSIGNED suspend=SUSPENDED cancel=CANCELLED",
	OfferExpired:     "offer=OFFERED assign=ASSIGNED suspend=SUSPENDED cancel=CANCELLED",
	Assigned:         "reassign=ASSIGNED accept=ACCEPTED decline=DECLINED book=BOOKED suspend=SUSPENDED transfer=TRANSFERRED cancel=CANCELLED",
	Accepted: "reassign=ASSIGNED decline=DECLINED book=BOOKED bookFailed=BOOKING_FAILED reschedule=RESCHEDULED awaitPart=WAITING_PART " +
		"suspend=SUSPENDED transfer=TRANSFERRED cancel=CANCELLED",
	Declined: "assign=ASSIGNED suspend=SUSPENDED transfer=TRANSFERRED cancel=CANCELLED",
	Booked: "reassign=ASSIGNED book=BOOKED depart=EN_ROUTE arrive=ON_SITE reschedule=RESCHEDULED awaitPart=WAITING_PART suspend=SUSPENDED " +
		"transfer=TRANSFERRED cancel=CANCELLED",
	BookingFailed: "assign=ASSIGNED book=BOOKED bookFailed=BOOKING_FAILED reschedule=RESCHEDULED awaitPart=WAITING_PART suspend=SUSPENDED " +
		"transfer=TRANSFERRED cancel=CANCELLED",
	EnRoute:     "reassign=ASSIGNED arrive=ON_SITE reschedule=RESCHEDULED suspend=SUSPENDED cancel=CANCELLED",
	OnSite:      "diagnose=DIAGNOSED reschedule=RESCHEDULED " + mayWait + " cancel=CANCELLED",
	Diagnosed:   "diagnose=DIAGNOSED quote=QUOTED complete=DONE reschedule=RESCHEDULED " + mayWait + " cancel=CANCELLED",
	Quoted:      "quote=QUOTED agreeQuote=QUOTE_AGREED refuseQuote=DONE reschedule=RESCHEDULED suspend=SUSPENDED cancel=CANCELLED",
	QuoteAgreed: "complete=DONE reschedule=RESCHEDULED " + mayWait + " cancel=CANCELLED",
	Done:        "confirm=CONFIRMED confirmRefused=CONFIRM_REFUSED cancel=CANCELLED",
	Confirmed:   "audit=AUDITED", Audited: "settle=SETTLED", Settled: "",
	ConfirmRefused: "assign=ASSIGNED book=BOOKED confirm=CONFIRMED reschedule=RESCHEDULED suspend=SUSPENDED cancel=CANCELLED",
	Rescheduled: "assign=ASSIGNED book=BOOKED bookFailed=BOOKING_FAILED awaitPart=WAITING_PART suspend=SUSPENDED " +
		"transfer=TRANSFERRED cancel=CANCELLED",
	WaitingPart:      "book=BOOKED awaitPart=WAITING_PART partArrived=BOOKED suspend=SUSPENDED cancel=CANCELLED",
	WaitingAppraisal: "book=BOOKED suspend=SUSPENDED cancel=CANCELLED",
	TakenAway:        "book=BOOKED awaitAppraisal=WAITING_APPRAISAL suspend=SUSPENDED cancel=CANCELLED",
	Suspended:        "assign=ASSIGNED resume=RESCHEDULED cancel=CANCELLED",
	Transferred:      "offer=OFFERED assign=ASSIGNED suspend=SUSPENDED cancel=CANCELLED",
	Cancelled:        "",
}

// more is what other purposes have beside.
var more = map[Purpose]map[State]string{
	Install:  {OnSite: "quote=QUOTED complete=DONE"},
	Maintain: {OnSite: "quote=QUOTED complete=DONE"},
	PickUp:   {OnSite: "quote=QUOTED complete=DONE"},
	Exchange: {OnSite: "quote=QUOTED complete=DONE"},
	Remote:   {Accepted: "diagnose=DIAGNOSED", Booked: "diagnose=DIAGNOSED"},
	SendPart: {Accepted: "complete=DONE", Booked: "complete=DONE"},
}

var allVerbs = []Verb{VerbOffer, VerbAcceptOffer, VerbDeclineOffer, VerbExpireOffer, VerbAssign, VerbReassign, VerbAccept, VerbDecline,
	VerbBook, VerbBookFailed, VerbDepart, VerbArrive, VerbDiagnose, VerbQuote, VerbAgreeQuote, VerbRefuseQuote, VerbComplete, VerbConfirm,
	VerbConfirmRefused, VerbReschedule, VerbAwaitPart, VerbPartArrived, VerbAwaitAppraisal, VerbTakeAway, VerbSuspend, VerbResume, VerbTransfer,
	VerbCancel, VerbAudit, VerbSettle}

// almighty stands in every relation to order().
var almighty = Actor{Subject: "users/x", Engineer: "engineers/e", Roles: []string{"dispatcher", "manager", "finance"}, Orgs: []string{"organisations/o"}, System: true}

func order(state State, purpose Purpose) *Order {
	return &Order{ID: "1", State: state, Purpose: purpose, OwnerOrg: "organisations/o", ServingOrg: "organisations/o", Released: true,
		Engineer: "engineers/e", Secrecy: "NORMAL"}
}

// TestEveryPair takes every verb in every state for every purpose and compares with what is written above.
func TestEveryPair(t *testing.T) {
	t.Parallel()
	require.Len(t, expected, len(States))
	for _, purpose := range Purposes {
		for _, state := range States {
			steps := strings.Fields(expected[state] + " " + more[purpose][state])
			for _, verb := range allVerbs {
				o := order(state, purpose)
				c, err := o.move(verb, Step{By: almighty})
				at := slices.IndexFunc(steps, func(s string) bool { return strings.HasPrefix(s, string(verb)+"=") })
				if at < 0 {
					require.ErrorIs(t, err, ErrState, "%s %s %s", purpose, state, verb)
					require.Equal(t, state, o.State)
					continue
				}
				require.NoError(t, err, "%s %s %s", purpose, state, verb)
				require.Equal(t, strings.TrimPrefix(steps[at], string(verb)+"="), string(o.State), "%s %s %s", purpose, state, verb)
				require.Equal(t, o.State, c.To)
				require.Equal(t, state, c.From)
				require.NotEmpty(t, c.Event)
			}
		}
	}
}

// TestOneRowAPair: a step never depends on the order of the table.
func TestOneRowAPair(t *testing.T) {
	t.Parallel()
	for _, purpose := range Purposes {
		for _, state := range States {
			for _, verb := range allVerbs {
				n := 0
				for _, r := range Table {
					if r.Verb == verb && slices.Contains(r.From, state) && (r.Purposes == nil || slices.Contains(r.Purposes, purpose)) {
						n++
					}
				}
				require.LessOrEqual(t, n, 1, "%s %s %s", purpose, state, verb)
			}
		}
	}
}

func TestRelations(t *testing.T) {
	t.Parallel()
	staff := func(org string, roles ...string) Actor {
		return Actor{Subject: "users/s", Orgs: []string{org}, Roles: roles}
	}
	engineer := Actor{Subject: "users/e", Engineer: "engineers/e", Roles: []string{"engineer"}}
	for name, c := range map[string]struct {
		state State
		verb  Verb
		by    Actor
		ok    bool
	}{
		"own dispatcher assigns":                {Created, VerbAssign, staff("organisations/owner", "dispatcher"), true},
		"agent does not assign":                 {Created, VerbAssign, staff("organisations/owner", "agent"), false},
		"stranger does not assign":              {Created, VerbAssign, staff("organisations/other", "dispatcher"), false},
		"owner does not assign for a provider":  {ProviderAccepted, VerbAssign, staff("organisations/owner", "dispatcher"), false},
		"provider assigns after it accepted":    {ProviderAccepted, VerbAssign, staff("organisations/provider", "dispatcher"), true},
		"provider accepts":                      {Offered, VerbAcceptOffer, staff("organisations/provider", "dispatcher"), true},
		"owner does not accept for a provider":  {Offered, VerbAcceptOffer, staff("organisations/owner", "dispatcher"), false},
		"provider does not cancel":              {Offered, VerbCancel, staff("organisations/provider", "manager"), false},
		"assigned engineer departs":             {Booked, VerbDepart, engineer, true},
		"another engineer does not":             {Booked, VerbDepart, Actor{Engineer: "engineers/f", Roles: []string{"engineer"}}, false},
		"dispatcher does not depart":            {Booked, VerbDepart, staff("organisations/provider", "dispatcher"), false},
		"owner's agent confirms for a provider": {Done, VerbConfirm, staff("organisations/owner", "agent"), true},
		"only the suite ends an offer":          {Offered, VerbExpireOffer, staff("organisations/owner", "manager"), false},
		"the suite cancels":                     {EnRoute, VerbCancel, Actor{Subject: "services/intake", System: true}, true},
	} {
		o := &Order{State: c.state, Purpose: Repair, OwnerOrg: "organisations/owner", ServingOrg: "organisations/provider",
			Released: c.state != Created, Engineer: "engineers/e"}
		_, err := o.move(c.verb, Step{By: c.by})
		if c.ok {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, apierr.ErrForbidden, name)
		require.Equal(t, c.state, o.State, name)
	}
}

func TestNextVerbs(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"accept", "decline", "book", "suspend", "transfer", "cancel"}, order(Assigned, Repair).NextVerbs())
	require.Equal(t, []string{"audit"}, order(Confirmed, Repair).NextVerbs())
	require.Empty(t, order(Settled, Repair).NextVerbs())
	refused := order(Done, Repair)
	refused.Outcome = FeeRefused
	require.Empty(t, refused.NextVerbs())
	require.False(t, refused.Open())
}

func TestLabelsAreShort(t *testing.T) {
	t.Parallel()
	for _, s := range States {
		require.NotEmpty(t, s.Label("zh-CN"), s)
		require.LessOrEqual(t, len([]rune(s.Label("zh-CN"))), 5, s)
		require.NotEqual(t, s.Label("zh-CN"), s.Label("en"), s)
	}
}

package workorder

import "slices"

// Verb is a step, as in the API.
type Verb string

// The verbs.
const (
	VerbCreate         Verb = "create"
	VerbOffer          Verb = "offer"
	VerbAcceptOffer    Verb = "acceptOffer"
	VerbDeclineOffer   Verb = "declineOffer"
	VerbExpireOffer    Verb = "expireOffer"
	VerbAssign         Verb = "assign"
	VerbReassign       Verb = "reassign" // `:assign` that names whom it replaces
	VerbAccept         Verb = "accept"
	VerbDecline        Verb = "decline"
	VerbBook           Verb = "book"
	VerbBookFailed     Verb = "bookFailed"
	VerbDepart         Verb = "depart"
	VerbArrive         Verb = "arrive"
	VerbDiagnose       Verb = "diagnose"
	VerbQuote          Verb = "quote"
	VerbAgreeQuote     Verb = "agreeQuote"
	VerbRefuseQuote    Verb = "refuseQuote"
	VerbComplete       Verb = "complete"
	VerbConfirm        Verb = "confirm"
	VerbConfirmRefused Verb = "confirmRefused"
	VerbReschedule     Verb = "reschedule"
	VerbAwaitPart      Verb = "awaitPart"
	VerbPartArrived    Verb = "partArrived" // the goods receipt books the appointment
	VerbAwaitAppraisal Verb = "awaitAppraisal"
	VerbTakeAway       Verb = "takeAway"
	VerbSuspend        Verb = "suspend"
	VerbResume         Verb = "resume"
	VerbTransfer       Verb = "transfer"
	VerbCancel         Verb = "cancel"
	VerbAudit          Verb = "audit"
	VerbSettle         Verb = "settle"
)

// By says who may take a step, by relation to the order; several may be joined.
type By uint8

// The relations. Staff also need one of the row's roles.
const (
	Engineer By = 1 << iota // the assigned engineer
	Owner                   // staff of the owning organisation
	Carrier                 // staff of the organisation that carries the order out: the owner, or the provider that took it
	Provider                // staff of the organisation it is offered to
	System                  // the suite itself: intake, timers
)

// Row is one line of the transition table.
type Row struct {
	Verb     Verb
	From     []State
	Via      []State // small steps implied on the way
	To       State
	By       By
	Roles    []string  // of staff
	Purposes []Purpose // nil: all
	Event    string    // of the timeline entry
}

var (
	dispatching = []string{"dispatcher", "manager"}
	desk        = []string{"dispatcher", "manager", "agent", "call_taker"}
	onTheSpot   = []Purpose{Install, Maintain, PickUp, Exchange} // nothing to diagnose
	awaiting    = []string{"dispatcher", "manager", "parts_keeper"}
	unoffered   = []State{Created, ProviderDeclined, OfferExpired, Transferred}
	onTheWay    = []State{Created, Offered, ProviderAccepted, ProviderDeclined, OfferExpired, Assigned, Accepted, Declined, Booked,
		BookingFailed, EnRoute, OnSite, Diagnosed, Quoted, QuoteAgreed, ConfirmRefused, Rescheduled, WaitingPart, WaitingAppraisal, TakenAway, Transferred}
	openStates = append([]State{Done, Suspended}, onTheWay...)
)

// Table is every transition there is (architecture.md section 3). A (state, verb, purpose) has at most one row.
var Table = []Row{
	{Verb: VerbOffer, From: unoffered, To: Offered, By: Owner, Roles: dispatching, Event: "WORK_ORDER_OFFERED"},
	{Verb: VerbAcceptOffer, From: []State{Offered}, To: ProviderAccepted, By: Provider, Roles: dispatching, Event: "WORK_ORDER_PROVIDER_ACCEPTED"},
	{Verb: VerbDeclineOffer, From: []State{Offered}, To: ProviderDeclined, By: Provider, Roles: dispatching, Event: "WORK_ORDER_PROVIDER_DECLINED"},
	{Verb: VerbExpireOffer, From: []State{Offered}, To: OfferExpired, By: System, Event: "WORK_ORDER_OFFER_EXPIRED"},

	{Verb: VerbAssign, From: []State{Created, ProviderDeclined, OfferExpired, ProviderAccepted, Declined, BookingFailed, Rescheduled, ConfirmRefused,
		Suspended, Transferred}, To: Assigned, By: Carrier, Roles: dispatching, Event: "WORK_ORDER_ASSIGNED"},
	{Verb: VerbReassign, From: []State{Assigned, Accepted, Booked, EnRoute}, To: Assigned, By: Carrier, Roles: dispatching, Event: "WORK_ORDER_REASSIGNED"}, // R155
	{Verb: VerbAccept, From: []State{Assigned}, To: Accepted, By: Engineer, Event: "WORK_ORDER_ACCEPTED"},
	{Verb: VerbDecline, From: []State{Assigned, Accepted}, To: Declined, By: Engineer, Event: "WORK_ORDER_DECLINED"},

	{Verb: VerbBook, From: []State{Assigned}, Via: []State{Accepted}, To: Booked, By: Engineer, Event: "WORK_ORDER_BOOKED"},
	{Verb: VerbBook, From: []State{Accepted, Booked, BookingFailed, Rescheduled, ConfirmRefused, WaitingPart, WaitingAppraisal, TakenAway}, To: Booked, By: Engineer | Carrier, Roles: desk, Event: "WORK_ORDER_BOOKED"},
	{Verb: VerbBookFailed, From: []State{Accepted, BookingFailed, Rescheduled}, To: BookingFailed, By: Engineer | Carrier, Roles: desk, Event: "WORK_ORDER_BOOKING_FAILED"},
	{Verb: VerbDepart, From: []State{Booked}, To: EnRoute, By: Engineer, Event: "WORK_ORDER_DEPARTED"},
	{Verb: VerbArrive, From: []State{EnRoute}, To: OnSite, By: Engineer, Event: "WORK_ORDER_ARRIVED"},
	{Verb: VerbArrive, From: []State{Booked}, Via: []State{EnRoute}, To: OnSite, By: Engineer, Event: "WORK_ORDER_ARRIVED"},
	{Verb: VerbReschedule, From: []State{Accepted, Booked, BookingFailed, EnRoute, OnSite, Diagnosed, Quoted, QuoteAgreed, ConfirmRefused},
		To: Rescheduled, By: Engineer | Carrier | Owner, Roles: desk, Event: "WORK_ORDER_RESCHEDULED"},

	{Verb: VerbDiagnose, From: []State{OnSite, Diagnosed}, To: Diagnosed, By: Engineer, Event: "WORK_ORDER_DIAGNOSED"},
	{Verb: VerbDiagnose, From: []State{Accepted, Booked}, To: Diagnosed, By: Engineer, Purposes: []Purpose{Remote}, Event: "WORK_ORDER_DIAGNOSED"},
	{Verb: VerbQuote, From: []State{Diagnosed, Quoted}, To: Quoted, By: Engineer | Carrier, Roles: dispatching, Event: "WORK_ORDER_QUOTED"},
	{Verb: VerbQuote, From: []State{OnSite}, To: Quoted, By: Engineer | Carrier, Roles: dispatching, Purposes: onTheSpot, Event: "WORK_ORDER_QUOTED"},
	{Verb: VerbAgreeQuote, From: []State{Quoted}, To: QuoteAgreed, By: Engineer | Carrier | Owner, Roles: desk, Event: "WORK_ORDER_QUOTE_AGREED"},
	{Verb: VerbRefuseQuote, From: []State{Quoted}, Via: []State{QuoteRefused}, To: Done, By: Engineer | Carrier | Owner, Roles: desk, Event: "WORK_ORDER_QUOTE_REFUSED"},
	{Verb: VerbComplete, From: []State{Diagnosed, QuoteAgreed}, Via: []State{InProgress}, To: Done, By: Engineer, Event: "WORK_ORDER_DONE"},
	{Verb: VerbComplete, From: []State{OnSite}, Via: []State{InProgress}, To: Done, By: Engineer, Purposes: onTheSpot, Event: "WORK_ORDER_DONE"},
	{Verb: VerbComplete, From: []State{Accepted, Booked}, Via: []State{InProgress}, To: Done, By: Engineer, Purposes: []Purpose{SendPart}, Event: "WORK_ORDER_DONE"},

	{Verb: VerbConfirm, From: []State{Done, ConfirmRefused}, To: Confirmed, By: Engineer | Carrier | Owner, Roles: desk, Event: "WORK_ORDER_CONFIRMED"},
	{Verb: VerbConfirmRefused, From: []State{Done}, To: ConfirmRefused, By: Engineer | Carrier | Owner, Roles: desk, Event: "WORK_ORDER_CONFIRM_REFUSED"},

	{Verb: VerbAwaitPart, From: []State{Accepted, Booked, BookingFailed, Rescheduled, OnSite, Diagnosed, QuoteAgreed, WaitingPart}, To: WaitingPart,
		By: Engineer | Carrier, Roles: awaiting, Event: "WORK_ORDER_PART_AWAITED"},
	{Verb: VerbPartArrived, From: []State{WaitingPart}, To: Booked, By: System, Event: "WORK_ORDER_BOOKED"},
	{Verb: VerbAwaitAppraisal, From: []State{OnSite, Diagnosed, QuoteAgreed, TakenAway}, To: WaitingAppraisal, By: Engineer | Carrier, Roles: dispatching,
		Event: "WORK_ORDER_APPRAISAL_AWAITED"},
	{Verb: VerbTakeAway, From: []State{OnSite, Diagnosed, QuoteAgreed}, To: TakenAway, By: Engineer, Event: "WORK_ORDER_TAKEN_AWAY"},
	{Verb: VerbSuspend, From: onTheWay, To: Suspended, By: Owner | System, Roles: dispatching, Event: "WORK_ORDER_SUSPENDED"},
	{Verb: VerbResume, From: []State{Suspended}, To: Rescheduled, By: Owner | System, Roles: dispatching, Event: "WORK_ORDER_RESUMED"},
	{Verb: VerbTransfer, From: []State{ProviderAccepted, Assigned, Accepted, Declined, Booked, BookingFailed, Rescheduled}, To: Transferred,
		By: Carrier | Owner, Roles: dispatching, Event: "WORK_ORDER_TRANSFERRED"},
	{Verb: VerbAudit, From: []State{Confirmed}, To: Audited, By: Owner, Roles: []string{"manager", "quality"}, Event: "WORK_ORDER_AUDITED"},
	{Verb: VerbSettle, From: []State{Audited}, To: Settled, By: Owner, Roles: []string{"finance", "manager"}, Event: "WORK_ORDER_SETTLED"},
	{Verb: VerbCancel, From: openStates, To: Cancelled, By: Owner | System, Roles: dispatching, Event: "WORK_ORDER_CANCELLED"},
}

// find gives the row of a step, nil when there is none.
func find(state State, verb Verb, purpose Purpose) *Row {
	for i := range Table {
		r := &Table[i]
		if r.Verb == verb && slices.Contains(r.From, state) && (r.Purposes == nil || slices.Contains(r.Purposes, purpose)) {
			return r
		}
	}
	return nil
}

// NextVerbs are the steps that the state allows, in the order of the table; who may take them is not looked at.
func (o *Order) NextVerbs() []string {
	if !o.movable() {
		return nil
	}
	var verbs []string
	for i := range Table {
		r := &Table[i]
		public := r.By != System && r.Verb != VerbReassign
		if public && find(o.State, r.Verb, o.Purpose) == r {
			verbs = append(verbs, string(r.Verb))
		}
	}
	return verbs
}

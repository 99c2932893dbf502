package survey

import "slices"

// Purpose is what an invitation is for.
type Purpose string

// The three purposes (R170, R173).
const (
	PurposeSurvey Purpose = "SURVEY"
	PurposeWeek   Purpose = "CALL_BACK_WEEK"
	PurposeMonth  Purpose = "CALL_BACK_MONTH"
)

// Purposes lists them all.
var Purposes = []Purpose{PurposeSurvey, PurposeWeek, PurposeMonth}

// ByCall says whether a person calls before a message is sent.
func (p Purpose) ByCall() bool { return p == PurposeWeek || p == PurposeMonth }

// State of an invitation.
type State string

// The states; see the diagram in the package comment.
const (
	Scheduled     State = "SCHEDULED"
	Delivered     State = "DELIVERED"
	Undeliverable State = "UNDELIVERABLE"
	Responded     State = "RESPONDED"
	Expired       State = "EXPIRED"
	Cancelled     State = "CANCELLED"
	NotSampled    State = "NOT_SAMPLED"
)

// States lists them all.
var States = []State{Scheduled, Delivered, Undeliverable, Responded, Expired, Cancelled, NotSampled}

// open are the states that wait for an answer.
var open = []State{Scheduled, Delivered, Undeliverable}

// Open says whether an answer is still awaited.
func (s State) Open() bool { return slices.Contains(open, s) }

// Verb is a step of an invitation.
type Verb string

// The verbs.
const (
	VerbDeliver      Verb = "deliver"
	VerbFailDelivery Verb = "failDelivery"
	VerbRespond      Verb = "respond"
	VerbAmend        Verb = "amend"
	VerbExpire       Verb = "expire"
	VerbCancel       Verb = "cancel"
)

// Actor is who may take a step.
type Actor string

// The actors.
const (
	ActorSystem   Actor = "system"   // jobs, sweepers, events of other services
	ActorCustomer Actor = "customer" // holder of the link, or a caller who writes down what the customer says
)

// Transition is one row of the table.
type Transition struct {
	Verb Verb
	From []State
	To   State
	By   []Actor
	Why  string
}

// Transitions is the whole life of an invitation.
var Transitions = []Transition{
	{VerbDeliver, []State{Scheduled, Undeliverable}, Delivered, []Actor{ActorSystem}, "a driver took the message"},
	{VerbFailDelivery, []State{Scheduled}, Undeliverable, []Actor{ActorSystem}, "no attempt is left, or there is no contact"},
	{VerbRespond, open, Responded, []Actor{ActorCustomer}, "first answer (R169, R170, R176)"},
	{VerbAmend, []State{Responded}, Responded, []Actor{ActorCustomer}, "second thoughts, within the amendment window"},
	{VerbExpire, open, Expired, []Actor{ActorSystem}, "nobody answered in time"},
	{VerbCancel, open, Cancelled, []Actor{ActorSystem, ActorCustomer}, "the case went another way, or the customer does not want to be asked"},
}

// next looks a step up.
func next(from State, verb Verb) (State, error) {
	for _, t := range Transitions {
		if t.Verb == verb && slices.Contains(t.From, from) {
			return t.To, nil
		}
	}
	return from, ErrState.New("state", string(from), "verb", string(verb))
}

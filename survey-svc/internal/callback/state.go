package callback

import "slices"

// State of a task.
type State string

// The states; see the diagram in the package comment.
const (
	Waiting   State = "WAITING"
	Due       State = "DUE"
	Claimed   State = "CLAIMED"
	Answered  State = "ANSWERED"
	Unreached State = "UNREACHED"
	Refused   State = "REFUSED"
	Cancelled State = "CANCELLED"
	Expired   State = "EXPIRED"
)

// States lists them all.
var States = []State{Waiting, Due, Claimed, Answered, Unreached, Refused, Cancelled, Expired}

// Verb is a step of a task.
type Verb string

// The verbs.
const (
	VerbDue          Verb = "due"
	VerbClaim        Verb = "claim"
	VerbRelease      Verb = "release"
	VerbLapse        Verb = "lapse"
	VerbAnswer       Verb = "answer"
	VerbAnswerByLink Verb = "answerByLink"
	VerbRetry        Verb = "retry"
	VerbGiveUp       Verb = "giveUp"
	VerbRefuse       Verb = "refuse"
	VerbCancel       Verb = "cancel"
	VerbExpire       Verb = "expire"
)

// Actor is who may take a step.
type Actor string

// The actors.
const (
	ActorSystem   Actor = "system"
	ActorCaller   Actor = "caller"   // who has claimed the task
	ActorCustomer Actor = "customer" // by the link
)

// Transition is one row of the table.
type Transition struct {
	Verb Verb
	From []State
	To   State
	By   Actor
	Why  string
}

var (
	unanswered = []State{Waiting, Due, Claimed, Unreached}
	callable   = []State{Waiting, Due, Claimed}
)

// Transitions is the whole life of a task.
var Transitions = []Transition{
	{VerbDue, []State{Waiting}, Due, ActorSystem, "its time has come"},
	{VerbClaim, []State{Due, Claimed}, Claimed, ActorCaller, "one person calls; claiming one's own again prolongs it"},
	{VerbRelease, []State{Claimed}, Due, ActorCaller, "given back"},
	{VerbLapse, []State{Claimed}, Due, ActorSystem, "the claim ran out without a call"},
	{VerbAnswer, []State{Claimed}, Answered, ActorCaller, "the customer answered on the phone (R174)"},
	{VerbAnswerByLink, unanswered, Answered, ActorCustomer, "the customer answered by the link"},
	{VerbRetry, []State{Claimed}, Waiting, ActorCaller, "not reached, or to be called later"},
	{VerbGiveUp, []State{Claimed}, Unreached, ActorCaller, "not reached in the last attempt"},
	{VerbRefuse, []State{Claimed}, Refused, ActorCaller, "the customer does not want to be asked"},
	{VerbCancel, unanswered, Cancelled, ActorSystem, "the case went another way"},
	{VerbExpire, callable, Expired, ActorSystem, "nobody called in time"},
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

type label struct{ zh, en string }

// Labels have at most five Han characters.
var labels = map[State]label{
	Waiting:   {"未到时间", "Not yet due"},
	Due:       {"待回访", "To be called"},
	Claimed:   {"回访中", "Being called"},
	Answered:  {"已回访", "Answered"},
	Unreached: {"未联系上", "Not reached"},
	Refused:   {"客户拒访", "Refused"},
	Cancelled: {"已取消", "Cancelled"},
	Expired:   {"已过期", "Expired"},
}

// Label is the state in Chinese or English.
func (s State) Label(english bool) string {
	if english {
		return labels[s].en
	}
	return labels[s].zh
}

package casefile

// Kind says which way through the states a case goes (R256).
type Kind string

// Kinds.
const (
	Complaint      Kind = "COMPLAINT"
	ServiceRequest Kind = "SERVICE_REQUEST"
	Enquiry        Kind = "ENQUIRY"
	Feedback       Kind = "FEEDBACK"
)

// Kinds lists every kind.
var Kinds = []Kind{Complaint, ServiceRequest, Enquiry, Feedback}

// State of a case (R180).
type State string

// States.
const (
	Received           State = "RECEIVED"
	Accepted           State = "ACCEPTED"
	UnderInvestigation State = "UNDER_INVESTIGATION"
	SolutionProposed   State = "SOLUTION_PROPOSED"
	SolutionAgreed     State = "SOLUTION_AGREED"
	InService          State = "IN_SERVICE"
	Resolved           State = "RESOLVED"
	Closed             State = "CLOSED"
	Archived           State = "ARCHIVED"
	Withdrawn          State = "WITHDRAWN"
	Merged             State = "MERGED"
	Rejected           State = "REJECTED"
)

// States lists every state.
var States = []State{
	Received, Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved, Closed, Archived, Withdrawn,
	Merged, Rejected,
}

// Open says that work on the case goes on.
func (s State) Open() bool {
	switch s {
	case Closed, Archived, Withdrawn, Merged, Rejected:
		return false
	}
	return true
}

// Basis is what a closing rests on (R178).
type Basis string

// Bases.
const (
	BasisConfirmed     Basis = "CONFIRMED"
	BasisAcceptedFinal Basis = "ACCEPTED_FINAL"
	BasisNoReply       Basis = "NO_REPLY"
	BasisFirstContact  Basis = "FIRST_CONTACT"
)

// Confidentiality binds lists, events and exports.
type Confidentiality string

// Levels.
const (
	Normal     Confidentiality = "NORMAL"
	Protected  Confidentiality = "PROTECTED"
	Restricted Confidentiality = "RESTRICTED"
)

// SolutionState is the state of a solution.
type SolutionState string

// States of a solution.
const (
	SolutionOpen       SolutionState = "PROPOSED"
	SolutionAwaiting   SolutionState = "AWAITING_APPROVAL"
	SolutionAccepted   SolutionState = "AGREED"
	SolutionDeclined   SolutionState = "DECLINED"
	SolutionSuperseded SolutionState = "SUPERSEDED"
	SolutionCarriedOut SolutionState = "CARRIED_OUT"
	SolutionFailed     SolutionState = "FAILED"
)

// MeasureState is the state of one measure of a solution.
type MeasureState string

// States of a measure.
const (
	MeasurePlanned MeasureState = "PLANNED"
	MeasureRunning MeasureState = "RUNNING"
	MeasureDone    MeasureState = "DONE"
	MeasureDropped MeasureState = "DROPPED"
)

// Mode is how a measure is carried out: an attribute of its code.
type Mode string

// Modes.
const (
	ModeVisit   Mode = "VISIT"   // a work order
	ModeNotice  Mode = "NOTICE"  // a notice to the customer
	ModePayment Mode = "PAYMENT" // confirmed by finance
	ModeRecord  Mode = "RECORD"  // confirmed by who did it
)

// Flags beside the state.
const (
	FlagUnreachable        = "UNREACHABLE"
	FlagNoReplyReady       = "NO_REPLY_READY"
	FlagCloseRequested     = "CLOSE_REQUESTED"
	FlagHazard             = "HAZARD"
	FlagWaitingForCustomer = "WAITING_FOR_CUSTOMER"
	FlagAwaitingApproval   = "AWAITING_APPROVAL"
	FlagLegalAction        = "LEGAL_ACTION"
	FlagEarlierDoubtful    = "EARLIER_DOUBTFUL"
	FlagDoubleRefund       = "DOUBLE_REFUND"
)

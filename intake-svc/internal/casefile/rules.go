package casefile

import (
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Verb is something that is done to a case.
type Verb string

// Verbs. Those after Archive are done by the suite itself.
const (
	Accept           Verb = "accept"
	StartInvestigate Verb = "startInvestigation"
	Conclude         Verb = "concludeInvestigation"
	Propose          Verb = "proposeSolution"
	Agree            Verb = "agreeSolution"
	Decline          Verb = "declineSolution"
	ConfirmMeasure   Verb = "confirmMeasure"
	ResolveNow       Verb = "resolveNow"
	RequestClose     Verb = "requestClose"
	Close            Verb = "close"
	CloseNoReply     Verb = "closeNoReply"
	Reopen           Verb = "reopen"
	Withdraw         Verb = "withdraw"
	Contact          Verb = "contact"
	AddEvidence      Verb = "addEvidence"
	Archive          Verb = "archive"
	Receive          Verb = "receive"
	RecordReply      Verb = "recordReply"
	ApproveReply     Verb = "approveReply"
	PauseClocks      Verb = "pauseClocks"
	ResumeClocks     Verb = "resumeClocks"
	ChangeUrgency    Verb = "changeUrgency"
	SetDeadline      Verb = "setDeadline"
	Urge             Verb = "urge"
	TellNews         Verb = "tellNews"
	StartService     Verb = "startService"
	FinishMeasures   Verb = "finishMeasures"
	FailService      Verb = "failService"
	CloseByPolicy    Verb = "closeByPolicy"
	CloseByAnswer    Verb = "closeByAnswer"

	RaiseHazard        Verb = "raiseHazard"
	AcknowledgeHazard  Verb = "acknowledgeHazard"
	ClearHazard        Verb = "clearHazard"
	SetConfidentiality Verb = "setConfidentiality"
	RevealContact      Verb = "revealContact"
	Authorise          Verb = "recordAuthorisation"
	TransferCase       Verb = "transfer"
	AcceptTransfer     Verb = "acceptTransfer"
	ReturnTransfer     Verb = "returnTransfer"
	SetOutcome         Verb = "setItemOutcome"
	Split              Verb = "split"
	JoinIncident       Verb = "joinIncident"
	ReviewClosing      Verb = "reviewClosing"
	SetRetention       Verb = "setRetention"
	HoldRetention      Verb = "holdRetention"
	ReleaseRetention   Verb = "releaseRetention"
	EraseCase          Verb = "erase"

	AssignInvestigator Verb = "assignInvestigator"
	Record             Verb = "investigationRecord"
	OrderInspection    Verb = "orderInspection"
	Reject             Verb = "reject"
	Settle             Verb = "settle"
	FlagRisk           Verb = "flagRisk"
	IssueDecision      Verb = "issueDecisionNotice"
	ApproveSolution    Verb = "approveSolution"
	RefuseSolution     Verb = "refuseSolution"
	PlatformRefund     Verb = "recordPlatformRefund"
	PlatformDecides    Verb = "recordPlatformDecision"
	RegisterDevice     Verb = "registerDevice"
)

// Verbs of the first contact, the classification and the relations between cases.
const (
	RequestInformation Verb = "requestInfo"
	SupplementCase     Verb = "supplement"
	ApologiseFor       Verb = "apologise"
	Guide              Verb = "decideGuidance"
	RegradeCase        Verb = "regrade"
	LinkTo             Verb = "link"
	MergeCases         Verb = "merge"
)

// who may do something: staff in one of the roles, and others by kind.
type who struct {
	roles    []string
	partner  bool
	customer bool
	system   bool
}

func (w who) allows(a Actor) bool {
	switch a.Kind {
	case ActorStaff:
		return slices.ContainsFunc(w.roles, a.Has)
	case ActorPartner:
		return w.partner
	case ActorCustomer:
		return w.customer
	case ActorSystem:
		return w.system
	}
	return false
}

// Rule is one line of the table: in a case of one of Kinds that is in one of From, By may do Verb, and the case is then in To.
type Rule struct {
	Verb  Verb
	Kinds []Kind
	From  []State
	To    State // "" keeps the state
	By    who
}

func staff(roles ...string) who { return who{roles: roles} }

func (w who) andPartner() who  { w.partner = true; return w }
func (w who) andCustomer() who { w.customer = true; return w }
func (w who) andSystem() who   { w.system = true; return w }

var (
	frontDesk     = staff(RoleAgent, RoleCallTaker, RoleSupport, RoleStore, RoleManager)
	investigators = staff(RoleInvestigator, RoleSupport, RoleManager, RoleQuality)
	proposers     = staff(RoleAgent, RoleInvestigator, RoleSupport, RoleManager, RoleQuality)
	consentTakers = staff(RoleAgent, RoleCallTaker, RoleInvestigator, RoleSupport, RoleStore, RoleManager).andPartner().andCustomer()
	approvers     = staff(RoleManager, RoleQuality, RoleApprover)
	reopeners     = staff(RoleAgent, RoleCallTaker, RoleSupport, RoleInvestigator, RoleStore, RoleManager, RoleQuality, RoleCaller).
			andPartner().andCustomer().andSystem()
	handlers         = staff(RoleAgent, RoleCallTaker, RoleSupport, RoleStore, RoleInvestigator, RoleManager, RoleQuality)
	system           = who{system: true}
	hazardRaisers    = staff(RoleAgent, RoleCallTaker, RoleSupport, RoleStore, RoleInvestigator, RoleManager, RoleQuality, RoleEngineer, RoleDispatcher, RoleCaller)
	consentRecorders = staff(RoleAgent, RoleCallTaker, RoleSupport, RoleInvestigator, RoleStore, RoleManager, RoleQuality)
	timekeepers      = staff(RoleAgent, RoleSupport, RoleInvestigator, RoleManager, RoleQuality).andSystem()

	complaints   = []Kind{Complaint}
	withSolution = []Kind{Complaint, ServiceRequest}
	atOnce       = []Kind{Enquiry, Feedback}
	notComplaint = []Kind{ServiceRequest, Enquiry, Feedback}

	openStates = []State{Received, Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved}
	underWay   = []State{Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved}
	finished   = []State{Resolved, Closed, Archived}
	ended      = []State{Closed, Archived, Withdrawn, Merged, Rejected}
	// acceptedStates are the open ones of a case that was classified.
	acceptedStates = openStates[1:]

	beforeArchive = []State{Received, Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved, Closed}
	readable      = append(slices.Clone(openStates), Closed, Archived, Withdrawn, Rejected) // a message may come in
)

// Rules is every transition there is.
var Rules = []Rule{
	{Accept, Kinds, []State{Received}, Accepted, frontDesk},
	{StartInvestigate, complaints, []State{Accepted, UnderInvestigation}, UnderInvestigation, investigators},
	{Conclude, complaints, []State{UnderInvestigation}, "", investigators},
	{Propose, complaints, []State{UnderInvestigation, SolutionProposed}, SolutionProposed, proposers},
	{Propose, []Kind{ServiceRequest}, []State{Accepted, SolutionProposed}, SolutionProposed, proposers},
	{Agree, withSolution, []State{SolutionProposed}, SolutionAgreed, consentTakers},
	{Decline, withSolution, []State{SolutionProposed}, "", consentTakers},
	{SendConsentCode, withSolution, []State{SolutionProposed}, "", staff(consentTakers.roles...)},
	{ConfirmMeasure, withSolution, []State{SolutionAgreed, InService}, "", staff(RoleFinance, RoleManager, RoleInvestigator, RoleSupport)},
	{StartService, complaints, []State{SolutionAgreed}, InService, system},
	{StartService, []Kind{ServiceRequest}, []State{Accepted, SolutionAgreed}, InService, system},
	{FinishMeasures, withSolution, []State{SolutionAgreed, InService}, Resolved, system},
	{FailService, withSolution, []State{SolutionAgreed, InService}, SolutionProposed, system},
	{ResolveNow, atOnce, []State{Received, Accepted}, Resolved, frontDesk},
	{RequestClose, Kinds, []State{Resolved}, "", staff(RoleAgent, RoleCallTaker, RoleSupport, RoleInvestigator, RoleStore, RoleManager, RoleQuality)},
	{Close, Kinds, []State{Resolved}, Closed, approvers},
	{CloseNoReply, Kinds, []State{Accepted, UnderInvestigation, SolutionProposed, Resolved}, Closed, approvers},
	{CloseAnonymous, complaints, []State{UnderInvestigation, SolutionProposed, Resolved}, Closed, approvers},
	{CloseExhausted, withSolution, []State{UnderInvestigation, SolutionProposed, Resolved}, Closed, approvers},
	{CloseByPolicy, atOnce, []State{Resolved}, Closed, system},
	{CloseByAnswer, withSolution, []State{Resolved}, Closed, system},
	{RaiseHazard, Kinds, openStates, "", hazardRaisers},
	{AcknowledgeHazard, Kinds, openStates, "", staff(RoleQuality, RoleManager, RoleAdmin)},
	{ClearHazard, Kinds, openStates, "", staff(RoleQuality)},
	{SetConfidentiality, Kinds, beforeArchive, "", staff(RoleManager, RoleQuality, RolePrivacy, RoleLegal)},
	{ReleaseIdentity, Kinds, openStates, "", staff(RoleManager, RoleQuality, RolePrivacy, RoleDispatcher)},
	{WithdrawIdentity, Kinds, States, "", staff(RoleManager, RoleQuality, RolePrivacy, RoleDispatcher)},
	{RevealContact, Kinds, States, "", staff(RoleAgent, RoleCallTaker, RoleSupport, RoleInvestigator, RoleStore, RoleManager, RoleQuality,
		RoleCaller, RoleDispatcher, RolePrivacy, RoleLegal)},
	{AddConcerned, Kinds, beforeArchive, "", staff(append([]string{RoleLegal}, consentRecorders.roles...)...)},
	{RemoveConcerned, Kinds, beforeArchive, "", staff(append([]string{RoleLegal}, consentRecorders.roles...)...)},
	{Authorise, Kinds, openStates, "", consentRecorders},
	{TransferCase, Kinds, openStates, "", consentRecorders},
	{AcceptTransfer, Kinds, openStates, "", consentRecorders},
	{ReturnTransfer, Kinds, openStates, "", consentRecorders},
	{SetOutcome, Kinds, openStates, "", consentRecorders},
	{Split, Kinds, []State{Received, Accepted, UnderInvestigation, SolutionProposed}, "", consentRecorders},
	{JoinIncident, Kinds, openStates, "", staff(RoleManager, RoleQuality, RoleInvestigator)},
	{ReviewClosing, Kinds, []State{Closed, Archived}, "", staff(RoleQuality, RoleManager)},
	{SetRetention, Kinds, ended, "", staff(RolePrivacy, RoleLegal, RoleManager)},
	{HoldRetention, Kinds, States, "", staff(RolePrivacy, RoleLegal)},
	{ReleaseRetention, Kinds, States, "", staff(RolePrivacy, RoleLegal)},
	{EraseCase, Kinds, ended, "", staff(RolePrivacy).andSystem()},
	{Reopen, complaints, finished, UnderInvestigation, reopeners},
	{Reopen, notComplaint, finished, Accepted, reopeners},
	{Withdraw, Kinds, openStates, Withdrawn, staff(RoleAgent, RoleCallTaker, RoleStore, RoleManager).andPartner().andCustomer()},
	{Contact, Kinds, openStates, "", staff(RoleAgent, RoleCallTaker, RoleSupport, RoleInvestigator, RoleStore, RoleManager, RoleQuality,
		RoleCaller, RoleDispatcher).andSystem()},
	{AddEvidence, Kinds, openStates, "", staff(RoleAgent, RoleCallTaker, RoleSupport, RoleStore, RoleInvestigator, RoleManager,
		RoleQuality, RoleEngineer).andPartner().andCustomer()},
	{PauseClocks, Kinds, openStates, "", timekeepers},
	{ResumeClocks, Kinds, openStates, "", timekeepers},
	{ChangeUrgency, Kinds, openStates, "", timekeepers},
	{SetDeadline, Kinds, openStates, "", staff(RoleAgent, RoleInvestigator, RoleManager, RoleQuality, RoleLegal).andPartner().andSystem()},
	{Urge, Kinds, openStates, "", staff(RoleAgent, RoleCallTaker, RoleSupport, RoleInvestigator, RoleStore, RoleManager, RoleQuality, RoleCaller,
		RoleDispatcher).andPartner().andCustomer()},
	{TellNews, Kinds, underWay, "", staff(RoleAgent, RoleSupport, RoleInvestigator, RoleStore, RoleManager, RoleQuality, RoleCaller,
		RoleDispatcher).andSystem()},
	{Archive, Kinds, []State{Closed}, Archived, staff(RoleManager, RoleQuality, RoleAdmin)},
	{RequestInformation, Kinds, openStates, "", handlers},
	{SupplementCase, Kinds, openStates, "", handlers.andPartner().andCustomer()},
	{ApologiseFor, Kinds, openStates, "", handlers},
	{Guide, Kinds, openStates, "", handlers},
	{RegradeCase, Kinds, acceptedStates, "", handlers},
	{LinkTo, Kinds, openStates, "", handlers},
	{MergeCases, Kinds, openStates, Merged, staff(RoleAgent, RoleSupport, RoleInvestigator, RoleManager, RoleQuality)},
	{Receive, Kinds, readable, "", staff(RoleAgent, RoleCallTaker, RoleSupport, RoleStore, RoleInvestigator, RoleManager, RoleQuality, RoleLegal).
		andPartner().andCustomer().andSystem()},
	{RecordReply, Kinds, openStates, "", staff(RoleLegal, RoleManager)},
	{ApproveReply, Kinds, openStates, "", staff(RoleLegal, RoleManager, RoleQuality)},
	{PlatformDecides, Kinds, openStates, Resolved, staff(RoleManager, RoleLegal).andPartner()},

	{AssignInvestigator, complaints, []State{Accepted, UnderInvestigation}, "", staff(RoleManager, RoleQuality, RoleAgent, RoleSupport)},
	{Record, Kinds, []State{Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved}, "",
		staff(RoleAgent, RoleInvestigator, RoleSupport, RoleManager, RoleQuality)},
	{OrderInspection, complaints, []State{UnderInvestigation}, "", investigators},
	{Reject, Kinds, []State{Received, Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed}, Rejected,
		staff(RoleManager, RoleQuality, RoleInvestigator)},
	{Settle, withSolution, []State{Accepted, UnderInvestigation}, SolutionAgreed,
		staff(RoleAgent, RoleInvestigator, RoleSupport, RoleStore, RoleManager, RoleQuality)},
	{FlagRisk, Kinds, openStates, "", staff(RoleAgent, RoleCallTaker, RoleInvestigator, RoleSupport, RoleStore, RoleManager, RoleQuality, RoleLegal)},
	{IssueDecision, complaints, []State{UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved, Rejected}, "",
		staff(RoleManager, RoleQuality, RoleInvestigator, RoleLegal)},
	{ApproveSolution, withSolution, []State{SolutionProposed}, "", approvers},
	{RefuseSolution, withSolution, []State{SolutionProposed}, "", approvers},
	{PlatformRefund, Kinds, append([]State{Closed, Archived}, openStates...), "", staff(RoleFinance, RoleManager, RoleAgent).andPartner()},
	{RegisterDevice, Kinds, openStates, "", staff(RoleAgent, RoleCallTaker, RoleSupport, RoleStore, RoleInvestigator, RoleManager)},
}

// check finds the rule for a verb and answers the state that it leads to. Who may not do it at all is told so before the
// state is looked at.
func (c *Case) check(v Verb, by Actor) (State, error) {
	var permitted, kind bool
	for _, r := range Rules {
		if r.Verb != v {
			continue
		}
		allowed := r.By.allows(by)
		permitted = permitted || allowed
		if !allowed || !slices.Contains(r.Kinds, c.Kind) {
			continue
		}
		kind = true
		if !slices.Contains(r.From, c.State) {
			continue
		}
		if c.Erased != nil {
			return "", ErrErased.New("at", c.Erased.At.Format(time.DateOnly))
		}
		if r.To == "" {
			return c.State, nil
		}
		return r.To, nil
	}
	switch {
	case !permitted:
		return "", apierr.ErrForbidden.New("verb", string(v))
	case !kind:
		return "", ErrKind.New("kind", string(c.Kind), "verb", string(v))
	}
	return "", ErrState.New("state", string(c.State), "verb", string(v))
}

// Can says whether the actor may do the verb now, gates aside.
func (c *Case) Can(v Verb, by Actor) bool {
	_, err := c.check(v, by)
	return err == nil
}

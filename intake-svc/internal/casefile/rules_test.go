package casefile

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

// desk makes moments for tests.
type desk struct {
	policy Policy
	now    time.Time
	ids    int
}

func newDesk() *desk { return &desk{policy: DefaultPolicy(), now: noon} }

func (d *desk) as(a Actor) Moment {
	return Moment{By: a, At: d.now, Policy: &d.policy, NewID: func() string { d.ids++; return fmt.Sprintf("id-%03d", d.ids) }}
}

func user(name string, roles ...string) Actor {
	return Actor{Name: "users/" + name, Kind: ActorStaff, Roles: roles, Org: "organisations/brand"}
}

var (
	anAgent        = user("agent", RoleAgent)
	anInvestigator = user("investigator", RoleInvestigator)
	aManager       = user("manager", RoleManager)
	aQuality       = user("quality", RoleQuality)
	aPartner       = Actor{Name: "partners/mall", Kind: ActorPartner, Org: "organisations/brand", Platform: "mall"}
	aCustomer      = Actor{Name: "customers/1", Kind: ActorCustomer}
	everyRole      = []string{RoleAgent, RoleCallTaker, RoleSupport, RoleStore, RoleInvestigator, RoleManager, RoleQuality, RoleApprover, RoleAdmin, RoleCaller, RoleDispatcher, RoleEngineer, RoleFinance, "auditor", "privacy", "legal", "parts_keeper", "feedback_screener", RoleKiosk}
	everybody      = append(actorsOf(everyRole), aPartner, aCustomer, System)
)

func actorsOf(roles []string) (all []Actor) {
	for _, r := range roles {
		all = append(all, user(r, r))
	}
	return all
}

// Every transition is in one table: a walk over every (kind, state, verb, actor) allows what the table says and refuses all else
// with the documented reason. The expectation is written down here once more, apart from the table's own form.
func TestEveryStateAndVerb(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds {
		for _, state := range States {
			for verb, want := range walk {
				for _, actor := range everybody {
					c := &Case{Kind: kind, State: state}
					to, err := c.check(verb, actor)
					at := fmt.Sprintf("%s %s %s by %v%d", kind, state, verb, actor.Roles, actor.Kind)
					switch {
					case !want.by(actor):
						require.Equal(t, apierr.ErrForbidden.Reason(), apierr.Reason(err), at)
					case !slices.Contains(want.kinds, kind):
						require.Equal(t, "CASE_KIND_INVALID", apierr.Reason(err), at)
					case !slices.Contains(want.from(kind), state):
						require.Equal(t, "CASE_STATE_INVALID", apierr.Reason(err), at)
					default:
						require.NoError(t, err, at)
						require.Equal(t, want.to(kind, state), to, at)
					}
				}
			}
		}
	}
}

// expectation is what the architecture says of one verb.
type expectation struct {
	kinds []Kind
	from  func(Kind) []State
	to    func(Kind, State) State
	by    func(Actor) bool
}

func from(states ...State) func(Kind) []State { return func(Kind) []State { return states } }

func to(s State) func(Kind, State) State { return func(Kind, State) State { return s } }

func stay(_ Kind, s State) State { return s }

func roles(names ...string) func(Actor) bool {
	return func(a Actor) bool { return a.Kind == ActorStaff && slices.Contains(names, a.Roles[0]) }
}

func or(f func(Actor) bool, kinds ...ActorKind) func(Actor) bool {
	return func(a Actor) bool { return f(a) || slices.Contains(kinds, a.Kind) }
}

func bySystem(a Actor) bool { return a.Kind == ActorSystem }

var open7 = from(Received, Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved)

func serviceOr(states []State, more State) func(Kind) []State {
	return func(k Kind) []State {
		if k == ServiceRequest {
			return append(slices.Clone(states), more)
		}
		return states
	}
}

var sevenDesks = roles("agent", "call_taker", "technical_support", "store", "investigator", "manager", "quality")

var both = []Kind{Complaint, ServiceRequest}

var walk = map[Verb]expectation{
	Accept:           {Kinds, from(Received), to(Accepted), roles("agent", "call_taker", "technical_support", "store", "manager")},
	StartInvestigate: {[]Kind{Complaint}, from(Accepted, UnderInvestigation), to(UnderInvestigation), roles("investigator", "technical_support", "manager", "quality")},
	Conclude:         {[]Kind{Complaint}, from(UnderInvestigation), stay, roles("investigator", "technical_support", "manager", "quality")},
	Propose: {both, func(k Kind) []State {
		if k == Complaint {
			return []State{UnderInvestigation, SolutionProposed}
		}
		return []State{Accepted, SolutionProposed}
	}, to(SolutionProposed), roles("agent", "investigator", "technical_support", "manager", "quality")},
	Agree:          {both, from(SolutionProposed), to(SolutionAgreed), or(roles("agent", "call_taker", "investigator", "technical_support", "store", "manager"), ActorPartner, ActorCustomer)},
	Decline:        {both, from(SolutionProposed), stay, or(roles("agent", "call_taker", "investigator", "technical_support", "store", "manager"), ActorPartner, ActorCustomer)},
	ConfirmMeasure: {both, from(SolutionAgreed, InService), stay, roles("finance", "manager", "investigator", "technical_support")},
	StartService:   {both, serviceOr([]State{SolutionAgreed}, Accepted), to(InService), bySystem},
	FinishMeasures: {both, from(SolutionAgreed, InService), to(Resolved), bySystem},
	FailService:    {both, from(SolutionAgreed, InService), to(SolutionProposed), bySystem},
	ResolveNow:     {[]Kind{Enquiry, Feedback}, from(Received, Accepted), to(Resolved), roles("agent", "call_taker", "technical_support", "store", "manager")},
	RequestClose:   {Kinds, from(Resolved), stay, roles("agent", "call_taker", "technical_support", "investigator", "store", "manager", "quality")},
	Close:          {Kinds, from(Resolved), to(Closed), roles("manager", "quality", "approver")},
	CloseNoReply:   {Kinds, from(Accepted, UnderInvestigation, SolutionProposed, Resolved), to(Closed), roles("manager", "quality", "approver")},
	CloseByPolicy:  {[]Kind{Enquiry, Feedback}, from(Resolved), to(Closed), bySystem},
	Reopen: {Kinds, from(Resolved, Closed, Archived), func(k Kind, _ State) State {
		if k == Complaint {
			return UnderInvestigation
		}
		return Accepted
	}, or(roles("agent", "call_taker", "technical_support", "investigator", "store", "manager", "quality", "caller"), ActorPartner, ActorCustomer, ActorSystem)},
	Withdraw:    {Kinds, open7, to(Withdrawn), or(roles("agent", "call_taker", "store", "manager"), ActorPartner, ActorCustomer)},
	Contact:     {Kinds, open7, stay, or(roles("agent", "call_taker", "technical_support", "investigator", "store", "manager", "quality", "caller", "dispatcher"), ActorSystem)},
	AddEvidence: {Kinds, open7, stay, or(roles("agent", "call_taker", "technical_support", "store", "investigator", "manager", "quality", "engineer"), ActorPartner, ActorCustomer)},
	Archive:     {Kinds, from(Closed), to(Archived), roles("manager", "quality", "admin")},
	Receive: {Kinds, from(Received, Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved, Closed, Archived, Withdrawn, Rejected), stay,
		or(roles("agent", "call_taker", "technical_support", "store", "investigator", "manager", "quality", "legal"), ActorPartner, ActorCustomer, ActorSystem)},
	RecordReply:     {Kinds, open7, stay, roles("legal", "manager")},
	ApproveReply:    {Kinds, open7, stay, roles("legal", "manager", "quality")},
	PlatformDecides: {Kinds, open7, to(Resolved), or(roles("manager", "legal"), ActorPartner)},

	AssignInvestigator: {[]Kind{Complaint}, from(Accepted, UnderInvestigation), stay, roles("manager", "quality", "agent", "technical_support")},
	Record: {Kinds, from(Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved), stay,
		roles("agent", "investigator", "technical_support", "manager", "quality")},
	OrderInspection: {[]Kind{Complaint}, from(UnderInvestigation), stay, roles("investigator", "technical_support", "manager", "quality")},
	Reject:          {Kinds, from(Received, Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed), to(Rejected), roles("manager", "quality", "investigator")},
	Settle: {both, from(Accepted, UnderInvestigation), to(SolutionAgreed),
		roles("agent", "investigator", "technical_support", "store", "manager", "quality")},
	FlagRisk: {Kinds, open7, stay, roles("agent", "call_taker", "investigator", "technical_support", "store", "manager", "quality", "legal")},
	IssueDecision: {[]Kind{Complaint}, from(UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved, Rejected), stay,
		roles("manager", "quality", "investigator", "legal")},
	ApproveSolution: {both, from(SolutionProposed), stay, roles("manager", "quality", "approver")},
	RefuseSolution:  {both, from(SolutionProposed), stay, roles("manager", "quality", "approver")},
	PlatformRefund: {Kinds, from(Received, Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved, Closed, Archived), stay,
		or(roles("finance", "manager", "agent"), ActorPartner)},
	RegisterDevice: {Kinds, open7, stay, roles("agent", "call_taker", "technical_support", "store", "investigator", "manager")},
	PauseClocks:    {Kinds, open7, stay, or(roles("agent", "technical_support", "investigator", "manager", "quality"), ActorSystem)},
	ResumeClocks:   {Kinds, open7, stay, or(roles("agent", "technical_support", "investigator", "manager", "quality"), ActorSystem)},
	ChangeUrgency:  {Kinds, open7, stay, or(roles("agent", "technical_support", "investigator", "manager", "quality"), ActorSystem)},
	SetDeadline:    {Kinds, open7, stay, or(roles("agent", "investigator", "manager", "quality", "legal"), ActorPartner, ActorSystem)},
	Urge: {Kinds, open7, stay, or(roles("agent", "call_taker", "technical_support", "investigator", "store", "manager", "quality", "caller", "dispatcher"),
		ActorPartner, ActorCustomer)},
	TellNews: {Kinds, from(Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved), stay,
		or(roles("agent", "technical_support", "investigator", "store", "manager", "quality", "caller", "dispatcher"), ActorSystem)},

	RequestInformation: {Kinds, open7, stay, sevenDesks},
	SupplementCase:     {Kinds, open7, stay, or(sevenDesks, ActorPartner, ActorCustomer)},
	ApologiseFor:       {Kinds, open7, stay, sevenDesks},
	Guide:              {Kinds, open7, stay, sevenDesks},
	RegradeCase:        {Kinds, from(Accepted, UnderInvestigation, SolutionProposed, SolutionAgreed, InService, Resolved), stay, sevenDesks},
	LinkTo:             {Kinds, open7, stay, sevenDesks},
	MergeCases:         {Kinds, open7, to(Merged), roles("agent", "technical_support", "investigator", "manager", "quality")},
}

// No rule may be forgotten in the walk.
func TestTheWalkCoversTheTable(t *testing.T) {
	t.Parallel()
	for _, r := range Rules {
		require.Contains(t, walk, r.Verb)
	}
}

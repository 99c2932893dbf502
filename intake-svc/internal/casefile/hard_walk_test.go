package casefile

import "maps"

// The rows of the hard situations and of closing by policy.
func init() { maps.Copy(walk, hardWalk) } //nolint:gochecknoinits // the walk is one table in two files

var desk7 = roles("agent", "call_taker", "technical_support", "investigator", "store", "manager", "quality")

var hardWalk = map[Verb]expectation{
	CloseAnonymous:     {[]Kind{Complaint}, from(UnderInvestigation, SolutionProposed, Resolved), to(Closed), roles("manager", "quality", "approver")},
	CloseExhausted:     {both, from(UnderInvestigation, SolutionProposed, Resolved), to(Closed), roles("manager", "quality", "approver")},
	SendConsentCode:    {both, from(SolutionProposed), stay, roles("agent", "call_taker", "investigator", "technical_support", "store", "manager")},
	CloseByAnswer:      {both, from(Resolved), to(Closed), bySystem},
	RaiseHazard:        {Kinds, open7, stay, roles("agent", "call_taker", "technical_support", "store", "investigator", "manager", "quality", "engineer", "dispatcher", "caller")},
	AcknowledgeHazard:  {Kinds, open7, stay, roles("quality", "manager", "admin")},
	ClearHazard:        {Kinds, open7, stay, roles("quality")},
	SetConfidentiality: {Kinds, func(k Kind) []State { return append(open7(k), Closed) }, stay, roles("manager", "quality", "privacy", "legal")},
	RevealContact:      {Kinds, from(States...), stay, roles("agent", "call_taker", "technical_support", "investigator", "store", "manager", "quality", "caller", "dispatcher", "privacy", "legal")},
	ReleaseIdentity:    {Kinds, open7, stay, roles("manager", "quality", "privacy", "dispatcher")},
	WithdrawIdentity:   {Kinds, from(States...), stay, roles("manager", "quality", "privacy", "dispatcher")},
	AddConcerned:       {Kinds, func(k Kind) []State { return append(open7(k), Closed) }, stay, roles("agent", "call_taker", "technical_support", "investigator", "store", "manager", "quality", "legal")},
	RemoveConcerned:    {Kinds, func(k Kind) []State { return append(open7(k), Closed) }, stay, roles("agent", "call_taker", "technical_support", "investigator", "store", "manager", "quality", "legal")},
	Authorise:          {Kinds, open7, stay, desk7},
	TransferCase:       {Kinds, open7, stay, desk7},
	AcceptTransfer:     {Kinds, open7, stay, desk7},
	ReturnTransfer:     {Kinds, open7, stay, desk7},
	SetOutcome:         {Kinds, open7, stay, desk7},
	Split:              {Kinds, from(Received, Accepted, UnderInvestigation, SolutionProposed), stay, desk7},
	JoinIncident:       {Kinds, open7, stay, roles("manager", "quality", "investigator")},
	ReviewClosing:      {Kinds, from(Closed, Archived), stay, roles("quality", "manager")},
	SetRetention:       {Kinds, from(Closed, Archived, Withdrawn, Merged, Rejected), stay, roles("privacy", "legal", "manager")},
	HoldRetention:      {Kinds, from(States...), stay, roles("privacy", "legal")},
	ReleaseRetention:   {Kinds, from(States...), stay, roles("privacy", "legal")},
	EraseCase:          {Kinds, from(Closed, Archived, Withdrawn, Merged, Rejected), stay, or(roles("privacy"), ActorSystem)},
}

package casefile

import (
	"slices"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// What the hard situations answer instead of doing what is asked.
var (
	// ErrHazardNone is an answer to a hazard that nobody raised.
	ErrHazardNone = apierr.Define(codes.FailedPrecondition, "HAZARD_NOT_OPEN", "本案没有未解除的安全隐患", "the case has no open hazard")
	// ErrHazardUnanswered is a clearing before the duty call was acknowledged.
	ErrHazardUnanswered = apierr.Define(codes.FailedPrecondition, "HAZARD_NOT_ACKNOWLEDGED",
		"值班电话尚未确认,不能解除隐患", "the duty call is not acknowledged yet")
	// ErrTransferOpen is a second transfer, or a closing, while one waits for its answer; metadata: to.
	ErrTransferOpen = apierr.Define(codes.FailedPrecondition, "TRANSFER_OPEN", "移交 {to} 尚未答复", "a transfer to {to} waits for its answer")
	// ErrTransferNone is an answer to a transfer that does not wait for the caller's organisation.
	ErrTransferNone = apierr.Define(codes.FailedPrecondition, "TRANSFER_NOT_PENDING",
		"没有等待本组织答复的移交", "no transfer waits for the caller's organisation")
	// ErrTransferLate is a return behind the limit; metadata: due.
	ErrTransferLate = apierr.Define(codes.FailedPrecondition, "TRANSFER_RETURN_LATE", "退回期限 {due} 已过", "it could be returned until {due}")
	// ErrTransferTarget is a transfer to who does not exist, or has no contract for the matter; metadata: organisation, why.
	ErrTransferTarget = apierr.Define(codes.FailedPrecondition, "TRANSFER_TARGET_INVALID",
		"不能移交给 {organisation}:{why}", "the case cannot go to {organisation}: {why}")
	// ErrTransferManager is a third transfer without a manager.
	ErrTransferManager = apierr.Define(codes.PermissionDenied, "TRANSFER_NEEDS_MANAGER",
		"第三次移交须由服务经理决定", "the third transfer is a manager's decision")
	// ErrAuthorisation is a matter of money or personal data with a third party without proof; metadata: what.
	ErrAuthorisation = apierr.Define(codes.FailedPrecondition, "AUTHORISATION_REQUIRED",
		"第三方须先提供授权证明:{what}", "a third party proves its authorisation first: {what}")
	// ErrConfidential is what the confidentiality hides from the caller.
	ErrConfidential = apierr.Define(codes.PermissionDenied, "CONFIDENTIAL", "本案的投诉人信息受保护", "the complainant of this case is protected")
)

// Flags of the hard situations.
const (
	FlagTransfer       = "TRANSFER_PENDING"
	FlagSecondApproval = "SECOND_APPROVAL"
	FlagSampleReview   = "SAMPLE_REVIEW"
)

// Notices of the hard situations.
const (
	NoticeStopUse     = "STOP_USE"
	NoticeTransferred = "TRANSFERRED"
	NoticeClosed      = "CLOSED"
)

// Hard is what only few cases have.
type Hard struct {
	PastHazards []Hazard    `json:"pastHazards,omitempty"`
	Readers     []string    `json:"readers,omitempty"`   // named list of a RESTRICTED case
	Concerned   []Concerned `json:"concerned,omitempty"` // parties beside the customer who are told the decision
	Releases    []Release   `json:"releases,omitempty"`  // of the identity of a PROTECTED case
	Transfers   []Transfer  `json:"transfers,omitempty"`
	Incident    string      `json:"incident,omitempty"` // incidents/…
	Parent      string      `json:"parent,omitempty"`   // cases/… it was split from
	Children    []string    `json:"children,omitempty"`
	Retention   *Retention  `json:"retention,omitempty"`
	Hold        *Hold       `json:"hold,omitempty"`   // nothing is erased while it holds
	Erased      *Erasure    `json:"erased,omitempty"` // what was personal is gone
}

// Duty is the course of a duty call.
type Duty struct {
	Tier           int       `json:"tier,omitempty"` // called last, from 1
	Role           string    `json:"role,omitempty"` // of that tier
	Called         time.Time `json:"called,omitzero"`
	Acknowledged   time.Time `json:"acknowledged,omitzero"`
	Acknowledger   string    `json:"acknowledger,omitempty"`
	Cleared        time.Time `json:"cleared,omitzero"`
	Clearer        string    `json:"clearer,omitempty"`
	Finding        string    `json:"finding,omitempty"`
	FromText       string    `json:"fromText,omitempty"` // the word that the text was flagged by
	EvidenceToKeep bool      `json:"keep,omitempty"`     // the machine is kept as evidence
}

// Transfer is one attempt to give a case to another organisation.
type Transfer struct {
	From     string    `json:"from"`
	To       string    `json:"to"`
	Reason   string    `json:"reason"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
	Due      time.Time `json:"due"` // the receiver answers, or returns it, until then
	Accepted time.Time `json:"accepted,omitzero"`
	Returned time.Time `json:"returned,omitzero"`
	Answerer string    `json:"answerer,omitempty"`
	// AnswererName is the staff member's name as the customer is told it.
	AnswererName string `json:"answererName,omitempty"`
	Answer       string `json:"answer,omitempty"` // why it was returned
}

func (t *Transfer) pending() bool { return t.Accepted.IsZero() && t.Returned.IsZero() }

// PendingTransfer is the transfer that waits for its answer; nil when none does.
func (c *Case) PendingTransfer() *Transfer {
	if n := len(c.Transfers); n > 0 && c.Transfers[n-1].pending() {
		return &c.Transfers[n-1]
	}
	return nil
}

// HardPolicy is what an organisation decides about hazards, transfers and closings.
type HardPolicy struct {
	DutyTiers          []string // roles, called one after the other; the last is called again
	DutyAfter          time.Duration
	TransferWithin     time.Duration
	SecondAbove        int64 // fen of compensation above which a closing needs two approvers; 0: never
	AutoCloseKinds     []Kind
	AutoCloseExcept    []string            // content classes that always have an approver
	SamplePercent      int                 // of the closings without an approver
	RetentionYears     map[string]int      // by content class; "" for the others
	ClassApprovers     map[string][]string // roles that alone approve closings of a class
	ReplyApprovers     []string            // roles that approve a reply to a regulator; empty: nobody need
	RegulatorApprovers []string            // roles that alone approve closings of a regulator's matters
	ReopenWithin       time.Duration       // the customer reopens within; later it is a matter for staff. 0: always
}

func defaultHardPolicy() HardPolicy {
	return HardPolicy{
		DutyTiers: []string{RoleQuality, RoleManager, RoleAdmin}, DutyAfter: 15 * time.Minute, TransferWithin: 4 * time.Hour,
		SecondAbove: 20_000_00, SamplePercent: 10, ReplyApprovers: []string{RoleLegal}, RetentionYears: map[string]int{"": 3},
	}
}

// tier is the role of a tier, from 1.
func (p *HardPolicy) tier(n int) string { return p.DutyTiers[min(n, len(p.DutyTiers))-1] }

// third says that the one who complains is not the customer and has not proved the authorisation.
func (c *Case) third() bool {
	return slices.ContainsFunc(c.Personal.Parties, func(p Party) bool {
		return slices.Contains(p.Roles, PartyRepresentative) && !slices.Contains(p.Roles, PartyCustomer) && p.Authorisation == ""
	})
}

// PartyRepresentative speaks for another, with authorisation.
const PartyRepresentative = "REPRESENTATIVE"

// Hides says that who complains is hidden from somebody of these organisations: PROTECTED hides the complainant from the organisation
// that serves, and every level above NORMAL from the one complained about.
func (c *Case) Hides(orgs []string, names ...string) bool {
	if c.Confidentiality == Normal || c.Confidentiality == "" {
		return false
	}
	if slices.ContainsFunc(names, func(n string) bool { return n != "" && slices.Contains(c.ComplainedAbout, n) }) {
		return true
	}
	return !slices.Contains(orgs, c.OwnerOrg)
}

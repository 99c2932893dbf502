package casefile

import (
	"strconv"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
)

// Policy is what an organisation decides about its cases; legal periods are configuration too.
type Policy struct {
	Zone              *time.Location   // of the installation: half-days, case numbers
	Promises          *promise.Table   // what is promised in time; nil: what is shipped
	CompensationLimit map[string]int64 // fen, by role (R129); a role that is absent may grant none
	SettleLimit       int64            // fen: the most that is settled at once, without an investigation (R116)
	ApprovalHours     int              // within which a superior answers (R130)
	NoReplyAttempts   int              // failed attempts in as many different half-days
	NoReplyWait       time.Duration    // after the written notice
	NoReplyReopen     time.Duration    // any contact within reopens what was closed NO_REPLY, with priority
	CallBackWeek      time.Duration    // after RESOLVED (R173)
	CallBackMonth     time.Duration
	Hard              HardPolicy
	UrgesToManager    int           // from this one on urging in a round goes to the manager
	UrgeInterval      time.Duration // in which urging by the progress link counts once
	KeepEnquiriesOpen bool          // an enquiry that was resolved at once waits for an approver like other cases
	SelfApproval      bool          // a handler may approve where nobody else is; never who is complained about
}

// DefaultPolicy is what holds where nothing is configured.
func DefaultPolicy() Policy {
	const day = 24 * time.Hour
	return Policy{
		Zone: shanghai(),
		CompensationLimit: map[string]int64{
			RoleAgent: 200_00, RoleSupport: 200_00, RoleInvestigator: 500_00, RoleManager: 5_000_00, RoleQuality: 5_000_00, RoleApprover: 50_000_00,
		},
		SettleLimit: 500_00, ApprovalHours: 24, NoReplyAttempts: 3, NoReplyWait: 7 * day, NoReplyReopen: 30 * day, CallBackWeek: 7 * day, CallBackMonth: 30 * day, Hard: defaultHardPolicy(),
		UrgesToManager: 3, UrgeInterval: 10 * time.Minute,
	}
}

// shanghai is China's zone, also where the machine has no zone database.
func shanghai() *time.Location {
	if zone, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		return zone
	}
	return time.FixedZone("CST", 8*60*60)
}

// limit is the highest compensation that the actor may grant.
func (p *Policy) limit(a Actor) (fen int64) {
	for _, role := range a.Roles {
		fen = max(fen, p.CompensationLimit[role])
	}
	return fen
}

// OutsideApprover stands where nobody inside may grant an amount.
const OutsideApprover = "outside approver"

// approversOf names the roles that may grant the amount, for the customer's information (R130).
func (p *Policy) approversOf(fen int64) string {
	var path []string
	for _, role := range []string{RoleInvestigator, RoleManager, RoleQuality} {
		if p.CompensationLimit[role] >= fen {
			path = append(path, role)
		}
	}
	switch {
	case len(path) == 0 && p.CompensationLimit[RoleApprover] >= fen:
		return RoleApprover
	case len(path) == 0:
		return OutsideApprover
	}
	return strings.Join(path, ", ")
}

// halfDay names the local half-day of a time, e.g. "2026-11-22 AM".
func (p *Policy) halfDay(at time.Time) string { return at.In(p.Zone).Format("2006-01-02 PM") }

// Authority checks a compensation against what the actor may grant (R129).
func (p *Policy) Authority(a Actor, fen int64) error {
	limit := p.limit(a)
	if fen <= limit {
		return nil
	}
	return p.tooLarge(limit, fen)
}

func (p *Policy) tooLarge(limit, fen int64) error {
	path := p.approversOf(fen)
	return ErrAuthority.New("limit_fen", strconv.FormatInt(limit, 10), "path", path, "expected_hours", strconv.Itoa(p.ApprovalHours),
		"limit", Money{Fen: limit}.Yuan(), "path_zh", PathLabel(path, false), "path_en", PathLabel(path, true))
}

package casefile

import (
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ErrReplyUnapproved is the receipt of a reply that nobody has approved; metadata: roles.
var ErrReplyUnapproved = apierr.Define(codes.FailedPrecondition, "REPLY_NOT_APPROVED",
	"答复须先由 {roles} 审核", "the reply is approved by {roles} first")

// ClockReply runs until the regulator's receipt of the reply; it is external and never pauses.
const ClockReply = "REGULATOR_REPLY"

// ChannelKiosk is the one channel that a self-service terminal files by (R25).
const ChannelKiosk = "KIOSK"

// regulatorChannels bring a document along (process.md "regulator").
var regulatorChannels = []string{"REGULATOR_12315", "GOV_HOTLINE_12345", "CONSUMER_ASSOCIATION"}

// Regulator is the file of a regulator's channel.
type Regulator struct {
	Body           string    `json:"body"`
	DocumentNumber string    `json:"document"`
	Received       time.Time `json:"received,omitzero"`
	Due            time.Time `json:"due"`
	MediationEnd   time.Time `json:"mediation,omitzero"`
	Report         bool      `json:"report,omitempty"` // 举报, not 投诉
	Receipt        string    `json:"receipt,omitempty"`
	Replied        time.Time `json:"replied,omitzero"`
	Reply          string    `json:"reply,omitempty"` // as it was approved
	Approver       string    `json:"approver,omitempty"`
	Approved       time.Time `json:"approved,omitzero"`
}

// channelFields checks what a channel asks for beyond what every case tells.
func (c *Case) channelFields(by Actor, now time.Time) error {
	r := c.Regulator
	if onlyKiosk(by) && c.Channel != ChannelKiosk {
		return apierr.Invalid("case.channel", "自助终端只能登记 KIOSK 渠道", "a kiosk files by channel KIOSK only")
	}
	if r == nil {
		return nil
	}
	if !slices.Contains(regulatorChannels, c.Channel) {
		return apierr.Invalid("case.regulator", "仅用于监管渠道", "is for the regulators' channels only")
	}
	if r.Received.IsZero() {
		r.Received = now
	}
	switch {
	case r.Received.After(now):
		return apierr.Invalid("case.regulator.receive_time", "不能晚于当前时间", "must not lie in the future")
	case !r.Due.After(r.Received):
		return apierr.Invalid("case.regulator.reply_due_time", "须晚于收件时间", "must lie behind the receipt")
	}
	return nil
}

// onlyKiosk says that the actor is a self-service terminal.
func onlyKiosk(by Actor) bool {
	return by.Kind == ActorStaff && len(by.Roles) == 1 && by.Roles[0] == RoleKiosk
}

// regulated starts the external clock.
func (s *step) regulated() {
	r := s.Regulator
	if r == nil {
		return
	}
	s.startClock(ClockReply, ClockRegulator, r.Due, "须答复 "+r.Body+",文号 "+r.DocumentNumber, "reply due to "+r.Body+", document "+r.DocumentNumber)
	s.note("REGULATOR_DOCUMENT", timeline.Entry{Place: s.Channel, Facts: map[string]string{
		"body": r.Body, "document": r.DocumentNumber, "due": r.Due.Format(time.RFC3339),
	}})
}

// Replied records the receipt of the reply to the regulator, without which the case does not close.
func (c *Case) Replied(m Moment, receipt, points string) (Change, error) {
	to, err := c.check(RecordReply, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.Regulator == nil {
		return Change{}, ErrKind.New("kind", c.Channel, "verb", string(RecordReply))
	}
	if c.Regulator.Approved.IsZero() && len(m.Policy.Hard.ReplyApprovers) > 0 {
		return Change{}, ErrReplyUnapproved.New("roles", strings.Join(m.Policy.Hard.ReplyApprovers, ", "))
	}
	s := c.begin(m)
	c.Regulator.Receipt, c.Regulator.Replied = strings.TrimSpace(receipt), m.At
	s.endClock(ClockReply)
	s.change.Facts = append(s.change.Facts, Fact{Verb: RecordReply, State: to, Previous: to, At: m.At})
	s.note("REGULATOR_REPLIED", timeline.Entry{Points: points, Facts: map[string]string{"document": c.Regulator.DocumentNumber, "receipt": c.Regulator.Receipt}})
	return s.change, nil
}

// ApproveReply approves the words of the reply: by legal, or whom the policy names where there is nobody of the kind; never by who is
// complained about.
func (c *Case) ApproveReply(m Moment, reply string) (Change, error) {
	to, err := c.check(ApproveReply, m.By)
	if err != nil {
		return Change{}, err
	}
	roles := m.Policy.Hard.ReplyApprovers
	switch {
	case c.Regulator == nil:
		return Change{}, ErrKind.New("kind", c.Channel, "verb", string(ApproveReply))
	case c.complainsAbout(m.By):
		return Change{}, ErrApprover.New()
	case len(roles) > 0 && !slices.ContainsFunc(roles, m.By.Has):
		return Change{}, ErrApproverRole.New("roles", strings.Join(roles, ", "))
	}
	s := c.begin(m)
	c.Regulator.Reply, c.Regulator.Approver, c.Regulator.Approved = strings.TrimSpace(reply), m.By.Name, m.At
	s.change.Facts = append(s.change.Facts, Fact{Verb: ApproveReply, State: to, Previous: to, At: m.At})
	s.note("REGULATOR_REPLY_APPROVED", timeline.Entry{Points: c.Regulator.Reply, Facts: map[string]string{"document": c.Regulator.DocumentNumber}})
	return s.change, nil
}

// answeredRegulator is a condition of closing.
func (c *Case) answeredRegulator() error {
	if c.Regulator != nil && c.Regulator.Replied.IsZero() {
		return ErrClosing.New("unmet", "REGULATOR_REPLY")
	}
	return nil
}

func sameAddress(a, b string) bool {
	return a != "" && strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

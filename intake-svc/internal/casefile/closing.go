package casefile

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// What a closing by policy may answer.
var (
	// ErrApproverRole is an approver whose role may not close this case; metadata: roles.
	ErrApproverRole = apierr.Define(codes.PermissionDenied, "APPROVER_ROLE_REQUIRED",
		"本案的关闭须由 {roles} 审批", "the closing of this case is approved by {roles}")
	// ErrSecondApprover is the second approval by who gave the first.
	ErrSecondApprover = apierr.Define(codes.FailedPrecondition, "SECOND_APPROVER_REQUIRED",
		"需要另一位审批人", "another approver is needed")
	// ErrReopenLate is a reopening by the customer behind the window; metadata: until.
	ErrReopenLate = apierr.Define(codes.FailedPrecondition, "REOPEN_WINDOW_OVER",
		"自助重新打开的期限 {until} 已过,请联系客服", "it could be reopened until {until}; please contact the service desk")
)

// Bases that are approved exceptions.
const (
	BasisExhausted Basis = "OPTIONS_EXHAUSTED"
	BasisAnonymous Basis = "ANONYMOUS_DECIDED"
)

// Verbs of closing by an exception.
const (
	CloseAnonymous Verb = "closeAnonymous"
	CloseExhausted Verb = "closeExhausted"
)

var officialChannels = []string{"REGULATOR_12315", "GOV_HOTLINE_12345", "CONSUMER_ASSOCIATION", "LETTER_COURT"}

// verbOf is the verb that closes on a basis.
func (b Basis) verbOf() Verb {
	switch b {
	case BasisNoReply:
		return CloseNoReply
	case BasisAnonymous:
		return CloseAnonymous
	case BasisExhausted:
		return CloseExhausted
	}
	return Close
}

// approverRoles are the roles that may approve, where the class or a regulator asks for special ones (R179).
func (c *Case) approverRoles(p *HardPolicy) []string {
	if slices.Contains(officialChannels, c.Channel) && len(p.RegulatorApprovers) > 0 {
		return p.RegulatorApprovers
	}
	return p.ClassApprovers[c.ContentClass]
}

func (c *Case) rightRole(m Moment) error {
	roles := c.approverRoles(&m.Policy.Hard)
	if len(roles) == 0 || slices.ContainsFunc(roles, m.By.Has) {
		return nil
	}
	return ErrApproverRole.New("roles", strings.Join(roles, ", "))
}

// needsSecond says that two approvers close the case: much money, or nothing left to offer.
func (c *Case) needsSecond(m Moment, basis Basis) bool {
	if basis == BasisExhausted {
		return true
	}
	p := c.Current()
	return p != nil && m.Policy.Hard.SecondAbove > 0 && p.Compensation.Fen > m.Policy.Hard.SecondAbove
}

// approve counts an approval; enough is false when another one is needed.
func (s *step) approve(basis Basis, summary Summary) (enough bool, err error) {
	r := s.Round()
	if !s.needsSecond(s.Moment, basis) {
		return true, nil
	}
	if len(r.Approvers) > 0 {
		if slices.Contains(r.Approvers, s.By.Name) {
			return false, ErrSecondApprover.New()
		}
		r.Approvers = append(r.Approvers, s.By.Name)
		return true, nil
	}
	r.Approvers, r.Draft = []string{s.By.Name}, &summary
	s.flag(FlagSecondApproval, s.By.Name, s.At)
	s.change.Facts = append(s.change.Facts, Fact{Verb: RequestClose, State: s.State, Previous: s.State, At: s.At})
	s.note("CLOSE_APPROVED_FIRST", timeline.Entry{Points: summary.RootCause, Facts: map[string]string{"basis": string(basis)}})
	return false, nil
}

// anonymousDecided checks the conditions of basis ANONYMOUS_DECIDED: nobody can be asked, and the matter was decided (R259).
func (c *Case) anonymousDecided() error {
	p := c.Personal.Party(PartyComplainant)
	if p != nil && (!p.Anonymous || p.Phone != "" || p.Email != "") {
		return ErrBasis.New("basis", string(BasisAnonymous))
	}
	if i := c.Round().Investigation; i == nil || i.Conclusion == nil {
		return ErrClosing.New("unmet", "CONCLUSION")
	}
	return nil
}

// exhausted checks the conditions of basis OPTIONS_EXHAUSTED: decided, and the way outside was told.
func (c *Case) exhausted(in Closing) error {
	var unmet []string
	if i := c.Round().Investigation; i == nil || i.Conclusion == nil {
		unmet = append(unmet, "CONCLUSION")
	}
	if strings.TrimSpace(in.Recourse) == "" {
		unmet = append(unmet, "OUTSIDE_RECOURSE")
	}
	if len(unmet) > 0 {
		return ErrClosing.New("unmet", strings.Join(unmet, ", "))
	}
	return nil
}

// afterClosing is what every closing leaves: the end notice, the period of retention, and of the closings that nobody approved a sample
// for review.
func (s *step) afterClosing() {
	s.unflag(FlagSecondApproval)
	s.keepForPeriod()
	if s.Kind == Complaint || s.Kind == ServiceRequest {
		s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeClosed})
		s.tellConcerned(NoticePartyClosed)
	}
	if s.By.Kind == ActorSystem && sampled(s.ID, s.RoundNumber(), s.Policy.Hard.SamplePercent) {
		s.flag(FlagSampleReview, "sample of the closings by policy", s.At)
	}
}

// sampled draws by the id, so that nobody chooses and a repetition draws the same.
func sampled(id string, round, percent int) bool {
	h := fnv.New32a()
	h.Write([]byte(id))
	h.Write([]byte{byte(round)})
	const whole = 100
	return int(h.Sum32()%whole) < percent
}

// ReviewClosing records the review of a sampled closing.
func (c *Case) ReviewClosing(m Moment, sound bool, note string) (Change, error) {
	to, err := c.check(ReviewClosing, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.handledBy(m.By) || c.complainsAbout(m.By) {
		return Change{}, ErrApprover.New()
	}
	s := c.begin(m)
	s.unflag(FlagSampleReview)
	s.move(ReviewClosing, to)
	verdict := "SOUND"
	if !sound {
		verdict = "UNSOUND"
	}
	s.note("CLOSING_REVIEWED", timeline.Entry{Points: note, Facts: map[string]string{"verdict": verdict}})
	return s.change, nil
}

// closeByAnswer closes without an approver what the policy lets go: the customer confirmed all, and class, amount, hazard and channel ask for
// nobody.
func (s *step) closeByAnswer() {
	p := &s.Policy.Hard
	given := s.Round().Satisfaction
	if s.State != Resolved || given == nil || len(given.unmet()) > 0 || !slices.Contains(p.AutoCloseKinds, s.Kind) || s.Hazard != nil ||
		slices.Contains(p.AutoCloseExcept, s.ContentClass) || len(s.approverRoles(p)) > 0 || slices.Contains(officialChannels, s.Channel) ||
		s.needsSecond(s.Moment, BasisConfirmed) || s.PendingTransfer() != nil {
		return
	}
	summary := Summary{}
	if i := s.Round().Investigation; i != nil && i.Conclusion != nil {
		summary.RootCause = i.Conclusion.Findings
	}
	if s.Kind == Complaint && summary.RootCause == "" {
		return
	}
	s.By = System
	s.close(CloseByAnswer, Closed, BasisConfirmed, summary)
}

// reopenable checks the window: behind it the customer and the partner ask the service desk.
func (c *Case) reopenable(m Moment) error {
	closed := c.Round().ClosedAt
	if m.Policy.Hard.ReopenWithin == 0 || closed.IsZero() || m.By.Kind != ActorCustomer && m.By.Kind != ActorPartner {
		return nil
	}
	if until := closed.Add(m.Policy.Hard.ReopenWithin); m.At.After(until) {
		return ErrReopenLate.New("until", until.Format(time.RFC3339))
	}
	return nil
}

// thanks are words that a polite answer is made of.
var thanks = strings.NewReplacer("谢谢", "", "感谢", "", "多谢", "", "辛苦了", "", "辛苦", "", "好的", "", "没有了", "", "没有", "", "没", "", "无", "", "暂无", "",
	"满意", "", "非常", "", "很", "", "你们", "", "您", "", "师傅", "", "客服", "", "收到", "", "再见", "", "了", "", "的", "", "啦", "", "哦", "", "啊", "",
	"thank you", "", "thanks", "", "very much", "", "none", "", "nothing", "", "no", "", "ok", "", "bye", "", "all good", "")

// Courtesy says that a text only thanks: it is no claim, and reopens nothing.
func Courtesy(text string) bool {
	rest := thanks.Replace(strings.ToLower(text))
	return strings.TrimFunc(rest, func(r rune) bool { return !isWord(r) }) == "" && !strings.ContainsFunc(rest, isWord)
}

func isWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r > 0x2E80 && r < 0xFF00 && !strings.ContainsRune("，。！？；：、（）《》～…", r)
}

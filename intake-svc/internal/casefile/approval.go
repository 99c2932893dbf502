package casefile

import (
	"strconv"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ClockApproval is the time within which a superior answers (R130).
const ClockApproval = "APPROVAL"

// ErrRefunded is a refund of ours after the platform's; metadata: reference.
var ErrRefunded = apierr.Define(codes.FailedPrecondition, "PLATFORM_REFUNDED",
	"平台已退款({reference}),不能重复退款", "the platform has refunded ({reference}): there is no second refund")

// Approval is one word on the way up.
type Approval struct {
	By       string    `json:"by"`
	LimitFen int64     `json:"limit"`
	Final    bool      `json:"final,omitempty"`
	Note     string    `json:"note,omitempty"`
	At       time.Time `json:"at"`
}

// pending says that the solution waits for somebody's word.
func (p *Solution) pending() bool { return p.State == SolutionOpen || p.State == SolutionAwaiting }

// Total is what the solution costs in compensation: authority is measured by it (R129).
func (p *Solution) Total() int64 {
	var sum int64
	for _, q := range p.Measures {
		sum += q.Amount.Fen
	}
	return max(sum, p.Compensation.Fen)
}

// proposable checks the gates of a proposal: independence, authority, and no second refund.
func (c *Case) proposable(m Moment, p *Solution) error {
	if c.complainsAbout(m.By) {
		return ErrInvestigator.New()
	}
	if err := c.unrefunded(p); err != nil {
		return err
	}
	p.spread()
	if p.Submit || p.Guarantee != "" {
		return nil
	}
	return m.Policy.Authority(m.By, p.Total())
}

// spread gives what is left of the compensation to the one payment that has no amount of its own.
func (p *Solution) spread() {
	var open []*Measure
	rest := p.Compensation
	for i := range p.Measures {
		q := &p.Measures[i]
		rest.Fen -= q.Amount.Fen
		if q.Mode == ModePayment && q.Amount.Fen == 0 {
			open = append(open, q)
		}
	}
	if len(open) == 1 && rest.Fen > 0 {
		open[0].Amount = rest
	}
}

// pathFor names who must approve; "" when nobody need.
func (p *Policy) pathFor(a Actor, s *Solution) string {
	if s.Guarantee != "" || p.Authority(a, s.Total()) == nil {
		return ""
	}
	return p.approversOf(s.Total())
}

// awaitWord says whom the case waits for: the customer, or an approver, in which case the customer is told path and time (R130).
func (s *step) awaitWord(p *Solution) {
	if p.Path == "" {
		s.flag(FlagWaitingForCustomer, "", s.At)
		return
	}
	p.State = SolutionAwaiting
	s.unflag(FlagWaitingForCustomer)
	s.flag(FlagAwaitingApproval, p.Path, s.At)
	s.settlePauses() // it waits for us, not for the customer
	within := time.Duration(s.Policy.ApprovalHours) * time.Hour
	due := s.At.Add(within)
	s.startClock(ClockApproval, ClockPromise, due, "由"+PathLabel(p.Path, false)+"在 "+itoa(s.Policy.ApprovalHours)+" 小时内审批",
		"approval by "+PathLabel(p.Path, true)+" within "+itoa(s.Policy.ApprovalHours)+" hours")
	s.task(Task{
		Kind: TaskDeliverNotice, Notice: NoticeAuthority, Solution: p.ID, Reason: p.Path, Instruction: due.In(s.Policy.Zone).Format("2006-01-02 15:04"),
	})
}

// ApproveSolution answers for a compensation above the proposer's authority (R129, R130). An approver whose own authority is not enough is
// written down, and it goes on up.
func (c *Case) ApproveSolution(m Moment, id, note string) (Change, error) {
	p, err := c.approving(m, id, ApproveSolution)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	limit := m.Policy.limit(m.By)
	word := Approval{By: m.By.Name, LimitFen: limit, Final: limit >= p.Total(), Note: note, At: m.At}
	p.Approvals = append(p.Approvals, word)
	s.note("SOLUTION_APPROVED", timeline.Entry{Points: note, Facts: map[string]string{
		"solution": id, "final": strconv.FormatBool(word.Final), "limitFen": strconv.FormatInt(limit, 10),
	}})
	s.move(ApproveSolution, c.State)
	if !word.Final {
		p.become(SolutionAwaiting, m.At)
		return s.change, nil
	}
	p.become(SolutionOpen, m.At)
	p.Path = ""
	s.answered()
	s.flag(FlagWaitingForCustomer, "", m.At)
	s.settlePauses()
	return s.change, nil
}

// RefuseSolution refuses the approval: the case waits for another solution.
func (c *Case) RefuseSolution(m Moment, id, reason string) (Change, error) {
	p, err := c.approving(m, id, RefuseSolution)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	p.Approvals = append(p.Approvals, Approval{By: m.By.Name, LimitFen: m.Policy.limit(m.By), Note: reason, At: m.At})
	p.DeclineReason = reason
	p.become(SolutionSuperseded, m.At)
	s.note("SOLUTION_REFUSED", timeline.Entry{Points: reason, Facts: map[string]string{"solution": id}})
	s.move(RefuseSolution, c.State)
	s.answered()
	return s.change, nil
}

func (s *step) answered() {
	s.endClock(ClockApproval)
	s.unflag(FlagAwaitingApproval)
}

// approving checks state, solution and independence: neither the proposer nor who is complained about approves.
func (c *Case) approving(m Moment, id string, v Verb) (*Solution, error) {
	if _, err := c.check(v, m.By); err != nil {
		return nil, err
	}
	p, err := c.solution(id, v, SolutionAwaiting)
	if err != nil {
		return nil, err
	}
	if c.complainsAbout(m.By) || m.By.is(p.Proposer) {
		return nil, ErrApprover.New()
	}
	return p, nil
}

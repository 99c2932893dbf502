package casefile

import (
	"slices"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Kinds of payments, an attribute of the measure's kind.
const (
	PayRefund       = "REFUND"
	PayFeeWaiver    = "FEE_WAIVER"
	PayCoupon       = "COUPON"
	PayPoints       = "POINTS"
	PayCompensation = "COMPENSATION"
)

// PaymentState is the state of a payment.
type PaymentState string

// States of a payment.
const (
	PaymentPending  PaymentState = "PENDING"
	PaymentApproved PaymentState = "APPROVED"
	PaymentPaid     PaymentState = "PAID"
	PaymentBlocked  PaymentState = "BLOCKED"
)

// Payment is what finance shall pay for one measure (R148). The store keeps one row a measure, so that nothing is paid twice.
type Payment struct {
	ID, Solution, Measure, Kind string
	Amount                      Money
	Proposer                    string
	State                       PaymentState
}

// Refund is what the platform has paid back.
type Refund struct {
	Money
	Reference string    `json:"reference"`
	Recorder  string    `json:"recorder"`
	At        time.Time `json:"at"`
}

// pay asks finance for a payment. A measure without an amount has nothing to pay: it is confirmed as it is.
func (s *step) pay(p *Solution, q *Measure) {
	if q.Amount.Fen == 0 {
		return
	}
	s.change.Payments = append(s.change.Payments, Payment{
		ID: s.NewID(), Solution: p.ID, Measure: q.ID, Kind: q.Pays, Amount: q.Amount, Proposer: p.Proposer, State: PaymentPending,
	})
}

// unrefunded refuses a refund where the platform has paid.
func (c *Case) unrefunded(p *Solution) error {
	if c.Refund == nil || !slices.ContainsFunc(p.Measures, func(q Measure) bool { return q.Pays == PayRefund }) {
		return nil
	}
	return ErrRefunded.New("reference", c.Refund.Reference)
}

// MayApprovePayment refuses who proposed it and who is complained about.
func (c *Case) MayApprovePayment(m Moment, p Payment) error {
	if c.complainsAbout(m.By) || m.By.is(p.Proposer) {
		return ErrApprover.New()
	}
	return nil
}

// PlatformRefunded records that the platform has paid: open refunds of ours are blocked (the caller writes their rows) and their measures
// dropped; one that was paid already makes the case stand out. The answer lists the blocked ones.
func (c *Case) PlatformRefunded(m Moment, r Refund, payments []Payment) (blocked []string, change Change, err error) {
	to, err := c.check(PlatformRefund, m.By)
	if err != nil {
		return nil, Change{}, err
	}
	s := c.begin(m)
	r.Recorder, r.At = m.By.Name, m.At
	s.Refund = &r
	s.move(PlatformRefund, to)
	s.note("PLATFORM_REFUND", timeline.Entry{Facts: map[string]string{"reference": r.Reference, "amountFen": strconv.FormatInt(r.Fen, 10)}})
	for _, p := range payments {
		if p.Kind != PayRefund {
			continue
		}
		switch p.State {
		case PaymentPaid:
			s.flag(FlagDoubleRefund, p.ID, m.At)
		case PaymentPending, PaymentApproved:
			blocked = append(blocked, p.ID)
			s.drop(p)
		}
	}
	if len(blocked) > 0 && (c.State == SolutionAgreed || c.State == InService) {
		s.finishWhenDone()
	}
	return blocked, s.change, nil
}

// drop gives a measure up.
func (s *step) drop(p Payment) {
	if q := s.Solution(p.Solution); q != nil && q.measure(p.Measure) != nil {
		q.measure(p.Measure).State = MeasureDropped
		q.become(q.State, s.At)
	}
}

// ApprovePayment writes the approval down; the row is the caller's.
func (c *Case) ApprovePayment(m Moment, p Payment) (Change, error) {
	if err := c.MayApprovePayment(m, p); err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	s.note("PAYMENT_APPROVED", timeline.Entry{Facts: map[string]string{"task": p.ID, "kind": p.Kind, "amountFen": strconv.FormatInt(p.Amount.Fen, 10)}})
	s.change.Quiet = true
	return s.change, nil
}

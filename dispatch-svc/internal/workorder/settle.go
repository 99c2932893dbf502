package workorder

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Settlement is what is paid for an order, and who said so.
type Settlement struct {
	Payable                  Money
	Note, Auditor, Reference string
	Audited, Settled         time.Time
}

// Audit says what is payable for the work: CONFIRMED -> AUDITED. Who took the customer's word for it does not audit it.
func (o *Order) Audit(s Step, payable Money, note string) (Change, error) {
	if payable.Fen < 0 || payable.Fen > maxFen {
		return Change{}, apierr.Invalid("payable.amount_fen", "金额超出范围", "out of range")
	}
	taker := o.Confirmation.Actor
	c, err := o.move(VerbAudit, s)
	if err != nil {
		return c, err
	}
	if taker != "" && taker == s.By.Subject {
		return c, ErrAuditor.New()
	}
	o.Settlement = &Settlement{Payable: payable, Note: note, Auditor: s.By.Subject, Audited: s.Now}
	c.fact("payableFen", strconv.FormatInt(payable.Fen, 10))
	c.fact("carrier", o.CarrierOrg())
	return c, nil
}

// Settle records the payment: AUDITED -> SETTLED, by somebody else than the auditor.
func (o *Order) Settle(s Step, reference string) (Change, error) {
	c, err := o.move(VerbSettle, s)
	if err != nil {
		return c, err
	}
	if o.Settlement == nil {
		return c, fmt.Errorf("workorder: %s is AUDITED without an audit", o.ID)
	}
	if o.Settlement.Auditor == s.By.Subject {
		return c, ErrAuditor.New()
	}
	paid := *o.Settlement
	paid.Reference, paid.Settled = reference, s.Now
	o.Settlement = &paid
	c.fact("reference", reference)
	return c, nil
}

package workorder

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Diagnose keeps what was found.
func (o *Order) Diagnose(s Step, d Diagnosis) (Change, error) {
	c, err := o.move(VerbDiagnose, s)
	if err != nil {
		return c, err
	}
	d.At = s.Happened()
	o.Diagnosis = &d
	c.Points = d.Findings
	c.fact("cause", d.Cause)
	c.fact("faultCode", d.FaultCode)
	c.fact("inWarranty", strconv.FormatBool(d.InWarranty))
	return c, nil
}

// PutQuote puts a price before the customer.
func (o *Order) PutQuote(s Step, lines []QuoteLine) (Change, error) {
	c, err := o.move(VerbQuote, s)
	if err != nil {
		return c, err
	}
	total := Money{Currency: "CNY"}
	for i, l := range lines {
		if l.Amount.Fen < 0 || l.Amount.Fen > maxFen {
			return c, apierr.Invalid(fmt.Sprintf("lines[%d].amount.amount_fen", i), "金额超出范围", "out of range")
		}
		if cur := l.Amount.Currency; cur != "" && cur != total.Currency {
			return c, apierr.Invalid(fmt.Sprintf("lines[%d].amount.currency", i), "仅支持人民币", "only CNY is quoted")
		}
		total.Fen += l.Amount.Fen
	}
	o.Quote = &Quote{Lines: lines, Total: total, At: s.Happened()}
	c.fact("totalFen", strconv.FormatInt(total.Fen, 10))
	return c, nil
}

// maxFen bounds one line of a quote: ten million yuan.
const maxFen = 1_000_000_000

// AgreeQuote is the customer's yes to the price (R151).
func (o *Order) AgreeQuote(s Step, method, evidence string) (Change, error) {
	c, err := o.move(VerbAgreeQuote, s)
	if err != nil {
		return c, err
	}
	if method == "" {
		method = "AT_THE_DOOR"
	}
	q := *o.Quote
	q.Agreed, q.Method, q.Evidence, q.AnsweredAt = true, method, evidence, s.Happened()
	o.Quote = &q
	c.OnBehalf = "customer"
	c.fact("method", method)
	c.fact("totalFen", strconv.FormatInt(q.Total.Fen, 10))
	return c, nil
}

// RefuseQuote is the customer's no: the order ends, the machine is as it was found.
func (o *Order) RefuseQuote(s Step, reason string, photos []string) (Change, error) {
	c, err := o.move(VerbRefuseQuote, s)
	if err != nil {
		return c, err
	}
	q := *o.Quote
	q.Agreed, q.RefuseReason, q.AnsweredAt = false, reason, s.Happened()
	o.Quote, o.Outcome = &q, FeeRefused
	o.Completion = &Completion{Photos: photos, At: s.Happened()}
	c.OnBehalf, c.Points = "customer", reason
	c.fact("outcome", string(FeeRefused))
	c.fact("totalFen", strconv.FormatInt(q.Total.Fen, 10))
	if o.VisitFee.Fen > 0 {
		c.fact("visitFeeFen", strconv.FormatInt(o.VisitFee.Fen, 10))
	}
	return c, nil
}

// FeeDue says whether the customer would have to pay and has not been asked. A solution has settled the fee with the customer
// before; a service request settles it here.
func (o *Order) FeeDue() bool {
	settled := o.FreeOfCharge || o.Solution != "" || o.AgreedFee.Fen > 0 || (o.Diagnosis != nil && o.Diagnosis.InWarranty)
	agreed := o.Quote != nil && o.Quote.Agreed
	return o.Purpose.charged() && !settled && !agreed
}

// Complete ends the work (R157). The caller makes the acceptance code afterwards.
func (o *Order) Complete(s Step, done Completion, outcome Outcome) (Change, error) {
	if outcome == "" {
		outcome = Fixed
	}
	due := o.FeeDue()
	c, err := o.move(VerbComplete, s)
	switch {
	case err != nil:
		return c, err
	case outcome == Fixed && due:
		return c, ErrQuoteRequired.New()
	}
	if failed := firstFailed(done.Tests); failed != "" && outcome == Fixed {
		return c, ErrTestFailed.New("test", failed)
	}
	done.At = s.Happened()
	o.Completion, o.Outcome = &done, outcome
	o.Confirmation = Confirmation{}
	c.Points, c.Measures = done.Summary, done.Measures()
	c.fact("outcome", string(outcome))
	return c, nil
}

func firstFailed(tests []Test) string {
	for _, t := range tests {
		if !t.Passed {
			return t.Name
		}
	}
	return ""
}

// Measures tells people what was done: tests and parts (R147, R157).
func (d Completion) Measures() string {
	var lines []string
	for _, t := range d.Tests {
		mark := "✓"
		if !t.Passed {
			mark = "✗"
		}
		lines = append(lines, strings.TrimSpace(mark+" "+t.Name+" "+t.Value))
	}
	for _, p := range d.Parts {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d × %s %s", p.Quantity, p.Number, p.Specification)))
	}
	return strings.Join(lines, "\n")
}

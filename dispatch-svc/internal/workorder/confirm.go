package workorder

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

const (
	codeTries    = 5
	codeValidity = 72 * time.Hour
	// callBack is when a customer who refused to confirm must have been called (process.md).
	callBack = 2 * time.Hour
)

// Code is an acceptance code as it is kept: a keyed digest, never the code.
type Code struct {
	Digest  string
	Tries   int // wrong ones
	Expires time.Time
}

// Digest makes the keyed digest of a code of an order; without the key six digits would be guessed from it at once.
type Digest func(orderID, code string) string

// IssueCode makes a new code and returns it in clear, the only time it is known.
func (o *Order) IssueCode(now time.Time, digest Digest) (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("workorder: acceptance code: %w", err)
	}
	code := fmt.Sprintf("%06d", n.Int64())
	o.Code = Code{Digest: digest(o.ID, code), Expires: now.Add(codeValidity)}
	return code, nil
}

// Proof is how the customer confirmed: exactly one of its fields.
type Proof struct {
	Code, Signature, SlipPhoto, HotlineNote string
}

func (p Proof) method() (method, evidence string, err error) {
	n := 0
	for _, m := range []struct{ name, value, evidence string }{
		{"ACCEPTANCE_CODE", p.Code, ""}, {"SIGNATURE", p.Signature, p.Signature},
		{"SLIP_PHOTO", p.SlipPhoto, p.SlipPhoto}, {"HOTLINE", p.HotlineNote, ""},
	} {
		if m.value != "" {
			method, evidence = m.name, m.evidence
			n++
		}
	}
	if n != 1 {
		return "", "", apierr.Invalid("acceptance_code", "验收码、签名、单据照片、电话确认须且只须提供一项",
			"exactly one of acceptance_code, signature, slip_photo and hotline_note is needed")
	}
	return method, evidence, nil
}

// Confirm takes the customer's word (R159). tried is true when a wrong code was counted: the order must be saved although err
// is not nil.
func (o *Order) Confirm(s Step, p Proof, digest Digest) (c Change, tried bool, err error) {
	method, evidence, err := p.method()
	if err != nil {
		return c, false, err
	}
	before := *o
	if c, err = o.move(VerbConfirm, s); err != nil {
		return c, false, err
	}
	switch method {
	case "ACCEPTANCE_CODE":
		if err := before.tryCode(s, p.Code, digest); err != nil {
			tried := before.Code.Tries > o.Code.Tries
			*o = before
			return c, tried, err
		}
	case "HOTLINE":
		if s.By.Engineer != "" && s.By.Engineer == o.Engineer {
			return c, false, apierr.ErrForbidden.New("verb", string(VerbConfirm), "method", method)
		}
	}
	o.Confirmation = Confirmation{Method: method, Actor: s.By.Subject, Evidence: evidence, At: s.Happened()}
	o.ConfirmedAt, o.Code = s.Now, Code{}
	c.OnBehalf, c.Points = "customer", p.HotlineNote
	c.fact("method", method)
	c.fact("outcome", string(o.Outcome))
	return c, false, nil
}

// tryCode compares in constant time and counts what was wrong. A code entered in time on a phone without a network counts.
func (o *Order) tryCode(s Step, code string, digest Digest) error {
	switch {
	case o.Code.Digest == "" || s.Happened().After(o.Code.Expires):
		return ErrCodeExpired.New()
	case o.Code.Tries >= codeTries:
		return ErrCodeExhausted.New()
	}
	if subtle.ConstantTimeCompare([]byte(digest(o.ID, code)), []byte(o.Code.Digest)) == 1 {
		return nil
	}
	o.Code.Tries++
	if left := codeTries - o.Code.Tries; left > 0 {
		return ErrCodeWrong.New("left", strconv.Itoa(left))
	}
	return ErrCodeExhausted.New()
}

// RefuseConfirm is the customer's no; somebody must call back within two hours.
func (o *Order) RefuseConfirm(s Step, reason string) (Change, error) {
	c, err := o.move(VerbConfirmRefused, s)
	if err != nil {
		return c, err
	}
	due := s.Now.Add(callBack)
	o.Confirmation = Confirmation{Method: "REFUSED", Actor: s.By.Subject, RefuseReason: reason, At: s.Happened(), CallBackDue: due}
	c.OnBehalf, c.Points = "customer", reason
	c.fact("callBackDue", due.Format(time.RFC3339))
	return c, nil
}

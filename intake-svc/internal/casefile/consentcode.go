package casefile

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// What a consent by code may answer.
var (
	// ErrCodeWrong is a wrong code; metadata: left.
	ErrCodeWrong = apierr.Define(codes.FailedPrecondition, "CONSENT_CODE_WRONG", "验证码不正确,还可尝试 {left} 次", "the code is wrong; {left} tries are left")
	// ErrCodeExpired is a code that was not sent, or not used in time.
	ErrCodeExpired = apierr.Define(codes.FailedPrecondition, "CONSENT_CODE_EXPIRED", "验证码不存在或已过期,请重新发送", "no code is valid; send a new one")
	// ErrCodeExhausted is a code after the last try, or one more code than are sent for a proposal.
	ErrCodeExhausted = apierr.Define(codes.FailedPrecondition, "CONSENT_CODE_EXHAUSTED",
		"验证码尝试或发送次数已用完,请改用其他方式确认", "no tries or no codes are left; take the consent another way")
	// ErrCodePhone is a customer without a phone.
	ErrCodePhone = apierr.Define(codes.FailedPrecondition, "CONSENT_CODE_NO_PHONE", "客户没有可接收验证码的电话", "the customer has no phone to send a code to")
)

// SendConsentCode is the verb that sends the customer a code.
const SendConsentCode Verb = "sendConsentCode"

// NoticeConsentCode is the notice that carries the code; consentByCode is the method of the consent.
const (
	NoticeConsentCode = "CONSENT_CODE"
	consentByCode     = "ACCEPTANCE_CODE"
)

const (
	codeTries    = 5
	codesSent    = 5 // for one proposal
	codeValidity = 72 * time.Hour
)

// ConsentCode is a code as it is kept: a keyed digest, never the code.
type ConsentCode struct {
	Digest  string    `json:"digest,omitempty"`
	Tries   int       `json:"tries,omitempty"` // wrong ones
	Sent    int       `json:"sent"`            // codes so far
	Expires time.Time `json:"expires,omitzero"`
}

// TriesLeft of the code that is valid.
func (k *ConsentCode) TriesLeft() int { return codeTries - k.Tries }

// CodesLeft is how many codes can still be sent for the proposal.
func (k *ConsentCode) CodesLeft() int { return codesSent - k.Sent }

// CodeDigest makes the keyed digest of a code of a solution; without the key six digits would be guessed from it at once.
type CodeDigest func(solution, code string) string

// SendConsentCode makes a code for an open proposal and has it sent to the customer; the answer is the only time it is known here. Until it is
// sent it stands among what is sealed.
func (c *Case) SendConsentCode(m Moment, id string, digest CodeDigest) (code string, change Change, err error) {
	p, err := c.consenting(m, id, SendConsentCode)
	if err != nil {
		return "", Change{}, err
	}
	if to := c.Personal.Party(PartyCustomer); to == nil || to.Phone == "" {
		return "", Change{}, ErrCodePhone.New()
	}
	sent := 0
	if p.Code != nil {
		sent = p.Code.Sent
	}
	if sent >= codesSent {
		return "", Change{}, ErrCodeExhausted.New()
	}
	if code, err = drawCode(); err != nil {
		return "", Change{}, err
	}
	s := c.begin(m)
	s.dropCodes(id)
	p.Code = &ConsentCode{Digest: digest(id, code), Sent: sent + 1, Expires: m.At.Add(codeValidity)}
	s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeConsentCode, Solution: id})
	if s.Personal.Codes == nil {
		s.Personal.Codes = map[string]string{}
	}
	s.Personal.Codes[s.Tasks[len(s.Tasks)-1].ID] = code
	s.note("CONSENT_CODE_SENT", timeline.Entry{Facts: map[string]string{"solution": id, "number": strconv.Itoa(sent + 1)}})
	s.change.Quiet = true
	return code, s.change, nil
}

func drawCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("casefile: consent code: %w", err)
	}
	return fmt.Sprintf("%06d", n.Int64()), nil
}

// dropCodes takes away the codes of a solution that are not sent yet.
func (s *step) dropCodes(id string) {
	s.Tasks = slices.DeleteFunc(s.Tasks, func(t Task) bool {
		drop := t.Notice == NoticeConsentCode && t.Solution == id
		if drop {
			delete(s.Personal.Codes, t.ID)
		}
		return drop
	})
}

// TryConsentCode compares what the customer read out. A wrong code is counted, written down and refused: the change must be kept although the
// error is not nil. A right one is spent by Agree.
func (c *Case) TryConsentCode(m Moment, id, code string, digest CodeDigest) (Change, error) {
	p, err := c.consenting(m, id, Agree)
	if err != nil {
		return Change{}, err
	}
	k := p.Code
	switch {
	case k == nil || k.Digest == "" || m.At.After(k.Expires):
		return Change{}, ErrCodeExpired.New()
	case k.Tries >= codeTries:
		return Change{}, ErrCodeExhausted.New()
	case subtle.ConstantTimeCompare([]byte(digest(id, code)), []byte(k.Digest)) == 1:
		return Change{}, nil
	}
	s := c.begin(m)
	k.Tries++
	s.note("CONSENT_CODE_WRONG", timeline.Entry{Facts: map[string]string{"solution": id, "left": strconv.Itoa(k.TriesLeft())}})
	s.change.Quiet = true
	if k.TriesLeft() == 0 {
		return s.change, ErrCodeExhausted.New()
	}
	return s.change, ErrCodeWrong.New("left", strconv.Itoa(k.TriesLeft()))
}

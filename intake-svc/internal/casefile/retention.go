package casefile

import (
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// What the retention may answer.
var (
	// ErrRetention is an end of the retention that is not the class's, without a reason; metadata: period_end.
	ErrRetention = apierr.Define(codes.FailedPrecondition, "RETENTION_REASON_REQUIRED",
		"与规定期限 {period_end} 不同,须说明理由", "it is not the period's end of {period_end}: a reason is needed")
	// ErrHeld is an erasure while somebody holds the case; metadata: reason.
	ErrHeld = apierr.Define(codes.FailedPrecondition, "RETENTION_HELD", "案件被依法留存:{reason}", "the case is held: {reason}")
	// ErrHoldNone is the release of what nobody holds.
	ErrHoldNone = apierr.Define(codes.FailedPrecondition, "RETENTION_NOT_HELD", "案件没有留存措施", "nobody holds the case")
	// ErrErased is anything that is done to a case whose personal data was erased; metadata: at.
	ErrErased = apierr.Define(codes.FailedPrecondition, "CASE_ERASED",
		"本案的个人信息已于 {at} 删除", "the personal data of the case was erased on {at}")
)

// Retention is how long a case that has ended is kept.
type Retention struct {
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitempty"` // why it differs from the class's period
	By     string    `json:"by,omitempty"`
}

// Hold keeps a case whatever its period says: a claim, a trial, an inquiry.
type Hold struct {
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Erasure is who had the personal data erased, when and why.
type Erasure struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Reason string    `json:"reason,omitempty"`
	Early  bool      `json:"early,omitempty"` // before the end of the retention
}

// RetentionAct is one line of the retention's audit.
type RetentionAct struct {
	ID, Act, Reason, Actor, Run string
	Until                       time.Time // the end of the retention afterwards
	At                          time.Time
}

// Acts of the audit.
const (
	ActPeriodSet = "PERIOD_SET"
	ActHeld      = "HELD"
	ActReleased  = "RELEASED"
	ActErased    = "ERASED"
)

// keepForPeriod sets the period of the class, from now on.
func (s *step) keepForPeriod() { s.Retention = &Retention{Until: s.period()} }

// period is the end of the class's retention period, reckoned from when the case ended.
func (s *step) period() time.Time {
	years, ok := s.Policy.Hard.RetentionYears[s.ContentClass]
	if !ok {
		years = s.Policy.Hard.RetentionYears[""]
	}
	end := s.Round().ClosedAt
	if end.IsZero() && s.Retention != nil {
		return s.Retention.Until // withdrawn, rejected, merged: its own end was set then
	}
	if end.IsZero() {
		end = s.At
	}
	return end.AddDate(years, 0, 0)
}

// SetRetention changes how long the case is kept; an end that is not the class's period's needs a reason (R181).
func (c *Case) SetRetention(m Moment, until time.Time, reason string) (Change, error) {
	to, err := c.check(SetRetention, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	if end := s.period(); !until.Equal(end) && strings.TrimSpace(reason) == "" {
		return Change{}, ErrRetention.New("period_end", end.Format(time.DateOnly))
	}
	s.Retention = &Retention{Until: until, Reason: reason, By: m.By.Name}
	s.move(SetRetention, to)
	s.note("RETENTION_SET", timeline.Entry{Points: reason, Facts: map[string]string{"until": until.Format(time.DateOnly)}})
	s.audit(ActPeriodSet, reason, "")
	return s.change, nil
}

// HoldRetention keeps the case until the hold is released, whatever its period says.
func (c *Case) HoldRetention(m Moment, reason string) (Change, error) {
	to, err := c.check(HoldRetention, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.Hold != nil {
		return Change{}, ErrHeld.New("reason", c.Hold.Reason)
	}
	s := c.begin(m)
	s.Hold = &Hold{Reason: reason, By: m.By.Name, At: m.At}
	s.move(HoldRetention, to)
	s.note("RETENTION_HELD", timeline.Entry{Points: reason})
	s.audit(ActHeld, reason, "")
	return s.change, nil
}

// ReleaseRetention ends the hold; the period counts again.
func (c *Case) ReleaseRetention(m Moment, reason string) (Change, error) {
	to, err := c.check(ReleaseRetention, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.Hold == nil {
		return Change{}, ErrHoldNone.New()
	}
	s := c.begin(m)
	s.Hold = nil
	s.move(ReleaseRetention, to)
	s.note("RETENTION_RELEASED", timeline.Entry{Points: reason})
	s.audit(ActReleased, reason, "")
	return s.change, nil
}

// Erase takes everything personal and every free text out of the case; number, classification, times and amounts stay, and so does the
// chain: its entries lose their content, not their digests. Before the end of the retention a reason is needed. run names the erasure run
// that it is part of; "" when the case is erased by itself.
func (c *Case) Erase(m Moment, reason, run string) (Change, error) {
	to, err := c.check(EraseCase, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.Hold != nil {
		return Change{}, ErrHeld.New("reason", c.Hold.Reason)
	}
	s := c.begin(m)
	early := s.Retention == nil || m.At.Before(s.Retention.Until)
	if early && strings.TrimSpace(reason) == "" {
		return Change{}, ErrRetention.New("period_end", s.period().Format(time.DateOnly))
	}
	s.forget()
	s.Erased = &Erasure{At: m.At, By: m.By.Name, Reason: reason, Early: early}
	s.move(EraseCase, to)
	s.note("CASE_ERASED", timeline.Entry{Measures: reason})
	s.audit(ActErased, reason, run)
	return s.change, nil
}

// audit adds a line to the audit of retentions, which outlives the case's own words.
func (s *step) audit(act, reason, run string) {
	a := RetentionAct{ID: s.NewID(), Act: act, Reason: reason, Actor: s.By.Name, Run: run, At: s.At}
	if s.Retention != nil {
		a.Until = s.Retention.Until
	}
	s.change.Retained = append(s.change.Retained, a)
}

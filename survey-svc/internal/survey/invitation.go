package survey

import (
	"hash/fnv"
	"strconv"
	"time"
)

// Contact is whom to reach. Personal.
type Contact struct {
	DisplayName string `json:"displayName,omitempty"`
	Phone       string `json:"phone,omitempty"`
	Email       string `json:"email,omitempty"`
	WeChat      string `json:"wechat,omitempty"`
}

// Reachable says whether a message has anywhere to go.
func (c Contact) Reachable() bool { return c.Phone != "" || c.Email != "" || c.WeChat != "" }

// Subject is what an invitation is about.
type Subject struct {
	Case, CaseNumber string
	Round            int
	OwnerOrg         string
	ServingOrg       string // empty when nothing is released to a provider
	Partner          string
	Confidentiality  string   // NORMAL, PROTECTED or RESTRICTED
	Handlers         []string // everybody who handled the case
}

// Invitation asks one customer about one round of a case.
type Invitation struct {
	ID string
	Subject
	Purpose Purpose
	State   State
	Survey  string // code of the questionnaire
	Contact Contact
	Locale  string
	Token   string // proof of the link's holder
	// CallBack is the id of the task; empty when nobody calls.
	CallBack string

	NotBefore, Expire, Created       time.Time
	Delivered, Responded, AmendUntil time.Time
	// NextAttempt is when the message is due; zero when none is to be sent.
	NextAttempt time.Time
	Attempts    int
	Reason      string
	Version     int64
}

// Reasons why an invitation is not asked, or not any more.
const (
	ReasonSampling     = "LEFT_OUT_BY_SAMPLING"
	ReasonNoContact    = "NO_CONTACT"
	ReasonRefused      = "CUSTOMER_REFUSED"
	ReasonCaseClosed   = "CASE_CLOSED"
	ReasonCaseReopened = "CASE_REOPENED"
)

// Plan is what is asked of Invite.
type Plan struct {
	ID, Token string
	Subject
	Purpose   Purpose
	Contact   Contact
	Locale    string
	NotBefore time.Time // zero: by policy
}

// Invite plans an invitation by policy.
func Invite(plan Plan, policy Policy, now time.Time) Invitation {
	policy = policy.withDefaults()
	inv := Invitation{
		ID: plan.ID, Token: plan.Token, Subject: plan.Subject, Purpose: plan.Purpose, Contact: plan.Contact,
		Locale: plan.Locale, State: Scheduled, Survey: questionnaireOf[plan.Purpose], Created: now, NotBefore: plan.NotBefore,
	}
	inv.Round = max(inv.Round, 1)
	if inv.Confidentiality == "" {
		inv.Confidentiality = "NORMAL"
	}
	if inv.NotBefore.IsZero() {
		inv.NotBefore = now.Add(policy.delay(plan.Purpose))
	}
	inv.Expire = later(inv.NotBefore, now).Add(policy.openFor(plan.Purpose))
	inv.planDelivery(policy)
	return inv
}

// planDelivery decides whether a message goes out and when.
func (i *Invitation) planDelivery(policy Policy) {
	switch {
	case leftOut(i.Case, i.Round, i.Purpose, policy.skipShare(i.Purpose)):
		i.State, i.Reason = NotSampled, ReasonSampling // R264
	case i.NeedsCall():
		// The message goes out only when nobody could be reached by phone (R173).
	case !i.Contact.Reachable():
		i.State, i.Reason = Undeliverable, ReasonNoContact
	default:
		i.NextAttempt = i.NotBefore
	}
}

// NeedsCall says whether a task for a caller belongs to it: a call-back to somebody who has a phone.
func (i *Invitation) NeedsCall() bool {
	return i.Purpose.ByCall() && i.Contact.Phone != "" && i.State != NotSampled
}

// SendLink makes the message due now: nobody could be reached by phone.
func (i *Invitation) SendLink(now time.Time) {
	if i.State == Scheduled && i.Contact.Reachable() {
		i.NextAttempt = now
	}
}

// Due says whether the message is to be sent now.
func (i *Invitation) Due(now time.Time) bool {
	return i.State == Scheduled && !i.NextAttempt.IsZero() && !now.Before(i.NextAttempt) && now.Before(i.Expire)
}

// BeginDelivery counts an attempt; nobody else tries before the lease is over. It reports false when none is left, or no
// message is due: the invitation may have become UNDELIVERABLE then, after attempts that were all interrupted.
func (i *Invitation) BeginDelivery(now time.Time, lease time.Duration, policy Policy) bool {
	if !i.Due(now) {
		return false
	}
	if i.Attempts >= policy.withDefaults().DeliveryAttempts {
		i.DeliveryFailed(now, policy)
		return false
	}
	i.Attempts++
	i.NextAttempt = now.Add(lease)
	return true
}

// DeliverySucceeded keeps that a driver took the message. When the customer has answered meanwhile, or the case went
// another way, the state stays.
func (i *Invitation) DeliverySucceeded(now time.Time) {
	if to, err := next(i.State, VerbDeliver); err == nil {
		i.State = to
	}
	i.Delivered, i.NextAttempt = now, time.Time{}
}

// DeliveryFailed plans the next attempt, or gives up after the last.
func (i *Invitation) DeliveryFailed(now time.Time, policy Policy) {
	if i.State != Scheduled {
		return
	}
	policy = policy.withDefaults()
	if i.Attempts < policy.DeliveryAttempts {
		i.NextAttempt = now.Add(policy.DeliveryRetry << (i.Attempts - 1))
		return
	}
	i.State, _ = next(i.State, VerbFailDelivery)
	i.NextAttempt = time.Time{}
}

// ExpireNow ends the wait for an answer.
func (i *Invitation) ExpireNow() error {
	return i.end(VerbExpire, "")
}

// Cancel ends it for a reason.
func (i *Invitation) Cancel(reason string) error { return i.end(VerbCancel, reason) }

func (i *Invitation) end(verb Verb, reason string) error {
	to, err := next(i.State, verb)
	if err != nil {
		return err
	}
	i.State, i.NextAttempt = to, time.Time{}
	if reason != "" {
		i.Reason = reason
	}
	return nil
}

// leftOut decides by the case alone, so that a repeat decides the same.
func leftOut(caseName string, round int, p Purpose, share float64) bool {
	if share <= 0 {
		return false
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(caseName + "|" + strconv.Itoa(round) + "|" + string(p)))
	return float64(mix(h.Sum64())>>11)/(1<<53) < share
}

// mix spreads FNV's weak high bits (the finaliser of MurmurHash3).
func mix(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

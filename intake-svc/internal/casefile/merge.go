package casefile

import (
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ErrNotSame is a merge of cases that are not of one customer and one organisation; metadata: what.
var ErrNotSame = apierr.Define(codes.FailedPrecondition, "MERGE_NOT_SAME",
	"只能合并同一客户、同一机构的同一事项:{what}", "only cases of the same customer, organisation and matter are merged: {what}")

// MergedCase is a case that was merged into this one.
type MergedCase struct {
	Case    string    `json:"case"` // cases/…
	Number  string    `json:"number"`
	Channel string    `json:"channel"`
	Partner string    `json:"partner,omitempty"`
	At      time.Time `json:"at"`

	Ref      ExternalRef `json:"ref,omitzero"`  // by which the partner knows it
	EventSeq int64       `json:"seq,omitempty"` // last event that its partner was told of the survivor
}

// Merger is what a merge came to.
type Merger struct {
	Survivor, Merged             *Case
	SurvivorChange, MergedChange Change
}

// Merge joins two cases of one customer and matter. The one with a hazard survives, else the one with the strictest external
// clock, else the second. References and clocks move to it, and every channel is told (process.md).
func Merge(m Moment, c, into *Case, reason string) (*Merger, error) {
	for _, one := range []*Case{c, into} {
		if _, err := one.check(MergeCases, m.By); err != nil {
			return nil, err
		}
	}
	if err := c.mergeable(into); err != nil {
		return nil, err
	}
	survivor, merged := into, c
	if c.outranks(into) {
		survivor, merged = c, into
	}
	out := &Merger{Survivor: survivor, Merged: merged}
	out.SurvivorChange = survivor.takeIn(m, merged, reason)
	out.MergedChange = merged.mergedInto(m, survivor, reason)
	return out, nil
}

// Mergeable says that both are open cases of one customer and organisation.
func (c *Case) Mergeable(other *Case) bool {
	return c.State.Open() && other.State.Open() && c.mergeable(other) == nil
}

func (c *Case) mergeable(other *Case) error {
	switch {
	case c.ID == other.ID:
		return ErrNotSame.New("what", "SAME_CASE")
	case c.OwnerOrg != other.OwnerOrg:
		return ErrNotSame.New("what", "ORGANISATION")
	case !c.sameCustomer(other):
		return ErrNotSame.New("what", "CUSTOMER")
	}
	return nil
}

// sameCustomer: the same account, phone, e-mail address, or order of the same platform.
func (c *Case) sameCustomer(other *Case) bool {
	a, b := c.Personal.Party(PartyCustomer), other.Personal.Party(PartyCustomer)
	if a != nil && b != nil {
		for _, pair := range [][2]string{{a.Customer, b.Customer}, {phoneDigits(a.Phone), phoneDigits(b.Phone)}, {strings.ToLower(a.Email), strings.ToLower(b.Email)}} {
			if pair[0] != "" && pair[0] == pair[1] {
				return true
			}
		}
	}
	return slices.ContainsFunc(c.ExternalRefs, func(r ExternalRef) bool {
		return r.OrderID != "" && slices.ContainsFunc(other.ExternalRefs, func(q ExternalRef) bool { return q.Platform == r.Platform && q.OrderID == r.OrderID })
	})
}

func phoneDigits(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	if len(digits) == 13 { // +86 before a mobile number
		digits = strings.TrimPrefix(digits, "86")
	}
	return digits
}

// outranks: a hazard is never merged away; then the strictest clock that others set decides.
func (c *Case) outranks(other *Case) bool {
	if (c.Hazard != nil) != (other.Hazard != nil) {
		return c.Hazard != nil
	}
	mine, theirs := c.externalDue(), other.externalDue()
	return !mine.IsZero() && (theirs.IsZero() || mine.Before(theirs))
}

// externalDue is the nearest running deadline that others set: law, regulator, platform.
func (c *Case) externalDue() (due time.Time) {
	for i := range c.Clocks {
		if k := &c.Clocks[i]; k.external() && k.running() {
			due = earlier(due, k.Due)
		}
	}
	return due
}

func (k *Clock) external() bool { return k.Type != ClockPromise && k.Code != ClockNoReply }

// takeIn takes over what the other case brings.
func (c *Case) takeIn(m Moment, other *Case, reason string) Change {
	s := c.begin(m)
	for _, ref := range other.ExternalRefs {
		if !slices.Contains(s.ExternalRefs, ref) {
			s.ExternalRefs = append(s.ExternalRefs, ref)
		}
	}
	for _, item := range other.Items {
		if !slices.ContainsFunc(s.Items, func(i Item) bool { return i == item || item.Serial != "" && i.Serial == item.Serial }) {
			s.Items = append(s.Items, item)
		}
	}
	for _, name := range other.ComplainedAbout {
		if !slices.Contains(s.ComplainedAbout, name) {
			s.ComplainedAbout = append(s.ComplainedAbout, name)
		}
	}
	for _, p := range other.Personal.Parties {
		if !slices.ContainsFunc(s.Personal.Parties, func(q Party) bool {
			return phoneDigits(q.Phone) == phoneDigits(p.Phone) && q.DisplayName == p.DisplayName
		}) {
			p.Roles = slices.DeleteFunc(slices.Clone(p.Roles), func(r string) bool { return r == PartyCustomer })
			s.Personal.Parties = append(s.Personal.Parties, p)
		}
	}
	s.takeClocks(other)
	ref := ExternalRef{}
	if len(other.ExternalRefs) > 0 {
		ref = other.ExternalRefs[0]
	}
	s.Confidentiality = stricter(s.Confidentiality, other.Confidentiality)
	s.MergedCases = append(append(s.MergedCases, MergedCase{
		Case: other.Name(), Number: other.Number, Channel: other.Channel, Partner: other.Partner, At: m.At, Ref: ref,
	}), other.MergedCases...)
	s.change.Facts = append(s.change.Facts, Fact{Verb: MergeCases, State: s.State, Previous: s.State, At: m.At})
	s.note("CASE_TAKEN_IN", timeline.Entry{
		Points: reason + "\n" + other.Problem, Facts: map[string]string{"case": other.Name(), "number": other.Number, "channel": other.Channel},
	})
	return s.change
}

// takeClocks: deadlines that others set move; a promise counts from when the matter was first told.
func (s *step) takeClocks(other *Case) {
	for _, k := range other.Clocks {
		if k.external() && k.running() {
			k.Explanation = append(slices.Clone(k.Explanation), "moved from "+other.Number)
			s.Clocks = append(s.Clocks, k)
			s.touched(len(s.Clocks) - 1)
			continue
		}
		for i := range s.Clocks {
			if own := &s.Clocks[i]; own.Code == k.Code && own.Type == ClockPromise && own.running() && k.Ended.IsZero() && k.Started.Before(own.Started) {
				own.Started = k.Started
				own.Explanation = append(own.Explanation, "since "+other.Number)
				s.recompute(own)
				s.touched(i)
			}
		}
	}
}

func stricter(a, b Confidentiality) Confidentiality {
	order := []Confidentiality{Normal, Protected, Restricted}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// mergedInto ends the case: what it runs outside is called off, its customer is told where the matter goes on.
func (c *Case) mergedInto(m Moment, survivor *Case, reason string) Change {
	s := c.begin(m)
	working := c.awaitsOrder()
	s.Tasks = nil
	if p := c.Current(); p != nil && (p.State == SolutionOpen || p.State == SolutionAccepted) {
		p.become(SolutionSuperseded, m.At)
	}
	s.MergedInto = survivor.Name()
	s.link(Link{Target: survivor.Name(), Relation: LinkDuplicate})
	s.move(MergeCases, Merged)
	s.keepForPeriod()
	s.note("CASE_MERGED", timeline.Entry{Points: reason, Facts: map[string]string{"into": survivor.Name(), "number": survivor.Number}})
	s.endClocks()
	s.unflag(FlagWaitingForCustomer, FlagUnreachable, FlagNoReplyReady, FlagCloseRequested)
	s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeMerged, Reason: survivor.Number})
	if working {
		s.task(Task{Kind: TaskCancelWorkOrders, Reason: "merged into " + survivor.Number})
	}
	return s.change
}

// answerChannels has the result told on the channel of every case that was merged into this one.
func (s *step) answerChannels() {
	for _, c := range s.MergedCases {
		s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeMergedResult, Reason: c.Number + " " + c.Channel})
	}
}

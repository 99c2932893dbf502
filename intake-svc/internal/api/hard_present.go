package api

import (
	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/auth"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// hard is what only few cases have. The named list is told to who is on the owner's side only.
func (p *presenter) hard(m *intakev1.Case, c *casefile.Case) {
	m.Incident, m.ParentCase, m.ChildCases = c.Incident, c.Parent, c.Children
	p.concerned(m, c)
	if p.owns(c) {
		m.Readers = c.Readers
		for i := range c.Releases {
			m.IdentityReleases = append(m.IdentityReleases, releaseOf(&c.Releases[i]))
		}
	}
	if p.clear || p.caller.Kind == auth.Staff {
		for i := range c.Transfers {
			m.Transfers = append(m.Transfers, transfer(&c.Transfers[i]))
		}
		for i := range c.PastHazards {
			m.PastHazards = append(m.PastHazards, hazardOf(&c.PastHazards[i]))
		}
	}
	if c.Retention != nil {
		m.RetentionEndTime = at(c.Retention.Until)
	}
	if c.Erased != nil {
		m.EraseTime = at(c.Erased.At)
	}
	if p.owns(c) {
		m.RetentionHold = holdOf(c.Hold)
	}
}

func (p *presenter) owns(c *casefile.Case) bool {
	return p.clear || p.caller.Kind == auth.Staff && !c.Hides(p.caller.Sees(), p.caller.Subject, p.caller.Engineer)
}

// hides says that the confidentiality keeps who complains from the caller: not even masked.
func (p *presenter) hides(c *casefile.Case) bool {
	return !p.clear && p.caller.Kind == auth.Staff && c.Hides(p.caller.Sees(), p.caller.Subject, p.caller.Engineer)
}

// concerned lists the parties concerned to who is on the owner's side.
func (p *presenter) concerned(m *intakev1.Case, c *casefile.Case) {
	if !p.owns(c) {
		return
	}
	for _, k := range c.ConcernedParties() {
		m.ConcernedParties = append(m.ConcernedParties, &intakev1.ConcernedParty{
			PartyId: k.ID, Kind: intakev1.ConcernedParty_Kind(intakev1.ConcernedParty_Kind_value[k.Kind]), DisplayName: k.Name, Reference: k.Ref,
			Email: hide(c.Personal.ConcernedMail[k.ID], p.related(c)), Inherent: k.Inherent, NotifyTime: at(k.Notified),
		})
	}
}

func releaseOf(r *casefile.Release) *intakev1.IdentityRelease {
	return &intakev1.IdentityRelease{
		Part: intakev1.IdentityRelease_Part(intakev1.IdentityRelease_Part_value[r.Part]), Receiver: r.To, Reason: r.Reason, Releaser: r.By,
		ReleaseTime: at(r.At), EndTime: at(r.Ended),
	}
}

// releasedPerson is the person on site with the parts that the caller was told, and nothing else; nil when none was.
func (p *presenter) releasedPerson(c *casefile.Case) *intakev1.Customer {
	if p.caller.Kind != auth.Staff || len(c.Releases) == 0 {
		return nil
	}
	parts := c.ReleasedTo(actorOf(p.caller), p.caller.Sees())
	who := c.Personal.Party(casefile.PartyOnSite)
	if who == nil || len(parts) == 0 {
		return nil
	}
	m := &intakev1.Customer{}
	for _, part := range parts {
		switch part {
		case casefile.PartName:
			m.DisplayName = who.DisplayName
		case casefile.PartPhone:
			m.Phone = who.Phone
		case casefile.PartAddress:
			m.Address = &commonv1.Address{RegionCode: who.Region, Line: who.AddressLine}
		}
	}
	return m
}

func transfer(t *casefile.Transfer) *intakev1.Transfer {
	return &intakev1.Transfer{
		From: t.From, To: t.To, Reason: t.Reason, OfferTime: at(t.At), DueTime: at(t.Due), AcceptTime: at(t.Accepted), ReturnTime: at(t.Returned),
		ReturnReason: t.Answer,
	}
}

func hazardOf(h *casefile.Hazard) *intakev1.Hazard {
	return &intakev1.Hazard{
		Kind: h.Kind, Description: h.Description, Raiser: h.Raiser, RaiseTime: at(h.Raised), AcknowledgeTime: at(h.Acknowledged), Acknowledger: h.Acknowledger,
		DutyTier: int32(h.Tier), DutyRole: h.Role, ClearTime: at(h.Cleared), Finding: h.Finding, FromText: h.FromText,
	}
}

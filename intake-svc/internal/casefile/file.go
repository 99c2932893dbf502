package casefile

import (
	"cmp"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// File registers a new case (R35-R53): RECEIVED, or RESOLVED when an enquiry comes with its resolution (R81). c holds what was
// told; the rest is filled here. The number is given by the store, in the order of the commits: Numbered takes it.
func File(m Moment, c *Case) (Change, error) {
	resolution := c.takeResolution()
	if err := c.complete(m.By, resolution); err != nil {
		return Change{}, err
	}
	if err := c.channelFields(m.By, m.At); err != nil {
		return Change{}, err
	}
	c.State, c.Version, c.Created = Received, 1, m.At
	c.Rounds = []Round{{Number: 1, Started: m.At}}
	c.Filer, c.OwnerOrg = m.By.Name, cmp.Or(c.OwnerOrg, m.By.Org)
	c.Confidentiality = cmp.Or(c.Confidentiality, Normal)
	if m.By.Kind == ActorPartner {
		c.Partner, c.Personal.OnBehalfOf = m.By.Name, m.By.OnBehalfOf
	}
	if p := c.Personal.Party(PartyCustomer); p != nil {
		c.Region = p.Region
	}
	s := c.begin(m)
	s.received()
	if resolution != nil {
		resolution.FirstContact = true
		s.resolveNow(resolution)
	}
	return s.change, nil
}

func (s *step) received() {
	s.change.Facts = append(s.change.Facts, Fact{Verb: "create", State: Received, At: s.At})
	s.note("CASE_RECEIVED", timeline.Entry{Place: s.Channel, Facts: map[string]string{"kind": string(s.Kind), "channel": s.Channel}})
	s.regulated()
	if s.Hazard != nil {
		s.raiseHazard(*s.Hazard)
	}
	s.promiseIn(ClockAcknowledge)
	s.promiseIn(ClockRespond)
}

// takeResolution moves what the caller told into the method's hands: rounds are made here.
func (c *Case) takeResolution() *Resolution {
	if len(c.Rounds) == 0 {
		return nil
	}
	r := c.Rounds[0].Resolution
	c.Rounds = nil
	return r
}

// complete refuses what cannot be worked on (R50, R55).
func (c *Case) complete(by Actor, resolution *Resolution) error {
	if resolution != nil && (!slices.Contains(atOnce, c.Kind) || !frontDesk.allows(by)) {
		return ErrKind.New("kind", string(c.Kind), "verb", string(ResolveNow))
	}
	if err := c.ownPlatform(by); err != nil {
		return err
	}
	p := c.Personal.Party(PartyCustomer)
	switch {
	case c.Kind == Enquiry || c.Kind == Feedback || p != nil && p.Anonymous && c.Kind == Complaint:
		return nil
	case p == nil || p.DisplayName == "" && p.Phone == "" && p.Email == "" && p.Customer == "":
		return apierr.Invalid("case.customer", "必填:投诉与服务请求需要客户信息(匿名投诉请注明 anonymous)",
			"is needed for complaints and service requests, unless the complaint is anonymous")
	}
	return nil
}

// ownPlatform: a partner files under its own platform only.
func (c *Case) ownPlatform(by Actor) error {
	if by.Kind != ActorPartner {
		return nil
	}
	for i := range c.ExternalRefs {
		ref := &c.ExternalRefs[i]
		ref.Platform = cmp.Or(ref.Platform, by.Platform)
		if i == 0 && by.Platform != "" && ref.Platform != by.Platform {
			return apierr.Invalid("case.external_ref.platform", "必须是本合作方的平台代码", "must be the partner's own platform")
		}
	}
	return nil
}

// Numbered gives a filed case its number, also in the first entry of the change.
func (c *Case) Numbered(number string, change *Change) {
	c.Number = number
	change.Entries[0].Facts["number"] = number
}

// RefKey is the reference that is unique per partner; ok is false when there is none (api.md section 1).
func (c *Case) RefKey() (ref ExternalRef, ok bool) {
	if c.Partner == "" || len(c.ExternalRefs) == 0 {
		return ExternalRef{}, false
	}
	ref = c.ExternalRefs[0]
	return ref, ref.AfterSaleID != ""
}

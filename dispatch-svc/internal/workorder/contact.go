package workorder

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// contactAfter is how long after CONFIRMED the engineer still sees the contact (process.md).
const contactAfter = 7 * 24 * time.Hour

// engineerHides are the states in which even the assigned engineer does not see the contact.
var engineerHides = []State{Created, Offered, ProviderAccepted, ProviderDeclined, OfferExpired, Assigned, Declined, Suspended, Transferred, Cancelled}

// ShowsContact says whether the viewer is in relation to the order: its engineer from ACCEPTED to a week after CONFIRMED, and the
// dispatchers of the organisation that carries it out, while it is open and not confidential.
func (o *Order) ShowsContact(by Actor, now time.Time) bool {
	if by.System {
		return true
	}
	if by.Engineer != "" && by.Engineer == o.Engineer {
		over := !o.State.Open() && now.After(o.ConfirmedAt.Add(contactAfter))
		return !over && !slices.Contains(engineerHides, o.State)
	}
	return o.Secrecy == "NORMAL" && o.Open() && slices.Contains(by.Orgs, o.CarrierOrg()) && slices.Contains(by.Roles, "dispatcher")
}

// Masked is the contact for everybody else: 王*, 138****5678, the region only.
func (c Contact) Masked() Contact {
	return Contact{Name: maskName(c.Name), Phone: maskPhone(c.Phone), RegionCode: c.RegionCode}
}

func maskName(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	if size == 0 {
		return ""
	}
	return string(r) + "*"
}

// maskPhone keeps three digits in front and four at the end of a long number, and nothing of a short one.
func maskPhone(phone string) string {
	phone = strings.TrimSpace(phone)
	switch n := len(phone); {
	case n == 0:
		return ""
	case n < 8:
		return "****"
	case n < 11:
		return "****" + phone[n-2:]
	default:
		return phone[:n-8] + "****" + phone[n-4:]
	}
}

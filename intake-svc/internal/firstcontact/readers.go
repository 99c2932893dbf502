package firstcontact

import (
	"cmp"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

type reader = func(*casefile.Case) string

// readers read the fields that fields.yaml names.
var readers = map[string]reader{
	"problem":             func(c *casefile.Case) string { return c.Problem },
	"customer_name":       ofCustomer(func(p *casefile.Party) string { return p.DisplayName }),
	"contact":             ofCustomer(func(p *casefile.Party) string { return cmp.Or(p.Phone, p.Email, p.Customer) }),
	"region":              func(c *casefile.Case) string { return c.Region },
	"address":             ofCustomer(func(p *casefile.Party) string { return p.AddressLine }),
	"brand":               ofItem(func(i *casefile.Item) string { return i.Brand }),
	"model":               ofItem(func(i *casefile.Item) string { return i.Model }),
	"serial_or_purchase":  ofItem(func(i *casefile.Item) string { return cmp.Or(i.Serial, i.PurchaseDate) }),
	"proof_number":        ofItem(func(i *casefile.Item) string { return i.ProofNumber }),
	"service_date":        ofService(func(s *casefile.PriorService) string { return s.Date }),
	"service_place":       ofService(func(s *casefile.PriorService) string { return s.Place }),
	"engineer_number":     ofService(func(s *casefile.PriorService) string { return s.EngineerNumber }),
	"service_description": ofService(func(s *casefile.PriorService) string { return s.Description }),
	"expectation":         func(c *casefile.Case) string { return c.Expectation },
	"evidence_answer":     func(c *casefile.Case) string { return c.EvidenceAnswer },
	"desired_resolve_time": func(c *casefile.Case) string {
		return moment(c.Desired)
	},
	"urgency":             func(c *casefile.Case) string { return c.Urgency },
	"suspected_liability": func(c *casefile.Case) string { return c.SuspectedLiability },
	"order":               ofRef(func(r *casefile.ExternalRef) string { return cmp.Or(r.OrderID, r.AfterSaleID) }),
	"document_number":     ofRef(func(r *casefile.ExternalRef) string { return cmp.Or(r.DisputeID, r.AfterSaleID, r.OrderID) }),
	"report_time":         func(c *casefile.Case) string { return moment(c.Reported) },
}

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.RFC3339)
}

func ofCustomer(read func(*casefile.Party) string) reader {
	return func(c *casefile.Case) string {
		if p := c.Personal.Party(casefile.PartyCustomer); p != nil {
			return read(p)
		}
		return ""
	}
}

func ofItem(read func(*casefile.Item) string) reader {
	return func(c *casefile.Case) string {
		if len(c.Items) == 0 {
			return ""
		}
		return read(&c.Items[0])
	}
}

func ofService(read func(*casefile.PriorService) string) reader {
	return func(c *casefile.Case) string {
		if c.PriorService == nil {
			return ""
		}
		return read(c.PriorService)
	}
}

func ofRef(read func(*casefile.ExternalRef) string) reader {
	return func(c *casefile.Case) string {
		if len(c.ExternalRefs) == 0 {
			return ""
		}
		return read(&c.ExternalRefs[0])
	}
}

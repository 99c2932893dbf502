package api

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

func itemID(n int) string { return strconv.Itoa(n + 1) }

// draft reads what a filing tells; OUTPUT_ONLY fields are ignored.
func (s *Server) draft(m *intakev1.Case) (*casefile.Case, error) {
	if err := s.checkFiling(m); err != nil {
		return nil, err
	}
	c := &casefile.Case{
		Kind: casefile.Kind(m.GetKind().String()), Channel: m.GetChannel(), Problem: m.GetProblem(), Expectation: m.GetExpectation(),
		Desired: timeOf(m.GetDesiredResolveTime()), Reported: timeOf(m.GetReportTime()), ContentClass: m.GetContentClass(), Urgency: m.GetUrgency(),
		SuspectedLiability: m.GetSuspectedLiability(), ComplainedAbout: m.GetComplainedAbout(), Hazard: hazard(m.GetHazard()),
		ExternalRefs: refs(m), Items: items(m), Regulator: regulatorIn(m.GetRegulator()),
	}
	if v := m.GetConfidentiality(); v != 0 {
		c.Confidentiality = casefile.Confidentiality(v.String())
	}
	if v := m.GetEvidenceAnswer(); v != 0 {
		c.EvidenceAnswer = v.String()
	}
	if p := m.GetPriorService(); p != nil {
		c.PriorService = &casefile.PriorService{
			Date: p.GetServiceDate(), Place: p.GetPlace(), EngineerNumber: p.GetEngineerNumber(), Description: p.GetDescription(), WorkOrder: p.GetWorkOrder(),
		}
	}
	if r := m.GetResolution(); r != nil {
		c.Rounds = []casefile.Round{{Resolution: resolution(r)}}
	}
	c.Personal.Parties = parties(m)
	c.CoreProblems, c.Motives = m.GetCoreProblems(), m.GetMotives()
	return c, nil
}

// checkFiling looks up the codes, and checks what cases are found by.
func (s *Server) checkFiling(m *intakev1.Case) error {
	for _, check := range []struct{ axis, value string }{
		{codes.Channel, m.GetChannel()}, {codes.ContentClass, m.GetContentClass()}, {codes.Urgency, m.GetUrgency()},
		{codes.Liability, m.GetSuspectedLiability()}, {codes.HazardKind, m.GetHazard().GetKind()}, {codes.SolutionKind, m.GetResolution().GetKind()},
	} {
		if err := s.Codes.Check(check.axis, check.value); err != nil {
			return err
		}
	}
	if err := cmp.Or(s.Codes.Check(codes.CoreProblem, m.GetCoreProblems()...), s.Codes.Check(codes.Motive, m.GetMotives()...)); err != nil {
		return err
	}
	return plain(map[string]string{
		"case.product.serial_number": m.GetProduct().GetSerialNumber(), "case.external_ref.platform": m.GetExternalRef().GetPlatform(),
		"case.external_ref.order_id": m.GetExternalRef().GetOrderId(), "case.external_ref.after_sale_id": m.GetExternalRef().GetAfterSaleId(),
	})
}

// plain refuses the character U+0000 in what becomes a text column: JSON can carry it, PostgreSQL cannot keep it.
func plain(fields map[string]string) error {
	for field, value := range fields {
		if strings.IndexByte(value, 0) >= 0 {
			return apierr.Invalid(field, "包含不允许的字符", "holds a character that is not allowed")
		}
	}
	return nil
}

func resolution(r *intakev1.Resolution) *casefile.Resolution {
	return &casefile.Resolution{Kind: r.GetKind(), Explanation: r.GetExplanation()}
}

func hazard(h *intakev1.Hazard) *casefile.Hazard {
	if h == nil {
		return nil
	}
	return &casefile.Hazard{Kind: h.GetKind(), Description: h.GetDescription()}
}

// refs are the references, external_ref in front.
func refs(m *intakev1.Case) []casefile.ExternalRef {
	all := m.GetExternalRefs()
	if first := m.GetExternalRef(); first != nil {
		all = append([]*commonv1.ExternalRef{first}, all...)
	}
	var out []casefile.ExternalRef
	for _, r := range all {
		out = append(out, casefile.ExternalRef{
			Platform: r.GetPlatform(), ShopID: r.GetShopId(), OrderID: r.GetOrderId(), SubOrderID: r.GetSubOrderId(), AfterSaleID: r.GetAfterSaleId(),
			DisputeID: r.GetDisputeId(), RawType: r.GetRawType(), RawStatus: r.GetRawStatus(),
		})
	}
	return out
}

// items are the products; product stands for a single one.
func items(m *intakev1.Case) []casefile.Item {
	if len(m.GetItems()) == 0 {
		if m.GetProduct() == nil {
			return nil
		}
		return []casefile.Item{item(m.GetProduct(), "")}
	}
	out := make([]casefile.Item, len(m.GetItems()))
	for n, i := range m.GetItems() {
		out[n] = item(i.GetProduct(), i.GetProblem())
	}
	return out
}

func item(p *intakev1.Product, problem string) casefile.Item {
	return casefile.Item{
		Brand: p.GetBrand(), Model: p.GetModel(), Serial: p.GetSerialNumber(), PurchaseDate: p.GetPurchaseDate(), ProofNumber: p.GetProofNumber(),
		Category: p.GetCategory(), InstallDate: p.GetInstallDate(), Device: p.GetDevice(), Problem: problem,
	}
}

// parties are the persons; customer stands for one person in all roles (R259).
func parties(m *intakev1.Case) []casefile.Party {
	var out []casefile.Party
	if m.GetCustomer() != nil {
		roles := casefile.PartyRoles
		if len(m.GetParties()) > 0 {
			roles = []string{casefile.PartyCustomer}
		}
		out = append(out, party(m.GetCustomer(), roles, ""))
	}
	for _, p := range m.GetParties() {
		roles := make([]string, len(p.GetRoles()))
		for n, r := range p.GetRoles() {
			roles[n] = r.String()
		}
		out = append(out, party(p.GetPerson(), roles, p.GetAuthorisation()))
	}
	return out
}

func party(p *intakev1.Customer, roles []string, authorisation string) casefile.Party {
	return casefile.Party{
		Roles: roles, DisplayName: p.GetDisplayName(), Phone: p.GetPhone(), Email: p.GetEmail(), Region: p.GetAddress().GetRegionCode(),
		AddressLine: p.GetAddress().GetLine(), Customer: p.GetCustomer(), Anonymous: p.GetAnonymous(), Locale: p.GetLocale(), Authorisation: authorisation,
	}
}

func money(m *commonv1.Money) casefile.Money {
	if m.GetAmountFen() == 0 {
		return casefile.Money{}
	}
	currency := m.GetCurrency()
	if currency == "" {
		currency = "CNY"
	}
	return casefile.Money{Currency: currency, Fen: m.GetAmountFen()}
}

// notNegative refuses an amount below nothing.
func notNegative(field string, m *commonv1.Money) error {
	if m.GetAmountFen() < 0 {
		return apierr.Invalid(field+".amount_fen", "不能为负数", "must not be negative")
	}
	return nil
}

func moneyOf(m casefile.Money) *commonv1.Money {
	if m.Currency == "" {
		return nil
	}
	return &commonv1.Money{Currency: m.Currency, AmountFen: m.Fen}
}

// cny is an amount in fen, also nothing.
func cny(fen int64) *commonv1.Money { return &commonv1.Money{Currency: "CNY", AmountFen: fen} }

package api

import (
	"cmp"
	"context"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/entitlement"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// GetDeviceEntitlement implements intakev1.DeviceServiceServer.
func (s deviceService) GetDeviceEntitlement(ctx context.Context, req *intakev1.GetDeviceEntitlementRequest) (*intakev1.Entitlement, error) {
	d, err := s.Cases.Device(ctx, s.DB, deviceOrgs(ctx), lastID(req.GetName()))
	if err != nil {
		return nil, err
	}
	on, err := dayIn(req.GetDate(), entitlement.DateOf(s.Clock.Now(), s.Policy.Zone))
	if err != nil {
		return nil, err
	}
	answer, err := s.ask(ctx, s.DB, d.OwnerOrg, d, on)
	if err != nil {
		return nil, err
	}
	return s.presenter(ctx).entitlement(d.Name(), answer), nil
}

// GetCaseEntitlement implements intakev1.DeviceServiceServer.
func (s deviceService) GetCaseEntitlement(ctx context.Context, req *intakev1.GetCaseEntitlementRequest) (*intakev1.Entitlement, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	n, err := findItem(c, req.GetItemId())
	if err != nil {
		return nil, err
	}
	on, err := dayIn(req.GetDate(), s.filedOn(c))
	if err != nil {
		return nil, err
	}
	d, answer, err := s.entitledTo(ctx, s.DB, c, n, on)
	if err != nil {
		return nil, err
	}
	return s.presenter(ctx).entitlement(d, answer), nil
}

// filedOn is the day that a case's entitlement is asked for: what counts is when the customer told it.
func (s *Server) filedOn(c *casefile.Case) entitlement.Date {
	told := c.Reported
	if told.IsZero() {
		told = c.Created
	}
	return entitlement.DateOf(told, s.Policy.Zone)
}

func dayIn(text string, otherwise entitlement.Date) (entitlement.Date, error) {
	if text == "" {
		return otherwise, nil
	}
	if d := entitlement.ParseDate(text); d != 0 {
		return d, nil
	}
	return 0, apierr.Invalid("date", "不是有效日期", "is no date")
}

// entitledTo answers for a product of a case: by the registered device, else by what the case tells. device is "" in that case.
func (s *Server) entitledTo(ctx context.Context, q store.Reader, c *casefile.Case, item int, on entitlement.Date) (device string, answer entitlement.Answer, err error) {
	told := deviceIn(c, item)
	d, ok, err := s.Cases.DeviceBySerial(ctx, q, c.OwnerOrg, told.Brand, told.Serial)
	if err != nil {
		return "", answer, err
	}
	if ok {
		device = d.Name()
		d.Purchased, d.Installed = cmp.Or(d.Purchased, told.Purchased), cmp.Or(d.Installed, told.Installed)
	} else {
		d = told
	}
	if d.Category == "" {
		if d.Category, err = s.categoryOf(ctx, q, c.OwnerOrg, d.Brand, d.Model); err != nil {
			return "", answer, err
		}
	}
	answer, err = s.ask(ctx, q, c.OwnerOrg, d, on)
	return device, answer, err
}

func (s *Server) ask(ctx context.Context, q store.Reader, org string, d store.Device, on entitlement.Date) (entitlement.Answer, error) {
	rules, policies, err := s.entitlementRules(ctx, q, org)
	if err != nil {
		return entitlement.Answer{}, err
	}
	m := entitlement.Machine{
		Brand: d.Brand, Model: d.Model, Category: d.Category, Purchased: entitlement.ParseDate(d.Purchased), Installed: entitlement.ParseDate(d.Installed),
	}
	if d.ID != "" {
		done, err := s.Cases.DeviceEvents(ctx, q, d.ID, historyLimit)
		if err != nil {
			return entitlement.Answer{}, err
		}
		for _, e := range done {
			remember(&m, e)
		}
	}
	return entitlement.Ask(m, rules, policies, on), nil
}

// remember tells a machine what was done to it.
func remember(m *entitlement.Machine, e store.DeviceEvent) {
	from, to := entitlement.ParseDate(e.Started), entitlement.ParseDate(e.Ended)
	switch e.Kind {
	case "EXCHANGE":
		if to != 0 && e.Outcome == "FIXED" {
			m.Exchanged = append(m.Exchanged, to)
		}
	case "REPAIR", "PICK_UP", "SEND_PART":
		m.Repairs = append(m.Repairs, entitlement.Repair{From: from, To: to, Counts: e.Kind == "REPAIR" && (e.Outcome == "" || e.Outcome == "FIXED")})
	}
}

func (p *presenter) lines(lines []entitlement.Line) []string {
	out := make([]string, len(lines))
	for n, l := range lines {
		out[n] = label{l.ZH, l.EN}.in(p.locale)
	}
	return out
}

func (p *presenter) entitlement(device string, a entitlement.Answer) *intakev1.Entitlement {
	m := &intakev1.Entitlement{
		Device: device, Date: a.On.String(), InWarranty: a.InWarranty(), Repairs: int32(a.Repairs), Explanation: p.lines(a.Reasons),
	}
	for _, c := range a.Coverages {
		m.Coverages = append(m.Coverages, &intakev1.Coverage{
			Part: c.Rule.Part, Covered: c.Covered, StartDate: c.From.String(), EndDate: c.Until.String(), Months: int32(c.Rule.Months),
			PausedDays: int32(c.Paused), Rule: c.Rule.Name, Explanation: p.lines(c.Reasons),
		})
	}
	for _, r := range a.Remedies {
		m.Remedies = append(m.Remedies, &intakev1.Remedy{
			Remedy: r.Policy.Remedy, Policy: r.Policy.Name, UntilDate: r.Until.String(), Explanation: label{r.Reason.ZH, r.Reason.EN}.in(p.locale),
		})
	}
	return m
}

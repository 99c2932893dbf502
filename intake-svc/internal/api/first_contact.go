package api

import (
	"context"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/firstcontact"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/templates"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

type firstContactService struct {
	intakev1.UnimplementedFirstContactServiceServer
	*Server
}

// CheckCompleteness implements intakev1.FirstContactServiceServer.
func (s firstContactService) CheckCompleteness(ctx context.Context, req *intakev1.CheckCompletenessRequest) (*intakev1.Completeness, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	checker, err := s.tools.checker()
	if err != nil {
		return nil, err
	}
	present := s.presenter(ctx)
	gaps := checker.Check(c)
	m := &intakev1.Completeness{Complete: firstcontact.Complete(gaps)}
	for _, g := range gaps {
		m.Gaps = append(m.Gaps, &intakev1.Gap{
			Field: g.Key, Level: intakev1.Gap_Level(intakev1.Gap_Level_value[string(g.Level)]),
			Label: label{g.ZH, g.EN}.in(present.locale), Question: label{g.AskZH, g.AskEN}.in(present.locale),
		})
	}
	t, err := s.Cases.Template(ctx, s.DB, c.OwnerOrg, "READ_BACK")
	if err != nil {
		return nil, err
	}
	m.ReadBack, _ = templates.Render(t.Text(present.locale == apierr.EN), spoken(s.values(present, c), present.locale))
	return m, nil
}

// spoken fills what is not known with words that can be read out.
func spoken(values map[string]string, locale string) map[string]string {
	for _, name := range templates.Variables {
		if values[name] == "" {
			values[name] = label{"(未提供)", "(not told)"}.in(locale)
		}
	}
	return values
}

// RequestInfo implements intakev1.FirstContactServiceServer.
func (s firstContactService) RequestInfo(ctx context.Context, req *intakev1.RequestInfoRequest) (*intakev1.Case, error) {
	checker, err := s.tools.checker()
	if err != nil {
		return nil, err
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		question, err := questions(checker, c, req)
		if err != nil {
			return casefile.Change{}, err
		}
		return c.RequestInfo(m, req.GetFields(), question)
	})
}

// questions puts the questions together, in the customer's language.
func questions(checker *firstcontact.Checker, c *casefile.Case, req *intakev1.RequestInfoRequest) (string, error) {
	var asked []string
	for _, key := range req.GetFields() {
		f, ok := checker.Field(key)
		if !ok {
			return "", apierr.Invalid("fields", "没有这一项:"+key, "there is no field "+key)
		}
		asked = append(asked, label{f.AskZH, f.AskEN}.in(customerLocale(c)))
	}
	if req.GetQuestion() != "" {
		asked = append(asked, req.GetQuestion())
	}
	return strings.Join(asked, label{";", "; "}.in(customerLocale(c))), nil
}

// customerLocale is the language that the customer is spoken to in.
func customerLocale(c *casefile.Case) string {
	if p := c.Personal.Party(casefile.PartyComplainant); p != nil && strings.HasPrefix(p.Locale, "en") {
		return apierr.EN
	}
	return apierr.ZH
}

// SupplementCase implements intakev1.FirstContactServiceServer.
func (s firstContactService) SupplementCase(ctx context.Context, req *intakev1.SupplementCaseRequest) (*intakev1.Case, error) {
	told, err := s.supplement(req.GetSupplement(), req.GetChannel())
	if err != nil {
		return nil, err
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Supplement(m, told)
	})
}

// supplement reads what is told.
func (s *Server) supplement(m *intakev1.Supplement, channel string) (casefile.Supplement, error) {
	out := casefile.Supplement{
		Statement: m.GetStatement(), Problem: m.GetProblem(), Expectation: m.GetExpectation(), Desired: timeOf(m.GetDesiredResolveTime()),
		CoreProblems: m.GetCoreProblems(), Channel: channel,
	}
	if v := m.GetEvidenceAnswer(); v != 0 {
		out.EvidenceAnswer = v.String()
	}
	if m.GetProduct() != nil {
		i := item(m.GetProduct(), "")
		out.Item = &i
	}
	if p := m.GetPriorService(); p != nil {
		out.Prior = &casefile.PriorService{
			Date: p.GetServiceDate(), Place: p.GetPlace(), EngineerNumber: p.GetEngineerNumber(), Description: p.GetDescription(), WorkOrder: p.GetWorkOrder(),
		}
	}
	if m.GetCustomer() != nil {
		p := party(m.GetCustomer(), nil, "")
		out.Customer = &p
	}
	var err error
	if out.Danger, err = dangerIn(m.GetStatement(), m.GetProblem()); err != nil {
		return out, err
	}
	if err := s.Codes.Check(codes.CoreProblem, m.GetCoreProblems()...); err != nil {
		return out, err
	}
	if err := s.Codes.Check(codes.Channel, channel); err != nil {
		return out, err
	}
	return out, plain(map[string]string{"supplement.product.serial_number": m.GetProduct().GetSerialNumber(), "supplement.problem": m.GetProblem(),
		"supplement.statement": m.GetStatement(), "supplement.expectation": m.GetExpectation()})
}

// linkHolder is who holds the progress link: the customer, or somebody the customer gave it to.
var linkHolder = casefile.Actor{Name: "progress", Kind: casefile.ActorCustomer}

// SupplementByProgress implements intakev1.FirstContactServiceServer.
func (s firstContactService) SupplementByProgress(ctx context.Context, req *intakev1.SupplementByProgressRequest) (*intakev1.Progress, error) {
	told, err := s.supplement(req.GetSupplement(), "")
	if err != nil {
		return nil, err
	}
	told.Customer = nil
	known, err := s.byProgress(ctx, req.GetToken())
	if err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		_, err := idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Progress, error) {
			c, err := s.Cases.Lock(ctx, tx, store.Everything, known.ID)
			if err != nil {
				return nil, err
			}
			m := casefile.Moment{By: linkHolder, At: s.Clock.Now(), Policy: s.Policy, NewID: newID}
			change, err := c.Supplement(m, told)
			if err != nil {
				return nil, err
			}
			return &intakev1.Progress{CaseNumber: c.Number}, s.Ledger.Commit(ctx, tx, c, change)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return progressService{Server: s.Server}.GetProgress(ctx, &intakev1.GetProgressRequest{Token: req.GetToken()})
}

// byProgress finds the case of a progress link; that of a merged case leads to the one it was merged into.
func (s *Server) byProgress(ctx context.Context, token string) (*casefile.Case, error) {
	c, err := proven(token, func(id string) (*casefile.Case, error) { return s.Cases.Get(ctx, s.DB, store.Everything, id) })
	if err != nil {
		return nil, err
	}
	for hops := 0; c.MergedInto != "" && hops < 8; hops++ {
		if c, err = s.Cases.Get(ctx, s.DB, store.Everything, caseID(c.MergedInto)); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Apologise implements intakev1.FirstContactServiceServer.
func (s firstContactService) Apologise(ctx context.Context, req *intakev1.ApologiseRequest) (*intakev1.Case, error) {
	if err := s.Codes.Check(codes.Channel, req.GetChannel()); err != nil {
		return nil, err
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Apologise(m, casefile.Apology{Channel: req.GetChannel(), Measure: req.GetImmediateMeasure()}, req.GetWords())
	})
}

// DecideGuidance implements intakev1.FirstContactServiceServer.
func (s firstContactService) DecideGuidance(ctx context.Context, req *intakev1.DecideGuidanceRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.DecideGuidance(m, casefile.Guidance{
			Needed: req.GetNeeded(), Mode: req.GetMode(), Reason: req.GetReason(), Arranged: timeOf(req.GetArrangedTime()),
		}, req.GetDone())
	})
}

package api

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/ledger"
	"github.com/aftersales-suite/aftersales/platform/auth"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// presenter converts what the domain has into messages for one caller: in their language, and masked unless they are in
// relation to the case.
type presenter struct {
	codes  *codes.Table
	caller auth.Principal
	locale string
	clear  bool // everything is shown: for the archive
}

// related says that the caller is in relation to the case: handles or investigates it, or took it down.
func (p *presenter) related(c *casefile.Case) bool {
	if p.clear {
		return true
	}
	if p.caller.Kind != auth.Staff || !slices.Contains(p.caller.Sees(), c.OwnerOrg) || p.hides(c) {
		return false
	}
	return slices.Contains(c.Handlers(), p.caller.Subject) || p.caller.Subject == c.Filer
}

// follows says that the caller is told the progress link: staff, and who filed the case.
func (p *presenter) follows(c *casefile.Case) bool {
	return p.clear || p.caller.Kind == auth.Staff || p.caller.Subject != "" && p.caller.Subject == c.Filer
}

func (p *presenter) code(axis, code string) string {
	if code == "" {
		return ""
	}
	return p.codes.Label(axis, code, p.locale)
}

// at is a time, absent when zero.
func at(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func timeOf(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime().Truncate(time.Microsecond)
}

// fullCase is the case as the caller may know it.
func (p *presenter) fullCase(c *casefile.Case) *intakev1.Case {
	round := c.Round()
	m := &intakev1.Case{
		Name: c.Name(), CaseNumber: c.Number, Etag: c.Etag(), Round: int32(c.RoundNumber()),
		Kind: intakev1.Case_Kind(intakev1.Case_Kind_value[string(c.Kind)]), KindLabel: text(kindLabels, string(c.Kind), p.locale),
		State: intakev1.Case_State(intakev1.Case_State_value[string(c.State)]), StateLabel: text(stateLabels, string(c.State), p.locale),
		Channel: c.Channel, ChannelLabel: p.code(codes.Channel, c.Channel),
		Problem: c.Problem, Expectation: c.Expectation, DesiredResolveTime: at(c.Desired), ReportTime: at(c.Reported),
		EvidenceAnswer:  intakev1.Case_EvidenceAnswer(intakev1.Case_EvidenceAnswer_value[c.EvidenceAnswer]),
		Confidentiality: intakev1.Case_Confidentiality(intakev1.Case_Confidentiality_value[string(c.Confidentiality)]),
		OwnerOrg:        c.OwnerOrg, ServingOrg: c.ServingOrg, Partner: c.Partner, Filer: c.Filer, Handler: c.Handler,
		CreateTime: at(c.Created), UpdateTime: at(c.Updated), AcceptTime: at(c.AcceptedAt), ResolveTime: at(round.ResolvedAt), CloseTime: at(round.ClosedAt),
		Regulator: regulatorOf(c.Regulator), StateDeadline: at(c.Deadline()), SolutionCount: int32(len(c.Solutions)), ComplainedAbout: c.ComplainedAbout,
	}
	p.classification(m, c)
	p.matter(m, c)
	p.course(m, c, round)
	p.persons(m, c)
	p.decision(m, c)
	p.classified(m, c)
	p.hard(m, c)
	return m
}

func (p *presenter) classification(m *intakev1.Case, c *casefile.Case) {
	m.ContentClass, m.ContentClassLabel = c.ContentClass, p.code(codes.ContentClass, c.ContentClass)
	m.Nature, m.NatureLabel = c.Nature, p.code(codes.Nature, c.Nature)
	m.Urgency, m.UrgencyLabel = c.Urgency, p.code(codes.Urgency, c.Urgency)
	m.SecondaryClasses, m.Severity, m.Scope, m.ProblemNature = c.SecondaryClasses, c.Severity, c.Scope, c.ProblemNature
	m.SuspectedLiability = c.SuspectedLiability
	if h := c.Hazard; h != nil {
		m.Hazard = hazardOf(h)
	}
}

// matter is what the case is about: references, products, the earlier service.
func (p *presenter) matter(m *intakev1.Case, c *casefile.Case) {
	for _, ref := range c.ExternalRefs {
		m.ExternalRefs = append(m.ExternalRefs, ledger.Ref(ref))
	}
	if len(m.ExternalRefs) > 0 {
		m.ExternalRef = m.ExternalRefs[0]
	}
	for n, item := range c.Items {
		m.Items = append(m.Items, &intakev1.Item{ItemId: itemID(n), Product: product(item), Problem: item.Problem, Outcome: item.Outcome})
	}
	if len(m.Items) > 0 {
		m.Product = m.Items[0].Product
	}
	if s := c.PriorService; s != nil {
		m.PriorService = &intakev1.PriorService{
			ServiceDate: s.Date, Place: s.Place, EngineerNumber: s.EngineerNumber, Description: s.Description, WorkOrder: s.WorkOrder,
		}
	}
}

func product(i casefile.Item) *intakev1.Product {
	return &intakev1.Product{
		Brand: i.Brand, Model: i.Model, SerialNumber: i.Serial, PurchaseDate: i.PurchaseDate, ProofNumber: i.ProofNumber,
		Category: i.Category, InstallDate: i.InstallDate, Device: i.Device,
	}
}

// course is how far the case has come: investigation, solution, clocks, flags, closing, rounds.
func (p *presenter) course(m *intakev1.Case, c *casefile.Case, round *casefile.Round) {
	m.Investigation = p.investigation(round.Investigation)
	if s := c.Current(); s != nil {
		m.CurrentSolution = c.SolutionName(s.ID)
	}
	for i := range c.Clocks {
		m.Clocks = append(m.Clocks, p.clock(c, i))
	}
	p.promises(m, c)
	for _, f := range c.Flags {
		if insideFlags[f.Code] && !p.insider() {
			continue
		}
		m.Flags = append(m.Flags, &intakev1.Flag{Code: f.Code, Label: text(flagLabels, f.Code, p.locale), SinceTime: at(f.Since), Reason: f.Reason})
	}
	if r := round.Resolution; r != nil {
		m.Resolution = &intakev1.Resolution{Kind: r.Kind, Explanation: r.Explanation, Resolver: r.Resolver, FirstContact: r.FirstContact}
	}
	if round.Basis != "" {
		m.CloseBasis = intakev1.Case_CloseBasis(intakev1.Case_CloseBasis_value[string(round.Basis)])
		m.CloseBasisLabel = text(basisLabels, string(round.Basis), p.locale)
	}
	m.ClosingSummary, m.Satisfaction = summary(round.Summary), satisfaction(round.Satisfaction)
	for i := range c.Rounds {
		m.Rounds = append(m.Rounds, roundOf(&c.Rounds[i]))
	}
}

func (p *presenter) investigation(i *casefile.Investigation) *intakev1.Investigation {
	if i == nil {
		return nil
	}
	m := &intakev1.Investigation{Investigator: i.Investigator, Plan: i.Plan, StartTime: at(i.Started), ConcludeTime: at(i.Concluded)}
	found := i.Conclusion
	if found == nil {
		return m
	}
	m.Conclusion = &intakev1.Conclusion{
		Cause: found.Cause, CauseLabel: p.code(codes.Cause, found.Cause), Liability: found.Liability, LiabilityLabel: p.code(codes.Liability, found.Liability),
		Pattern: found.Pattern, Origin: found.Origin, Upheld: found.Upheld, Findings: found.Findings, Validity: found.Validity,
	}
	for _, s := range found.Shares {
		m.Conclusion.LiabilityShares = append(m.Conclusion.LiabilityShares, &intakev1.LiabilityShare{Liability: s.Liability, Percent: int32(s.Percent)})
	}
	if a := found.Authority; a != nil {
		m.Conclusion.AuthorityFinding = &intakev1.AuthorityFinding{Body: a.Body, DocumentNumber: a.DocumentNumber, Date: a.Date, Finding: a.Finding}
	}
	return m
}

func summary(s *casefile.Summary) *intakev1.ClosingSummary {
	if s == nil {
		return nil
	}
	return &intakev1.ClosingSummary{
		RootCause: s.RootCause, Solution: s.Solution, Measures: s.Measures, AcceptSeconds: s.AcceptSeconds, ResolveSeconds: s.ResolveSeconds,
		InTime: s.InTime, Overall: int32(s.Overall), Approver: s.Approver,
	}
}

func satisfaction(s *casefile.Satisfaction) *intakev1.Satisfaction {
	if s == nil {
		return nil
	}
	return &intakev1.Satisfaction{
		Solved: s.Solved, Satisfied: s.Satisfied, FurtherClaim: s.FurtherClaim, Overall: int32(s.Overall), Sentiment: s.Sentiment, RespondTime: at(s.At),
	}
}

func roundOf(r *casefile.Round) *intakev1.Round {
	m := &intakev1.Round{
		Round: int32(r.Number), StartTime: at(r.Started), Reason: r.Reason, Opener: r.Opener, CloseTime: at(r.ClosedAt), CloseBasis: string(r.Basis),
	}
	if a := r.Archive; a != nil {
		m.Archive = &intakev1.ArchiveInfo{ManifestDigest: a.ManifestDigest, FileDigest: a.FileDigest, SizeBytes: a.Size, CreateTime: at(a.At), KeyId: a.KeyID}
	}
	return m
}

// persons are masked unless the caller is in relation to the case.
func (p *presenter) persons(m *intakev1.Case, c *casefile.Case) {
	related := p.related(c)
	if told := p.releasedPerson(c); told != nil && !related { // step by step, nothing else of anybody (R188)
		m.Customer = told
		m.Parties = []*intakev1.Party{{Roles: []intakev1.Party_Role{intakev1.Party_ON_SITE}, Person: told}}
		return
	}
	if p.hides(c) {
		return
	}
	for i := range c.Personal.Parties {
		party := &c.Personal.Parties[i]
		shown := person(party, related)
		m.Parties = append(m.Parties, &intakev1.Party{Roles: partyRoles(party.Roles), Person: shown, Authorisation: hide(party.Authorisation, related)})
		if m.Customer == nil && slices.Contains(party.Roles, casefile.PartyCustomer) {
			m.Customer = shown
		}
	}
	if m.Customer == nil && len(m.Parties) > 0 {
		m.Customer = m.Parties[0].Person
	}
	if related || p.caller.Subject == c.Filer {
		m.OnBehalfOf = c.Personal.OnBehalfOf
	}
	if p.follows(c) {
		m.ProgressToken = c.ProgressToken()
	}
}

func partyRoles(names []string) []intakev1.Party_Role {
	roles := make([]intakev1.Party_Role, len(names))
	for n, name := range names {
		roles[n] = intakev1.Party_Role(intakev1.Party_Role_value[name])
	}
	return roles
}

func person(q *casefile.Party, related bool) *intakev1.Customer {
	m := &intakev1.Customer{
		DisplayName: q.DisplayName, Phone: q.Phone, Email: q.Email, Customer: q.Customer, Anonymous: q.Anonymous, Locale: q.Locale,
	}
	if q.Region != "" || q.AddressLine != "" {
		m.Address = &commonv1.Address{RegionCode: q.Region, Line: hide(q.AddressLine, related)}
	}
	if !related {
		m.DisplayName, m.Phone, m.Email = maskName(q.DisplayName), maskPhone(q.Phone), maskEmail(q.Email)
	}
	return m
}

func hide(text string, related bool) string {
	if related {
		return text
	}
	return ""
}

package api

import (
	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/auth"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// classified is what first contact, classification and relations left in the case. An engineer who is nothing else is not told
// of complaints about running jobs, nor what was decided inside (process.md).
func (p *presenter) classified(m *intakev1.Case, c *casefile.Case) {
	m.CoreProblems, m.Motives, m.CommonClass, m.MergedInto = c.CoreProblems, c.Motives, c.CommonClass, c.MergedInto
	if r := c.InfoRequest; r != nil {
		m.InfoRequest = &intakev1.InfoRequest{Fields: r.Fields, Question: r.Question, Requester: r.Requester, RequestTime: at(r.At), AnswerTime: at(r.Answered)}
	}
	if g := c.Guidance; g != nil {
		m.OperationGuidance = &intakev1.OperationGuidance{
			Needed: g.Needed, Mode: g.Mode, Reason: g.Reason, Decider: g.Decider, ArrangedTime: at(g.Arranged), DoneTime: at(g.Done),
		}
	}
	for _, a := range c.Apologies {
		m.Apologies = append(m.Apologies, &intakev1.Apology{Actor: a.Actor, Channel: a.Channel, ImmediateMeasure: a.Measure, ApologyTime: at(a.At)})
	}
	if p.insider() {
		p.inside(m, c)
	}
}

// insider is staff that is not an engineer only.
func (p *presenter) insider() bool {
	onlyEngineer := len(p.caller.Roles) == 1 && p.caller.Roles[0] == auth.RoleEngineer
	return p.clear || p.caller.Kind == auth.Staff && !onlyEngineer || p.caller.Kind == auth.Service
}

// inside is for staff: what was counted, matched, linked and re-graded.
func (p *presenter) inside(m *intakev1.Case, c *casefile.Case) {
	m.Route = c.Route
	if c.Repeat != nil {
		m.Repeat = repeatOf(*c.Repeat)
	}
	for _, r := range c.RuleMatches {
		m.RuleMatches = append(m.RuleMatches, p.match(r))
	}
	for _, l := range c.Links {
		m.Links = append(m.Links, &intakev1.Link{Target: l.Target, Relation: l.Relation})
	}
	for _, q := range c.MergedCases {
		m.MergedCases = append(m.MergedCases, &intakev1.MergedCase{Case: q.Case, CaseNumber: q.Number, Channel: q.Channel, Partner: q.Partner, MergeTime: at(q.At)})
	}
	for _, g := range c.Regrades {
		m.Regrades = append(m.Regrades, &intakev1.Regrade{
			PreviousNature: g.PreviousNature, Nature: g.Nature, PreviousContentClass: g.PreviousClass, ContentClass: g.Class,
			PreviousUrgency: g.PreviousUrgency, Urgency: g.Urgency, Reason: g.Reason, Actor: g.Actor, RegradeTime: at(g.At),
		})
	}
}

func repeatOf(r casefile.Repeat) *intakev1.Repeat {
	return &intakev1.Repeat{Complaints: int32(r.Complaints), Failures: int32(r.Failures), NotUpheld: int32(r.NotUpheld)}
}

// insideFlags are none of the business of those outside.
var insideFlags = map[string]bool{
	casefile.FlagDuringService: true, casefile.FlagRegradeDue: true, casefile.FlagRepeatComplaints: true, casefile.FlagRepeatFailures: true,
}

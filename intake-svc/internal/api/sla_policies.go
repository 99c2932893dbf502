package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/hotline"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/worktime"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

var policySpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"promise": {Column: "promise", Type: listing.String}, "organisation": {Column: "org", Type: listing.Ref}, "active": {Column: "active", Type: listing.Bool},
	},
	Orders: map[string]string{"promise": "promise"}, DefaultOrder: "promise", Tie: "id",
}

func policyName(id string) string { return "slaPolicies/" + id }

// ListSlaPolicies implements intakev1.SlaPolicyServiceServer.
func (s slaPolicyService) ListSlaPolicies(ctx context.Context, req *intakev1.ListSlaPoliciesRequest) (*intakev1.ListSlaPoliciesResponse, error) {
	caller := auth.FromContext(ctx)
	query, err := listing.Parse(policySpec, listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Filter: req.GetFilter()})
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.ListPolicies(ctx, s.DB, caller.Sees(), query)
	if err != nil {
		return nil, err
	}
	rows, next := listing.Page(query, rows, func(p promise.Policy) map[string]any { return map[string]any{"promise": p.Promise, "id": p.ID} })
	present := s.presenter(ctx)
	resp := &intakev1.ListSlaPoliciesResponse{NextPageToken: next}
	for _, p := range rows {
		resp.SlaPolicies = append(resp.SlaPolicies, present.policy(p))
	}
	return resp, nil
}

// CreateSlaPolicy implements intakev1.SlaPolicyServiceServer.
func (s slaPolicyService) CreateSlaPolicy(ctx context.Context, req *intakev1.CreateSlaPolicyRequest) (*intakev1.SlaPolicy, error) {
	in := req.GetSlaPolicy()
	org, err := ownOrg(ctx, "sla_policy.organisation", in.GetOrganisation())
	if err != nil {
		return nil, err
	}
	p := promise.Policy{ID: newID(), Promise: in.GetPromise(), Org: org}
	applyPolicy(&p, in, policyFields)
	p.Active = true
	return configure(ctx, s.Server, req, func(tx sqldb.Tx) (*intakev1.SlaPolicy, error) { return s.putPolicy(ctx, tx, p) })
}

// UpdateSlaPolicy implements intakev1.SlaPolicyServiceServer.
func (s slaPolicyService) UpdateSlaPolicy(ctx context.Context, req *intakev1.UpdateSlaPolicyRequest) (*intakev1.SlaPolicy, error) {
	in := req.GetSlaPolicy()
	fields, err := chosen(req.GetUpdateMask().GetPaths(), policyFields)
	if err != nil {
		return nil, err
	}
	return configure(ctx, s.Server, req, func(tx sqldb.Tx) (*intakev1.SlaPolicy, error) {
		all, err := s.Cases.AllPolicies(ctx, tx)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(p promise.Policy) bool { return policyName(p.ID) == in.GetName() })
		if i < 0 {
			return nil, apierr.NotFound(in.GetName())
		}
		p := all[i]
		if err := mine(ctx, in.GetName(), p.Org, errGeneralPolicy); err != nil {
			return nil, err
		}
		if err := sameTag(in.GetEtag(), tag(p.Version)); err != nil {
			return nil, err
		}
		applyPolicy(&p, in, fields)
		return s.putPolicy(ctx, tx, p)
	})
}

func tag(version int64) string { return strconv.FormatInt(version, 10) }

// putPolicy checks and writes a policy.
func (s *Server) putPolicy(ctx context.Context, tx sqldb.Tx, p promise.Policy) (*intakev1.SlaPolicy, error) {
	if err := s.checkPolicy(&p); err != nil {
		return nil, err
	}
	p.Updated = s.Clock.Now()
	if err := s.Cases.PutPolicy(ctx, tx, p); err != nil {
		return nil, err
	}
	p.Version++
	return s.presenter(ctx).policy(p), nil
}

func (s *Server) checkPolicy(p *promise.Policy) error {
	switch {
	case !slices.Contains(promise.All, p.Promise):
		return apierr.Invalid("sla_policy.promise", "必填", "is needed")
	case p.LabelZH == "" || p.LabelEN == "":
		return apierr.Invalid("sla_policy.label_zh", "中英文名称必填", "labels in both languages are needed")
	case p.Warn > 0 && p.Warn >= p.Within:
		return apierr.Invalid("sla_policy.warn_before_seconds", "须短于承诺时长", "must be shorter than what is promised")
	case !slices.IsSortedFunc(p.Tiers, func(a, b promise.Tier) int { return int(a.After - b.After) }):
		return apierr.Invalid("sla_policy.tiers", "须按时间升序", "must be in rising order")
	case p.Promise == promise.HotlineAnswer && (p.StartEvent == "" || p.EndEvent == ""):
		return apierr.Invalid("sla_policy.start_event", "热线策略须注明起止事件", "the hotline's policy names what starts and what ends it") // R191
	case p.Promise == promise.HotlineAnswer && !hotlineRuns(p):
		return apierr.Invalid("sla_policy.end_event", "热线计时须从较早的事件到较晚的事件:CALL_RINGING、CALL_CONNECTED、AGENT_ANSWERED、CALL_HUNG_UP",
			"a wait on the hotline runs from an earlier to a later of CALL_RINGING, CALL_CONNECTED, AGENT_ANSWERED, CALL_HUNG_UP")
	case p.Calendar != "" && !s.Policy.Promises.Book().Has(p.Calendar):
		return apierr.Invalid("sla_policy.calendar", "没有该工作日历", "there is no such calendar")
	}
	for axis, values := range map[string][]string{codes.ContentClass: p.Classes, codes.Urgency: p.Urgencies, codes.Channel: p.Channels} {
		if err := s.Codes.Check(axis, values...); err != nil {
			return err
		}
	}
	return plain(map[string]string{"sla_policy.label_zh": p.LabelZH, "sla_policy.label_en": p.LabelEN})
}

func hotlineRuns(p *promise.Policy) bool {
	_, ok := hotline.PolicyOf(p.StartEvent, p.EndEvent, p.Within)
	return ok
}

// policyFields are those that can be changed.
var policyFields = []string{
	"label_zh", "label_en", "kinds", "content_classes", "urgencies", "channels", "within_seconds", "calendar", "warn_before_seconds", "pause_reasons",
	"tiers", "start_event", "end_event", "active",
}

func applyPolicy(p *promise.Policy, in *intakev1.SlaPolicy, fields []string) {
	set := map[string]func(){
		"label_zh":            func() { p.LabelZH = in.GetLabelZh() },
		"label_en":            func() { p.LabelEN = in.GetLabelEn() },
		"kinds":               func() { p.Kinds = in.GetKinds() },
		"urgencies":           func() { p.Urgencies = in.GetUrgencies() },
		"channels":            func() { p.Channels = in.GetChannels() },
		"calendar":            func() { p.Calendar = strings.TrimPrefix(in.GetCalendar(), "workingCalendars/") },
		"active":              func() { p.Active = in.GetActive() },
		"content_classes":     func() { p.Classes = in.GetContentClasses() },
		"within_seconds":      func() { p.Within = time.Duration(in.GetWithinSeconds()) * time.Second },
		"warn_before_seconds": func() { p.Warn = time.Duration(in.GetWarnBeforeSeconds()) * time.Second },
		"pause_reasons":       func() { p.PauseFor = in.GetPauseReasons() },
		"start_event":         func() { p.StartEvent = in.GetStartEvent() },
		"end_event":           func() { p.EndEvent = in.GetEndEvent() },
		"tiers":               func() { p.Tiers = tiersIn(in.GetTiers()) },
	}
	for _, field := range fields {
		set[field]()
	}
}

func tiersIn(in []*intakev1.EscalationTier) (tiers []promise.Tier) {
	for _, t := range in {
		tiers = append(tiers, promise.Tier{After: time.Duration(t.GetAfterSeconds()) * time.Second, Role: t.GetRole()})
	}
	return tiers
}

func (p *presenter) policy(row promise.Policy) *intakev1.SlaPolicy {
	m := &intakev1.SlaPolicy{
		Name: policyName(row.ID), Promise: row.Promise, Label: p.either(row.LabelZH, row.LabelEN), LabelZh: row.LabelZH, LabelEn: row.LabelEN,
		Organisation: row.Org, Kinds: row.Kinds, ContentClasses: row.Classes, Urgencies: row.Urgencies, Channels: row.Channels,
		WithinSeconds: seconds(row.Within), WarnBeforeSeconds: seconds(row.Warn), PauseReasons: row.PauseFor, StartEvent: row.StartEvent,
		EndEvent: row.EndEvent, Active: row.Active, Etag: tag(row.Version), UpdateTime: at(row.Updated),
	}
	if row.Calendar != "" {
		m.Calendar = calendarName(row.Calendar)
	}
	for _, t := range row.Tiers {
		m.Tiers = append(m.Tiers, &intakev1.EscalationTier{AfterSeconds: seconds(t.After), Role: t.Role})
	}
	return m
}

// ExplainSlaPolicies implements intakev1.SlaPolicyServiceServer.
func (s slaPolicyService) ExplainSlaPolicies(ctx context.Context, req *intakev1.ExplainSlaPoliciesRequest) (*intakev1.ExplainSlaPoliciesResponse, error) {
	start, book, present := timeOf(req.GetStartTime()), s.Policy.Promises.Book(), s.presenter(ctx)
	if start.IsZero() {
		start = s.Clock.Now()
	}
	matter := promise.Matter{
		Org: auth.FromContext(ctx).Org, Kind: req.GetKind(), Class: req.GetContentClass(), Urgency: req.GetUrgency(), Channel: req.GetChannel(),
	}
	resp := &intakev1.ExplainSlaPoliciesResponse{}
	for _, code := range promise.All {
		terms, ok := book.Terms(code, matter)
		if !ok {
			continue
		}
		due := book.Compute(promise.Run{Clock: worktime.Clock{Start: start, Budget: terms.Within}, Calendar: terms.Calendar}, start)
		lines := []string{present.either(terms.ZH, terms.EN)}
		for _, id := range book.Overruled(code, matter) {
			lines = append(lines, present.either("未采用 ", "not ")+policyName(id))
		}
		resp.Explanations = append(resp.Explanations, &intakev1.SlaExplanation{
			Promise: code, Policy: policyName(terms.ID), DueTime: at(due.At),
			Lines: append(lines, book.Explain(terms.Calendar, due.Segments, due.Warnings, present.locale)...),
		})
	}
	return resp, nil
}

package api

import (
	"context"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// escalationSpec is what work lists can be filtered by.
var escalationSpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"role": {Column: "e.role", Type: listing.String}, "assignee": {Column: "e.assignee", Type: listing.String},
		"reason": {Column: "e.reason", Type: listing.String}, "open": {Column: "(e.settled_at = 0)", Type: listing.Bool},
		"case": {Column: "e.case_id", Type: listing.Ref, Fold: func(name string) (any, error) { return strings.TrimPrefix(name, "cases/"), nil }},
	},
	Tie: "e.id",
}

// ListEscalations implements intakev1.PromiseServiceServer.
func (s promiseService) ListEscalations(ctx context.Context, req *intakev1.ListEscalationsRequest) (*intakev1.ListEscalationsResponse, error) {
	query, err := listing.Parse(escalationSpec, listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Filter: req.GetFilter()})
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.Escalations(ctx, s.DB, store.ViewerOf(auth.FromContext(ctx)), query)
	if err != nil {
		return nil, err
	}
	rows, next := listing.Page(query, rows, func(e store.Escalation) map[string]any { return map[string]any{"e.id": e.ID} })
	present := s.presenter(ctx)
	resp := &intakev1.ListEscalationsResponse{NextPageToken: next}
	for _, e := range rows {
		resp.Escalations = append(resp.Escalations, present.escalation(e))
	}
	return resp, nil
}

// AcknowledgeEscalation implements intakev1.PromiseServiceServer.
func (s promiseService) AcknowledgeEscalation(ctx context.Context, req *intakev1.AcknowledgeEscalationRequest) (resp *intakev1.Escalation, err error) {
	caller := auth.FromContext(ctx)
	id := lastID(req.GetName())
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Escalation, error) {
			e, err := s.Cases.Escalation(ctx, tx, store.ViewerOf(caller), id)
			if err != nil {
				return nil, err
			}
			if !caller.Has(e.Role) && !caller.Has(auth.RoleManager) && e.Assignee != caller.Subject {
				return nil, apierr.ErrForbidden.New()
			}
			if e.Settled.IsZero() {
				e.Settled, e.Acknowledger = s.Clock.Now(), caller.Subject
				if err := s.Cases.Acknowledge(ctx, tx, id, e.Acknowledger, e.Settled); err != nil {
					return nil, err
				}
			}
			return s.presenter(ctx).escalation(e), nil
		})
		return err
	})
	return resp, err
}

func (p *presenter) escalation(e store.Escalation) *intakev1.Escalation {
	m := &intakev1.Escalation{
		Name: "escalations/" + e.ID, Case: "cases/" + e.CaseID, CaseNumber: e.CaseNumber, Reason: e.Reason, ReasonLabel: text(alertLabels, e.Reason, p.locale),
		Role: e.Role, Assignee: e.Assignee, DeadlineCode: e.Code, Tier: int32(e.Tier), DueTime: at(e.Due), CreateTime: at(e.At), EndTime: at(e.Settled),
		Acknowledger: e.Acknowledger, LateSeconds: seconds(e.Late),
	}
	if e.Clock >= 0 {
		m.Deadline = m.Case + "/deadlines/" + itoa(e.Clock+1)
	}
	return m
}

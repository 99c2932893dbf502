package api

import (
	"context"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/callback"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/jobs"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// Invitations serves surveyv1.InvitationService.
type Invitations struct {
	surveyv1.UnimplementedInvitationServiceServer
	*Core
}

// CreateInvitation implements surveyv1.InvitationServiceServer.
func (s *Invitations) CreateInvitation(ctx context.Context, req *surveyv1.CreateInvitationRequest) (*surveyv1.Invitation, error) {
	plan := s.plan(req)
	var out *surveyv1.Invitation
	err := s.DB.InTx(ctx, func(tx sqldb.Tx) (err error) {
		out, err = idempotency.Do(ctx, s.Replay, tx, req.GetRequestId(), req, func() (*surveyv1.Invitation, error) {
			inv, err := s.invite(ctx, tx, plan)
			if err != nil {
				return nil, err
			}
			return s.staffView(inv, auth.FromContext(ctx), parts{}, locale(ctx, "", inv.Locale)), nil
		})
		return err
	})
	return out, err
}

func (s *Invitations) plan(req *surveyv1.CreateInvitationRequest) survey.Plan {
	plan := survey.Plan{
		ID: s.NewID(), Token: s.NewToken(), Purpose: survey.Purpose(req.GetPurpose().String()),
		Contact: contactOf(req.GetContact()), Locale: "zh-CN",
		Subject: survey.Subject{
			Case: req.GetCase(), CaseNumber: req.GetCaseNumber(), Round: int(req.GetRound()), OwnerOrg: req.GetOwnerOrg(),
			ServingOrg: req.GetServingOrg(), Partner: req.GetPartner(), Confidentiality: req.GetConfidentiality(), Handlers: req.GetHandlers(),
		},
	}
	if survey.IsEnglish(req.GetLocale()) {
		plan.Locale = "en"
	}
	if req.GetNotBefore() != nil {
		plan.NotBefore = req.GetNotBefore().AsTime()
	}
	return plan
}

// invite adds the invitation with its task and its delivery, or answers the one that is there.
func (s *Invitations) invite(ctx context.Context, tx sqldb.Tx, plan survey.Plan) (survey.Invitation, error) {
	inv := survey.Invite(plan, s.Policy, s.Clock.Now())
	known, err := s.Store.Case(ctx, tx, inv.Case)
	if err != nil {
		return inv, err
	}
	if reason := inv.Outdated(newsOf(known)); reason != "" { // the news may overtake the call that asks for an invitation
		if err := inv.Cancel(reason); err != nil {
			return inv, err
		}
	}
	added, err := s.Store.Insert(ctx, tx, &inv)
	if err != nil {
		return inv, err
	}
	if !added {
		return s.Store.InvitationOf(ctx, tx, inv.Case, inv.Round, inv.Purpose)
	}
	return inv, s.startOff(ctx, tx, &inv)
}

// startOff adds the task of a call-back, or wakes the delivery of a message that is due now; a later one is found by the
// sweeper.
func (s *Invitations) startOff(ctx context.Context, tx sqldb.Tx, inv *survey.Invitation) error {
	now := s.Clock.Now()
	switch {
	case inv.State.Open() && inv.NeedsCall():
		task := callback.Plan(s.NewID(), inv.ID, inv.Case, inv.Handlers, inv.NotBefore, now)
		inv.CallBack = task.ID
		return s.Store.InsertTask(ctx, tx, &task)
	case inv.Due(now):
		return tx.Enqueue(ctx, jobs.DeliverArgs{Invitation: inv.ID}, nil)
	}
	return nil
}

// ListInvitations implements surveyv1.InvitationServiceServer.
func (s *Invitations) ListInvitations(ctx context.Context, req *surveyv1.ListInvitationsRequest) (*surveyv1.ListInvitationsResponse, error) {
	q, err := listing.Parse(store.InvitationSpec, listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), OrderBy: req.GetOrderBy(), Filter: req.GetFilter(),
	})
	if err != nil {
		return nil, err
	}
	p := auth.FromContext(ctx)
	rows, err := s.Store.List(ctx, s.DB, p, q)
	if err != nil {
		return nil, err
	}
	page, next := listing.Page(q, rows, func(inv survey.Invitation) map[string]any {
		return map[string]any{"i.create_us": sqldb.Micros(inv.Created), "i.id": inv.ID}
	})
	parts, err := s.partsOf(ctx, page)
	if err != nil {
		return nil, err
	}
	out := &surveyv1.ListInvitationsResponse{NextPageToken: next}
	for _, inv := range page {
		out.Invitations = append(out.Invitations, s.staffView(inv, p, parts, locale(ctx, "", "zh-CN")))
	}
	return out, nil
}

// parts are the rows that belong to a page of invitations.
type parts struct {
	responses map[string]*survey.Response
	attempts  map[string][]store.Attempt
}

func (s *Invitations) partsOf(ctx context.Context, page []survey.Invitation) (p parts, err error) {
	ids := make([]string, len(page))
	for n, inv := range page {
		ids[n] = inv.ID
	}
	if p.responses, err = s.Store.NewestOf(ctx, s.DB, ids); err != nil {
		return p, err
	}
	p.attempts, err = s.Store.Attempts(ctx, s.DB, ids)
	return p, err
}

// GetInvitationByToken implements surveyv1.InvitationServiceServer.
func (s *Invitations) GetInvitationByToken(ctx context.Context, req *surveyv1.GetInvitationByTokenRequest) (*surveyv1.Invitation, error) {
	inv, err := s.Store.InvitationByToken(ctx, s.DB, req.GetToken())
	if err != nil {
		return nil, err
	}
	last, err := s.Store.Newest(ctx, s.DB, inv.ID)
	if err != nil {
		return nil, err
	}
	return s.holderView(inv, last, locale(ctx, req.GetLanguageCode(), inv.Locale)), nil
}

// newsOf turns what events told of a case into what invitations look at.
func newsOf(c store.CaseCopy) survey.CaseNews {
	return survey.CaseNews{State: c.State, Kind: strings.ToUpper(c.Kind), Round: c.Round}
}

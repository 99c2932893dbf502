package jobs

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

// CreateInvitationArgs asks survey to ask the customer: now, after a week, after a month (R169, R173).
type CreateInvitationArgs struct{ TaskRef }

// Kind implements river.JobArgs.
func (CreateInvitationArgs) Kind() string { return "intake.create_invitation" }

func (w *Worker) createInvitation(ctx context.Context, args CreateInvitationArgs) error {
	c, t, ok, err := w.task(ctx, args.TaskRef)
	if err != nil || !ok {
		return err
	}
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	if _, err := w.Surveys.CreateInvitation(callCtx, invitation(c, t)); err != nil {
		return fmt.Errorf("jobs: create invitation for %s: %w", args.Case, err)
	}
	return w.take(ctx, args.TaskRef, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment, t casefile.Task) (casefile.Change, error) {
		return c.Invited(m, t), nil
	})
}

func invitation(c *casefile.Case, t casefile.Task) *surveyv1.CreateInvitationRequest {
	req := &surveyv1.CreateInvitationRequest{
		RequestId: t.ID, Case: c.Name(), CaseNumber: c.Number, Round: int32(t.Round), OwnerOrg: c.OwnerOrg, ServingOrg: c.ServingOrg,
		Purpose:         surveyv1.Invitation_Purpose(surveyv1.Invitation_Purpose_value[t.Purpose]),
		Confidentiality: string(c.Confidentiality), Partner: c.Partner, Handlers: c.Handlers(),
	}
	if !t.NotBefore.IsZero() {
		req.NotBefore = timestamppb.New(t.NotBefore)
	}
	if p := c.Personal.Party(casefile.PartyComplainant); p != nil {
		req.Locale = p.Locale
		req.Contact = &surveyv1.Contact{
			DisplayName: p.DisplayName, Phone: digits(p.Phone), Email: p.Email, Wechat: c.Personal.OnBehalfOf,
		}
	}
	return req
}

// digits keeps what survey takes of a phone number.
func digits(phone string) string {
	kept := make([]byte, 0, len(phone))
	for i := range len(phone) {
		if ch := phone[i]; ch >= '0' && ch <= '9' || ch == '+' && i == 0 {
			kept = append(kept, ch)
		}
	}
	return string(kept)
}

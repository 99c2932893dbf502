package api

import (
	"context"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// CreateContactAttempt implements intakev1.ContactServiceServer.
func (s contactService) CreateContactAttempt(ctx context.Context, req *intakev1.CreateContactAttemptRequest) (*intakev1.ContactAttempt, error) {
	in := req.GetContactAttempt()
	if err := plain(map[string]string{"contact_attempt.channel": in.GetChannel(), "contact_attempt.place": in.GetPlace()}); err != nil {
		return nil, err
	}
	var made casefile.Attempt
	return change(ctx, s.Server, caseID(req.GetParent()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		made = casefile.Attempt{
			Channel: in.GetChannel(), Result: in.GetResult().String(), Points: in.GetPoints(), At: timeOf(in.GetAttemptTime()),
			Inbound: in.GetDirection() == intakev1.ContactAttempt_INBOUND, Place: in.GetPlace(), Person: in.GetPerson(), Subject: in.GetSubject(),
			Measures: in.GetMeasures(), Duration: time.Duration(in.GetDurationSeconds()) * time.Second,
		}
		if made.At.IsZero() {
			made.At = m.At
		}
		if made.At.After(m.At) || made.At.Before(c.Round().Started) {
			return casefile.Change{}, apierr.Invalid("contact_attempt.attempt_time", "须在本轮开始之后且不晚于当前时间", "must lie between the beginning of the round and now")
		}
		change, err := c.Attempted(m, &made)
		if err != nil {
			return change, err
		}
		return change, s.Cases.AddAttempt(ctx, tx, c.ID, made)
	}, func(p *presenter, c *casefile.Case) *intakev1.ContactAttempt { return p.attempt(c, made) })
}

// ListContactAttempts implements intakev1.ContactServiceServer.
func (s contactService) ListContactAttempts(ctx context.Context, req *intakev1.ListContactAttemptsRequest) (*intakev1.ListContactAttemptsResponse, error) {
	c, err := s.see(ctx, req.GetParent())
	if err != nil {
		return nil, err
	}
	page, err := newPager(req.GetParent(), req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.Attempts(ctx, s.DB, c.ID, page.after, page.limit())
	if err != nil {
		return nil, err
	}
	rows, next := cutPage(page, rows, func(a casefile.Attempt) string { return a.ID })
	present := s.presenter(ctx)
	resp := &intakev1.ListContactAttemptsResponse{NextPageToken: next}
	for _, a := range rows {
		resp.ContactAttempts = append(resp.ContactAttempts, present.attempt(c, a))
	}
	return resp, nil
}

func (p *presenter) attempt(c *casefile.Case, a casefile.Attempt) *intakev1.ContactAttempt {
	related := p.related(c)
	return &intakev1.ContactAttempt{
		Name: c.Name() + "/contactAttempts/" + a.ID, Channel: a.Channel, Notice: a.Notice, Actor: a.Actor, AttemptTime: at(a.At), Round: int32(a.Round),
		Result:      intakev1.ContactAttempt_Result(intakev1.ContactAttempt_Result_value[a.Result]),
		ResultLabel: text(resultLabels, a.Result, p.locale), Points: hide(a.Points, related),
		Direction: intakev1.ContactAttempt_Direction(intakev1.ContactAttempt_Direction_value[a.Direction()]), Place: a.Place, Person: hide(a.Person, related),
		Subject: hide(a.Subject, related), Measures: hide(a.Measures, related), DurationSeconds: int32(a.Duration.Seconds()),
	}
}

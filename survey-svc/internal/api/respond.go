package api

import (
	"context"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// byCustomer is who recorded an answer that came by link.
const byCustomer = "customer"

// Respond implements surveyv1.InvitationServiceServer.
func (s *Invitations) Respond(ctx context.Context, req *surveyv1.RespondRequest) (*surveyv1.Invitation, error) {
	answer := answerOf(req)
	reply := survey.Reply{
		ID: s.NewID(), Answer: answer, Channel: survey.ByLink, RecordedBy: byCustomer, Reading: s.read(answer.Trimmed().Texts()),
	}
	var out *surveyv1.Invitation
	err := s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		inv, err := s.Store.InvitationByToken(ctx, tx, req.GetToken())
		if err != nil {
			return err
		}
		out, err = idempotency.Do(holder(ctx, inv.ID), s.Replay, tx, req.GetRequestId(), req, func() (*surveyv1.Invitation, error) {
			r, err := s.respond(ctx, tx, &inv, reply)
			if err != nil {
				return nil, err
			}
			return s.holderView(inv, &r, locale(ctx, req.GetLanguageCode(), inv.Locale)), nil
		})
		return err
	})
	return out, err
}

// holder is the scope of a link's request ids: callers without a name must not share one.
func holder(ctx context.Context, invitation string) context.Context {
	return auth.WithPrincipal(ctx, auth.Principal{Subject: "invitations/" + invitation})
}

// respond keeps an answer with everything that follows from it: the task ends, intake and the gateway are told. A repeat
// writes nothing.
func (c *Core) respond(ctx context.Context, tx sqldb.Tx, inv *survey.Invitation, reply survey.Reply) (survey.Response, error) {
	last, err := c.Store.Newest(ctx, tx, inv.ID)
	if err != nil {
		return survey.Response{}, err
	}
	r, repeat, err := inv.Respond(reply, last, c.Policy, c.Clock.Now())
	if err != nil || repeat {
		return r, err
	}
	if err := c.Store.Save(ctx, tx, inv); err != nil {
		return r, err
	}
	if err := c.Store.AddResponse(ctx, tx, &r); err != nil {
		return r, err
	}
	if r.Channel == survey.ByLink {
		if err := c.endTask(ctx, tx, inv); err != nil {
			return r, err
		}
	}
	return r, c.Outbox.Append(ctx, tx, respondedEvent(inv, &r))
}

// endTask ends the call-back of an invitation that was answered by link; one that is over stays as it ended.
func (c *Core) endTask(ctx context.Context, tx sqldb.Tx, inv *survey.Invitation) error {
	task, err := c.Store.TaskOf(ctx, tx, inv)
	if err != nil || task == nil || task.AnsweredByLink() != nil {
		return err
	}
	return c.Store.SaveTask(ctx, tx, task)
}

// respondedEvent tells of an answer, with the entry for the case's timeline (R184, R186).
func respondedEvent(inv *survey.Invitation, r *survey.Response) events.Event {
	return events.Event{
		Type: "aftersales.survey.responded.v1", Subject: "invitations/" + inv.ID, Key: inv.Case, OwnerOrg: inv.OwnerOrg,
		ServingOrg: inv.ServingOrg, Confidentiality: inv.Confidentiality, Partner: inv.Partner, Time: r.Created,
		Payload: respondedPayload(inv, r),
	}
}

func respondedPayload(inv *survey.Invitation, r *survey.Response) *eventv1.SurveyResponded {
	ratings := make(map[string]int32, len(r.Ratings))
	for dimension, value := range r.Ratings {
		if dimension != survey.Overall {
			ratings[dimension] = int32(value)
		}
	}
	topics := make([]string, len(r.Reading.Topics))
	for n, t := range r.Reading.Topics {
		topics[n] = t.Code
	}
	return &eventv1.SurveyResponded{
		Invitation: "invitations/" + inv.ID, Case: inv.Case, Round: int32(inv.Round), Solved: r.Solved, Satisfied: r.IsSatisfied(),
		MoreHelp: r.MoreHelp, NewClaim: r.NewClaim, Overall: int32(r.Ratings[survey.Overall]), Ratings: ratings,
		Comment: r.Comment, Sentiment: r.Reading.Sentiment, Topics: topics, Channel: string(r.Channel), Step: responseStep(inv, r),
	}
}

func responseStep(inv *survey.Invitation, r *survey.Response) *commonv1.Step {
	step := &commonv1.Step{
		Event: "SURVEY_RESPONDED", Place: string(r.Channel), Actor: r.RecordedBy, Points: r.Texts(), OccurredUs: sqldb.Micros(r.Created),
		Facts: map[string]string{
			"invitation": "invitations/" + inv.ID, "purpose": string(inv.Purpose), "revision": strconv.Itoa(r.Revision),
			"solved": strconv.FormatBool(r.Solved), "satisfied": strconv.FormatBool(r.IsSatisfied()),
			"moreHelp": strconv.FormatBool(r.MoreHelp), "newClaim": strconv.FormatBool(r.NewClaim != ""),
			"respondedAt": r.Created.Format(time.RFC3339Nano),
		},
	}
	if r.Channel == survey.ByCallBack {
		step.OnBehalfOf = byCustomer
	}
	if overall := r.Ratings[survey.Overall]; overall > 0 {
		step.Facts["overall"] = strconv.Itoa(overall)
	}
	if r.Reading.Sentiment != "" {
		step.Facts["sentiment"] = r.Reading.Sentiment
	}
	return step
}

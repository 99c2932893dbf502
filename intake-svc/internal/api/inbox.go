package api

import (
	"context"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// Deliver implements intakev1.InboxServiceServer.
func (s inboxService) Deliver(ctx context.Context, req *eventv1.DeliverRequest) (*eventv1.DeliverResponse, error) {
	err := events.Receive(ctx, s.DB, req.GetEnvelopes(), s.handle)
	if err != nil {
		return nil, err
	}
	return &eventv1.DeliverResponse{}, nil
}

// handle takes one event in. What is of no interest here, or of a case that is not here, is passed over: an event must never
// block those behind it.
func (s *Server) handle(ctx context.Context, tx sqldb.Tx, ev events.Event) error {
	var name string
	switch p := ev.Payload.(type) {
	case *eventv1.WorkOrderChanged:
		name = p.GetCase()
	case *eventv1.SurveyResponded:
		name = p.GetCase()
	}
	if !strings.HasPrefix(name, "cases/") {
		return nil
	}
	c, err := s.Cases.Lock(ctx, tx, store.Everything, caseID(name))
	if apierr.Reason(err) == apierr.ErrNotFound.Reason() {
		s.Log.WarnContext(ctx, "event of an unknown case passed over", "event", ev.ID, "type", ev.Type, "case", name)
		return nil
	}
	if err != nil {
		return err
	}
	m := casefile.Moment{By: casefile.System, At: s.Clock.Now(), Policy: s.Policy, NewID: newID}
	change := s.apply(c, m, ev)
	if p, ok := ev.Payload.(*eventv1.WorkOrderChanged); ok {
		if err := s.keepHistory(ctx, tx, c, p); err != nil {
			return err
		}
	}
	return s.Ledger.Commit(ctx, tx, c, change)
}

func (s *Server) apply(c *casefile.Case, m casefile.Moment, ev events.Event) casefile.Change {
	switch p := ev.Payload.(type) {
	case *eventv1.WorkOrderChanged:
		step := orderStep(p)
		step.ServingOrg, step.Entry = ev.ServingOrg, entryOf(p.GetStep(), ev)
		return c.OrderChanged(m, step)
	case *eventv1.SurveyResponded:
		a := answerOf(p)
		a.Entry = entryOf(p.GetStep(), ev)
		return c.Answered(m, a)
	}
	return casefile.Change{Quiet: true}
}

func orderStep(p *eventv1.WorkOrderChanged) casefile.OrderStep {
	return casefile.OrderStep{
		WorkOrder: p.GetWorkOrder(), Solution: solutionID(p.GetSolution()), Purpose: p.GetPurpose(), Round: max(int(p.GetRound()), 1), State: p.GetState(),
		Outcome: outcome(p.GetOutcome()), Engineer: p.GetEngineer(), EngineerName: p.GetEngineerDisplayName(), From: timeOf(p.GetWindowStart()),
		To: timeOf(p.GetWindowEnd()), Open: int(p.GetOpenWorkOrders()),
	}
}

func solutionID(name string) string {
	if name == "" {
		return ""
	}
	return lastID(name)
}

func outcome(name string) string { return strings.TrimSuffix(name, "OUTCOME_UNSPECIFIED") }

// entryOf is a step of another service as an entry: with that service's own number, and both times.
func entryOf(step *commonv1.Step, ev events.Event) timeline.Entry {
	e := timeline.Entry{
		Event: step.GetEvent(), Place: step.GetPlace(), Actor: step.GetActor(), OnBehalfOf: step.GetOnBehalfOf(), Points: step.GetPoints(),
		Measures: step.GetMeasures(), Facts: step.GetFacts(), Source: strings.TrimPrefix(ev.Source, "aftersales/"), SourceSeq: ev.Seq,
		Occurred: micro(step.GetOccurredUs()), Device: micro(step.GetDeviceUs()),
	}
	if e.Event == "" {
		e.Event = ev.Type
	}
	return e
}

func micro(us int64) time.Time { return sqldb.Time(us) }

// answerOf is a survey response as the case takes it.
func answerOf(p *eventv1.SurveyResponded) casefile.Answer {
	a := casefile.Answer{
		Satisfaction: casefile.Satisfaction{
			Invitation: p.GetInvitation(), Solved: p.GetSolved(), Satisfied: p.GetSatisfied(), Overall: int(p.GetOverall()), Sentiment: p.GetSentiment(),
			At: micro(p.GetStep().GetOccurredUs()),
		},
		Round: max(int(p.GetRound()), 1), NewClaim: p.GetNewClaim(), MoreHelp: p.GetMoreHelp(),
	}
	a.Entry = entryOf(p.GetStep(), events.Event{Type: "SURVEY_RESPONDED", Source: "aftersales/survey"})
	return a
}

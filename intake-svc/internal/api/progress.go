package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// progressSteps is how many of the latest steps are told.
const progressSteps = 100

// progressNews is how many of the latest news are told.
const progressNews = 20

// GetProgress implements intakev1.ProgressServiceServer. Whoever holds the link sees it, masked; a wrong token is told nothing.
func (s progressService) GetProgress(ctx context.Context, req *intakev1.GetProgressRequest) (*intakev1.Progress, error) {
	c, err := s.byProgress(ctx, req.GetToken())
	if err != nil {
		return nil, err
	}
	return s.tellProgress(ctx, s.DB, c)
}

// proven finds the case that a token proves. Whether there is a case of that id is nobody's business without the proof.
func proven(token string, find func(id string) (*casefile.Case, error)) (*casefile.Case, error) {
	id, ok := casefile.ProgressCase(token)
	if !ok {
		return nil, apierr.NotFound("progress")
	}
	c, err := find(id)
	switch {
	case err != nil && apierr.Reason(err) != apierr.ErrNotFound.Reason():
		return nil, err
	case err != nil || !c.ProvesProgress(token):
		return nil, apierr.NotFound("progress")
	}
	return c, nil
}

// tellProgress reads what belongs to the progress of a case.
func (s *Server) tellProgress(ctx context.Context, q sqldb.Queryer, c *casefile.Case) (*intakev1.Progress, error) {
	links, err := s.Cases.Entries(ctx, q, c.ID, max(c.Chain.Seq-progressSteps, 0), progressSteps)
	if err != nil {
		return nil, err
	}
	news, err := s.Cases.LatestNews(ctx, q, c.ID, progressNews)
	if err != nil {
		return nil, err
	}
	m, err := s.presenter(ctx).progress(c, links)
	if err != nil {
		return nil, err
	}
	for _, n := range news {
		m.News = append(m.News, &intakev1.ProgressUpdate{Doing: n.Doing, Difficulty: n.Difficulty, NextNewsTime: at(n.Next), CreateTime: at(n.At)})
	}
	return m, nil
}

// UrgeProgress implements intakev1.ProgressServiceServer. In one interval it counts once, so that a key held down moves nothing.
func (s progressService) UrgeProgress(ctx context.Context, req *intakev1.UrgeProgressRequest) (resp *intakev1.Progress, err error) {
	key := req.GetRequestId()
	if key != "" {
		key = req.GetToken() + "/" + key // the scope of a caller without a name is the link
	}
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, key, req, func() (*intakev1.Progress, error) {
			c, err := proven(req.GetToken(), func(id string) (*casefile.Case, error) { return s.Cases.Lock(ctx, tx, store.Everything, id) })
			if err != nil {
				return nil, err
			}
			m := s.moment(auth.FromContext(ctx))
			m.By = casefile.Actor{Name: "progress", Kind: casefile.ActorCustomer, OnBehalfOf: "customer"}
			if !c.UrgedJustNow(m) {
				change, err := c.Urge(m, req.GetMessage())
				if err != nil {
					return nil, err
				}
				if err := s.Ledger.Commit(ctx, tx, c, change); err != nil {
					return nil, err
				}
			}
			return s.tellProgress(ctx, tx, c)
		})
		return err
	})
	return resp, err
}

func (p *presenter) progress(c *casefile.Case, links []timeline.Link) (*intakev1.Progress, error) {
	m := &intakev1.Progress{
		CaseNumber: c.Number, Kind: intakev1.Case_Kind(intakev1.Case_Kind_value[string(c.Kind)]),
		State: intakev1.Case_State(intakev1.Case_State_value[string(c.State)]), StateLabel: text(stateLabels, string(c.State), p.locale),
		CurrentStep: text(currentSteps, string(c.State), p.locale), NextNewsTime: at(nextNews(c)), ExpectedResolveTime: at(c.Promise(casefile.ClockResolve)),
		Round: int32(c.RoundNumber()), CreateTime: at(c.Created),
	}
	if c.Urges != nil {
		m.UrgeCount = int32(c.Urges.Count)
	}
	m.PlannedSteps, m.WaitingFor = p.planned(c), p.waitingFor(c)
	if q := c.Personal.Party(casefile.PartyCustomer); q != nil {
		m.CustomerDisplayName = maskName(q.DisplayName)
	}
	if len(c.Items) > 0 {
		m.Product = strings.TrimSpace(c.Items[0].Brand + " " + c.Items[0].Model)
	}
	if q := c.Current(); q != nil {
		m.Solution = &intakev1.ProgressSolution{
			KindLabel: p.code(codes.SolutionKind, q.Kind), StateLabel: text(solutionLabels, string(q.State), p.locale), Timetable: q.Timetable,
		}
	}
	if v := c.Visit; v != nil {
		m.Visit = &intakev1.ProgressVisit{EngineerDisplayName: maskName(v.Name), WindowStart: at(v.From), WindowEnd: at(v.To), State: v.State}
	}
	for _, link := range links {
		h, err := link.ReadHeader()
		if err != nil {
			return nil, err
		}
		if l, ok := eventLabels[h.Event]; ok && !internalSteps[h.Event] {
			m.Steps = append(m.Steps, &intakev1.ProgressStep{Event: h.Event, Label: l.in(p.locale), OccurTime: at(sqldb.Time(h.Occurred))})
		}
	}
	return m, nil
}

// internalSteps are none of the customer's business.
var internalSteps = map[string]bool{
	"HAZARD_RAISED": true, "DUTY_CALLED": true, "HAZARD_ACKNOWLEDGED": true, "CONFIDENTIALITY_SET": true, "CONTACT_REVEALED": true, "TRANSFER_OFFERED": true,
	"TRANSFER_RETURNED": true, "CLOSING_REVIEWED": true, "RETENTION_SET": true, "INCIDENT_JOINED": true, "CLOSE_APPROVED_FIRST": true, "CLOSE_REQUESTED": true, "DEADLINE_MISSED": true, "CUSTOMER_UNREACHABLE": true, "NO_REPLY_WAITED": true, "NOTICE_FAILED": true,
	"REGULATOR_DOCUMENT": true, "REGULATOR_REPLIED": true, "REGULATOR_REPLY_APPROVED": true,
	"ENGINEER_KEPT_AWAY": true, "FIRST_PROVIDER_CHARGED": true, "WORK_ORDER_AUDITED": true, "WORK_ORDER_SETTLED": true, "WORK_ORDER_TRANSFERRED": true,
	"DEADLINE_NEAR": true, "NEWS_DUE": true, "ESCALATED": true, "DEADLINE_SET": true, "DEADLINE_MET": true, "URGENCY_CHANGED": true,
	"RULE_MATCHED": true, "CLASS_SUGGESTED": true, "RUNNING_WORK_ORDER_FOUND": true, "CASE_REGRADED": true, "REGRADE_DUE": true,
	"CASE_LINKED":           true,
	"INVESTIGATOR_ASSIGNED": true, "INVESTIGATION_RECORD": true, "RISK_FLAGGED": true, "RISK_CLEARED": true, "SOLUTION_APPROVED": true,
	"SOLUTION_REFUSED": true, "FEASIBILITY_CHECKED": true, "DEVICE_LINKED": true, "PAYMENT_APPROVED": true, "PLATFORM_REFUND": true,
}

// nextNews is when the customer hears again: what was promised, else the nearest deadline, e.g. of the acceptance.
func nextNews(c *casefile.Case) time.Time {
	if promised := c.Promise(casefile.ClockNews); !promised.IsZero() {
		return promised
	}
	return c.Deadline()
}

// courses are the ways through the states, by kind (R167).
var courses = map[casefile.Kind][]casefile.State{
	casefile.Complaint: {casefile.Received, casefile.Accepted, casefile.UnderInvestigation, casefile.SolutionProposed, casefile.SolutionAgreed,
		casefile.InService, casefile.Resolved, casefile.Closed},
	casefile.ServiceRequest: {casefile.Received, casefile.Accepted, casefile.InService, casefile.Resolved, casefile.Closed},
	casefile.Enquiry:        {casefile.Received, casefile.Resolved, casefile.Closed},
	casefile.Feedback:       {casefile.Received, casefile.Resolved, casefile.Closed},
}

// planned are the steps that follow (R167).
func (p *presenter) planned(c *casefile.Case) (steps []string) {
	course := courses[c.Kind]
	for _, state := range course[slices.Index(course, c.State)+1:] {
		if c.State.Open() {
			steps = append(steps, text(stateLabels, string(state), p.locale))
		}
	}
	return steps
}

// waitingFor is why the promise to resolve stands still, in words for the customer.
func (p *presenter) waitingFor(c *casefile.Case) string {
	for i := range c.Clocks {
		if k := &c.Clocks[i]; k.Code == casefile.ClockResolve && k.PauseReason() != "" {
			return text(flagLabels, k.PauseReason(), p.locale)
		}
	}
	return ""
}

package api

import (
	"context"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// progressSteps is how many of the latest steps are told.
const progressSteps = 100

// GetProgress implements intakev1.ProgressServiceServer. Whoever holds the link sees it, masked; a wrong token is told nothing.
func (s progressService) GetProgress(ctx context.Context, req *intakev1.GetProgressRequest) (*intakev1.Progress, error) {
	c, err := s.byProgress(ctx, req.GetToken())
	if err != nil {
		return nil, err
	}
	links, err := s.Cases.Entries(ctx, s.DB, c.ID, max(c.Chain.Seq-progressSteps, 0), progressSteps)
	if err != nil {
		return nil, err
	}
	return s.presenter(ctx).progress(c, links)
}

func (p *presenter) progress(c *casefile.Case, links []timeline.Link) (*intakev1.Progress, error) {
	m := &intakev1.Progress{
		CaseNumber: c.Number, Kind: intakev1.Case_Kind(intakev1.Case_Kind_value[string(c.Kind)]),
		State: intakev1.Case_State(intakev1.Case_State_value[string(c.State)]), StateLabel: text(stateLabels, string(c.State), p.locale),
		CurrentStep: text(currentSteps, string(c.State), p.locale), NextNewsTime: at(c.Deadline()), ExpectedResolveTime: at(c.Promise(casefile.ClockResolve)),
		Round: int32(c.RoundNumber()), CreateTime: at(c.Created),
	}
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
	"HAZARD_RAISED": true, "CLOSE_REQUESTED": true, "DEADLINE_MISSED": true, "CUSTOMER_UNREACHABLE": true, "NO_REPLY_WAITED": true, "NOTICE_FAILED": true,
	"HAZARD_SUSPECTED": true, "RULE_MATCHED": true, "CLASS_SUGGESTED": true, "RUNNING_WORK_ORDER_FOUND": true, "CASE_REGRADED": true, "REGRADE_DUE": true,
	"CASE_LINKED": true,
}

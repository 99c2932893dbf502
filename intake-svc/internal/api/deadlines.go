package api

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/worktime"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// Lists of deadlines: of one case by start, of all cases by what is due next.
var (
	ofOneCase = &listing.Spec{
		Orders: map[string]string{"start_time": "d.started_at"}, OrderTypes: map[string]listing.Type{"start_time": listing.Time},
		DefaultOrder: "start_time", Tie: store.DeadlineKey,
	}
	ofAllCases = &listing.Spec{
		Orders: map[string]string{"due_time": "d.due_at"}, OrderTypes: map[string]listing.Type{"due_time": listing.Time},
		DefaultOrder: "due_time", Tie: store.DeadlineKey,
	}
)

// everyCase stands for all cases in a parent.
const everyCase = "cases/-"

// ListDeadlines implements intakev1.PromiseServiceServer.
func (s promiseService) ListDeadlines(ctx context.Context, req *intakev1.ListDeadlinesRequest) (*intakev1.ListDeadlinesResponse, error) {
	spec, id := ofAllCases, ""
	if req.GetParent() != everyCase {
		c, err := s.see(ctx, req.GetParent())
		if err != nil {
			return nil, err
		}
		spec, id = ofOneCase, c.ID
	}
	query, err := listing.Parse(spec, listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Checksum: []byte(req.GetParent())})
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.Deadlines(ctx, s.DB, store.ViewerOf(auth.FromContext(ctx)), id, query)
	if err != nil {
		return nil, err
	}
	rows, next := listing.Page(query, rows, func(d store.Deadline) map[string]any {
		return map[string]any{"d.started_at": micros(d.Clock.Started), "d.due_at": micros(d.Clock.Due), store.DeadlineKey: d.Key()}
	})
	present := s.presenter(ctx)
	resp := &intakev1.ListDeadlinesResponse{NextPageToken: next}
	for _, d := range rows {
		resp.Deadlines = append(resp.Deadlines, present.deadline(d, s.Policy.Promises.Book()))
	}
	return resp, nil
}

// CreateDeadline implements intakev1.PromiseServiceServer.
func (s promiseService) CreateDeadline(ctx context.Context, req *intakev1.CreateDeadlineRequest) (*intakev1.Deadline, error) {
	in := req.GetDeadline()
	made := 0
	return change(ctx, s.Server, caseID(req.GetParent()), req, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment) (change casefile.Change, err error) {
		made, change, err = c.SetDeadline(m, casefile.External{
			Code: in.GetCode(), Type: in.GetType().String(), Due: timeOf(in.GetDueTime()), Reason: in.GetReason(),
		})
		return change, err
	}, func(p *presenter, c *casefile.Case) *intakev1.Deadline {
		return p.deadlineOf(c, made, s.Policy.Promises.Book())
	})
}

// MeetDeadline implements intakev1.PromiseServiceServer.
func (s promiseService) MeetDeadline(ctx context.Context, req *intakev1.MeetDeadlineRequest) (*intakev1.Deadline, error) {
	n, err := strconv.Atoi(lastID(req.GetName()))
	if err != nil {
		return nil, apierr.NotFound(req.GetName())
	}
	return change(ctx, s.Server, caseID(req.GetName()), req, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.MeetDeadline(m, n-1, req.GetNote())
	}, func(p *presenter, c *casefile.Case) *intakev1.Deadline {
		return p.deadlineOf(c, n-1, s.Policy.Promises.Book())
	})
}

// PauseClocks implements intakev1.PromiseServiceServer.
func (s promiseService) PauseClocks(ctx context.Context, req *intakev1.PauseClocksRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.PauseClocks(m, req.GetReason(), req.GetNote())
	})
}

// ResumeClocks implements intakev1.PromiseServiceServer.
func (s promiseService) ResumeClocks(ctx context.Context, req *intakev1.ResumeClocksRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.ResumeClocks(m, req.GetNote())
	})
}

// ChangeUrgency implements intakev1.PromiseServiceServer.
func (s promiseService) ChangeUrgency(ctx context.Context, req *intakev1.ChangeUrgencyRequest) (*intakev1.Case, error) {
	if err := s.Codes.Check(codes.Urgency, req.GetUrgency()); err != nil {
		return nil, err
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.ChangeUrgency(m, req.GetUrgency(), req.GetReason())
	})
}

// UrgeCase implements intakev1.PromiseServiceServer.
func (s promiseService) UrgeCase(ctx context.Context, req *intakev1.UrgeCaseRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), "", req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Urge(m, req.GetMessage())
	})
}

// deadlineOf is a clock of a case that is at hand. The row has the way to it when this change did not compute it.
func (p *presenter) deadlineOf(c *casefile.Case, n int, book *promise.Book) *intakev1.Deadline {
	return p.deadline(store.Deadline{CaseID: c.ID, CaseNumber: c.Number, N: n + 1, Clock: c.Clocks[n]}, book)
}

func (p *presenter) deadline(d store.Deadline, book *promise.Book) *intakev1.Deadline {
	k := &d.Clock
	m := &intakev1.Deadline{
		Name: "cases/" + d.CaseID + "/deadlines/" + strconv.Itoa(d.N), Code: k.Code, Label: text(clockLabels, k.Code, p.locale),
		Type: intakev1.Clock_Type(intakev1.Clock_Type_value[k.Type]), State: intakev1.Deadline_State(intakev1.Deadline_State_value[k.State()]),
		StartTime: at(k.Started), DueTime: at(k.Due), WarnTime: at(k.Warn), EndTime: at(k.Ended), BreachTime: at(k.Breached),
		WithinSeconds: seconds(k.Within), RemainingSeconds: seconds(k.Left), Tier: int32(k.Reached), CaseNumber: d.CaseNumber,
	}
	if k.Calendar != "" {
		m.Calendar = calendarName(k.Calendar)
	}
	if k.Policy != "" {
		m.Policy = policyName(k.Policy)
	}
	if k.Type != casefile.ClockPromise {
		m.Reason = k.ZH
	}
	for _, pause := range k.Pauses {
		m.Pauses = append(m.Pauses, &intakev1.DeadlinePause{
			StartTime: at(pause.From), EndTime: at(pause.To), Reason: pause.Reason, ReasonLabel: text(flagLabels, pause.Reason, p.locale),
		})
	}
	m.Segments = p.segments(k.Way)
	m.Explanation = append([]string{p.either(k.ZH, k.EN)}, book.Explain(k.Calendar, k.Way, k.Warnings, p.locale)...)
	m.Explanation = slices.DeleteFunc(m.Explanation, func(line string) bool { return line == "" })
	return m
}

func (p *presenter) segments(way []worktime.Segment) (all []*intakev1.DeadlineSegment) {
	for _, s := range way {
		all = append(all, &intakev1.DeadlineSegment{
			StartTime: at(s.From), EndTime: at(s.To), Kind: string(s.Kind), Label: p.either(s.ZH, s.EN), CountedSeconds: seconds(s.Working()),
		})
	}
	return all
}

func (p *presenter) either(zh, en string) string { return label{zh, en}.in(p.locale) }

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

func (p *presenter) clock(c *casefile.Case, n int) *intakev1.Clock {
	k := &c.Clocks[n]
	m := &intakev1.Clock{
		Code: k.Code, Label: text(clockLabels, k.Code, p.locale), Type: intakev1.Clock_Type(intakev1.Clock_Type_value[k.Type]),
		StartTime: at(k.Started), DueTime: at(k.Due), EndTime: at(k.Ended), BreachTime: at(k.Breached), PauseTime: at(k.Paused),
		Explanation: k.Explanation, Deadline: c.ClockName(n), PauseReason: k.PauseReason(), WarnTime: at(k.Warn),
	}
	if why := p.either(k.ZH, k.EN); why != "" {
		m.Explanation = []string{why}
	}
	return m
}

// promises tell what is due next, and why then.
func (p *presenter) promises(m *intakev1.Case, c *casefile.Case) {
	if k := c.NearestClock(); k != nil {
		m.StateDeadlineReason = p.either(k.ZH, k.EN)
	}
	if c.Urges != nil {
		m.UrgeCount, m.LastUrgeTime = int32(c.Urges.Count), at(c.Urges.Last)
	}
	m.NextNewsTime, m.ExpectedResolveTime = at(c.Promise(casefile.ClockNews)), at(c.Promise(casefile.ClockResolve))
}

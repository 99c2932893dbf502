package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

type retentionService struct {
	intakev1.UnimplementedRetentionServiceServer
	*Server
}

// ListRetentions implements intakev1.RetentionServiceServer.
func (s retentionService) ListRetentions(ctx context.Context, req *intakev1.ListRetentionsRequest) (*intakev1.ListRetentionsResponse, error) {
	scope := strconv.FormatInt(req.GetDueBefore().GetSeconds(), 10) + strconv.FormatBool(req.GetHeld())
	page, err := newPager(scope, req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	after, err := retainedAfter(page.after)
	if err != nil {
		return nil, err
	}
	before := s.Clock.Now()
	if req.GetDueBefore() != nil {
		before = timeOf(req.GetDueBefore())
	}
	rows, err := s.Cases.Retentions(ctx, s.DB, store.ViewerOf(auth.FromContext(ctx)), before, req.GetHeld(), after, page.limit())
	if err != nil {
		return nil, err
	}
	rows, next := cutPage(page, rows, func(c *casefile.Case) string { return strconv.FormatInt(micros(c.Retention.Until), 10) + " " + c.ID })
	resp := &intakev1.ListRetentionsResponse{NextPageToken: next}
	for _, c := range rows {
		resp.Retentions = append(resp.Retentions, &intakev1.Retention{
			Case: c.Name(), CaseNumber: c.Number, State: intakev1.Case_State(intakev1.Case_State_value[string(c.State)]), ContentClass: c.ContentClass,
			ExpireTime: at(c.Retention.Until), Reason: c.Retention.Reason, Hold: holdOf(c.Hold), OwnerOrg: c.OwnerOrg,
		})
	}
	return resp, nil
}

func retainedAfter(key string) (after store.RetainedAfter, err error) {
	if key == "" {
		return after, nil
	}
	until, id, _ := strings.Cut(key, " ")
	if after.Until, err = strconv.ParseInt(until, 10, 64); err != nil {
		return after, listing.ErrPageToken.New()
	}
	after.Case = id
	return after, nil
}

func holdOf(h *casefile.Hold) *intakev1.RetentionHold {
	if h == nil {
		return nil
	}
	return &intakev1.RetentionHold{Reason: h.Reason, Holder: h.By, HoldTime: at(h.At)}
}

// HoldRetention implements intakev1.RetentionServiceServer.
func (s retentionService) HoldRetention(ctx context.Context, req *intakev1.HoldRetentionRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.HoldRetention(m, req.GetReason())
	})
}

// ReleaseRetention implements intakev1.RetentionServiceServer.
func (s retentionService) ReleaseRetention(ctx context.Context, req *intakev1.ReleaseRetentionRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.ReleaseRetention(m, req.GetReason())
	})
}

// EraseCase implements intakev1.RetentionServiceServer.
func (s retentionService) EraseCase(ctx context.Context, req *intakev1.EraseCaseRequest) (*intakev1.Case, error) {
	return change(ctx, s.Server, caseID(req.GetName()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		if err := sameTag(req.GetEtag(), c.Etag()); err != nil {
			return casefile.Change{}, err
		}
		return s.erase(ctx, tx, c, m, req.GetReason(), "")
	}, (*presenter).fullCase)
}

// CreateErasureRun implements intakev1.RetentionServiceServer.
func (s retentionService) CreateErasureRun(ctx context.Context, req *intakev1.CreateErasureRunRequest) (resp *intakev1.ErasureRun, err error) {
	caller := auth.FromContext(ctx)
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.ErasureRun, error) {
			r := store.ErasureRun{Orgs: caller.Sees(), Org: caller.Org, Creator: caller.Subject, Reason: req.GetReason()}
			r, err := s.startErasure(ctx, tx, r)
			return erasureRunOf(r), err
		})
		return err
	})
	return resp, err
}

// GetErasureRun implements intakev1.RetentionServiceServer.
func (s retentionService) GetErasureRun(ctx context.Context, req *intakev1.GetErasureRunRequest) (*intakev1.ErasureRun, error) {
	r, err := s.Cases.ErasureRun(ctx, s.DB, auth.FromContext(ctx).Sees(), lastID(req.GetName()))
	if err != nil {
		return nil, err
	}
	return erasureRunOf(r), nil
}

// ListErasureRuns implements intakev1.RetentionServiceServer.
func (s retentionService) ListErasureRuns(ctx context.Context, req *intakev1.ListErasureRunsRequest) (*intakev1.ListErasureRunsResponse, error) {
	page, err := newPager("erasureRuns", req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.ErasureRuns(ctx, s.DB, auth.FromContext(ctx).Sees(), page.after, page.limit())
	if err != nil {
		return nil, err
	}
	rows, next := cutPage(page, rows, func(r store.ErasureRun) string { return r.ID })
	resp := &intakev1.ListErasureRunsResponse{NextPageToken: next}
	for _, r := range rows {
		resp.ErasureRuns = append(resp.ErasureRuns, erasureRunOf(r))
	}
	return resp, nil
}

func erasureRunOf(r store.ErasureRun) *intakev1.ErasureRun {
	m := &intakev1.ErasureRun{
		Name: "erasureRuns/" + r.ID, State: intakev1.ErasureRun_RUNNING, DueCases: r.Due, ErasedCases: r.Erased, FailedCases: r.Failed,
		DueBefore: at(r.DueBefore), Creator: r.Creator, Reason: r.Reason, CreateTime: at(r.Created), UpdateTime: at(r.Updated),
	}
	if r.Done {
		m.State = intakev1.ErasureRun_DONE
	}
	return m
}

// ListRetentionAudit implements intakev1.RetentionServiceServer.
func (s retentionService) ListRetentionAudit(ctx context.Context, req *intakev1.ListRetentionAuditRequest) (*intakev1.ListRetentionAuditResponse, error) {
	page, err := newPager("audit "+req.GetCase(), req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.RetentionAudit(ctx, s.DB, auth.FromContext(ctx).Sees(), caseID(req.GetCase()), page.after, page.limit())
	if err != nil {
		return nil, err
	}
	rows, next := cutPage(page, rows, func(l store.RetentionLine) string { return l.ID })
	resp := &intakev1.ListRetentionAuditResponse{NextPageToken: next}
	for _, l := range rows {
		m := &intakev1.RetentionAct{
			Case: "cases/" + l.Case, CaseNumber: l.Number, Act: l.Act, Reason: l.Reason, Actor: l.Actor, ExpireTime: at(l.Until), ActTime: at(l.At),
		}
		if l.Run != "" {
			m.Run = "erasureRuns/" + l.Run
		}
		resp.Acts = append(resp.Acts, m)
	}
	return resp, nil
}

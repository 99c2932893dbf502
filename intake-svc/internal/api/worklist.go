package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// ListWorkItems implements intakev1.CustodyServiceServer.
func (s custodyService) ListWorkItems(ctx context.Context, req *intakev1.ListWorkItemsRequest) (*intakev1.ListWorkItemsResponse, error) {
	caller := auth.FromContext(ctx)
	page, err := newPager("workList/"+caller.Subject, req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	after, err := workAfter(page.after)
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.WorkList(ctx, s.DB, store.ViewerOf(caller), caller.Roles, after, page.limit())
	if err != nil {
		return nil, err
	}
	rows, next := cutPage(page, rows, func(r store.WorkRow) string { return strconv.FormatInt(r.DueKey(), 10) + "/" + r.Case })
	now := s.Clock.Now()
	resp := &intakev1.ListWorkItemsResponse{NextPageToken: next}
	for _, r := range rows {
		resp.WorkItems = append(resp.WorkItems, &intakev1.WorkItem{
			Case: "cases/" + r.Case, CaseNumber: r.Number, Step: r.Step, Role: r.Role, Assignee: r.Assignee, DueTime: at(r.Due),
			Overdue: !r.Due.IsZero() && r.Due.Before(now), Urgency: r.Urgency,
		})
	}
	return resp, nil
}

// workAfter reads the key of the last row before.
func workAfter(key string) (a store.After, err error) {
	if key == "" {
		return store.After{Due: -1}, nil
	}
	due, id, ok := strings.Cut(key, "/")
	a.Case = id
	if a.Due, err = strconv.ParseInt(due, 10, 64); err != nil || !ok {
		return a, listing.ErrPageToken.New()
	}
	return a, nil
}

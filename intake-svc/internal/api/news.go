package api

import (
	"context"
	"strconv"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// CreateProgressNews implements intakev1.PromiseServiceServer.
func (s promiseService) CreateProgressNews(ctx context.Context, req *intakev1.CreateProgressNewsRequest) (*intakev1.ProgressNews, error) {
	in := req.GetProgressNews()
	var told casefile.News
	return change(ctx, s.Server, caseID(req.GetParent()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		told = casefile.News{Doing: in.GetDoing(), Difficulty: in.GetDifficulty(), Next: timeOf(in.GetNextNewsTime())}
		change, err := c.TellNews(m, &told)
		if err != nil {
			return change, err
		}
		return change, s.Cases.AddNews(ctx, tx, c.ID, told)
	}, func(_ *presenter, c *casefile.Case) *intakev1.ProgressNews { return progressNewsOf(c, told) })
}

// ListProgressNews implements intakev1.PromiseServiceServer. News is written for the customer: who may see the case may read it.
func (s promiseService) ListProgressNews(ctx context.Context, req *intakev1.ListProgressNewsRequest) (*intakev1.ListProgressNewsResponse, error) {
	c, err := s.see(ctx, req.GetParent())
	if err != nil {
		return nil, err
	}
	page, err := newPager(req.GetParent(), req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.NewsOf(ctx, s.DB, c.ID, page.after, page.limit())
	if err != nil {
		return nil, err
	}
	rows, next := cutPage(page, rows, func(n casefile.News) string { return n.ID })
	resp := &intakev1.ListProgressNewsResponse{NextPageToken: next}
	for _, n := range rows {
		resp.ProgressNews = append(resp.ProgressNews, progressNewsOf(c, n))
	}
	return resp, nil
}

func progressNewsOf(c *casefile.Case, n casefile.News) *intakev1.ProgressNews {
	return &intakev1.ProgressNews{
		Name: c.Name() + "/progressNews/" + n.ID, Doing: n.Doing, Difficulty: n.Difficulty, NextNewsTime: at(n.Next), ExpectedResolveTime: at(n.Expected),
		Author: n.Author, CreateTime: at(n.At), Round: int32(n.Round),
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

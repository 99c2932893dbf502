package api

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/knowledge"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/phrase"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// articleSpec is what articles can be filtered by; the best comes first, then the newest.
var articleSpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"brand": {Column: "brand", Type: listing.String, Ops: []string{"="}}, "model": {Column: "model", Type: listing.String, Ops: []string{"="}},
		"fault": {Column: "fault", Type: listing.String, Ops: []string{"="}}, "content_class": {Column: "content_class", Type: listing.String, Ops: []string{"="}},
		"contentClass": {Column: "content_class", Type: listing.String, Ops: []string{"="}},
	},
	Orders: map[string]string{"score": "score", "time": "sorted_at"}, OrderTypes: map[string]listing.Type{"score": listing.Int, "time": listing.Int},
	DefaultOrder: "score desc, time desc", Tie: "id",
}

// versionSpec is the order of versions.
var versionSpec = &listing.Spec{
	Orders: map[string]string{"version": "version"}, OrderTypes: map[string]listing.Type{"version": listing.Int}, DefaultOrder: "version desc", Tie: "id",
}

// GetArticle implements intakev1.ArticleServiceServer.
func (s articleService) GetArticle(ctx context.Context, req *intakev1.GetArticleRequest) (*intakev1.Article, error) {
	caller, id := auth.FromContext(ctx), lastID(req.GetName())
	if writes(caller) {
		a, err := s.Cases.Article(ctx, s.DB, caller.Sees(), id, int(req.GetVersion()))
		if err == nil {
			return s.article(ctx, s.DB, a)
		}
		if !errors.Is(err, apierr.ErrNotFound) {
			return nil, err
		}
	}
	a, err := s.Cases.ReadableArticle(ctx, s.DB, caller.Sees(), id)
	if err != nil {
		return nil, err
	}
	if v := int(req.GetVersion()); v != 0 && v != a.Latest.Number {
		return nil, apierr.NotFound(req.GetName())
	}
	return s.article(ctx, s.DB, a)
}

// ListArticleVersions implements intakev1.ArticleServiceServer.
func (s articleService) ListArticleVersions(ctx context.Context, req *intakev1.ListArticleVersionsRequest) (*intakev1.ListArticleVersionsResponse, error) {
	a, err := s.Cases.Article(ctx, s.DB, auth.FromContext(ctx).Sees(), lastID(req.GetParent()), 0)
	if err != nil {
		return nil, err
	}
	query, err := listing.Parse(versionSpec, listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Checksum: []byte(a.ID)})
	if err != nil {
		return nil, err
	}
	before := int64(0)
	if _, args := query.Where(1); len(args) > 0 {
		before, _ = args[0].(int64)
	}
	versions, err := s.Cases.ArticleVersions(ctx, s.DB, a.ID, int(before), query.Limit)
	if err != nil {
		return nil, err
	}
	versions, next := listing.Page(query, versions, func(v knowledge.Version) map[string]any { return map[string]any{"version": int64(v.Number), "id": ""} })
	resp := &intakev1.ListArticleVersionsResponse{NextPageToken: next}
	for _, v := range versions {
		one := *a
		one.Latest = v
		resp.Articles = append(resp.Articles, articleHead(auth.FromContext(ctx), &one))
	}
	return resp, nil
}

// SearchArticles implements intakev1.ArticleServiceServer.
func (s articleService) SearchArticles(ctx context.Context, req *intakev1.SearchArticlesRequest) (*intakev1.SearchArticlesResponse, error) {
	caller := auth.FromContext(ctx)
	q := store.ArticleQuery{Orgs: caller.Sees()}
	if req.GetState() != 0 {
		if !writes(caller) {
			return nil, apierr.Invalid("state", "只有撰写与审核人员可按状态查看", "is for writers and reviewers")
		}
		q.State = knowledge.State(req.GetState().String())
	}
	if req.GetQuery() != "" {
		asked, ok := phrase.Parse(req.GetQuery())
		if !ok {
			return nil, apierr.Invalid("query", "至少需要两个汉字或一个字母数字词", "two Chinese characters or one word of letters and digits are needed")
		}
		q.Terms = asked.Terms
	}
	var err error
	q.Page, err = listing.Parse(articleSpec, listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Filter: req.GetFilter(), Checksum: []byte(req.GetQuery() + "\x00" + req.GetState().String()),
	})
	if err != nil {
		return nil, err
	}
	found, err := s.Cases.FindArticles(ctx, s.DB, q)
	if err != nil {
		return nil, err
	}
	found, next := listing.Page(q.Page, found, func(f store.FoundArticle) map[string]any {
		return map[string]any{"score": f.Score, "sorted_at": f.SortedAt, "id": f.ID}
	})
	resp := &intakev1.SearchArticlesResponse{NextPageToken: next}
	for _, f := range found {
		resp.Articles = append(resp.Articles, articleHead(caller, f.Article))
	}
	return resp, nil
}

const suggestionsMost = 5

// SuggestArticles implements intakev1.ArticleServiceServer.
func (s articleService) SuggestArticles(ctx context.Context, req *intakev1.SuggestArticlesRequest) (*intakev1.SuggestArticlesResponse, error) {
	c, err := s.see(ctx, req.GetCase())
	if err != nil {
		return nil, err
	}
	target := s.target(ctx, c)
	matches, err := s.Cases.Candidates(ctx, s.DB, auth.FromContext(ctx).Sees(), phrase.Terms(c.Told()...), target.Model)
	if err != nil {
		return nil, err
	}
	present, resp := s.presenter(ctx), &intakev1.SuggestArticlesResponse{}
	for _, m := range matches {
		score, reasons := m.Score(target)
		if score == 0 {
			continue
		}
		one := &intakev1.SuggestArticlesResponse_Suggestion{Article: articleHead(present.caller, m.Article), Score: score}
		for _, r := range reasons {
			one.Reasons = append(one.Reasons, label{r.ZH, r.EN}.in(present.locale))
		}
		resp.Suggestions = append(resp.Suggestions, one)
	}
	slices.SortStableFunc(resp.Suggestions, func(a, b *intakev1.SuggestArticlesResponse_Suggestion) int {
		return cmp.Compare(b.GetScore(), a.GetScore())
	})
	resp.Suggestions = resp.Suggestions[:min(len(resp.Suggestions), suggestionsMost)]
	return resp, nil
}

// target is what articles are compared with; what was found is told to the owner's people only.
func (s *Server) target(ctx context.Context, c *casefile.Case) knowledge.Target {
	t := knowledge.Target{ContentClass: c.ContentClass}
	if len(c.Items) > 0 {
		t.Brand, t.Model = c.Items[0].Brand, c.Items[0].Model
	}
	if !slices.Contains(auth.FromContext(ctx).Sees(), c.OwnerOrg) {
		return t
	}
	for i := range c.Rounds {
		if v := c.Rounds[i].Investigation; v != nil && v.Conclusion != nil {
			t.Fault = v.Conclusion.Cause
		}
	}
	return t
}

// article is an article as the caller may know it, with what it is tied to.
func (s *Server) article(ctx context.Context, q store.Reader, a *knowledge.Article) (*intakev1.Article, error) {
	m := articleHead(auth.FromContext(ctx), a)
	if !slices.Contains(auth.FromContext(ctx).Sees(), a.Org) {
		return m, nil
	}
	return m, s.articleTies(ctx, q, m, a)
}

// articleHead is what lists show. Who wrote it, and what is being written, is the owner's.
func articleHead(caller auth.Principal, a *knowledge.Article) *intakev1.Article {
	v := &a.Latest
	m := &intakev1.Article{
		Name: a.Name(), Zh: textOf(v.ZH), En: textOf(v.EN), Brand: v.Brand, Model: v.Model, Fault: v.Fault, ContentClass: v.ContentClass, Keywords: v.Keywords,
		State: intakev1.Article_State(intakev1.Article_State_value[string(a.State)]), Version: int32(v.Number), PublishedVersion: int32(a.Published), Organisation: a.Org,
		UseCount: int32(a.Uses), HelpedCount: int32(a.Helped), NotHelpedCount: int32(a.NotHelped), CreateTime: at(v.Created), UpdateTime: at(a.Updated), Etag: a.Etag(),
	}
	if !slices.Contains(caller.Sees(), a.Org) {
		m.State = intakev1.Article_PUBLISHED
		return m
	}
	m.Author, m.Reviewer, m.ReviewNote = v.Author, v.Reviewer, v.Note
	for kind, n := range v.Removed {
		if m.Removed == nil {
			m.Removed = map[string]int32{}
		}
		m.Removed[kind] = int32(n)
	}
	return m
}

// articleTies adds the case, where the caller sees it, and the organisations that read along.
func (s *Server) articleTies(ctx context.Context, q store.Reader, m *intakev1.Article, a *knowledge.Article) (err error) {
	if a.FromCase != "" {
		_, err := s.Cases.Get(ctx, q, store.ViewerOf(auth.FromContext(ctx)), caseID(a.FromCase))
		switch {
		case err == nil:
			m.FromCase = a.FromCase
		case !errors.Is(err, apierr.ErrNotFound):
			return err
		}
	}
	m.SharedWith, err = s.Cases.Shares(ctx, q, a.ID)
	return err
}

func textOf(t knowledge.Text) *intakev1.ArticleText {
	if t == (knowledge.Text{}) {
		return nil
	}
	return &intakev1.ArticleText{Title: t.Title, Problem: t.Problem, Solution: t.Solution}
}

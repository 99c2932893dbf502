package api

import (
	"context"
	"slices"
	"strings"

	grpccodes "google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/knowledge"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

type articleService struct {
	intakev1.UnimplementedArticleServiceServer
	*Server
}

// writers are the roles that see what is not published, as the RPCs say.
var writers = []string{auth.RoleAgent, auth.RoleTechnicalSupport, auth.RoleInvestigator, auth.RoleManager, auth.RoleQuality}

func writes(p auth.Principal) bool { return slices.ContainsFunc(writers, p.Has) }

// CreateArticle implements intakev1.ArticleServiceServer.
func (s articleService) CreateArticle(ctx context.Context, req *intakev1.CreateArticleRequest) (*intakev1.Article, error) {
	content, err := s.articleContent(req.GetArticle())
	if err != nil {
		return nil, err
	}
	return s.addArticle(ctx, req, func(sqldb.Tx) (knowledge.Content, error) { return knowledge.NewStripper(nil).Content(content), nil }, "")
}

// DraftArticleFromCase implements intakev1.ArticleServiceServer.
func (s articleService) DraftArticleFromCase(ctx context.Context, req *intakev1.DraftArticleFromCaseRequest) (*intakev1.Article, error) {
	caller := auth.FromContext(ctx)
	return s.addArticle(ctx, req, func(tx sqldb.Tx) (knowledge.Content, error) {
		c, err := s.Cases.Get(ctx, tx, store.ViewerOf(caller), caseID(req.GetCase()))
		if err != nil {
			return knowledge.Content{}, err
		}
		return knowledge.FromCase(c, caller.Sees()...)
	}, req.GetCase())
}

func (s articleService) addArticle(ctx context.Context, req mutation, content func(tx sqldb.Tx) (knowledge.Content, error), fromCase string) (resp *intakev1.Article, err error) {
	caller := auth.FromContext(ctx)
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Article, error) {
			c, err := content(tx)
			if err != nil {
				return nil, err
			}
			a := knowledge.New(newID(), caller.Org, caller.Subject, fromCase, c, s.Clock.Now())
			if err := s.Cases.AddArticle(ctx, tx, a); err != nil {
				return nil, err
			}
			return s.article(ctx, tx, a)
		})
		return err
	})
	return resp, err
}

// articleContent reads what somebody wrote.
func (s *Server) articleContent(in *intakev1.Article) (knowledge.Content, error) {
	if err := s.Codes.Check(codes.ContentClass, in.GetContentClass()); err != nil {
		return knowledge.Content{}, err
	}
	if err := s.Codes.Check(codes.Cause, in.GetFault()); err != nil {
		return knowledge.Content{}, err
	}
	c := knowledge.Content{
		ZH: articleText(in.GetZh()), EN: articleText(in.GetEn()), Brand: strings.TrimSpace(in.GetBrand()), Model: strings.TrimSpace(in.GetModel()), Fault: in.GetFault(),
		ContentClass: in.GetContentClass(), Keywords: in.GetKeywords(),
	}
	return c, plain(map[string]string{"article.brand": c.Brand, "article.model": c.Model})
}

func articleText(t *intakev1.ArticleText) knowledge.Text {
	return knowledge.Text{Title: t.GetTitle(), Problem: t.GetProblem(), Solution: t.GetSolution()}
}

// changeArticle is the way of every verb: replay, lock, compare, do, save, answer.
func (s articleService) changeArticle(ctx context.Context, req mutation, name, etag string, do func(tx sqldb.Tx, a *knowledge.Article) error) (resp *intakev1.Article, err error) {
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Article, error) {
			a, err := s.Cases.LockArticle(ctx, tx, auth.FromContext(ctx).Sees(), lastID(name))
			if err != nil {
				return nil, err
			}
			if err := sameTag(etag, a.Etag()); err != nil {
				return nil, err
			}
			if err := do(tx, a); err != nil {
				return nil, err
			}
			if err := s.Cases.SaveArticle(ctx, tx, a); err != nil {
				return nil, err
			}
			return s.article(ctx, tx, a)
		})
		return err
	})
	return resp, err
}

// UpdateArticle implements intakev1.ArticleServiceServer.
func (s articleService) UpdateArticle(ctx context.Context, req *intakev1.UpdateArticleRequest) (*intakev1.Article, error) {
	in, fields := req.GetArticle(), req.GetUpdateMask().GetPaths()
	for _, f := range fields {
		if !slices.Contains(knowledge.Fields, f) {
			return nil, apierr.Invalid("update_mask", "可修改:"+strings.Join(knowledge.Fields, ", "), "may name "+strings.Join(knowledge.Fields, ", "))
		}
	}
	content, err := s.articleContent(in)
	if err != nil {
		return nil, err
	}
	return s.changeArticle(ctx, req, in.GetName(), in.GetEtag(), func(tx sqldb.Tx, a *knowledge.Article) error {
		strip, err := s.stripper(ctx, tx, a)
		if err != nil {
			return err
		}
		return a.Write(auth.FromContext(ctx).Subject, strip.Content(a.Latest.Merge(content, fields)), s.Clock.Now())
	})
}

// stripper knows the persons of the article's case, as long as there is one.
func (s *Server) stripper(ctx context.Context, tx sqldb.Tx, a *knowledge.Article) (*knowledge.Stripper, error) {
	if a.FromCase == "" {
		return knowledge.NewStripper(nil), nil
	}
	c, err := s.Cases.Get(ctx, tx, store.Everything, caseID(a.FromCase))
	if status.Code(err) == grpccodes.NotFound {
		return knowledge.NewStripper(nil), nil
	}
	return knowledge.NewStripper(c), err
}

// SubmitArticle implements intakev1.ArticleServiceServer.
func (s articleService) SubmitArticle(ctx context.Context, req *intakev1.SubmitArticleRequest) (*intakev1.Article, error) {
	return s.changeArticle(ctx, req, req.GetName(), req.GetEtag(), func(_ sqldb.Tx, a *knowledge.Article) error { return a.Submit(s.Clock.Now()) })
}

// PublishArticle implements intakev1.ArticleServiceServer.
func (s articleService) PublishArticle(ctx context.Context, req *intakev1.PublishArticleRequest) (*intakev1.Article, error) {
	return s.changeArticle(ctx, req, req.GetName(), req.GetEtag(), func(_ sqldb.Tx, a *knowledge.Article) error {
		return a.Publish(auth.FromContext(ctx).Subject, req.GetNote(), s.Clock.Now())
	})
}

// ReturnArticle implements intakev1.ArticleServiceServer.
func (s articleService) ReturnArticle(ctx context.Context, req *intakev1.ReturnArticleRequest) (*intakev1.Article, error) {
	return s.changeArticle(ctx, req, req.GetName(), req.GetEtag(), func(_ sqldb.Tx, a *knowledge.Article) error {
		return a.GiveBack(auth.FromContext(ctx).Subject, req.GetNote(), s.Clock.Now())
	})
}

// RetireArticle implements intakev1.ArticleServiceServer.
func (s articleService) RetireArticle(ctx context.Context, req *intakev1.RetireArticleRequest) (*intakev1.Article, error) {
	return s.changeArticle(ctx, req, req.GetName(), req.GetEtag(), func(_ sqldb.Tx, a *knowledge.Article) error {
		return a.Retire(auth.FromContext(ctx).Subject, req.GetNote(), s.Clock.Now())
	})
}

// ShareArticle implements intakev1.ArticleServiceServer.
func (s articleService) ShareArticle(ctx context.Context, req *intakev1.ShareArticleRequest) (*intakev1.Article, error) {
	if err := s.tied(ctx, req.GetOrganisations()); err != nil {
		return nil, err
	}
	return s.changeArticle(ctx, req, req.GetName(), req.GetEtag(), func(tx sqldb.Tx, a *knowledge.Article) error {
		return s.Cases.ShareArticle(ctx, tx, a, slices.DeleteFunc(slices.Clone(req.GetOrganisations()), func(o string) bool { return o == a.Org }))
	})
}

// tied refuses organisations that neither belong to the caller's legal entity nor are tied to it by a contract.
func (s *Server) tied(ctx context.Context, orgs []string) error {
	mine := auth.FromContext(ctx).Org
	for _, o := range orgs {
		found, err := s.checkServing(ctx, &gatewayv1.CheckServingRequest{Organisation: o, Owner: mine})
		if err != nil {
			return err
		}
		if !found.GetServes() {
			return apierr.Invalid("organisations", o+" 与本组织没有合同关系", o+" is not tied to the organisation by a contract")
		}
	}
	return nil
}

// UseArticle implements intakev1.ArticleServiceServer.
func (s articleService) UseArticle(ctx context.Context, req *intakev1.UseArticleRequest) (*intakev1.Article, error) {
	return s.noteUse(ctx, req, req.GetName(), req.GetCase(), store.Use{})
}

// RateArticle implements intakev1.ArticleServiceServer.
func (s articleService) RateArticle(ctx context.Context, req *intakev1.RateArticleRequest) (*intakev1.Article, error) {
	use := store.Use{Verdict: -1, Comment: req.GetComment()}
	if req.GetHelped() {
		use.Verdict = 1
	}
	return s.noteUse(ctx, req, req.GetName(), req.GetCase(), use)
}

// noteUse counts that the caller used what is published for a case that the caller sees.
func (s articleService) noteUse(ctx context.Context, req mutation, name, forCase string, use store.Use) (resp *intakev1.Article, err error) {
	caller := auth.FromContext(ctx)
	use.Article, use.Case, use.Reader, use.At = lastID(name), caseID(forCase), caller.Subject, s.Clock.Now()
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Article, error) {
			var c *casefile.Case
			if c, err = s.Cases.Get(ctx, tx, store.ViewerOf(caller), use.Case); err != nil {
				return nil, err
			}
			if _, err = s.Cases.ReadableArticle(ctx, tx, caller.Sees(), use.Article); err != nil {
				return nil, err
			}
			use.Comment = knowledge.NewStripper(c).Text(use.Comment)
			if err = s.Cases.UseArticle(ctx, tx, use); err != nil {
				return nil, err
			}
			a, err := s.Cases.ReadableArticle(ctx, tx, caller.Sees(), use.Article)
			if err != nil {
				return nil, err
			}
			return s.article(ctx, tx, a)
		})
		return err
	})
	return resp, err
}

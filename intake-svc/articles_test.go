package intake

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/auth"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

func (w *world) articles() intakev1.ArticleServiceClient {
	return intakev1.NewArticleServiceClient(w.conn)
}

// published is an article that two people made.
func (w *world) published(title, model string) *intakev1.Article {
	w.t.Helper()
	a, err := w.articles().CreateArticle(w.as(agent), &intakev1.CreateArticleRequest{Article: &intakev1.Article{
		Zh: &intakev1.ArticleText{Title: title, Problem: title + "，地板有水", Solution: "更换门密封圈并测试"}, Model: model, ContentClass: "REPAIR_QUALITY", Fault: "PART",
	}})
	require.NoError(w.t, err)
	return w.approve(a)
}

func (w *world) approve(a *intakev1.Article) *intakev1.Article {
	w.t.Helper()
	_, err := w.articles().SubmitArticle(w.as(agent), &intakev1.SubmitArticleRequest{Name: a.GetName()})
	require.NoError(w.t, err)
	a, err = w.articles().PublishArticle(w.as(support), &intakev1.PublishArticleRequest{Name: a.GetName(), Note: "可用"})
	require.NoError(w.t, err)
	return a
}

// R214, R188: from a resolved case to an article that helps with the next one, without a word of whose case it was.
func TestAnArticleFromACase(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		open := w.accepted(complaint())
		_, err := w.articles().DraftArticleFromCase(w.as(agent), &intakev1.DraftArticleFromCaseRequest{Case: open.GetName()})
		requireReason(t, err, "ARTICLE_CASE_OPEN")

		c := w.resolved()
		req := &intakev1.DraftArticleFromCaseRequest{Case: c.GetName(), RequestId: uuid.NewString()}
		a, err := w.articles().DraftArticleFromCase(w.as(agent), req)
		require.NoError(t, err)
		again, err := w.articles().DraftArticleFromCase(w.as(agent), req)
		require.NoError(t, err)
		require.Equal(t, a.GetName(), again.GetName())
		require.Equal(t, "XQG100", a.GetModel())
		require.Equal(t, "PART", a.GetFault())
		require.Contains(t, a.GetZh().GetProblem(), "漏水")
		require.Contains(t, a.GetZh().GetSolution(), "更换密封圈")
		require.Equal(t, c.GetName(), a.GetFromCase())

		a, err = w.articles().UpdateArticle(w.as(agent), &intakev1.UpdateArticleRequest{Article: &intakev1.Article{
			Name: a.GetName(), Etag: a.GetEtag(), En: &intakev1.ArticleText{Title: "Leak", Problem: "王小明 says it leaks, call 138-0013-8000", Solution: "Replace the seal"},
		}})
		require.NoError(t, err, "without a mask everything is replaced")
		require.Nil(t, a.GetZh())
		require.NotContains(t, a.GetEn().GetProblem(), "王小明", "names do not come back by hand")
		require.NotContains(t, a.GetEn().GetProblem(), "8000")
		require.Equal(t, int32(2), a.GetVersion())
		_, err = w.articles().UpdateArticle(w.as(agent), &intakev1.UpdateArticleRequest{Article: &intakev1.Article{Name: a.GetName(), Etag: "1"}})
		requireReason(t, err, "ETAG_STALE")
		versions, err := w.articles().ListArticleVersions(w.as(agent), &intakev1.ListArticleVersionsRequest{Parent: a.GetName(), PageSize: 1})
		require.NoError(t, err)
		require.Equal(t, int32(2), versions.GetArticles()[0].GetVersion())
		versions, err = w.articles().ListArticleVersions(w.as(agent), &intakev1.ListArticleVersionsRequest{Parent: a.GetName(), PageSize: 1, PageToken: versions.GetNextPageToken()})
		require.NoError(t, err)
		require.Contains(t, versions.GetArticles()[0].GetZh().GetProblem(), "漏水", "the first version stays")
		require.Empty(t, versions.GetNextPageToken())
	})
}

// R214: review by somebody else, search, versions while one is published, end of use.
func TestTheLifeOfAnArticle(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		wrote := staffOf("users/wrote", brand, auth.RoleTechnicalSupport)
		_, err := w.articles().CreateArticle(w.as(wrote), &intakev1.CreateArticleRequest{Article: &intakev1.Article{Fault: "NO_SUCH"}})
		requireReason(t, err, "CODE_UNKNOWN")
		a, err := w.articles().CreateArticle(w.as(wrote), &intakev1.CreateArticleRequest{Article: &intakev1.Article{
			Zh: &intakev1.ArticleText{Title: "滚筒洗衣机漏水", Problem: "门封老化", Solution: "更换"}, Brand: "海风", Model: "XQG100", Keywords: []string{"E2"},
		}})
		require.NoError(t, err)
		find := func(by auth.Principal, query, filter string) []*intakev1.Article {
			found, err := w.articles().SearchArticles(w.as(by), &intakev1.SearchArticlesRequest{Query: query, Filter: filter})
			require.NoError(t, err)
			return found.GetArticles()
		}
		require.Empty(t, find(agent, "漏水", ""), "a draft is not found")
		_, err = w.articles().PublishArticle(w.as(support), &intakev1.PublishArticleRequest{Name: a.GetName()})
		requireReason(t, err, "ARTICLE_STATE_INVALID")
		_, err = w.articles().SubmitArticle(w.as(wrote), &intakev1.SubmitArticleRequest{Name: a.GetName()})
		require.NoError(t, err)
		waiting, err := w.articles().SearchArticles(w.as(support), &intakev1.SearchArticlesRequest{State: intakev1.Article_IN_REVIEW})
		require.NoError(t, err)
		require.Len(t, waiting.GetArticles(), 1)
		_, err = w.articles().PublishArticle(w.as(wrote), &intakev1.PublishArticleRequest{Name: a.GetName()})
		requireReason(t, err, "REVIEWER_NOT_INDEPENDENT")
		_, err = w.articles().ReturnArticle(w.as(quality), &intakev1.ReturnArticleRequest{Name: a.GetName(), Note: "补充步骤"})
		require.NoError(t, err)
		a, err = w.articles().GetArticle(w.as(wrote), &intakev1.GetArticleRequest{Name: a.GetName()})
		require.NoError(t, err)
		require.Equal(t, "补充步骤", a.GetReviewNote())
		w.approve(a)
		for _, query := range []string{"漏水", "滚筒 漏水", "e2", "xqg100", "門封", ""} {
			require.Len(t, find(engineerOf(), query, ""), 1, query)
		}
		require.Len(t, find(agent, "漏水", `model = "XQG100" AND brand = "海风"`), 1)
		require.Empty(t, find(agent, "漏水", `model = "KFR"`))
		require.Empty(t, find(agent, "漏水 冒烟", ""))
		_, err = w.articles().SearchArticles(w.as(agent), &intakev1.SearchArticlesRequest{Query: "水"})
		requireReason(t, err, "FIELD_INVALID")

		_, err = w.articles().UpdateArticle(w.as(wrote), &intakev1.UpdateArticleRequest{Article: &intakev1.Article{
			Name: a.GetName(), Zh: &intakev1.ArticleText{Title: "脱水异响", Problem: "轴承", Solution: "更换轴承"},
		}})
		require.NoError(t, err)
		require.Len(t, find(agent, "漏水", ""), 1, "what is published stays")
		seen, err := w.articles().GetArticle(w.as(engineerOf()), &intakev1.GetArticleRequest{Name: a.GetName()})
		require.NoError(t, err)
		require.Equal(t, "滚筒洗衣机漏水", seen.GetZh().GetTitle())
		w.approve(a)
		require.Empty(t, find(agent, "漏水", ""))
		require.Len(t, find(agent, "轴承", ""), 1)
		_, err = w.articles().RetireArticle(w.as(quality), &intakev1.RetireArticleRequest{Name: a.GetName(), Note: "停产"})
		require.NoError(t, err)
		require.Empty(t, find(agent, "轴承", ""))
		_, err = w.articles().GetArticle(w.as(engineerOf()), &intakev1.GetArticleRequest{Name: a.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
	})
}

func engineerOf() auth.Principal { return staffOf("users/engineer", brand, auth.RoleEngineer) }

// R214: while a case is handled what fits is suggested; use is counted once, a rating can be changed.
func TestSuggestedArticles(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		fits, other := w.published("洗衣机维修后仍然漏水", "XQG100"), w.published("空调不制冷", "KFR-35")
		w.published("洗衣机漏水（另一型号）", "XQG200")
		c := w.accepted(complaint())
		suggest := func() *intakev1.SuggestArticlesResponse {
			got, err := w.articles().SuggestArticles(w.as(agent), &intakev1.SuggestArticlesRequest{Case: c.GetName()})
			require.NoError(t, err)
			return got
		}
		first := suggest()
		require.Len(t, first.GetSuggestions(), 1)
		require.Equal(t, fits.GetName(), first.GetSuggestions()[0].GetArticle().GetName())
		require.Contains(t, first.GetSuggestions()[0].GetReasons(), "同型号 XQG100")

		_, err := w.articles().UseArticle(w.as(agent), &intakev1.UseArticleRequest{Name: fits.GetName(), Case: c.GetName()})
		require.NoError(t, err)
		rate := func(by auth.Principal, helped bool) *intakev1.Article {
			a, err := w.articles().RateArticle(w.as(by), &intakev1.RateArticleRequest{Name: fits.GetName(), Case: c.GetName(), Helped: helped, Comment: "王小明很满意"})
			require.NoError(t, err)
			return a
		}
		require.Equal(t, int32(1), rate(agent, false).GetNotHelpedCount())
		a := rate(agent, true)
		require.Equal(t, []int32{1, 1, 0}, []int32{a.GetUseCount(), a.GetHelpedCount(), a.GetNotHelpedCount()})
		a = rate(otherAgent, false)
		require.Equal(t, []int32{2, 1, 1}, []int32{a.GetUseCount(), a.GetHelpedCount(), a.GetNotHelpedCount()})
		a, err = w.articles().UseArticle(w.as(otherAgent), &intakev1.UseArticleRequest{Name: fits.GetName(), Case: c.GetName()})
		require.NoError(t, err)
		require.Equal(t, int32(2), a.GetUseCount(), "once a person and case")
		require.Greater(t, suggest().GetSuggestions()[0].GetScore(), first.GetSuggestions()[0].GetScore())

		var comments string
		require.NoError(t, w.db.Row(t.Context(), `SELECT MAX(comment) FROM article_uses`).Scan(&comments))
		require.NotContains(t, comments, "王小明")
		_, err = w.articles().UseArticle(w.as(providerDesk), &intakev1.UseArticleRequest{Name: other.GetName(), Case: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
	})
}

// R1, R188: an organisation reads its own articles and those that are shared with it, and nothing of how they were made.
func TestArticlesOfOrganisations(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		a := w.published("洗衣机漏水", "XQG100")
		hidden := func() {
			t.Helper()
			_, err := w.articles().GetArticle(w.as(providerDesk), &intakev1.GetArticleRequest{Name: a.GetName()})
			requireReason(t, err, "RESOURCE_NOT_FOUND")
			found, err := w.articles().SearchArticles(w.as(providerDesk), &intakev1.SearchArticlesRequest{Query: "漏水"})
			require.NoError(t, err)
			require.Empty(t, found.GetArticles())
		}
		hidden()
		share := func(orgs ...string) error {
			_, err := w.articles().ShareArticle(w.as(quality), &intakev1.ShareArticleRequest{Name: a.GetName(), Organisations: orgs})
			return err
		}
		requireReason(t, share("organisations/stranger"), "FIELD_INVALID")
		require.NoError(t, share(provider))
		found, err := w.articles().SearchArticles(w.as(providerDesk), &intakev1.SearchArticlesRequest{Query: "漏水"})
		require.NoError(t, err)
		require.Len(t, found.GetArticles(), 1)
		got, err := w.articles().GetArticle(w.as(providerDesk), &intakev1.GetArticleRequest{Name: a.GetName()})
		require.NoError(t, err)
		require.Empty(t, got.GetAuthor()+got.GetReviewer()+got.GetReviewNote()+got.GetFromCase())
		require.Empty(t, got.GetSharedWith())
		_, err = w.articles().UpdateArticle(w.as(providerDesk), &intakev1.UpdateArticleRequest{Article: &intakev1.Article{Name: a.GetName()}})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		mine, err := w.articles().SearchArticles(w.as(providerDesk), &intakev1.SearchArticlesRequest{State: intakev1.Article_PUBLISHED})
		require.NoError(t, err)
		require.Empty(t, mine.GetArticles(), "work lists are of the own organisation")
		require.NoError(t, share())
		hidden()
	})
}

// Two reviewers at once: one publishes, the other is refused, and nothing is half done (R214).
func TestTwoReviewersAtOnce(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		a, err := w.articles().CreateArticle(w.as(agent), &intakev1.CreateArticleRequest{Article: &intakev1.Article{
			Zh: &intakev1.ArticleText{Title: "漏水", Problem: "门封", Solution: "更换"},
		}})
		require.NoError(t, err)
		_, err = w.articles().SubmitArticle(w.as(agent), &intakev1.SubmitArticleRequest{Name: a.GetName()})
		require.NoError(t, err)
		errs := make(chan error, 2)
		for _, by := range []auth.Principal{support, quality} {
			go func() {
				_, err := w.articles().PublishArticle(w.as(by), &intakev1.PublishArticleRequest{Name: a.GetName()})
				errs <- err
			}()
		}
		first, second := <-errs, <-errs
		if first != nil {
			first, second = second, first
		}
		require.NoError(t, first)
		requireReason(t, second, "ARTICLE_STATE_INVALID")
		var terms int64
		require.NoError(t, w.db.Row(t.Context(), `SELECT COUNT(*) FROM article_terms`).Scan(&terms))
		require.Equal(t, int64(3), terms)
	})
}

package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/knowledge"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// readable is the condition on published articles a that the organisations, argument number n, may read.
func readable(engine sqldb.Engine, n int, orgs []string) (sql string, arg any) {
	own, arg := sqldb.In(engine, "a.org", n, orgs)
	shared, _ := sqldb.In(engine, "org", n, orgs)
	return "a.published_at > 0 AND (" + own + " OR a.id IN (SELECT article_id FROM article_shares WHERE " + shared + "))", arg
}

// ReadableArticle implements Articles.
func (s *SQL) ReadableArticle(ctx context.Context, q Reader, orgs []string, id string) (*knowledge.Article, error) {
	may, arg := readable(q.Engine(), 2, orgs) //nolint:mnd // behind the id
	a, err := scanArticle(q.Row(ctx, `SELECT `+articleColumns+` FROM articles a JOIN article_versions v ON v.article_id = a.id AND v.version = a.published_version
		WHERE a.id = $1 AND `+may, id, arg))
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, apierr.NotFound("articles/" + id)
	}
	return a, err
}

// ArticleQuery is a list of articles.
type ArticleQuery struct {
	Orgs  []string
	Terms []string        // all of which an article holds
	State knowledge.State // of the latest version, among the own; "" for what is published
	Page  listing.Query   // on found: score, sorted_at, id, brand, model, fault, content_class
}

// FoundArticle is an article with the keys of its place in a list.
type FoundArticle struct {
	*knowledge.Article
	Score, SortedAt int64
}

// FindArticles answers a page.
func (s *SQL) FindArticles(ctx context.Context, q Reader, f ArticleQuery) ([]FoundArticle, error) {
	w := condition{next: 1}
	may, arg := readable(q.Engine(), w.next, f.Orgs)
	version, at := "a.published_version", "a.published_at"
	if f.State != "" {
		may, _ = sqldb.In(q.Engine(), "a.org", w.next, f.Orgs)
		version, at = "a.version", "a.updated_at"
	}
	w.arg(arg)
	if f.State != "" {
		may += " AND a.state = " + w.arg(string(f.State))
	}
	from, score := "articles a", "0"
	if len(f.Terms) > 0 {
		in, arg := sqldb.In(q.Engine(), "term", w.next, f.Terms)
		w.arg(arg)
		from = "(SELECT article_id, SUM(weight) AS weight FROM article_terms WHERE " + s.termOwners(q.Engine()) + " AND " + in +
			" GROUP BY article_id HAVING COUNT(*) = " + w.arg(int64(len(f.Terms))) + ") AS t JOIN articles a ON a.id = t.article_id"
		score = "CAST(t.weight AS BIGINT)"
	}
	where, args := f.Page.Where(w.next)
	rows, err := q.Rows(ctx, `SELECT `+articleColumns+`, a.score, a.sorted_at
		FROM (SELECT a.*, `+version+` AS shown, `+score+` AS score, `+at+` AS sorted_at FROM `+from+` WHERE `+may+`) AS a
		JOIN article_versions v ON v.article_id = a.id AND v.version = a.shown
		WHERE `+where+` ORDER BY `+f.Page.OrderBy+` LIMIT `+strconv.Itoa(f.Page.Limit), append(w.args, args...)...)
	return readFound(rows, err)
}

// termOwners: terms of own articles, and of those that others share ($1 are the organisations).
func (s *SQL) termOwners(engine sqldb.Engine) string {
	own, _ := sqldb.In(engine, "org", 1, []string{})
	return "(" + own + " OR org IN (SELECT owner FROM article_shares WHERE " + own + "))"
}

func readFound(rows sqldb.Rows, err error) ([]FoundArticle, error) {
	if err != nil {
		return nil, fmt.Errorf("store: find articles: %w", err)
	}
	defer rows.Close()
	var found []FoundArticle
	for rows.Next() {
		var f FoundArticle
		a, err := scanArticle(wider{rows, []any{&f.Score, &f.SortedAt}})
		if err != nil {
			return nil, err
		}
		f.Article = a
		found = append(found, f)
	}
	return found, rows.Err()
}

// wider is a row with more columns behind those that are scanned.
type wider struct {
	sqldb.Row
	more []any
}

// Scan implements sqldb.Row.
func (r wider) Scan(dest ...any) error { return r.Row.Scan(append(dest, r.more...)...) }

const (
	rareTerms      = 16  // of a case's text that articles are looked up by: the rarest among articles
	candidatesMost = 100 // articles that are scored
)

// Candidates answers published articles that hold rare terms of a case's text, or are about its model, with how rare each term is.
func (s *SQL) Candidates(ctx context.Context, q Reader, orgs, terms []string, model string) ([]*knowledge.Match, error) {
	rare, err := s.rarest(ctx, q, orgs, terms)
	if err != nil {
		return nil, err
	}
	used := make([]string, 0, len(rare))
	for _, t := range terms { // in the order of the text
		if _, ok := rare[t]; ok {
			used = append(used, t)
		}
	}
	byArticle, err := s.holders(ctx, q, orgs, used)
	if err != nil {
		return nil, err
	}
	articles, err := s.articlesOf(ctx, q, orgs, byArticle, model)
	if err != nil {
		return nil, err
	}
	matches := make([]*knowledge.Match, len(articles))
	for n, a := range articles {
		matches[n] = &knowledge.Match{Article: a, Rare: rare}
		for _, t := range used {
			if byArticle[a.ID][t] {
				matches[n].Terms = append(matches[n].Terms, t)
			}
		}
	}
	return matches, nil
}

// rarest are the terms that fewest articles hold, with how rare they are.
func (s *SQL) rarest(ctx context.Context, q Reader, orgs, terms []string) (map[string]float64, error) {
	may, arg := readable(q.Engine(), 1, orgs)
	var all int64
	if err := q.Row(ctx, `SELECT COUNT(*) FROM articles a WHERE `+may, arg).Scan(&all); err != nil {
		return nil, fmt.Errorf("store: count articles: %w", err)
	}
	in, words := sqldb.In(q.Engine(), "term", 2, terms) //nolint:mnd // behind the organisations
	rows, err := q.Rows(ctx, `SELECT term, COUNT(*) FROM article_terms WHERE `+s.termOwners(q.Engine())+` AND `+in+` GROUP BY term`, arg, words)
	if err != nil {
		return nil, fmt.Errorf("store: count terms: %w", err)
	}
	defer rows.Close()
	type counted struct {
		term string
		n    int64
	}
	var found []counted
	for rows.Next() {
		var c counted
		if err := rows.Scan(&c.term, &c.n); err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	slices.SortFunc(found, func(a, b counted) int { return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.term, b.term)) })
	rare := map[string]float64{}
	for _, c := range found[:min(len(found), rareTerms)] {
		rare[c.term] = math.Log1p(float64(max(all, c.n)) / float64(c.n))
	}
	return rare, rows.Err()
}

// holders are the articles that hold terms.
func (s *SQL) holders(ctx context.Context, q Reader, orgs, terms []string) (map[string]map[string]bool, error) {
	if len(terms) == 0 {
		return nil, nil
	}
	_, arg := readable(q.Engine(), 1, orgs)
	in, words := sqldb.In(q.Engine(), "term", 2, terms) //nolint:mnd // behind the organisations
	rows, err := q.Rows(ctx, `SELECT article_id, term FROM article_terms WHERE `+s.termOwners(q.Engine())+` AND `+in, arg, words)
	if err != nil {
		return nil, fmt.Errorf("store: read terms: %w", err)
	}
	defer rows.Close()
	found := map[string]map[string]bool{}
	for rows.Next() {
		var id, term string
		if err := rows.Scan(&id, &term); err != nil {
			return nil, err
		}
		if found[id] == nil {
			found[id] = map[string]bool{}
		}
		found[id][term] = true
	}
	return found, rows.Err()
}

// articlesOf reads the articles with most terms, and the newest about the model.
func (s *SQL) articlesOf(ctx context.Context, q Reader, orgs []string, holders map[string]map[string]bool, model string) ([]*knowledge.Article, error) {
	wanted := make([]string, 0, len(holders))
	for id := range holders {
		wanted = append(wanted, id)
	}
	slices.SortFunc(wanted, func(a, b string) int { return cmp.Or(cmp.Compare(len(holders[b]), len(holders[a])), cmp.Compare(b, a)) })
	wanted = wanted[:min(len(wanted), candidatesMost)]
	may, arg := readable(q.Engine(), 1, orgs)
	in, byID := sqldb.In(q.Engine(), "a.id", 2, wanted) //nolint:mnd // behind the organisations
	rows, err := q.Rows(ctx, `SELECT `+articleColumns+`, 0, 0 FROM articles a JOIN article_versions v ON v.article_id = a.id AND v.version = a.published_version
		WHERE `+may+` AND (`+in+` OR a.model = $3 AND $3 <> '') ORDER BY a.id DESC LIMIT `+strconv.Itoa(2*candidatesMost), arg, byID, model)
	found, err := readFound(rows, err)
	articles := make([]*knowledge.Article, len(found))
	for n, f := range found {
		articles[n] = f.Article
	}
	return articles, err
}

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/knowledge"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/phrase"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Articles keeps the knowledge base. What is published must be found by the organisation and by those it is shared with, everything else by the
// organisation alone; what is not to be seen is answered as if it were not there.
type Articles interface {
	// AddArticle must keep a new article with its first version.
	AddArticle(ctx context.Context, tx sqldb.Tx, a *knowledge.Article) error
	// LockArticle answers an article of the organisations with its latest version, and must keep others from changing it until the commit.
	LockArticle(ctx context.Context, tx sqldb.Tx, orgs []string, id string) (*knowledge.Article, error)
	// SaveArticle must write a locked article, its latest version, and what it is found by; it fails with apierr.ErrStale on another revision.
	SaveArticle(ctx context.Context, tx sqldb.Tx, a *knowledge.Article) error
	// Article answers the wanted version of an article of the organisations; 0 is the latest.
	Article(ctx context.Context, q Reader, orgs []string, id string, version int) (*knowledge.Article, error)
	// ReadableArticle answers what is published, to readers of own and shared articles.
	ReadableArticle(ctx context.Context, q Reader, orgs []string, id string) (*knowledge.Article, error)
	// ArticleVersions answers versions below one, newest first; before 0 is from the latest on.
	ArticleVersions(ctx context.Context, q sqldb.Queryer, id string, before, limit int) ([]knowledge.Version, error)
	// ShareArticle must replace the organisations that an article is shared with; Shares answers them.
	ShareArticle(ctx context.Context, tx sqldb.Tx, a *knowledge.Article, orgs []string) error
	Shares(ctx context.Context, q sqldb.Queryer, id string) ([]string, error)
	// UseArticle must keep one use a reader and case, and count it; a verdict of 0 leaves an earlier one alone.
	UseArticle(ctx context.Context, tx sqldb.Tx, u Use) error
}

var _ Articles = (*SQL)(nil)

// Use of an article for a case.
type Use struct {
	Article, Case, Reader, Comment string
	Verdict                        int // 1 it helped, -1 it did not, 0 not told
	At                             time.Time
}

const articleColumns = `a.id, a.org, a.state, a.published_version, a.published_at, a.revision, a.from_case, a.uses, a.helped, a.not_helped, a.created_at, a.updated_at,
	v.version, v.author, v.reviewer, v.note, v.created_at, v.content`

// AddArticle implements Articles.
func (s *SQL) AddArticle(ctx context.Context, tx sqldb.Tx, a *knowledge.Article) error {
	var b sqldb.Batch
	b.Exec(`INSERT INTO articles (id, org, state, version, published_version, published_at, revision, from_case, brand, model, fault, content_class, uses, helped,
		not_helped, created_at, updated_at) VALUES ($1, $2, $3, $4, 0, 0, $5, $6, '', '', '', '', 0, 0, 0, $7, $7)`,
		a.ID, a.Org, string(a.State), int64(a.Latest.Number), a.Revision, a.FromCase, sqldb.Micros(a.Created))
	if err := keepVersion(&b, a); err != nil {
		return err
	}
	if err := tx.Send(ctx, &b); err != nil {
		return fmt.Errorf("store: keep article: %w", err)
	}
	return nil
}

func keepVersion(b *sqldb.Batch, a *knowledge.Article) error {
	v := &a.Latest
	content, err := json.Marshal(v.Content)
	if err != nil {
		return fmt.Errorf("store: write %s: %w", a.Name(), err)
	}
	b.Exec(`INSERT INTO article_versions (article_id, version, author, reviewer, note, created_at, content) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (article_id, version) DO UPDATE SET reviewer = excluded.reviewer, note = excluded.note`,
		a.ID, int64(v.Number), v.Author, v.Reviewer, v.Note, sqldb.Micros(v.Created), string(content))
	return nil
}

// LockArticle implements Articles.
func (s *SQL) LockArticle(ctx context.Context, tx sqldb.Tx, orgs []string, id string) (*knowledge.Article, error) {
	if tx.Engine() == sqldb.Postgres {
		if _, err := tx.Exec(ctx, `SELECT 1 FROM articles WHERE id = $1 FOR UPDATE`, id); err != nil {
			return nil, fmt.Errorf("store: lock article: %w", err)
		}
	}
	return s.Article(ctx, tx, orgs, id, 0)
}

// Article implements Articles.
func (s *SQL) Article(ctx context.Context, q Reader, orgs []string, id string, version int) (*knowledge.Article, error) {
	in, arg := sqldb.In(q.Engine(), "a.org", 2, orgs) //nolint:mnd // behind the id
	a, err := scanArticle(q.Row(ctx, `SELECT `+articleColumns+` FROM articles a JOIN article_versions v ON v.article_id = a.id
		AND v.version = CASE WHEN $3 > 0 THEN $3 ELSE a.version END WHERE a.id = $1 AND `+in, id, arg, int64(version)))
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, apierr.NotFound("articles/" + id)
	}
	if err != nil {
		return nil, fmt.Errorf("store: read article: %w", err)
	}
	return a, s.authors(ctx, q, a)
}

// authors are those who wrote since the published version.
func (s *SQL) authors(ctx context.Context, q Reader, a *knowledge.Article) (err error) {
	after := a.Published
	if a.State == knowledge.Published {
		after--
	}
	a.Authors, err = ids(q.Rows(ctx, `SELECT DISTINCT author FROM article_versions WHERE article_id = $1 AND version > $2 ORDER BY author`, a.ID, int64(after)))
	return err
}

func scanArticle(row sqldb.Row) (*knowledge.Article, error) {
	var a knowledge.Article
	var state, content string
	var published, publishedAt, uses, helped, not, created, updated, version, written int64
	err := row.Scan(&a.ID, &a.Org, &state, &published, &publishedAt, &a.Revision, &a.FromCase, &uses, &helped, &not, &created, &updated,
		&version, &a.Latest.Author, &a.Latest.Reviewer, &a.Latest.Note, &written, &content)
	if err != nil {
		return nil, err
	}
	a.State, a.Published, a.Uses, a.Helped, a.NotHelped = knowledge.State(state), int(published), int(uses), int(helped), int(not)
	a.PublishedAt, a.Created, a.Updated = sqldb.Time(publishedAt), sqldb.Time(created), sqldb.Time(updated)
	a.Latest.Number, a.Latest.Created = int(version), sqldb.Time(written)
	return &a, json.Unmarshal([]byte(content), &a.Latest.Content)
}

// SaveArticle implements Articles.
func (s *SQL) SaveArticle(ctx context.Context, tx sqldb.Tx, a *knowledge.Article) error {
	var b sqldb.Batch
	read := a.Revision
	a.Revision++
	b.ExecThen(func(affected int64) error {
		if affected != 1 {
			return apierr.ErrStale.New()
		}
		return nil
	}, `UPDATE articles SET state = $2, version = $3, published_version = $4, published_at = $5, revision = $6, updated_at = $7 WHERE id = $1 AND revision = $8`,
		a.ID, string(a.State), int64(a.Latest.Number), int64(a.Published), sqldb.Micros(a.PublishedAt), a.Revision, sqldb.Micros(a.Updated), read)
	if err := keepVersion(&b, a); err != nil {
		return err
	}
	switch {
	case a.State == knowledge.Published:
		publish(&b, tx.Engine(), a)
	case a.Published == 0:
		b.Exec(`DELETE FROM article_terms WHERE article_id = $1`, a.ID)
	}
	if err := tx.Send(ctx, &b); err != nil {
		return fmt.Errorf("store: save %s: %w", a.Name(), err)
	}
	return nil
}

// Weights of terms: what stands in a title says more than what stands below it.
const (
	titleWeight = 3
	bodyWeight  = 1
)

// publish makes an article found by its latest version.
func publish(b *sqldb.Batch, engine sqldb.Engine, a *knowledge.Article) {
	c := &a.Latest.Content
	b.Exec(`UPDATE articles SET brand = $2, model = $3, fault = $4, content_class = $5 WHERE id = $1`, a.ID, c.Brand, c.Model, c.Fault, c.ContentClass)
	b.Exec(`DELETE FROM article_terms WHERE article_id = $1`, a.ID)
	titles := phrase.Terms(c.Titles()...)
	weights := map[string]int64{}
	for _, t := range titles {
		weights[t] = titleWeight
	}
	insert := sqldb.NewInsert("article_terms", "org", "term", "article_id", "weight")
	for _, t := range append(titles, phrase.Terms(c.Body()...)...) {
		weight, known := weights[t]
		if known && weight == 0 {
			continue
		}
		insert.Row(a.Org, t, a.ID, max(weight, bodyWeight))
		weights[t] = 0 // written
	}
	if insert.Len() > 0 {
		insert.AddTo(b, engine, nil)
	}
}

// ArticleVersions implements Articles.
func (s *SQL) ArticleVersions(ctx context.Context, q sqldb.Queryer, id string, before, limit int) ([]knowledge.Version, error) {
	rows, err := q.Rows(ctx, `SELECT version, author, reviewer, note, created_at, content FROM article_versions WHERE article_id = $1 AND ($2 = 0 OR version < $2)
		ORDER BY version DESC LIMIT $3`, id, int64(before), int64(limit))
	if err != nil {
		return nil, fmt.Errorf("store: article versions: %w", err)
	}
	defer rows.Close()
	var found []knowledge.Version
	for rows.Next() {
		var v knowledge.Version
		var number, created int64
		var content string
		if err := rows.Scan(&number, &v.Author, &v.Reviewer, &v.Note, &created, &content); err != nil {
			return nil, err
		}
		v.Number, v.Created = int(number), sqldb.Time(created)
		if err := json.Unmarshal([]byte(content), &v.Content); err != nil {
			return nil, fmt.Errorf("store: read articles/%s: %w", id, err)
		}
		found = append(found, v)
	}
	return found, rows.Err()
}

// ShareArticle implements Articles.
func (s *SQL) ShareArticle(ctx context.Context, tx sqldb.Tx, a *knowledge.Article, orgs []string) error {
	var b sqldb.Batch
	b.Exec(`DELETE FROM article_shares WHERE article_id = $1`, a.ID)
	for _, o := range orgs {
		b.Exec(`INSERT INTO article_shares (org, article_id, owner) VALUES ($1, $2, $3) ON CONFLICT (org, article_id) DO NOTHING`, o, a.ID, a.Org)
	}
	if err := tx.Send(ctx, &b); err != nil {
		return fmt.Errorf("store: share %s: %w", a.Name(), err)
	}
	return nil
}

// Shares implements Articles.
func (s *SQL) Shares(ctx context.Context, q sqldb.Queryer, id string) ([]string, error) {
	return ids(q.Rows(ctx, `SELECT org FROM article_shares WHERE article_id = $1 ORDER BY org`, id))
}

// UseArticle implements Articles. The article's row is locked by its first statement: counters of one article are added up one by one.
func (s *SQL) UseArticle(ctx context.Context, tx sqldb.Tx, u Use) error {
	if _, err := tx.Exec(ctx, `UPDATE articles SET uses = uses WHERE id = $1`, u.Article); err != nil {
		return fmt.Errorf("store: use article: %w", err)
	}
	var before int64
	err := tx.Row(ctx, `SELECT verdict FROM article_uses WHERE article_id = $1 AND case_id = $2 AND reader = $3`, u.Article, u.Case, u.Reader).Scan(&before)
	fresh := errors.Is(err, sqldb.ErrNoRows)
	if err != nil && !fresh {
		return fmt.Errorf("store: read use: %w", err)
	}
	if !fresh && u.Verdict == 0 {
		return nil
	}
	count := func(fresh bool, now, before int64, verdict int64) (n int64) {
		if now == verdict {
			n++
		}
		if !fresh && before == verdict {
			n--
		}
		return n
	}
	now := int64(u.Verdict)
	uses := int64(0)
	if fresh {
		uses = 1
	}
	var b sqldb.Batch
	b.Exec(`INSERT INTO article_uses (article_id, case_id, reader, verdict, comment, used_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (article_id, case_id, reader) DO UPDATE SET verdict = excluded.verdict, comment = excluded.comment`,
		u.Article, u.Case, u.Reader, now, u.Comment, sqldb.Micros(u.At))
	b.Exec(`UPDATE articles SET uses = uses + $2, helped = helped + $3, not_helped = not_helped + $4 WHERE id = $1`,
		u.Article, uses, count(fresh, now, before, 1), count(fresh, now, before, -1))
	if err := tx.Send(ctx, &b); err != nil {
		return fmt.Errorf("store: count use: %w", err)
	}
	return nil
}

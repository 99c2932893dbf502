package store

import (
	"context"
	"slices"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// words are what of a response is sealed: the customer's own, what rests on them, and the digest of the content, which
// would otherwise let guesses be checked.
type words struct {
	Comment          string           `json:"comment,omitempty"`
	NewClaim         string           `json:"newClaim,omitempty"`
	FurtherQuestions string           `json:"furtherQuestions,omitempty"`
	Topics           []survey.Finding `json:"topics,omitempty"`
	Demands          []survey.Finding `json:"demands,omitempty"`
	Digest           string           `json:"digest"`
}

const responseColumns = `r.invitation, r.revision, r.id, r.survey, r.solved, r.satisfied, r.satisfied_told, r.more_help,
	r.normal_use, r.channel, r.recorded_by, r.words, r.sentiment, r.sentiment_score, r.analysis_model, r.create_us`

// AddResponse adds a revision, which becomes the newest.
func (s *Store) AddResponse(ctx context.Context, tx sqldb.Tx, r *survey.Response) error {
	sealed, err := s.seal(words{
		Comment: r.Comment, NewClaim: r.NewClaim, FurtherQuestions: r.FurtherQuestions,
		Topics: r.Reading.Topics, Demands: r.Reading.Demands, Digest: r.Digest,
	}, "words", r.Invitation)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE responses SET newest = FALSE WHERE invitation = $1 AND newest`, r.Invitation); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO responses (invitation, revision, id, survey, newest, solved, satisfied, satisfied_told,
			more_help, normal_use, overall, channel, recorded_by, words, sentiment, sentiment_score, analysis_model, create_us)
		VALUES ($1, $2, $3, $4, TRUE, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		r.Invitation, r.Revision, r.ID, r.Survey, r.Solved, r.IsSatisfied(), r.Satisfied != nil, r.MoreHelp, fromYesNo(r.NormalUse),
		r.Ratings[survey.Overall], string(r.Channel), r.RecordedBy, sealed, r.Reading.Sentiment, r.Reading.Score, r.Reading.Model,
		sqldb.Micros(r.Created))
	if err != nil {
		return err
	}
	return addParts(ctx, tx, r)
}

// addParts adds the countable parts of a revision: ratings and codes.
func addParts(ctx context.Context, tx sqldb.Tx, r *survey.Response) error {
	ratings := sqldb.NewInsert("ratings", "invitation", "revision", "dimension", "value")
	for dimension, value := range r.Ratings {
		ratings.Row(r.Invitation, r.Revision, dimension, value)
	}
	codes := sqldb.NewInsert("response_codes", "invitation", "revision", "kind", "code").OnConflict("DO NOTHING")
	for _, f := range r.Reading.Topics {
		codes.Row(r.Invitation, r.Revision, "TOPIC", f.Code)
	}
	for _, f := range r.Reading.Demands {
		codes.Row(r.Invitation, r.Revision, "DEMAND", f.Code)
	}
	for _, insert := range []*sqldb.Insert{ratings, codes} {
		if insert.Len() == 0 {
			continue
		}
		if _, err := insert.Exec(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// Newest reads the newest revision of an invitation's answer; nil when there is none.
func (s *Store) Newest(ctx context.Context, q Queryer, invitation string) (*survey.Response, error) {
	found, err := s.NewestOf(ctx, q, []string{invitation})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[invitation], nil
}

// NewestOf reads the newest revisions of several invitations' answers, by invitation.
func (s *Store) NewestOf(ctx context.Context, q Queryer, invitations []string) (map[string]*survey.Response, error) {
	in, arg := sqldb.In(q.Engine(), "r.invitation", 1, invitations)
	rows, err := q.Rows(ctx, `SELECT `+responseColumns+` FROM responses r WHERE r.newest AND `+in, arg)
	list, err := collect(rows, err, s.scanResponse)
	if err != nil {
		return nil, err
	}
	byInvitation := make(map[string]*survey.Response, len(list))
	for n := range list {
		byInvitation[list[n].Invitation] = &list[n]
	}
	return byInvitation, s.loadRatings(ctx, q, list)
}

// Revisions reads all revisions of one invitation's answer, oldest first.
func (s *Store) Revisions(ctx context.Context, q Queryer, invitation string) ([]survey.Response, error) {
	rows, err := q.Rows(ctx, `SELECT `+responseColumns+` FROM responses r WHERE r.invitation = $1 ORDER BY r.revision`, invitation)
	list, err := collect(rows, err, s.scanResponse)
	if err != nil {
		return nil, err
	}
	return list, s.loadRatings(ctx, q, list)
}

func (s *Store) scanResponse(row sqldb.Row) (r survey.Response, err error) {
	var satisfied, told bool
	var normalUse int
	var sealed []byte
	var created int64
	err = row.Scan(&r.Invitation, &r.Revision, &r.ID, &r.Survey, &r.Solved, &satisfied, &told, &r.MoreHelp, &normalUse,
		&r.Channel, &r.RecordedBy, &sealed, &r.Reading.Sentiment, &r.Reading.Score, &r.Reading.Model, &created)
	if err != nil {
		return r, err
	}
	if told {
		r.Satisfied = &satisfied
	}
	r.NormalUse, r.Created = toYesNo(normalUse), sqldb.Time(created)
	var w words
	if err := s.open(sealed, &w, "words", r.Invitation); err != nil {
		return r, err
	}
	r.Comment, r.NewClaim, r.FurtherQuestions = w.Comment, w.NewClaim, w.FurtherQuestions
	r.Reading.Topics, r.Reading.Demands, r.Digest = w.Topics, w.Demands, w.Digest
	return r, nil
}

// loadRatings fills in the ratings of the responses with one query.
func (s *Store) loadRatings(ctx context.Context, q Queryer, list []survey.Response) error {
	if len(list) == 0 {
		return nil
	}
	type key struct {
		invitation string
		revision   int
	}
	byKey := make(map[key]*survey.Response, len(list))
	ids := make([]string, 0, len(list))
	for n := range list {
		r := &list[n]
		byKey[key{r.Invitation, r.Revision}] = r
		ids = append(ids, r.Invitation)
	}
	in, arg := sqldb.In(q.Engine(), "invitation", 1, slices.Compact(ids))
	rows, err := q.Rows(ctx, `SELECT invitation, revision, dimension, value FROM ratings WHERE `+in, arg)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k key
		var dimension string
		var value int
		if err := rows.Scan(&k.invitation, &k.revision, &dimension, &value); err != nil {
			return err
		}
		if r := byKey[k]; r != nil {
			if r.Ratings == nil {
				r.Ratings = map[string]int{}
			}
			r.Ratings[dimension] = value
		}
	}
	return rows.Err()
}

// A question that was not asked is 0, yes is 1, no is 2.
func fromYesNo(v *bool) int {
	switch {
	case v == nil:
		return 0
	case *v:
		return 1
	}
	return 2
}

func toYesNo(v int) *bool {
	if v == 0 {
		return nil
	}
	yes := v == 1
	return &yes
}

package store

import (
	"context"
	"fmt"
	"time"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/report"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// Split chooses by what counts are split.
type Split string

// The splits that one statement can do.
const (
	NoSplit        Split = "''"
	ByContentClass Split = "COALESCE(k.content_class, '')"
	ByModel        Split = "COALESCE(k.model, '')"
)

// Span chooses what is counted: invitations made from Start to before End, of one purpose or (empty) all.
type Span struct {
	Start, End time.Time
	Purpose    survey.Purpose
	Split      Split
}

// reached is true of an invitation whose customer got the message, was on the phone, or answered.
const reached = `(i.deliver_us > 0 OR i.state = 'RESPONDED' OR EXISTS (SELECT 1 FROM call_backs c
	JOIN call_attempts a ON a.call_back = c.id WHERE c.invitation = i.id AND a.result IN ('REACHED', 'REFUSED', 'CALL_LATER')))`

// Count counts what p may see, RESTRICTED cases left out.
func (s *Store) Count(ctx context.Context, db Queryer, p auth.Principal, span Span) (c report.Counts, err error) {
	from, args := countFrom(db.Engine(), p, span)
	key := string(span.Split)
	rows, err := db.Rows(ctx, fmt.Sprintf(`SELECT %s, i.state, COUNT(*), COUNT(CASE WHEN %s THEN 1 END) %s GROUP BY 1, 2`,
		key, reached, fmt.Sprintf(from, "")), args...)
	c.Invited, err = collect(rows, err, func(row sqldb.Row) (r report.Invited, err error) {
		return r, row.Scan(&r.Key, &r.State, &r.Count, &r.Reached)
	})
	if err != nil {
		return c, err
	}
	const newest = `JOIN responses r ON r.invitation = i.id AND r.newest`
	rows, err = db.Rows(ctx, fmt.Sprintf(`SELECT %s, r.sentiment, COUNT(*), COUNT(CASE WHEN r.solved THEN 1 END),
		COUNT(CASE WHEN r.satisfied THEN 1 END) %s GROUP BY 1, 2`, key, fmt.Sprintf(from, newest)), args...)
	c.Answered, err = collect(rows, err, func(row sqldb.Row) (r report.Answered, err error) {
		return r, row.Scan(&r.Key, &r.Sentiment, &r.Count, &r.Solved, &r.Satisfied)
	})
	if err != nil {
		return c, err
	}
	const ratings = newest + ` JOIN ratings v ON v.invitation = r.invitation AND v.revision = r.revision`
	rows, err = db.Rows(ctx, fmt.Sprintf(`SELECT %s, v.dimension, v.value, COUNT(*) %s GROUP BY 1, 2, 3`,
		key, fmt.Sprintf(from, ratings)), args...)
	c.Rated, err = collect(rows, err, func(row sqldb.Row) (r report.Rated, err error) {
		return r, row.Scan(&r.Key, &r.Dimension, &r.Value, &r.Count)
	})
	return c, err
}

// countFrom is the common part of the three counts; its one %s takes further joins.
func countFrom(engine sqldb.Engine, p auth.Principal, span Span) (from string, args []any) {
	seen, args := visible(engine, p, 3)
	args = append([]any{sqldb.Micros(span.Start), sqldb.Micros(span.End)}, args...)
	from = `FROM invitations i LEFT JOIN case_copies k ON k.case_name = i.case_name %s
		WHERE i.create_us >= $1 AND i.create_us < $2 AND i.confidentiality <> 'RESTRICTED' AND ` + seen
	if span.Purpose != "" {
		args = append(args, string(span.Purpose))
		from += fmt.Sprintf(` AND i.purpose = $%d`, len(args))
	}
	return from, args
}

// LastSequence is the number of the last event that this service wrote about a case; 0 when none.
func (s *Store) LastSequence(ctx context.Context, q sqldb.Queryer, caseName string) (seq int64, err error) {
	err = q.Row(ctx, `SELECT seq FROM outbox_seq WHERE event_key = $1`, caseName).Scan(&seq)
	if missing(err) {
		return 0, nil
	}
	return seq, err
}

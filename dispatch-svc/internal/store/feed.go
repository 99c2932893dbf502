package store

import (
	"context"
	"time"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// FeedEntry is one thing that an engineer's phone is told.
type FeedEntry struct {
	Seq     int64
	Order   string // id
	Verb    string
	Removed bool // the order was taken from the engineer
	At      time.Time
}

// Feed reads what comes behind a cursor, in order. Numbers of an engineer commit in order, so nothing is skipped.
func (s *Store) Feed(ctx context.Context, engineer string, after int64, limit int) ([]FeedEntry, error) {
	rows, err := s.DB.Rows(ctx, `SELECT seq, work_order, verb, removed, at_us FROM engineer_feed
		WHERE engineer = $1 AND seq > $2 ORDER BY seq LIMIT $3`, engineer, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []FeedEntry
	for rows.Next() {
		var f FeedEntry
		var at int64
		if err := rows.Scan(&f.Seq, &f.Order, &f.Verb, &f.Removed, &at); err != nil {
			return nil, err
		}
		f.At = sqldb.Time(at)
		out = append(out, f)
	}
	return out, rows.Err()
}

// ListenFeed gives a channel that receives after commits of this process that concern the engineer; other processes' commits are
// found by asking again.
func (s *Store) ListenFeed(engineer string) (<-chan struct{}, func()) {
	return sqldb.Listen(s.DB, feedTopic(engineer))
}

// PruneFeed forgets what phones were told before a time, in small transactions.
func (s *Store) PruneFeed(ctx context.Context, before time.Time) error {
	const batch = 1000
	for {
		n, err := s.DB.Exec(ctx, `DELETE FROM engineer_feed WHERE (engineer, seq) IN
			(SELECT engineer, seq FROM engineer_feed WHERE at_us < $1 ORDER BY at_us LIMIT $2)`, sqldb.Micros(before), batch)
		if err != nil || n < batch {
			return err
		}
	}
}

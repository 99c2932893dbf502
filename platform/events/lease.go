package events

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// leaseTime is how long a dead process keeps others waiting on PostgreSQL. It is longer than a delivery may last, so that a
// delivery that has begun under the lease ends under it.
const leaseTime = deliverLimit + 2*time.Second

// process tells this process' leases from those of its predecessors.
var process = uuid.NewString()

// lease is a relay's right to deliver.
type lease struct {
	db         sqldb.DB
	clock      clock.Clock
	subscriber string
	holder     string
	// mine is a pattern for holders of this process. On SQLite the data folder is locked, so that any other holder is dead and
	// its lease is taken at once; on PostgreSQL it is "" and the lease must run out.
	mine  string
	until time.Time
}

func newLease(db sqldb.DB, subscriber string, c clock.Clock) lease {
	l := lease{db: db, clock: c, subscriber: subscriber, holder: process + "/" + uuid.NewString()}
	if db.Engine() == sqldb.SQLite {
		l.mine = process + "/%"
	}
	return l
}

// held says that the lease lasts for a whole delivery.
func (l *lease) held() bool {
	return l.clock.Now().Add(deliverLimit).Before(l.until)
}

// take gets or renews the lease, or says ErrElsewhere.
func (l *lease) take(ctx context.Context) error {
	now := l.clock.Now()
	until := now.Add(leaseTime)
	taken, err := l.db.Exec(ctx, `INSERT INTO relay_lease (subscriber, holder, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (subscriber) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
		WHERE relay_lease.holder = excluded.holder OR relay_lease.expires_at <= $4
			OR ($5 <> '' AND relay_lease.holder NOT LIKE $5)`,
		l.subscriber, l.holder, sqldb.Micros(until), sqldb.Micros(now), l.mine)
	if err != nil {
		return fmt.Errorf("events: relay lease: %w", err)
	}
	if taken == 0 {
		return ErrElsewhere
	}
	l.until = until
	return nil
}

// extend renews the lease inside tx, or says ErrElsewhere when somebody else has it.
func (l *lease) extend(ctx context.Context, tx sqldb.Tx) error {
	until := l.clock.Now().Add(leaseTime)
	mine, err := tx.Exec(ctx, `UPDATE relay_lease SET expires_at = $1 WHERE subscriber = $2 AND holder = $3`,
		sqldb.Micros(until), l.subscriber, l.holder)
	if err != nil {
		return fmt.Errorf("events: relay lease: %w", err)
	}
	if mine == 0 {
		l.until = time.Time{}
		return ErrElsewhere
	}
	tx.AfterCommit(func() { l.until = until })
	return nil
}

func (l *lease) release(ctx context.Context) error {
	l.until = time.Time{}
	_, err := l.db.Exec(ctx, `DELETE FROM relay_lease WHERE subscriber = $1 AND holder = $2`, l.subscriber, l.holder)
	return err
}

package store

import (
	"context"
	"time"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Attempt is one try to hand a message over.
type Attempt struct {
	Invitation string
	Number     int
	Channel    string
	MessageID  string // the same for every try of one message
	Start      time.Time
	Lease      time.Time // nobody else tries before
	End        time.Time // zero while under way, or when it was interrupted
	Result     string    // "", ACCEPTED or FAILED
	Detail     string
}

// AddAttempt records that a try begins.
func (s *Store) AddAttempt(ctx context.Context, tx sqldb.Tx, a Attempt) error {
	_, err := tx.Exec(ctx, `INSERT INTO delivery_attempts (invitation, number, channel, message_id, start_us, lease_us)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		a.Invitation, a.Number, a.Channel, a.MessageID, sqldb.Micros(a.Start), sqldb.Micros(a.Lease))
	return err
}

// EndAttempt records what came of it, once.
func (s *Store) EndAttempt(ctx context.Context, tx sqldb.Tx, a Attempt) error {
	return one(tx.Exec(ctx, `UPDATE delivery_attempts SET end_us = $1, result = $2, detail = $3
		WHERE invitation = $4 AND number = $5 AND result = ''`,
		sqldb.Micros(a.End), a.Result, a.Detail, a.Invitation, a.Number))
}

// Attempts reads the tries of several invitations, oldest first, by invitation.
func (s *Store) Attempts(ctx context.Context, q Queryer, invitations []string) (map[string][]Attempt, error) {
	in, arg := sqldb.In(q.Engine(), "invitation", 1, invitations)
	rows, err := q.Rows(ctx, `SELECT invitation, number, channel, message_id, start_us, lease_us, end_us, result, detail
		FROM delivery_attempts WHERE `+in+` ORDER BY invitation, number`, arg)
	list, err := collect(rows, err, scanAttempt)
	if err != nil {
		return nil, err
	}
	byInvitation := make(map[string][]Attempt, len(invitations))
	for _, a := range list {
		byInvitation[a.Invitation] = append(byInvitation[a.Invitation], a)
	}
	return byInvitation, nil
}

func scanAttempt(row sqldb.Row) (a Attempt, err error) {
	var start, lease, end int64
	err = row.Scan(&a.Invitation, &a.Number, &a.Channel, &a.MessageID, &start, &lease, &end, &a.Result, &a.Detail)
	a.Start, a.Lease, a.End = sqldb.Time(start), sqldb.Time(lease), sqldb.Time(end)
	return a, err
}

// DueDeliveries gives the ids of at most limit invitations whose message is due, the longest due first.
func (s *Store) DueDeliveries(ctx context.Context, q sqldb.Queryer, now time.Time, limit int) ([]string, error) {
	rows, err := q.Rows(ctx, `SELECT id FROM invitations WHERE next_attempt_us > 0 AND next_attempt_us <= $1
		AND state = 'SCHEDULED' AND expire_us > $1 ORDER BY next_attempt_us LIMIT $2`, sqldb.Micros(now), limit)
	return collect(rows, err, scanString)
}

// DueExpiries gives the ids of at most limit invitations whose time is over and that still wait for an answer.
func (s *Store) DueExpiries(ctx context.Context, q sqldb.Queryer, now time.Time, limit int) ([]string, error) {
	rows, err := q.Rows(ctx, `SELECT id FROM invitations WHERE state IN ('SCHEDULED', 'DELIVERED', 'UNDELIVERABLE')
		AND expire_us <= $1 ORDER BY expire_us LIMIT $2`, sqldb.Micros(now), limit)
	return collect(rows, err, scanString)
}

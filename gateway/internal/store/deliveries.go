package store

import (
	"context"
	"time"

	"github.com/aftersales-suite/aftersales/gateway/internal/webhook"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Claim implements webhook.Queue. Only the first of an endpoint and case is taken, so that their order is kept; what waits
// behind a failed one is postponed with it, so that the due rows are few.
func (s *Store) Claim(ctx context.Context, now, lease time.Time, busy []string) (job webhook.Job, found bool, err error) {
	err = s.db.InTx(ctx, func(tx sqldb.Tx) error {
		job, found, err = claim(ctx, tx, now, lease, busy)
		return err
	})
	return job, found, err
}

func claim(ctx context.Context, tx sqldb.Tx, now, lease time.Time, busy []string) (job webhook.Job, found bool, err error) {
	in, arg := sqldb.In(tx.Engine(), "d.endpoint", 3, busy)
	lock := ""
	if tx.Engine() == sqldb.Postgres {
		lock = " FOR UPDATE OF d SKIP LOCKED"
	}
	job.Delivery, found, err = one(tx.Row(ctx, `UPDATE webhook_deliveries SET next_attempt_at = $1 WHERE id = (
		SELECT d.id FROM webhook_deliveries d WHERE d.state = 'PENDING' AND d.next_attempt_at <= $2 AND NOT (`+in+`)
		AND NOT EXISTS (SELECT 1 FROM webhook_deliveries e WHERE e.endpoint = d.endpoint AND e.case_name = d.case_name
			AND e.state = 'PENDING' AND (e.cursor, e.id) < (d.cursor, d.id))
		ORDER BY d.next_attempt_at, d.cursor LIMIT 1`+lock+`) RETURNING `+deliveryColumns,
		sqldb.Micros(lease), sqldb.Micros(now), arg), scanDelivery)
	if err != nil || !found {
		return job, false, err
	}
	endpoint, _, err := one(tx.Row(ctx, `SELECT `+endpointColumns+` FROM webhook_endpoints WHERE name = $1`, job.Delivery.Endpoint), scanEndpoint)
	if err != nil {
		return job, false, err
	}
	job.Endpoint = endpoint
	job.Entry, found, err = one(tx.Row(ctx, `SELECT `+feedColumns+` FROM feed WHERE cursor = $1`, job.Delivery.Cursor), scanEntry)
	return job, found, err
}

// Deliver implements webhook.Queue.
func (s *Store) Deliver(ctx context.Context, job webhook.Job, o webhook.Outcome) error {
	return s.end(ctx, job, o, webhook.Delivered)
}

// GiveUp implements webhook.Queue.
func (s *Store) GiveUp(ctx context.Context, job webhook.Job, o webhook.Outcome) error {
	return s.end(ctx, job, o, webhook.Failed)
}

// end closes a delivery and lets the case's next one go.
func (s *Store) end(ctx context.Context, job webhook.Job, o webhook.Outcome, state string) error {
	return s.db.InTx(ctx, func(tx sqldb.Tx) error {
		if err := record(ctx, tx, job, o, state); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET next_attempt_at = $1
			WHERE endpoint = $2 AND case_name = $3 AND state = 'PENDING' AND next_attempt_at > $1`,
			sqldb.Micros(o.At), job.Delivery.Endpoint, job.Delivery.Case)
		return err
	})
}

// Postpone implements webhook.Queue.
func (s *Store) Postpone(ctx context.Context, job webhook.Job, o webhook.Outcome) error {
	return s.db.InTx(ctx, func(tx sqldb.Tx) error {
		if err := record(ctx, tx, job, o, webhook.Pending); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET next_attempt_at = $1
			WHERE endpoint = $2 AND case_name = $3 AND state = 'PENDING' AND next_attempt_at < $1`,
			sqldb.Micros(o.Next), job.Delivery.Endpoint, job.Delivery.Case)
		return err
	})
}

// SwitchOff implements webhook.Queue.
func (s *Store) SwitchOff(ctx context.Context, job webhook.Job, o webhook.Outcome) error {
	return s.db.InTx(ctx, func(tx sqldb.Tx) error {
		if err := record(ctx, tx, job, o, webhook.Failed); err != nil {
			return err
		}
		if err := SetEndpointState(ctx, tx, job.Endpoint.Name, webhook.Gone); err != nil {
			return err
		}
		return FailPending(ctx, tx, job.Endpoint.Name, "GONE")
	})
}

// FailPending gives up what waits for an endpoint that is switched off.
func FailPending(ctx context.Context, tx sqldb.Tx, endpoint, reason string) error {
	_, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET state = 'FAILED', last_error = $1, next_attempt_at = 0
		WHERE endpoint = $2 AND state = 'PENDING'`, reason, endpoint)
	return err
}

// record writes one attempt. A delivery that was ended meanwhile (the endpoint was switched off) stays ended.
func record(ctx context.Context, tx sqldb.Tx, job webhook.Job, o webhook.Outcome, state string) error {
	d := job.Delivery
	_, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET state = $1, attempts = $2, last_status = $3, last_error = $4,
		first_attempt_at = $5, last_attempt_at = $6, next_attempt_at = $7 WHERE id = $8 AND state = 'PENDING'`,
		state, d.Attempts, o.Status, o.Error, sqldb.Micros(d.FirstTry), sqldb.Micros(o.At), sqldb.Micros(o.Next), d.ID)
	return err
}

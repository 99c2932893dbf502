package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// CodeMessage is an acceptance code on its way to a customer.
type CodeMessage struct {
	ID       string `json:"-"`
	Order    string `json:"-"`
	Attempts int    `json:"-"` // with this one
	Expires  time.Time
	Phone    string
	Case     string // number that people read
	Code     string
}

// MessageTopic wakes who sends messages in this process.
const MessageTopic = "dispatch/code-messages"

func messageKey(id string) []byte { return []byte("dispatch/code_messages/content/" + id) }

// PutMessage takes over from any earlier message of the order that has not gone out: its code is not valid any more.
func (s *Store) PutMessage(ctx context.Context, tx sqldb.Tx, m CodeMessage, now time.Time) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	plain, err := json.Marshal(m)
	if err != nil {
		return err
	}
	sealed, err := s.sealer.Seal(plain, messageKey(id.String()))
	if err != nil {
		return fmt.Errorf("store: message: %w", err)
	}
	if err := endMessages(ctx, tx, `work_order = $4`, m.Order, "replaced", now); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO code_messages (id, work_order, content, due_us, attempts, expires_us, ended_us, result)
		VALUES ($1, $2, $3, $4, 0, $5, 0, '')`, id.String(), m.Order, sealed, sqldb.Micros(now), sqldb.Micros(m.Expires))
	tx.Wake(MessageTopic)
	return err
}

// endMessages empties and closes pending messages; cond holds $4.
func endMessages(ctx context.Context, q sqldb.Queryer, cond, key, result string, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE code_messages SET ended_us = $1, result = $2, content = $3 WHERE ended_us = 0 AND `+cond,
		sqldb.Micros(now), result, []byte{}, key)
	return err
}

// EndMessage keeps the record that a message was sent or given up, and forgets its content.
func (s *Store) EndMessage(ctx context.Context, id, result string, now time.Time) error {
	return endMessages(ctx, s.DB, `id = $4`, id, result, now)
}

// ClaimMessages takes messages that are due, and puts their next attempt off to again. Two who claim at once never get the same: the
// condition is looked at again under the row's lock.
func (s *Store) ClaimMessages(ctx context.Context, now, again time.Time, limit int) (out []CodeMessage, err error) {
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		out, err = s.claim(ctx, tx, now, again, limit)
		return err
	})
	return out, err
}

func (s *Store) claim(ctx context.Context, tx sqldb.Tx, now, again time.Time, limit int) ([]CodeMessage, error) {
	rows, err := tx.Rows(ctx, `UPDATE code_messages SET due_us = $1, attempts = attempts + 1
		WHERE ended_us = 0 AND due_us <= $2 AND id IN (SELECT id FROM code_messages WHERE ended_us = 0 AND due_us <= $2 ORDER BY due_us LIMIT $3)
		RETURNING id, work_order, content, attempts`, sqldb.Micros(again), sqldb.Micros(now), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []CodeMessage
	for rows.Next() {
		m, err := s.scanMessage(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

func (s *Store) scanMessage(row sqldb.Row) (m CodeMessage, err error) {
	var sealed []byte
	if err := row.Scan(&m.ID, &m.Order, &sealed, &m.Attempts); err != nil {
		return m, err
	}
	plain, err := s.sealer.Open(sealed, messageKey(m.ID))
	if err != nil {
		return m, fmt.Errorf("store: message %s: %w", m.ID, err)
	}
	return m, json.Unmarshal(plain, &m)
}

// DelayMessage sets the next attempt.
func (s *Store) DelayMessage(ctx context.Context, id string, due time.Time) error {
	_, err := s.DB.Exec(ctx, `UPDATE code_messages SET due_us = $1 WHERE id = $2 AND ended_us = 0`, sqldb.Micros(due), id)
	return err
}

// PruneMessages forgets the records of messages that ended before a time.
func (s *Store) PruneMessages(ctx context.Context, before time.Time) error {
	_, err := s.DB.Exec(ctx, `DELETE FROM code_messages WHERE ended_us > 0 AND ended_us < $1`, sqldb.Micros(before))
	return err
}

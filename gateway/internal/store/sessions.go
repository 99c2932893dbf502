package store

import (
	"context"
	"time"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const sessionColumns = `id, token_hash, subject, key_id, created_at, expires_at`

func scanSession(row sqldb.Row) (s identity.Session, err error) {
	var created, expires int64
	err = row.Scan(&s.ID, &s.TokenHash, &s.Subject, &s.KeyID, &created, &expires)
	s.Created, s.Expires = sqldb.Time(created), sqldb.Time(expires)
	return s, err
}

// InsertSession keeps that a token was given out.
func InsertSession(ctx context.Context, q sqldb.Queryer, s identity.Session) error {
	_, err := q.Exec(ctx, `INSERT INTO sessions (`+sessionColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`,
		s.ID, s.TokenHash, s.Subject, s.KeyID, sqldb.Micros(s.Created), sqldb.Micros(s.Expires))
	return err
}

// SessionByToken implements identity.Records.
func (s *Store) SessionByToken(ctx context.Context, tokenHash string) (identity.Session, bool, error) {
	return one(s.db.Row(ctx, `SELECT `+sessionColumns+` FROM sessions WHERE token_hash = $1
		AND NOT EXISTS (SELECT 1 FROM users WHERE users.name = sessions.subject AND users.disabled)
		AND NOT EXISTS (SELECT 1 FROM partners WHERE partners.name = sessions.subject AND partners.disabled)`, tokenHash), scanSession)
}

// EndSession ends one session of a subject.
func EndSession(ctx context.Context, q sqldb.Queryer, subject, id string) error {
	_, err := q.Exec(ctx, `DELETE FROM sessions WHERE id = $1 AND subject = $2`, id, subject)
	return err
}

// EndSessions ends the sessions of a subject but one ("" spares none).
func EndSessions(ctx context.Context, q sqldb.Queryer, subject, spare string) error {
	_, err := q.Exec(ctx, `DELETE FROM sessions WHERE subject = $1 AND id <> $2`, subject, spare)
	return err
}

// EndKeySessions ends the sessions that a partner got with a key.
func EndKeySessions(ctx context.Context, q sqldb.Queryer, subject, keyID string) error {
	_, err := q.Exec(ctx, `DELETE FROM sessions WHERE subject = $1 AND key_id = $2`, subject, keyID)
	return err
}

// pruneBatch bounds the rows that one statement removes.
const pruneBatch = 1000

// Prune removes sessions and nonces that have expired.
func (s *Store) Prune(ctx context.Context, now time.Time) error {
	for _, statement := range []string{
		`DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
		`DELETE FROM nonce_log WHERE id IN (SELECT id FROM nonce_log WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
		`DELETE FROM nonces WHERE hash IN (SELECT hash FROM nonces WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
	} {
		for {
			removed, err := s.db.Exec(ctx, statement, sqldb.Micros(now), pruneBatch)
			if err != nil {
				return err
			}
			if removed < pruneBatch {
				break
			}
		}
	}
	return nil
}

// EndTokenSession ends the session of a token.
func EndTokenSession(ctx context.Context, q sqldb.Queryer, subject, tokenHash string) error {
	_, err := q.Exec(ctx, `DELETE FROM sessions WHERE token_hash = $1 AND subject = $2`, tokenHash, subject)
	return err
}

package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Append implements partner.Log: one row for the group, 8 bytes per nonce.
func (s *Store) Append(ctx context.Context, hashes []uint64, expire time.Time) error {
	packed := make([]byte, 0, 8*len(hashes))
	for _, h := range hashes {
		packed = binary.BigEndian.AppendUint64(packed, h)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO nonce_log (id, hashes, expires_at) VALUES ($1, $2, $3)`, id.String(), packed, sqldb.Micros(expire))
	return err
}

// Load implements partner.Log.
func (s *Store) Load(ctx context.Context, now time.Time) ([]uint64, error) {
	groups, err := query(ctx, s.db, scanBytes, `SELECT hashes FROM nonce_log WHERE expires_at > $1`, sqldb.Micros(now))
	if err != nil {
		return nil, err
	}
	var all []uint64
	for _, packed := range groups {
		if len(packed)%8 != 0 {
			return nil, fmt.Errorf("store: nonce group of %d bytes", len(packed))
		}
		for ; len(packed) > 0; packed = packed[8:] {
			all = append(all, binary.BigEndian.Uint64(packed))
		}
	}
	singles, err := query(ctx, s.db, scanInt, `SELECT hash FROM nonces WHERE expires_at > $1`, sqldb.Micros(now))
	for _, h := range singles {
		all = append(all, uint64(h))
	}
	return all, err
}

// InsertOnce implements partner.Log.
func (s *Store) InsertOnce(ctx context.Context, h uint64, expire time.Time) (bool, error) {
	n, err := s.db.Exec(ctx, `INSERT INTO nonces (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`, int64(h), sqldb.Micros(expire))
	return n == 1, err
}

func scanBytes(row sqldb.Row) (b []byte, err error) {
	err = row.Scan(&b)
	return b, err
}

func scanInt(row sqldb.Row) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}

package idempotency

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Entry is an answer to be stored.
type Entry struct {
	Key    Key
	Answer proto.Message
}

// Stored is an answer that was found.
type Stored struct {
	Digest []byte
	Answer []byte // sealed
}

// Lookup finds what is stored under the keys, by Key.ID; zero keys are skipped.
func (s *Store) Lookup(ctx context.Context, q interface {
	sqldb.Queryer
	Engine() sqldb.Engine
}, keys ...Key) (map[string]Stored, error) {
	found := map[string]Stored{}
	ids := make([]string, 0, len(keys))
	for _, key := range keys {
		if !key.Zero() {
			ids = append(ids, key.ID)
		}
	}
	if len(ids) == 0 {
		return found, nil
	}
	in, arg := sqldb.In(q.Engine(), "key", 1, ids)
	rows, err := q.Rows(ctx, `SELECT key, digest, answer FROM idempotency WHERE `+in, arg)
	if err != nil {
		return nil, fmt.Errorf("idempotency: look up: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var stored Stored
		if err := rows.Scan(&id, &stored.Digest, &stored.Answer); err != nil {
			return nil, fmt.Errorf("idempotency: look up: %w", err)
		}
		found[id] = stored
	}
	return found, rows.Err()
}

// Insert stores answers with one statement and gives the ids that were new. An id that is not among them has an answer by
// now: the transaction must be rolled back, or the request's effect left out of it, and the stored answer be replayed.
// Entries with a zero key are skipped; of two entries with the same key the first is stored.
func (s *Store) Insert(ctx context.Context, tx sqldb.Tx, entries ...Entry) (inserted map[string]bool, err error) {
	insert, err := s.build(entries)
	if err != nil {
		return nil, err
	}
	inserted = make(map[string]bool, insert.Len())
	err = insert.Returning(ctx, tx, "key", func(row sqldb.Row) error {
		var id string
		err := row.Scan(&id)
		inserted[id] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("idempotency: store: %w", err)
	}
	return inserted, nil
}

func (s *Store) build(entries []Entry) (*sqldb.Insert, error) {
	insert := sqldb.NewInsert("idempotency", "key", "digest", "answer", "created_at").OnConflict("(key) DO NOTHING")
	now := sqldb.Micros(s.clock.Now())
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b Entry) int { return strings.Compare(a.Key.ID, b.Key.ID) }) // one order for all, against deadlocks
	for _, entry := range entries {
		if entry.Key.Zero() {
			continue
		}
		plain, err := proto.Marshal(entry.Answer)
		if err != nil {
			return nil, fmt.Errorf("idempotency: write the answer: %w", err)
		}
		sealed, err := s.sealer.Seal(plain, aad(entry.Key.ID))
		if err != nil {
			return nil, fmt.Errorf("idempotency: seal the answer: %w", err)
		}
		insert.Row(entry.Key.ID, entry.Key.Digest, sealed, now)
	}
	return insert, nil
}

// pruneBatch bounds the rows that one transaction removes.
const pruneBatch = 1000

// Prune removes answers older than Keep, in small transactions; it is for a sweeper.
func (s *Store) Prune(ctx context.Context, db sqldb.DB) error {
	before := sqldb.Micros(s.clock.Now().Add(-Keep))
	for {
		removed, err := db.Exec(ctx, `DELETE FROM idempotency WHERE key IN
			(SELECT key FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)`, before, pruneBatch)
		if err != nil || removed < pruneBatch {
			return err
		}
	}
}

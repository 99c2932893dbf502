package events

import (
	"context"
	"fmt"
	"slices"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// number gives every event without one the next number of its key. The key's row stays locked until the commit. The rows of
// new keys go into the batch; for the others the numbers are asked for at once.
func number(ctx context.Context, tx sqldb.Tx, b *sqldb.Batch, evs []Event) error {
	created, known := count(evs)
	next, err := reserve(ctx, tx, known)
	if err != nil {
		return fmt.Errorf("events: number events: %w", err)
	}
	insert := sqldb.NewInsert("outbox_seq", "event_key", "seq")
	for _, key := range sortedKeys(created) {
		insert.Row(key, created[key])
		next[key] = 1
	}
	insert.AddTo(b, tx.Engine(), nil)
	for n := range evs {
		if evs[n].Seq == 0 {
			evs[n].Seq = next[evs[n].Key]
			next[evs[n].Key]++
		}
	}
	return nil
}

// count says how many numbers each key needs, new keys and known ones apart. One event with NewKey makes its key new.
func count(evs []Event) (created, known map[string]int64) {
	created, known = map[string]int64{}, map[string]int64{}
	for _, ev := range evs {
		if ev.NewKey && ev.Seq == 0 {
			created[ev.Key] = 0
		}
	}
	for _, ev := range evs {
		if ev.Seq != 0 {
			continue
		}
		if _, ok := created[ev.Key]; ok {
			created[ev.Key]++
		} else {
			known[ev.Key]++
		}
	}
	return created, known
}

// reserve takes the wanted numbers of each key and gives the first of them. Keys are locked in order, so that two
// transactions with several keys do not wait for each other in a circle.
func reserve(ctx context.Context, tx sqldb.Tx, wanted map[string]int64) (first map[string]int64, err error) {
	insert := sqldb.NewInsert("outbox_seq", "event_key", "seq").
		OnConflict("(event_key) DO UPDATE SET seq = outbox_seq.seq + excluded.seq")
	for _, key := range sortedKeys(wanted) {
		insert.Row(key, wanted[key])
	}
	first = make(map[string]int64, len(wanted))
	err = insert.Returning(ctx, tx, "event_key, seq", func(row sqldb.Row) error {
		var key string
		var last int64
		err := row.Scan(&key, &last)
		first[key] = last - wanted[key] + 1
		return err
	})
	return first, err
}

func sortedKeys(wanted map[string]int64) []string {
	keys := make([]string, 0, len(wanted))
	for key := range wanted {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

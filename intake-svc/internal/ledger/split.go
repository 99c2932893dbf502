package ledger

import (
	"context"
	"fmt"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Number is a case number that was reserved.
type Number struct {
	day string
	n   int64
}

// ReserveNumber takes the next number of the day; it must be the first statement of the transaction (R52).
func (f *Filer) ReserveNumber(ctx context.Context, tx sqldb.Tx) (Number, error) {
	day := f.ledger.clock.Now().In(f.zone).Format("20060102")
	n, err := f.ledger.cases.Reserve(ctx, tx, day, 1)
	return Number{day, n}, err
}

// GiveBack returns a number that was not used, in the same transaction.
func (f *Filer) GiveBack(ctx context.Context, tx sqldb.Tx, n Number) error {
	return f.ledger.cases.GiveBack(ctx, tx, n.day, 1)
}

// FileWithin registers a case within a transaction that does more than that: the child of a split.
func (f *Filer) FileWithin(ctx context.Context, tx sqldb.Tx, n Number, c *casefile.Case, change casefile.Change) error {
	c.Numbered(fmt.Sprintf("AS%s-%06d", n.day, n.n), &change)
	evs := facts(c, change.Facts)
	var b sqldb.Batch
	if err := f.ledger.cases.Create(&b, tx.Engine(), []store.New{{Case: c, Change: change}}); err != nil {
		return err
	}
	if err := f.ledger.outbox.Batch(ctx, tx, &b, onReceipt, evs...); err != nil {
		return err
	}
	if err := tx.Send(ctx, &b); err != nil {
		return fmt.Errorf("ledger: register: %w", err)
	}
	if jobs := f.ledger.wake(c.Name(), change.Tasks); len(jobs) > 0 {
		return tx.EnqueueMany(ctx, jobs)
	}
	return nil
}

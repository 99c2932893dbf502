package jobs

import (
	"context"
	"errors"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// sweepBatch bounds the cases that one sweep looks at before it looks for more.
const sweepBatch = 200

// Sweep finds cases whose next step is overdue: deadlines that passed, and tasks whose job was lost. It looks at rows only, so
// that nothing depends on a queue.
func (w *Worker) Sweep(ctx context.Context) error {
	var errs []error
	for {
		ids, err := w.Cases.Due(ctx, w.DB, w.Clock.Now(), sweepBatch)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for _, id := range ids {
			if err := w.look(ctx, id); err != nil {
				errs = append(errs, err)
			}
		}
		// A case that fails stays due: what is left waits for the next sweep rather than turning in a circle.
		if len(ids) < sweepBatch || len(errs) > 0 {
			return errors.Join(errs...)
		}
	}
}

func (w *Worker) look(ctx context.Context, id string) error {
	return w.DB.InTx(ctx, func(tx sqldb.Tx) error {
		c, err := w.Cases.Lock(ctx, tx, store.Everything, id)
		if err != nil {
			return err
		}
		m := w.moment()
		if due := c.NextLook(); due.IsZero() || due.After(m.At) {
			return nil // somebody was faster
		}
		return w.Ledger.Commit(ctx, tx, c, c.Overdue(casefile.Moment{By: casefile.System, At: m.At, Policy: w.Policy, NewID: newID}))
	})
}

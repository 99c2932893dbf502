package jobs

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const (
	// sweepBatch bounds one look at the rows.
	sweepBatch = 200
	// sweepParallel bounds the drivers that are called at once.
	sweepParallel = 8
)

// SweepDeliveries sends what is due and was not sent by a job: later messages, retries, lost wake-ups.
func (d *Deliverer) SweepDeliveries(ctx context.Context) error {
	ids, err := d.Store.DueDeliveries(ctx, d.DB, d.Clock.Now(), sweepBatch)
	if err != nil {
		return err
	}
	errs := make([]error, len(ids)) // one that fails does not hold up the others
	var group errgroup.Group
	group.SetLimit(sweepParallel)
	for n, id := range ids {
		group.Go(func() error { errs[n] = d.Deliver(ctx, id); return nil })
	}
	_ = group.Wait() // never fails
	return errors.Join(errs...)
}

// SweepExpiries ends invitations whose time is over, each with its task.
func (d *Deliverer) SweepExpiries(ctx context.Context) error {
	return d.each(ctx, func(ctx context.Context) ([]string, error) {
		return d.Store.DueExpiries(ctx, d.DB, d.Clock.Now(), sweepBatch)
	}, d.expire)
}

func (d *Deliverer) expire(ctx context.Context, tx sqldb.Tx, id string) error {
	inv, err := d.Store.Invitation(ctx, tx, id)
	if err != nil || !inv.State.Open() || d.Clock.Now().Before(inv.Expire) {
		return err
	}
	if err := inv.ExpireNow(); err != nil {
		return err
	}
	task, err := d.Store.TaskOf(ctx, tx, &inv)
	if err != nil {
		return err
	}
	if task != nil && task.Expire() == nil { // one that is over, e.g. UNREACHED, stays as it ended
		if err := d.Store.SaveTask(ctx, tx, task); err != nil {
			return err
		}
	}
	return d.Store.Save(ctx, tx, &inv)
}

// SweepCallBacks makes waiting tasks due and lets claims lapse.
func (d *Deliverer) SweepCallBacks(ctx context.Context) error {
	return d.each(ctx, func(ctx context.Context) ([]string, error) {
		return d.Store.DueTicks(ctx, d.DB, d.Clock.Now(), sweepBatch)
	}, d.tick)
}

func (d *Deliverer) tick(ctx context.Context, tx sqldb.Tx, id string) error {
	cb, err := d.Store.CallBack(ctx, tx, auth.SystemPrincipal(), id)
	if err != nil || !cb.Tick(d.Clock.Now()) {
		return err
	}
	return d.Store.SaveTask(ctx, tx, &cb.Task)
}

// each runs step for every id in a transaction of its own, batch by batch until there is none. A batch in which anything
// failed is the last: the next sweep looks again.
func (d *Deliverer) each(ctx context.Context, due func(context.Context) ([]string, error),
	step func(ctx context.Context, tx sqldb.Tx, id string) error) error {
	for {
		ids, err := due(ctx)
		if err != nil {
			return err
		}
		var errs []error
		for _, id := range ids {
			errs = append(errs, d.DB.InTx(ctx, func(tx sqldb.Tx) error { return step(ctx, tx, id) }))
		}
		if err := errors.Join(errs...); err != nil || len(ids) < sweepBatch {
			return err
		}
	}
}

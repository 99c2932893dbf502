package jobs

import (
	"context"
	"fmt"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// CancelWorkOrdersArgs asks dispatch to call off what is open for a case.
type CancelWorkOrdersArgs struct{ TaskRef }

// Kind implements river.JobArgs.
func (CancelWorkOrdersArgs) Kind() string { return "intake.cancel_work_orders" }

func (w *Worker) cancelWorkOrders(ctx context.Context, args CancelWorkOrdersArgs) error {
	_, t, ok, err := w.task(ctx, args.TaskRef)
	if err != nil || !ok {
		return err
	}
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	_, err = w.Orders.CancelCaseWorkOrders(callCtx, &dispatchv1.CancelCaseWorkOrdersRequest{
		RequestId: t.ID, Case: args.Case, Reason: t.Reason,
	})
	if err != nil {
		return fmt.Errorf("jobs: cancel work orders of %s: %w", args.Case, err)
	}
	return w.take(ctx, args.TaskRef, func(_ sqldb.Tx, c *casefile.Case, _ casefile.Moment, t casefile.Task) (casefile.Change, error) {
		return c.TaskDone(t.ID), nil
	})
}

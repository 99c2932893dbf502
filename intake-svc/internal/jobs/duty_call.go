package jobs

import (
	"context"
	"fmt"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// DutyCallArgs calls the duty about a hazard.
type DutyCallArgs struct{ TaskRef }

// Kind implements river.JobArgs.
func (DutyCallArgs) Kind() string { return "intake.duty_call" }

// callDuty calls the tier that is due, round the clock. The task stays until somebody acknowledges: the sweeper wakes the next call when the
// time of the tier is over, also where the queue lost a job. A call that could not be handed over counts as made: the next tier must not wait.
func (w *Worker) callDuty(ctx context.Context, args DutyCallArgs) error {
	c, t, ok, err := w.task(ctx, args.TaskRef)
	if err != nil || !ok {
		return err
	}
	tier, role, due := c.DutyDue(w.moment(), t)
	result, failed := casefile.Delivered, error(nil)
	if due {
		sendCtx, cancel := context.WithTimeout(ctx, callLimit)
		defer cancel()
		failed = w.Messages.Send(sendCtx, Message{
			ID: fmt.Sprintf("%s-%d", t.ID, tier), Case: c.Name(), Number: c.Number, Notice: "DUTY_CALL_" + strings.ToUpper(role),
			Text: fmt.Sprintf("安全隐患 %s：案件 %s，请立即确认。 / Hazard %s: case %s, please acknowledge at once.", c.Hazard.Kind, c.Number, c.Hazard.Kind, c.Number),
		})
	}
	if failed != nil {
		result = casefile.NotDelivered
	}
	err = w.take(ctx, args.TaskRef, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment, t casefile.Task) (casefile.Change, error) {
		return c.DutyCalled(m, t, tier, result), nil
	})
	if err == nil && failed != nil {
		return fmt.Errorf("jobs: duty call of %s: %w", args.Case, failed)
	}
	return err
}

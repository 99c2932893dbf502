package jobs

import (
	"context"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// CloseByPolicyArgs closes an enquiry or feedback that was resolved at once.
type CloseByPolicyArgs struct{ TaskRef }

// Kind implements river.JobArgs.
func (CloseByPolicyArgs) Kind() string { return "intake.close_by_policy" }

func (w *Worker) closeByPolicy(ctx context.Context, args CloseByPolicyArgs) error {
	return w.take(ctx, args.TaskRef, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment, t casefile.Task) (casefile.Change, error) {
		return c.CloseByPolicy(m, t), nil
	})
}

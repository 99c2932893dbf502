package jobs

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/directory"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/ledger"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/clock"
	platform "github.com/aftersales-suite/aftersales/platform/jobs"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

// attempts of one job, over about two minutes; a task that is still open then is woken by the sweeper every minute.
const attempts = 4

// callLimit bounds one call of another service.
const callLimit = 10 * time.Second

// Deps is what the workers need.
type Deps struct {
	DB       sqldb.DB
	Cases    store.Cases
	News     store.Promises
	Texts    Texts
	Ledger   *ledger.Ledger
	Clock    clock.Clock
	Policy   *casefile.Policy
	Orders   dispatchv1.WorkOrderServiceClient
	Surveys  surveyv1.InvitationServiceClient
	Messages Messenger
	Orgs     *directory.Directory
	Log      *slog.Logger
}

// Worker works the tasks of cases.
type Worker struct{ Deps }

// New makes a worker.
func New(d Deps) *Worker { return &Worker{Deps: d} }

// Register tells River who works which kind of job.
func (w *Worker) Register(workers *river.Workers) {
	platform.Add(workers, w.createWorkOrder)
	platform.Add(workers, w.cancelWorkOrders)
	platform.Add(workers, w.deliverNotice)
	platform.Add(workers, w.createInvitation)
	platform.Add(workers, w.callDuty)
	platform.Add(workers, w.excludeEngineer)
}

// TaskRef says which task of which case a job is about.
type TaskRef struct {
	Case string `json:"case"` // cases/…
	Task string `json:"task"` // id of the task
}

// Wake gives the jobs for the tasks of a case; it is the ledger's Waker.
func Wake(caseName string, tasks []casefile.Task) []river.InsertManyParams {
	if len(tasks) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, 0, len(tasks))
	for _, t := range tasks {
		if args := argsOf(t.Kind, TaskRef{Case: caseName, Task: t.ID}); args != nil {
			params = append(params, river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{MaxAttempts: attempts}})
		}
	}
	return params
}

func argsOf(kind casefile.TaskKind, ref TaskRef) river.JobArgs {
	switch kind {
	case casefile.TaskCreateWorkOrder:
		return CreateWorkOrderArgs{ref}
	case casefile.TaskCancelWorkOrders:
		return CancelWorkOrdersArgs{ref}
	case casefile.TaskDeliverNotice:
		return DeliverNoticeArgs{ref}
	case casefile.TaskInvite:
		return CreateInvitationArgs{ref}
	case casefile.TaskDutyCall:
		return DutyCallArgs{ref}
	case casefile.TaskExcludeEngineer:
		return ExcludeEngineerArgs{ref}
	}
	return nil
}

// task looks the task up; ok is false when it was done or given up.
func (w *Worker) task(ctx context.Context, ref TaskRef) (c *casefile.Case, t casefile.Task, ok bool, err error) {
	c, err = w.Cases.Get(ctx, w.DB, store.Everything, ref.id())
	if err != nil {
		return nil, t, false, err
	}
	t, ok = c.Task(ref.Task)
	return c, t, ok, nil
}

func (r TaskRef) id() string { return strings.TrimPrefix(r.Case, "cases/") }

// take locks the case and lets apply take the result of the task in, unless it was taken meanwhile.
func (w *Worker) take(ctx context.Context, ref TaskRef, apply func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment, t casefile.Task) (casefile.Change, error)) error {
	return w.DB.InTx(ctx, func(tx sqldb.Tx) error {
		c, err := w.Cases.Lock(ctx, tx, store.Everything, ref.id())
		if err != nil {
			return err
		}
		t, ok := c.Task(ref.Task)
		if !ok {
			return nil
		}
		change, err := apply(tx, c, w.moment(), t)
		if err != nil {
			return err
		}
		return w.Ledger.Commit(ctx, tx, c, change)
	})
}

func (w *Worker) moment() casefile.Moment {
	return casefile.Moment{By: casefile.System, At: w.Clock.Now(), Policy: w.Policy, NewID: newID}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	grpccodes "google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// errTaskState is a verb that the payment's state does not allow; metadata: state, verb.
var errTaskState = apierr.Define(grpccodes.FailedPrecondition, "FINANCE_TASK_STATE_INVALID",
	"财务任务处于 {state},不能执行 {verb}", "the finance task is {state}: {verb} is not possible")

// exportRows bounds one export: nobody takes more without approval.
const exportRows = 500

// GetFinanceTask implements intakev1.FinanceTaskServiceServer.
func (s financeService) GetFinanceTask(ctx context.Context, req *intakev1.GetFinanceTaskRequest) (*intakev1.FinanceTask, error) {
	t, err := s.Cases.Task(ctx, s.DB, deviceOrgs(ctx), lastID(req.GetName()))
	if err != nil {
		return nil, err
	}
	return s.presenter(ctx).financeTask(t), nil
}

func taskList() *listing.Spec {
	return &listing.Spec{
		Fields: map[string]listing.Field{
			"case": {Column: "('cases/' || case_id)", Type: listing.Ref}, "state": {Column: "state", Type: listing.String},
			"kind": {Column: "kind", Type: listing.String}, "create_time": {Column: "created_at", Type: listing.Time},
			"createTime": {Column: "created_at", Type: listing.Time},
		},
		DefaultOrder: "create_time desc", Tie: "id", Orders: map[string]string{"create_time": "created_at", "createTime": "created_at"},
	}
}

// ListFinanceTasks implements intakev1.FinanceTaskServiceServer.
func (s financeService) ListFinanceTasks(ctx context.Context, req *intakev1.ListFinanceTasksRequest) (*intakev1.ListFinanceTasksResponse, error) {
	query, err := listing.Parse(s.taskSpec, listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), OrderBy: req.GetOrderBy(), Filter: req.GetFilter(),
	})
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.ListTasks(ctx, s.DB, deviceOrgs(ctx), query)
	if err != nil {
		return nil, err
	}
	rows, next := listing.Page(query, rows, func(t store.FinanceTask) map[string]any { return map[string]any{"created_at": t.Created, "id": t.ID} })
	present := s.presenter(ctx)
	resp := &intakev1.ListFinanceTasksResponse{NextPageToken: next}
	for _, t := range rows {
		resp.FinanceTasks = append(resp.FinanceTasks, present.financeTask(t))
	}
	return resp, nil
}

// taskVerb is a request about one payment.
type taskVerb interface {
	mutation
	GetName() string
	GetEtag() string
}

// changeTask moves a payment on: the case is locked first, then the payment is read, so that two who pay wait for each other.
func (s *Server) changeTask(ctx context.Context, req taskVerb, verb string, from casefile.PaymentState,
	do func(c *casefile.Case, m casefile.Moment, t *store.FinanceTask) (casefile.Change, error),
) (*intakev1.FinanceTask, error) {
	seen, err := s.Cases.Task(ctx, s.DB, deviceOrgs(ctx), lastID(req.GetName()))
	if err != nil {
		return nil, err
	}
	t := seen
	return change(ctx, s, seen.CaseID, req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		if t, err = s.Cases.Task(ctx, tx, deviceOrgs(ctx), seen.ID); err != nil {
			return casefile.Change{}, err
		}
		if err := sameTag(req.GetEtag(), t.Etag()); err != nil {
			return casefile.Change{}, err
		}
		if t.State != from {
			return casefile.Change{}, errTaskState.New("state", string(t.State), "verb", verb)
		}
		change, err := do(c, m, &t)
		if err != nil {
			return change, err
		}
		if err := s.Cases.SaveTask(ctx, tx, t, from); err != nil {
			return change, err
		}
		t.Version++
		return change, nil
	}, func(p *presenter, _ *casefile.Case) *intakev1.FinanceTask { return p.financeTask(t) })
}

// ApproveFinanceTask implements intakev1.FinanceTaskServiceServer.
func (s financeService) ApproveFinanceTask(ctx context.Context, req *intakev1.ApproveFinanceTaskRequest) (*intakev1.FinanceTask, error) {
	return s.changeTask(ctx, req, "approve", casefile.PaymentPending, func(c *casefile.Case, m casefile.Moment, t *store.FinanceTask) (casefile.Change, error) {
		t.State, t.Approver = casefile.PaymentApproved, m.By.Name
		return c.ApprovePayment(m, t.Payment)
	})
}

// ConfirmFinanceTask implements intakev1.FinanceTaskServiceServer: the payment, the measure and, when it was the last, the case, in one commit.
func (s financeService) ConfirmFinanceTask(ctx context.Context, req *intakev1.ConfirmFinanceTaskRequest) (*intakev1.FinanceTask, error) {
	if err := plain(map[string]string{"reference": req.GetReference()}); err != nil {
		return nil, err
	}
	return s.changeTask(ctx, req, "confirm", casefile.PaymentApproved, func(c *casefile.Case, m casefile.Moment, t *store.FinanceTask) (casefile.Change, error) {
		t.State, t.Payer, t.Reference, t.Paid = casefile.PaymentPaid, m.By.Name, req.GetReference(), m.At
		return c.ConfirmMeasure(m, t.Solution, t.Measure, t.Reference)
	})
}

// notFinance refuses to confirm a measure by hand that finance pays: it is confirmed by its task.
func (s *Server) notFinance(ctx context.Context, tx sqldb.Tx, c *casefile.Case, solution, measure string) error {
	tasks, err := s.Cases.TasksOf(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if t.Solution == solution && t.Measure == measure {
			return errTaskState.New("state", string(t.State), "verb", "confirmMeasure: confirm "+t.Name())
		}
	}
	return nil
}

// RecordPlatformDecision implements intakev1.FinanceTaskServiceServer.
func (s financeService) RecordPlatformDecision(ctx context.Context, req *intakev1.RecordPlatformDecisionRequest) (*intakev1.Case, error) {
	if err := plain(map[string]string{"reference": req.GetReference()}); err != nil {
		return nil, err
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.PlatformDecided(m, casefile.PlatformDecision{Outcome: req.GetOutcome(), Reason: req.GetReason(), Reference: req.GetReference()})
	})
}

// RecordPlatformRefund implements intakev1.FinanceTaskServiceServer.
func (s financeService) RecordPlatformRefund(ctx context.Context, req *intakev1.RecordPlatformRefundRequest) (*intakev1.Case, error) {
	if err := notNegative("amount", req.GetAmount()); err != nil {
		return nil, err
	}
	return change(ctx, s.Server, caseID(req.GetName()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		if err := sameTag(req.GetEtag(), c.Etag()); err != nil {
			return casefile.Change{}, err
		}
		tasks, err := s.Cases.TasksOf(ctx, tx, c.ID)
		if err != nil {
			return casefile.Change{}, err
		}
		payments := make([]casefile.Payment, len(tasks))
		for n, t := range tasks {
			payments[n] = t.Payment
		}
		blocked, change, err := c.PlatformRefunded(m, casefile.Refund{Money: money(req.GetAmount()), Reference: req.GetReference()}, payments)
		if err != nil {
			return change, err
		}
		return change, s.block(ctx, tx, tasks, blocked, "platform refund "+req.GetReference())
	}, (*presenter).fullCase)
}

func (s *Server) block(ctx context.Context, tx sqldb.Tx, tasks []store.FinanceTask, ids []string, reason string) error {
	for _, t := range tasks {
		for _, id := range ids {
			if t.ID != id {
				continue
			}
			from := t.State
			t.State, t.BlockReason = casefile.PaymentBlocked, reason
			if err := s.Cases.SaveTask(ctx, tx, t, from); err != nil {
				return err
			}
		}
	}
	return nil
}

// ExportFinanceTasks implements intakev1.FinanceTaskServiceServer.
func (s financeService) ExportFinanceTasks(ctx context.Context, req *intakev1.ExportFinanceTasksRequest) (*httpbody.HttpBody, error) {
	rows, err := s.Cases.Payable(ctx, s.DB, deviceOrgs(ctx), lastID(req.GetAfter()), exportRows)
	if err != nil {
		return nil, err
	}
	out := bytes.NewBufferString("\ufeff") // spreadsheets take the file as UTF-8
	w := csv.NewWriter(out)
	_ = w.Write([]string{"task", "case_number", "order_id", "kind", "currency", "amount_yuan", "proposer", "approver", "created"})
	for _, t := range rows {
		_ = w.Write(cells(t.Name(), t.CaseNumber, t.OrderID, t.Kind, t.Amount.Currency, t.Amount.Yuan(), t.Proposer, t.Approver, t.Created.Format(time.RFC3339)))
	}
	w.Flush()
	return &httpbody.HttpBody{ContentType: "text/csv; charset=utf-8", Data: out.Bytes()}, w.Error()
}

// cells neutralises what a spreadsheet would take as a formula: it is put behind an apostrophe.
func cells(values ...string) []string {
	for n, v := range values {
		if v != "" && strings.ContainsAny(v[:1], "=+-@\t\r\n") {
			values[n] = "'" + v
		}
	}
	return values
}

func (p *presenter) financeTask(t store.FinanceTask) *intakev1.FinanceTask {
	return &intakev1.FinanceTask{
		Name: t.Name(), Case: "cases/" + t.CaseID, CaseNumber: t.CaseNumber, Solution: "cases/" + t.CaseID + "/solutions/" + t.Solution, MeasureId: t.Measure,
		Kind: t.Kind, Amount: moneyOf(t.Amount), State: intakev1.FinanceTask_State(intakev1.FinanceTask_State_value[string(t.State)]),
		StateLabel: text(taskLabels, string(t.State), p.locale), Proposer: t.Proposer, Approver: t.Approver, Payer: t.Payer, Reference: t.Reference,
		BlockReason: t.BlockReason, OrderId: t.OrderID, Etag: t.Etag(), CreateTime: at(t.Created), PayTime: at(t.Paid),
	}
}

var taskLabels = map[string]label{
	"PENDING": {"待审批", "pending"}, "APPROVED": {"待付款", "approved"}, "PAID": {"已付款", "paid"}, "BLOCKED": {"已拦截", "blocked"},
}

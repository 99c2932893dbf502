package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// ErrReferenceUsed is the number of a payment that stands for another one; metadata: reference.
var ErrReferenceUsed = apierr.Define(codes.AlreadyExists, "PAYMENT_REFERENCE_USED",
	"付款编号 {reference} 已用于另一笔付款", "the payment number {reference} stands for another payment")

// FinanceTask is one payment with its course.
type FinanceTask struct {
	casefile.Payment
	CaseID, CaseNumber, OwnerOrg, OrderID   string
	Approver, Payer, Reference, BlockReason string
	Version                                 int64
	Created, Paid                           time.Time
}

// Name is "financeTasks/<id>".
func (t *FinanceTask) Name() string { return "financeTasks/" + t.ID }

// Etag is what a reader gives back.
func (t *FinanceTask) Etag() string { return strconv.FormatInt(t.Version, 10) }

const taskColumns = `id, case_id, case_number, owner_org, solution, measure, kind, currency, amount_fen, order_id, state, proposer, approver, payer,
	reference, block_reason, version, created_at, paid_at`

// payments adds the rows of a change: one a measure, so that a second one of the same measure fails.
func payments(b *sqldb.Batch, engine sqldb.Engine, c *casefile.Case, change casefile.Change, at time.Time) {
	if change.Void != "" {
		b.Exec(`UPDATE finance_tasks SET state = 'BLOCKED', block_reason = $2, version = version + 1
			WHERE case_id = $1 AND state IN ('PENDING', 'APPROVED')`, c.ID, change.Void)
	}
	if len(change.Payments) == 0 {
		return
	}
	order := ""
	if len(c.ExternalRefs) > 0 {
		order = c.ExternalRefs[0].OrderID
	}
	insert := sqldb.NewInsert("finance_tasks", "id", "case_id", "case_number", "owner_org", "solution", "measure", "kind", "currency", "amount_fen",
		"order_id", "state", "proposer", "approver", "payer", "reference", "block_reason", "version", "created_at", "paid_at")
	for _, p := range change.Payments {
		insert.Row(p.ID, c.ID, c.Number, c.OwnerOrg, p.Solution, p.Measure, p.Kind, p.Amount.Currency, p.Amount.Fen, order, string(p.State), p.Proposer,
			"", "", "", "", int64(1), sqldb.Micros(at), int64(0))
	}
	insert.AddTo(b, engine, nil)
}

// Task answers a payment of the organisations; of nil, of any.
func (s *SQL) Task(ctx context.Context, q Reader, orgs []string, id string) (FinanceTask, error) {
	where, args := inAny(q.Engine(), 2, orgs)
	t, err := scanTask(q.Row(ctx, `SELECT `+taskColumns+` FROM finance_tasks WHERE id = $1 AND `+where, append([]any{id}, args...)...))
	if errors.Is(err, sqldb.ErrNoRows) {
		return t, apierr.NotFound("financeTasks/" + id)
	}
	return t, err
}

// TasksOf answers the payments of a case; they are few.
func (s *SQL) TasksOf(ctx context.Context, q Reader, caseID string) ([]FinanceTask, error) {
	return readTasks(q.Rows(ctx, `SELECT `+taskColumns+` FROM finance_tasks WHERE case_id = $1 ORDER BY id`, caseID))
}

// ListTasks answers a page of the organisations' payments.
func (s *SQL) ListTasks(ctx context.Context, q Reader, orgs []string, query listing.Query) ([]FinanceTask, error) {
	org, args := inAny(q.Engine(), 1, orgs)
	where, more := query.Where(len(args) + 1)
	return readTasks(q.Rows(ctx, `SELECT `+taskColumns+` FROM finance_tasks WHERE `+org+` AND `+where+` ORDER BY `+query.OrderBy+
		` LIMIT `+strconv.Itoa(query.Limit), append(args, more...)...))
}

// Payable answers approved payments behind an id, in order.
func (s *SQL) Payable(ctx context.Context, q Reader, orgs []string, after string, limit int) ([]FinanceTask, error) {
	org, args := inAny(q.Engine(), 2, orgs)
	return readTasks(q.Rows(ctx, `SELECT `+taskColumns+` FROM finance_tasks WHERE id > $1 AND `+org+` AND state = 'APPROVED' ORDER BY id LIMIT `+
		strconv.Itoa(limit), append([]any{after}, args...)...))
}

// SaveTask moves a payment from one state to another. It answers ErrStale when the row is not what was read: of two who pay, one does.
func (s *SQL) SaveTask(ctx context.Context, tx sqldb.Tx, t FinanceTask, from casefile.PaymentState) error {
	n, err := tx.Exec(ctx, `UPDATE finance_tasks SET state = $2, approver = $3, payer = $4, reference = $5, block_reason = $6, paid_at = $7,
		version = version + 1 WHERE id = $1 AND version = $8 AND state = $9`,
		t.ID, string(t.State), t.Approver, t.Payer, t.Reference, t.BlockReason, sqldb.Micros(t.Paid), t.Version, string(from))
	switch {
	case sqldb.IsUnique(err, "finance_tasks_reference", "finance_tasks"):
		return ErrReferenceUsed.New("reference", t.Reference)
	case err != nil:
		return fmt.Errorf("store: write payment: %w", err)
	case n == 0:
		return apierr.ErrStale.New()
	}
	return nil
}

func readTasks(rows sqldb.Rows, err error) ([]FinanceTask, error) {
	if err != nil {
		return nil, fmt.Errorf("store: read payments: %w", err)
	}
	defer rows.Close()
	var all []FinanceTask
	for rows.Next() {
		t, err := scanTask(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

func scanTask(row sqldb.Row) (t FinanceTask, err error) {
	var state string
	var created, paid int64
	err = row.Scan(&t.ID, &t.CaseID, &t.CaseNumber, &t.OwnerOrg, &t.Solution, &t.Measure, &t.Kind, &t.Amount.Currency, &t.Amount.Fen, &t.OrderID, &state,
		&t.Proposer, &t.Approver, &t.Payer, &t.Reference, &t.BlockReason, &t.Version, &created, &paid)
	t.State, t.Created, t.Paid = casefile.PaymentState(state), sqldb.Time(created), sqldb.Time(paid)
	return t, err
}

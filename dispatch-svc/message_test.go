package dispatch

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/notify"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// phones receives messages; broken makes attempts fail.
type phones struct {
	broken bool
	tries  int
	sent   []Message
}

func (p *phones) Name() string { return "test" }

func (p *phones) Send(_ context.Context, m Message) (string, error) {
	p.tries++
	if p.broken {
		return "", errors.New("no line")
	}
	p.sent = append(p.sent, m)
	return "ok", nil
}

func (w *world) sender(to *phones) *notify.Sender {
	return &notify.Sender{Store: w.svc.store, Clock: w.clock, Driver: to, Digest: w.svc.api.CodeDigest, Log: slog.New(slog.DiscardHandler)}
}

// process.md: the code goes to the customer only, after `:complete`.
func TestTheCustomerGetsTheCode(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		to := &phones{broken: true}
		sender := w.sender(to)
		o := w.create(nil)
		w.visit(o, true)
		require.NoError(t, sender.Sweep(t.Context()))
		require.Zero(t, to.tries, "nothing before the work is done")
		done := w.ok(w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: o.GetName()}))
		require.Empty(t, done.GetAcceptanceCode())

		require.NoError(t, sender.Sweep(t.Context()))
		require.NoError(t, sender.Sweep(t.Context()))
		require.Equal(t, 1, to.tries, "a failed attempt is repeated after a pause")
		to.broken = false
		w.clock.Advance(31 * time.Second)
		require.NoError(t, sender.Sweep(t.Context()))
		require.Len(t, to.sent, 1)
		require.Equal(t, "13800138000", to.sent[0].Phone)
		w.clock.Advance(time.Hour)
		require.NoError(t, sender.Sweep(t.Context()))
		require.Len(t, to.sent, 1, "once")
		w.ok(w.Confirm(w.as(li), &dispatchv1.ConfirmRequest{Name: o.GetName(), AcceptanceCode: to.sent[0].Code}))

		var content []byte
		var result string
		require.NoError(t, w.svc.deps.DB.Row(t.Context(), `SELECT content, result FROM code_messages WHERE work_order = $1`,
			o.GetName()[len("workOrders/"):]).Scan(&content, &result))
		require.Empty(t, content, "what was sent is forgotten, that it was sent is not")
		require.Equal(t, "test ok", result)
	})
}

func TestCodesThatAreNotWantedAnyMore(t *testing.T) {
	w := onSQLite(t, Config{})
	to := &phones{}
	sender := w.sender(to)
	signed := w.create(nil)
	w.visit(signed, true)
	w.ok(w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: signed.GetName()}))
	w.ok(w.Confirm(w.as(li), &dispatchv1.ConfirmRequest{Name: signed.GetName(), Signature: "evidence/s"}))

	again := w.create(nil)
	w.visit(again, true)
	w.ok(w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: again.GetName()}))
	w.ok(w.ConfirmRefused(w.as(li), &dispatchv1.ConfirmRefusedRequest{Name: again.GetName(), Reason: "还漏"}))
	w.book(again.GetName(), li)
	w.ok(w.Arrive(w.as(li), &dispatchv1.ArriveRequest{Name: again.GetName()}))
	w.ok(w.Diagnose(w.as(li), &dispatchv1.DiagnoseRequest{Name: again.GetName(), InWarranty: true}))
	w.ok(w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: again.GetName()}))

	require.NoError(t, sender.Sweep(t.Context()))
	require.Len(t, to.sent, 1, "only the last code of the second order")
	w.ok(w.Confirm(w.as(li), &dispatchv1.ConfirmRequest{Name: again.GetName(), AcceptanceCode: to.sent[0].Code}))
}

func TestTheLogTellsNothing(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	_, err := notify.LogDriver{Log: slog.New(slog.NewTextHandler(&log, nil))}.Send(t.Context(),
		Message{ID: "m1", Phone: "13800138000", CaseNumber: "AS20261122-000001", Code: "123456"})
	require.NoError(t, err)
	require.Contains(t, log.String(), "m1")
	require.NotContains(t, log.String(), "13800138000")
	require.NotContains(t, log.String(), "123456")
}

package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Message is a notice on its way to the customer.
type Message struct {
	ID     string // the same for every attempt, so that a driver can tell a repetition
	Case   string
	Number string
	Notice string // kind
	Text   string
	To     *casefile.Party // nil for an anonymous matter: it is answered through the progress link
}

// Messenger hands notices over. Send must be idempotent by Message.ID where the way out allows it.
type Messenger interface {
	Name() string
	Send(ctx context.Context, m Message) error
}

// LogMessenger is the driver of an installation that has no other: the notice counts as handed over when it is in the log,
// without text and addressee.
type LogMessenger struct{ Log *slog.Logger }

// Name implements Messenger.
func (LogMessenger) Name() string { return "LOG" }

// Send implements Messenger.
func (l LogMessenger) Send(ctx context.Context, m Message) error {
	l.Log.InfoContext(ctx, "notice to customer", "case", m.Case, "notice", m.Notice, "id", m.ID)
	return nil
}

// DeliverNoticeArgs delivers a notice.
type DeliverNoticeArgs struct{ TaskRef }

// Kind implements river.JobArgs.
func (DeliverNoticeArgs) Kind() string { return "intake.deliver_notice" }

// deliverNotice hands a notice over. Every attempt is a record, a failed one too; a failed one is tried again by the queue.
func (w *Worker) deliverNotice(ctx context.Context, args DeliverNoticeArgs) error {
	c, t, ok, err := w.task(ctx, args.TaskRef)
	if err != nil || !ok {
		return err
	}
	text, err := w.noticeText(ctx, c, t)
	if err != nil {
		return err
	}
	concerned, _ := c.ConcernedParty(t.Party)
	attempt := casefile.Attempt{Person: concerned.Name, Channel: w.Messages.Name(), Result: casefile.Delivered, Points: recorded(c, t, text)}
	sendCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	failed := w.Messages.Send(sendCtx, Message{
		ID: t.ID, Case: c.Name(), Number: c.Number, Notice: t.Notice, Text: text, To: addressee(c, t),
	})
	if failed != nil {
		attempt.Result = casefile.NotDelivered
	}
	err = w.take(ctx, args.TaskRef, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment, t casefile.Task) (casefile.Change, error) {
		a := attempt
		change := c.NoticeTried(m, t, &a)
		return change, w.Cases.AddAttempt(ctx, tx, c.ID, a)
	})
	if err == nil && failed != nil {
		return fmt.Errorf("jobs: deliver %s of %s: %w", t.Notice, args.Case, failed)
	}
	return err
}

// addressee is who a notice goes to: a code goes to the customer, who alone can agree.
func addressee(c *casefile.Case, t casefile.Task) *casefile.Party {
	if t.Notice == casefile.NoticeConsentCode {
		return c.Personal.Party(casefile.PartyCustomer)
	}
	if p, ok := c.ConcernedParty(t.Party); ok {
		return &casefile.Party{DisplayName: p.Name, Email: c.Personal.ConcernedMail[p.ID], Customer: p.Ref}
	}
	return c.Personal.Party(casefile.PartyComplainant)
}

// recorded is the text as the record keeps it: a code is nobody's but the customer's.
func recorded(c *casefile.Case, t casefile.Task, text string) string {
	if code := c.Personal.Codes[t.ID]; code != "" {
		return strings.ReplaceAll(text, code, "******")
	}
	return text
}

func pick(english bool, zh, en string) string {
	if english {
		return en
	}
	return zh
}

package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/crashpoint"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

const (
	// sendLimit bounds one call of a driver.
	sendLimit = 15 * time.Second
	// deliveryLease is how long an attempt that was interrupted keeps others away; longer than sendLimit and two commits.
	deliveryLease = 2 * time.Minute
)

// DeliverArgs wakes the delivery of one invitation.
type DeliverArgs struct {
	Invitation string `json:"invitation"`
}

// Kind implements river.JobArgs.
func (DeliverArgs) Kind() string { return "survey.deliver" }

// Deliverer hands invitations' messages over. Each attempt is a record (R184).
type Deliverer struct {
	DB       sqldb.DB
	Store    *store.Store
	Clock    clock.Clock
	Driver   Driver
	Policy   survey.Policy
	LinkBase string // the token is appended
	Log      *slog.Logger
}

// Deliver sends the message of an invitation if it is due: the attempt is recorded, then the driver called outside any
// transaction, then the result recorded. Interrupted in between, it is tried again with the same message id.
func (d *Deliverer) Deliver(ctx context.Context, id string) error {
	inv, attempt, err := d.begin(ctx, id)
	if err != nil || attempt == nil {
		return err
	}
	crashpoint.Hit("survey.deliver.begun")
	sendCtx, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	detail, sendErr := d.Driver.Send(sendCtx, d.message(inv))
	crashpoint.Hit("survey.deliver.sent")
	return d.finish(ctx, *attempt, detail, sendErr)
}

func (d *Deliverer) begin(ctx context.Context, id string) (inv survey.Invitation, attempt *store.Attempt, err error) {
	err = d.DB.InTx(ctx, func(tx sqldb.Tx) (err error) {
		attempt = nil
		if inv, err = d.Store.Invitation(ctx, tx, id); err != nil {
			return err
		}
		now, before := d.Clock.Now(), inv.State
		if !inv.BeginDelivery(now, deliveryLease, d.Policy) {
			if inv.State == before {
				return nil
			}
			return d.Store.Save(ctx, tx, &inv)
		}
		a := store.Attempt{
			Invitation: inv.ID, Number: inv.Attempts, Channel: d.Driver.Name(), MessageID: messageID(inv.ID),
			Start: now, Lease: inv.NextAttempt,
		}
		if err := d.Store.Save(ctx, tx, &inv); err != nil {
			return err
		}
		attempt = &a
		return d.Store.AddAttempt(ctx, tx, a)
	})
	return inv, attempt, err
}

// finish records the result. The attempt's own row tells; the invitation may have been answered meanwhile.
func (d *Deliverer) finish(ctx context.Context, a store.Attempt, detail string, sendErr error) error {
	return d.DB.InTx(ctx, func(tx sqldb.Tx) error {
		inv, err := d.Store.Invitation(ctx, tx, a.Invitation)
		if err != nil {
			return err
		}
		now := d.Clock.Now()
		a.End, a.Result, a.Detail = now, "ACCEPTED", detail
		if sendErr != nil {
			a.Result, a.Detail = "FAILED", short(sendErr.Error())
			d.Log.WarnContext(ctx, "invitation not delivered", "invitation", a.Invitation, "attempt", a.Number, "error", sendErr)
			inv.DeliveryFailed(now, d.Policy)
		} else {
			inv.DeliverySucceeded(now)
		}
		if err := d.Store.Save(ctx, tx, &inv); err != nil {
			return err
		}
		return d.Store.EndAttempt(ctx, tx, a)
	})
}

func (d *Deliverer) message(inv survey.Invitation) Message {
	link := d.LinkBase + inv.Token
	text := fmt.Sprintf("您的服务单 %s 已处理，请点击评价：%s", inv.CaseNumber, link)
	if survey.IsEnglish(inv.Locale) {
		text = fmt.Sprintf("Please tell us how we handled your case %s: %s", inv.CaseNumber, link)
	}
	return Message{ID: messageID(inv.ID), To: inv.Contact, Locale: inv.Locale, Purpose: inv.Purpose, Text: text, Link: link}
}

func messageID(invitation string) string { return "invitation-" + invitation }

// short keeps a driver's error small enough for a record.
func short(text string) string {
	const most = 200 // runes
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

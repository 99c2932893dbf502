// Package ledger writes what follows from a change of a case in one transaction: the row, the entries of the timeline, the
// events for the other services, and the jobs that wake somebody for its tasks. New cases come in groups (filer.go).
package ledger

import (
	"context"
	"strings"

	"github.com/riverqueue/river"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// Source names this service in its events.
const Source = "aftersales/intake"

// Subscribers of this service's events. The gateway alone hears of a registration: until the acceptance nobody else has
// anything to do.
var (
	Subscribers = []string{"gateway", "dispatch", "survey"}
	onReceipt   = []string{"gateway"}
)

// Waker gives the jobs that wake somebody for the tasks of a case.
type Waker func(caseName string, tasks []casefile.Task) []river.InsertManyParams

// Ledger writes changes.
type Ledger struct {
	cases  store.Cases
	outbox *events.Outbox
	clock  clock.Clock
	wake   Waker
}

// New makes a ledger.
func New(cases store.Cases, c clock.Clock, wake Waker) *Ledger {
	return &Ledger{cases: cases, outbox: events.NewOutbox(Source, Subscribers, c), clock: c, wake: wake}
}

// Outbox is where the service's other events go.
func (l *Ledger) Outbox() *events.Outbox { return l.outbox }

// Commit writes a change of a locked case. The case must have been locked in the same transaction.
func (l *Ledger) Commit(ctx context.Context, tx sqldb.Tx, c *casefile.Case, change casefile.Change) error {
	evs, told := facts(c, change.Facts), followers(c, change.Facts)
	if err := l.cases.Save(ctx, tx, c, change, l.clock.Now()); err != nil {
		return err
	}
	if err := l.outbox.Append(ctx, tx, evs...); err != nil {
		return err
	}
	if err := l.outbox.AppendTo(ctx, tx, onReceipt, told...); err != nil {
		return err
	}
	if jobs := l.wake(c.Name(), change.Tasks); len(jobs) > 0 {
		return tx.EnqueueMany(ctx, jobs)
	}
	return nil
}

// facts turns facts into events, numbered within the case.
func facts(c *casefile.Case, facts []casefile.Fact) []events.Event {
	evs := make([]events.Event, 0, len(facts))
	for _, f := range facts {
		c.EventSeq++
		evs = append(evs, events.Event{
			Type: eventType(f), Subject: c.Name(), Key: c.Name(), Seq: c.EventSeq, OwnerOrg: c.OwnerOrg, ServingOrg: c.ServingOrg,
			Confidentiality: string(c.Confidentiality), Partner: c.Partner, Time: f.At, Payload: payload(c, f),
		})
	}
	return evs
}

// followers tell the partners of merged cases what becomes of the case that survived, each by the case and the reference that it knows: who
// filed the same matter goes on hearing of it. They are the partners' events only, in an order of their own.
func followers(c *casefile.Case, facts []casefile.Fact) (evs []events.Event) {
	for _, f := range facts {
		for i := range c.MergedCases {
			m := &c.MergedCases[i]
			if m.Partner == "" || f.Verb == casefile.MergeCases { // of the merger itself it hears by its own case
				continue
			}
			m.EventSeq++
			told := payload(c, f)
			told.Case, told.CaseNumber, told.ExternalRef = m.Case, m.Number, Ref(m.Ref)
			evs = append(evs, events.Event{
				Type: eventType(f), Subject: m.Case, Key: m.Case + "/survivor", Seq: m.EventSeq, OwnerOrg: c.OwnerOrg,
				Confidentiality: string(c.Confidentiality), Partner: m.Partner, Time: f.At, Payload: told,
			})
		}
	}
	return evs
}

func eventType(f casefile.Fact) string {
	if f.State == f.Previous {
		return "aftersales.case.updated.v1"
	}
	return "aftersales.case." + strings.ToLower(string(f.State)) + ".v1"
}

func payload(c *casefile.Case, f casefile.Fact) *eventv1.CaseChanged {
	p := &eventv1.CaseChanged{
		Case: c.Name(), CaseNumber: c.Number, Kind: string(c.Kind), State: string(f.State), PreviousState: string(f.Previous),
		Round: int32(c.RoundNumber()), Verb: string(f.Verb), ContentClass: c.ContentClass,
	}
	if f.State == casefile.Closed {
		p.CloseBasis = string(c.Round().Basis)
	}
	if due := c.Deadline(); !due.IsZero() {
		p.StateDeadline = timestamppb.New(due)
	}
	if len(c.Items) > 0 {
		p.Brand, p.Model = c.Items[0].Brand, c.Items[0].Model
	}
	if len(c.ExternalRefs) > 0 {
		p.ExternalRef = Ref(c.ExternalRefs[0])
	}
	return p
}

// Ref is a reference as messages carry it.
func Ref(r casefile.ExternalRef) *commonv1.ExternalRef {
	return &commonv1.ExternalRef{
		Platform: r.Platform, ShopId: r.ShopID, OrderId: r.OrderID, SubOrderId: r.SubOrderID, AfterSaleId: r.AfterSaleID,
		DisputeId: r.DisputeID, RawType: r.RawType, RawStatus: r.RawStatus,
	}
}

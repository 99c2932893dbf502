package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const (
	groupMost  = 256              // filings that one transaction takes
	groupLimit = 15 * time.Second // for one transaction, whoever waits for it
)

// Filing is a new case on its way in.
type Filing struct {
	Case   *casefile.Case
	Change casefile.Change
	Key    idempotency.Key                    // zero when the request has none
	Claim  *store.Claim                       // nil when it has no reference to keep
	Answer func(*casefile.Case) proto.Message // what the caller is told; stored under Key
}

// Filed is what became of a filing: exactly one of the three is set.
type Filed struct {
	Answer proto.Message       // it is registered
	Replay *idempotency.Stored // the same request was answered before
	Owner  *store.Owner        // its reference belongs to another case
}

// Filer registers cases by group commit: filings that arrive while a transaction is under way are written together by the
// next one, so that a lone one waits for nobody and a thousand cost little more than one.
type Filer struct {
	ledger *Ledger
	db     sqldb.DB
	idem   *idempotency.Store
	zone   *time.Location // of the day in the numbers
	log    *slog.Logger

	mu      sync.Mutex
	waiting []*pending
	running bool
	idle    *sync.Cond
}

// pending is a filing and who waits for it.
type pending struct {
	Filing
	span   trace.SpanContext
	parent string // W3C trace context
	result Filed
	err    error
	done   chan struct{}
}

// NewFiler makes a filer; zone is the installation's.
func NewFiler(l *Ledger, db sqldb.DB, idem *idempotency.Store, zone *time.Location, log *slog.Logger) *Filer {
	f := &Filer{ledger: l, db: db, idem: idem, zone: zone, log: log}
	f.idle = sync.NewCond(&f.mu)
	return f
}

// File registers one case and waits for the commit. When ctx ends before, the outcome is unknown and the same request may be
// sent again.
func (f *Filer) File(ctx context.Context, filing Filing) (Filed, error) {
	p := &pending{Filing: filing, span: trace.SpanContextFromContext(ctx), done: make(chan struct{})}
	if p.span.IsValid() {
		carrier := propagation.MapCarrier{}
		propagation.TraceContext{}.Inject(ctx, carrier)
		p.parent = carrier["traceparent"]
	}
	f.mu.Lock()
	f.waiting = append(f.waiting, p)
	if !f.running {
		f.running = true
		go f.run()
	}
	f.mu.Unlock()
	select {
	case <-p.done:
		return p.result, p.err
	case <-ctx.Done():
		return Filed{}, ctx.Err()
	}
}

// Wait returns when nothing is under way.
func (f *Filer) Wait() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.running {
		f.idle.Wait()
	}
}

// run writes groups until nobody waits.
func (f *Filer) run() {
	for {
		group := f.take()
		if len(group) == 0 {
			return
		}
		f.write(group)
		for _, p := range group {
			close(p.done)
		}
	}
}

// take takes the next group: in order of arrival, and of each request id only the first, for the others are answered what it
// is answered.
func (f *Filer) take() []*pending {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.waiting) == 0 {
		f.running = false
		f.idle.Broadcast()
		return nil
	}
	var group, later []*pending
	seen := make(map[string]bool, len(f.waiting))
	for _, p := range f.waiting {
		if len(group) == groupMost || seen[p.Key.ID] {
			later = append(later, p)
			continue
		}
		if !p.Key.Zero() {
			seen[p.Key.ID] = true
		}
		group = append(group, p)
	}
	f.waiting = later
	return group
}

// write writes a group in one transaction of its own context, not a caller's. When it fails, every filing is tried alone, so
// that a poisoned one spoils nobody; but not when the outcome is unknown: then all are told so.
func (f *Filer) write(group []*pending) {
	err := f.attempt(group)
	if err != nil && len(group) > 1 && !errors.Is(err, sqldb.ErrUnavailable) {
		f.log.Warn("group of filings failed, tried one by one", "filings", len(group), "error", err)
		for _, p := range group {
			p.err = f.attempt([]*pending{p})
		}
		return
	}
	for _, p := range group {
		p.err = err
	}
}

func (f *Filer) attempt(group []*pending) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), groupLimit)
	defer cancel()
	defer func() {
		if v := recover(); v != nil { // nobody must wait for ever
			err = fmt.Errorf("ledger: panic while filing: %v", v)
		}
	}()
	return f.db.InTx(ctx, func(tx sqldb.Tx) error { return f.register(ctx, tx, group) })
}

// register is one transaction: numbers first, and with them the lock on the day; then who is new; then all rows.
func (f *Filer) register(ctx context.Context, tx sqldb.Tx, group []*pending) error {
	day := f.ledger.clock.Now().In(f.zone).Format("20060102")
	first, err := f.ledger.cases.Reserve(ctx, tx, day, len(group))
	if err != nil {
		return err
	}
	fresh, err := f.admit(ctx, tx, group)
	if err != nil {
		return err
	}
	for n, p := range fresh {
		p.Case.Numbered(fmt.Sprintf("AS%s-%06d", day, first+int64(n)), &p.Change)
	}
	if err := f.insert(ctx, tx, fresh); err != nil {
		return err
	}
	if unused := len(group) - len(fresh); unused > 0 {
		return f.ledger.cases.GiveBack(ctx, tx, day, unused)
	}
	return nil
}

// admit finds out who is new. Since the day's row is locked, nobody else registers meanwhile.
func (f *Filer) admit(ctx context.Context, tx sqldb.Tx, group []*pending) ([]*pending, error) {
	keys := make([]idempotency.Key, len(group))
	for n, p := range group {
		keys[n], p.result = p.Key, Filed{}
	}
	known, err := f.idem.Lookup(ctx, tx, keys...)
	if err != nil {
		return nil, err
	}
	var fresh, claiming []*pending
	var claims []store.Claim
	for _, p := range group {
		if stored, ok := known[p.Key.ID]; ok {
			p.result.Replay = &stored
			continue
		}
		if p.Claim != nil {
			claiming, claims = append(claiming, p), append(claims, *p.Claim)
		}
		fresh = append(fresh, p)
	}
	taken, err := f.ledger.cases.ClaimRefs(ctx, tx, claims)
	if err != nil || len(taken) == 0 {
		return fresh, err
	}
	for n, owner := range taken {
		claiming[n].result.Owner = &owner
	}
	return withoutOwner(fresh), nil
}

func withoutOwner(all []*pending) (fresh []*pending) {
	for _, p := range all {
		if p.result.Owner == nil {
			fresh = append(fresh, p)
		}
	}
	return fresh
}

// insert writes the rows of new cases, their entries, events, answers and jobs.
func (f *Filer) insert(ctx context.Context, tx sqldb.Tx, fresh []*pending) error {
	if len(fresh) == 0 {
		return nil
	}
	filed := make([]store.New, len(fresh))
	answers := make([]idempotency.Entry, len(fresh))
	var evs []events.Event
	for n, p := range fresh {
		p.Case.Chain, p.Case.EventSeq = timeline.Head{}, 0 // the transaction may run again
		for _, ev := range facts(p.Case, p.Change.Facts) {
			ev.TraceParent = p.parent
			evs = append(evs, ev)
		}
		p.result.Answer = p.Answer(p.Case)
		filed[n] = store.New{Case: p.Case, Change: p.Change}
		answers[n] = idempotency.Entry{Key: p.Key, Answer: p.result.Answer}
	}
	var b sqldb.Batch
	if err := f.ledger.cases.Create(&b, tx.Engine(), filed); err != nil {
		return err
	}
	if err := f.ledger.outbox.Batch(ctx, tx, &b, onReceipt, evs...); err != nil {
		return err
	}
	if err := tx.Send(ctx, &b); err != nil {
		return fmt.Errorf("ledger: register: %w", err)
	}
	return f.conclude(ctx, tx, fresh, answers)
}

// conclude stores the answers and wakes who must go on.
func (f *Filer) conclude(ctx context.Context, tx sqldb.Tx, fresh []*pending, answers []idempotency.Entry) error {
	inserted, err := f.idem.Insert(ctx, tx, answers...)
	if err != nil {
		return err
	}
	for _, p := range fresh {
		if !p.Key.Zero() && !inserted[p.Key.ID] {
			return fmt.Errorf("ledger: answered meanwhile: %w", sqldb.ErrRetryTx)
		}
		if jobs := f.ledger.wake(p.Case.Name(), p.Change.Tasks); len(jobs) > 0 {
			if err := tx.EnqueueMany(trace.ContextWithSpanContext(ctx, p.span), jobs); err != nil {
				return err
			}
		}
	}
	return nil
}

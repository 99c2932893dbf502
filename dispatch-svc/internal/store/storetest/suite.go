package storetest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/engineer"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// Noon is when every test happens.
var Noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

const (
	brand    = "organisations/brand"
	provider = "organisations/provider"
	phone    = "13800138000"
)

// Run runs the suite on one database.
func Run(t *testing.T, db sqldb.DB) {
	clock := testkit.NewClock(Noon)
	f := &fixture{DB: db, Store: store.New(db, testkit.Keys(t).Sealer(), events.NewOutbox("aftersales/dispatch", []string{"intake"}, clock)), clock: clock}
	f.engineers(t)
	for name, test := range map[string]func(*testing.T, *fixture){
		"round trip": roundTrip, "one order a measure": oneOrderAMeasure, "contacts are sealed": contactsAreSealed,
		"who sees what": whoSeesWhat, "lost updates": lostUpdates, "steps are numbered": stepsAreNumbered,
		"the last of two orders": lastOfTwo, "one winner of 32": oneWinner, "feeds": feeds, "pages": pages, "offers": overdueOffers,
		"stock is never oversold": neverOversold, "parts are described": partsAreDescribed, "lists of parts": listsOfParts, "codes": codes,
		"engineers": engineerRows, "who declined": decliners,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, f)
		})
	}
}

// fixture is a database that the tests share; each works on cases of its own.
type fixture struct {
	*store.Store
	DB    sqldb.DB
	clock *testkit.Clock
}

func (f *fixture) engineers(t *testing.T) {
	for _, e := range []engineer.Engineer{
		{ID: "e", User: "users/e", Name: "李", Org: brand, Active: true, Profile: engineer.Profile{Territories: []string{"31"}, Shifts: engineer.EveryDay(0, 60)}},
		{ID: "f", Name: "陈", Org: brand, Active: true}, {ID: "p", Name: "周", Org: provider, Active: true},
	} {
		f.tx(t, func(tx sqldb.Tx) error { return f.PutEngineer(t.Context(), tx, &e, Noon) })
	}
}

func (f *fixture) tx(t *testing.T, fn func(tx sqldb.Tx) error) {
	t.Helper()
	require.NoError(t, f.DB.InTx(t.Context(), fn))
}

// everybody stands in every relation to every order of the suite.
func everybody(engineer string) workorder.Actor {
	return workorder.Actor{Subject: "users/d", Engineer: engineer, Roles: []string{"dispatcher"}, Orgs: []string{brand, provider}, System: true}
}

func newCase() string { return "cases/" + uuid.NewString() }

// order makes an order of the case in CREATED.
func (f *fixture) order(t *testing.T, caseName string, change func(*workorder.Order)) *workorder.Order {
	t.Helper()
	o := f.draft(caseName)
	if change != nil {
		change(o)
	}
	f.tx(t, func(tx sqldb.Tx) (err error) {
		fresh := *o
		o, err = f.Create(t.Context(), tx, &fresh, workorder.New(&fresh, workorder.Step{By: everybody(""), Now: f.clock.Now()}))
		return err
	})
	return o
}

func (f *fixture) draft(caseName string) *workorder.Order {
	return &workorder.Order{
		ID: uuid.Must(uuid.NewV7()).String(), Case: caseName, CaseNumber: "AS20261122-000001", Solution: uuid.NewString(), Purpose: workorder.Repair,
		OwnerOrg: brand, Region: "310115", Partner: "partners/mall", Urgency: "NORMAL",
		Contact: workorder.Contact{Name: "王小明", Phone: phone, RegionCode: "310115", Line: "世纪大道1号"},
		Body:    workorder.Body{Problem: "漏水", FreeOfCharge: true},
	}
}

// step takes one step of an order in a transaction of its own.
func (f *fixture) step(ctx context.Context, id string, apply func(o *workorder.Order, s workorder.Step) (workorder.Change, error)) (*workorder.Order, error) {
	var out *workorder.Order
	err := f.DB.InTx(ctx, func(tx sqldb.Tx) error {
		o, err := f.Order(ctx, tx, store.Viewer{All: true}, id)
		if err != nil {
			return err
		}
		c, err := apply(o, workorder.Step{By: everybody(o.Engineer), Now: f.clock.Now()})
		if err != nil {
			return err
		}
		out = o
		return f.Save(ctx, tx, o, c)
	})
	return out, err
}

// must takes steps that are expected to succeed.
func (f *fixture) must(t *testing.T, id string, apply ...func(o *workorder.Order, s workorder.Step) (workorder.Change, error)) *workorder.Order {
	t.Helper()
	var o *workorder.Order
	for _, a := range apply {
		var err error
		o, err = f.step(t.Context(), id, a)
		require.NoError(t, err)
	}
	return o
}

// The steps that tests take.
func assign(name string) func(o *workorder.Order, s workorder.Step) (workorder.Change, error) {
	return func(o *workorder.Order, s workorder.Step) (workorder.Change, error) {
		return o.Assign(s, workorder.Candidate{Engineer: "engineers/" + name, Name: name, Org: brand, Active: true}, "", "")
	}
}

func accept(o *workorder.Order, s workorder.Step) (workorder.Change, error) { return o.Accept(s) }

func book(o *workorder.Order, s workorder.Step) (workorder.Change, error) {
	return o.Book(s, workorder.Window{Start: Noon.Add(time.Hour), End: Noon.Add(2 * time.Hour)}, "", workorder.Money{})
}

func arrive(o *workorder.Order, s workorder.Step) (workorder.Change, error) { return o.Arrive(s, nil) }

func diagnose(o *workorder.Order, s workorder.Step) (workorder.Change, error) {
	return o.Diagnose(s, workorder.Diagnosis{Cause: "PART"})
}

func complete(o *workorder.Order, s workorder.Step) (workorder.Change, error) {
	return o.Complete(s, workorder.Completion{}, "")
}

func confirm(o *workorder.Order, s workorder.Step) (workorder.Change, error) {
	c, _, err := o.Confirm(s, workorder.Proof{Signature: "s"}, nil)
	return c, err
}

func cancel(o *workorder.Order, s workorder.Step) (workorder.Change, error) {
	return o.Cancel(s, "不修了")
}

func offer(o *workorder.Order, s workorder.Step) (workorder.Change, error) {
	return o.Release(s, provider, s.Now.Add(time.Hour))
}

// events reads what the outbox holds for a case, by number.
func (f *fixture) events(t *testing.T, caseName string) (out []*eventv1.WorkOrderChanged, seqs []int64) {
	t.Helper()
	rows, err := f.DB.Rows(t.Context(), `SELECT envelope FROM outbox WHERE event_key = $1 AND subscriber = 'intake'`, caseName)
	require.NoError(t, err)
	defer rows.Close()
	bySeq := map[int64]*eventv1.WorkOrderChanged{}
	for rows.Next() {
		var wire []byte
		require.NoError(t, rows.Scan(&wire))
		e, p := decode(t, wire)
		require.NotContains(t, bySeq, e.GetSequence())
		bySeq[e.GetSequence()] = p
	}
	require.NoError(t, rows.Err())
	for _, seq := range slices.Sorted(maps.Keys(bySeq)) {
		out, seqs = append(out, bySeq[seq]), append(seqs, seq)
	}
	return out, seqs
}

func ids(orders []*workorder.Order) string {
	var s []string
	for _, o := range orders {
		s = append(s, o.ID)
	}
	return strings.Join(s, " ")
}

package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

var all = store.Viewer{All: true}

func decode(t *testing.T, wire []byte) (*eventv1.Envelope, *eventv1.WorkOrderChanged) {
	t.Helper()
	var e eventv1.Envelope
	require.NoError(t, proto.Unmarshal(wire, &e))
	p := new(eventv1.WorkOrderChanged)
	require.NoError(t, e.GetData().UnmarshalTo(p))
	return &e, p
}

func roundTrip(t *testing.T, f *fixture) {
	o := f.order(t, newCase(), func(o *workorder.Order) {
		o.Latest, o.AgreedFee = Noon.Add(48*time.Hour), workorder.Money{Currency: "CNY", Fen: 9900}
		o.Skills = []workorder.SkillNeed{{Skill: "REPAIR", Level: 2}}
	})
	got := f.must(t, o.ID, assign("e"), accept, book, arrive, diagnose)
	read, err := f.Order(t.Context(), f.DB, all, o.ID)
	require.NoError(t, err)
	require.Equal(t, got, read)
	require.Equal(t, workorder.Diagnosed, read.State)
	require.EqualValues(t, 6, read.Version)
	require.Equal(t, phone, read.Contact.Phone)
}

func oneOrderAMeasure(t *testing.T, f *fixture) {
	first := f.order(t, newCase(), nil)
	same := func(o *workorder.Order) { o.Solution, o.Problem = first.Solution, "其他" }
	require.Equal(t, first.ID, f.order(t, first.Case, same).ID)
	require.NotEqual(t, first.ID, f.order(t, first.Case, func(o *workorder.Order) { same(o); o.Round = 2 }).ID)
	require.NotEqual(t, first.ID, f.order(t, first.Case, func(o *workorder.Order) { same(o); o.Purpose = workorder.Inspect }).ID)
	f.must(t, first.ID, cancel)
	again := f.order(t, first.Case, same)
	require.NotEqual(t, first.ID, again.ID)
	_, seqs := f.events(t, first.Case)
	require.Len(t, seqs, 5, "a repeat leaves no trace")
}

func contactsAreSealed(t *testing.T, f *fixture) {
	a, b := f.order(t, newCase(), nil), f.order(t, newCase(), nil)
	var sealed []byte
	var body string
	require.NoError(t, f.DB.Row(t.Context(), `SELECT contact, body FROM work_orders WHERE id = $1`, a.ID).Scan(&sealed, &body))
	require.NotContains(t, string(sealed)+body, phone)
	require.NotContains(t, string(sealed)+body, "世纪大道")
	_, err := f.DB.Exec(t.Context(), `UPDATE work_orders SET contact = $1 WHERE id = $2`, sealed, b.ID)
	require.NoError(t, err)
	_, err = f.Order(t.Context(), f.DB, all, b.ID)
	require.Error(t, err, "a contact is bound to its order")
	_, err = f.DB.Exec(t.Context(), `DELETE FROM work_orders WHERE id = $1`, b.ID)
	require.NoError(t, err, "the broken row would disturb lists of other tests")
}

// R1: each organisation sees its own.
func whoSeesWhat(t *testing.T, f *fixture) {
	o := f.order(t, newCase(), func(o *workorder.Order) { o.ServingOrg = provider })
	viewers := map[string]store.Viewer{
		"owner": {Orgs: []string{brand}}, "provider": {Orgs: []string{provider}}, "stranger": {Orgs: []string{"organisations/x"}},
		"engineer": {Engineer: "engineers/e"}, "partner": {Partner: "partners/mall"}, "other partner": {Partner: "partners/x"}, "nobody": {},
	}
	sees := func(want ...string) {
		t.Helper()
		for name, v := range viewers {
			_, err := f.Order(t.Context(), f.DB, v, o.ID)
			page, _, lerr := f.Orders(t.Context(), v, listing.Request{Filter: `case="` + o.Case + `"`})
			require.NoError(t, lerr)
			if slices.Contains(want, name) {
				require.NoError(t, err, name)
				require.Equal(t, o.ID, ids(page), name)
				continue
			}
			require.ErrorIs(t, err, apierr.ErrNotFound, name)
			require.Empty(t, page, name)
		}
	}
	sees("owner", "partner")
	f.must(t, o.ID, offer)
	sees("owner", "partner", "provider")
	f.must(t, o.ID, func(o *workorder.Order, s workorder.Step) (workorder.Change, error) { return o.DeclineOffer(s, "忙") })
	sees("owner", "partner")
	f.must(t, o.ID, assign("e"))
	sees("owner", "partner", "engineer")

	secret := f.order(t, newCase(), func(o *workorder.Order) { o.Secrecy = "RESTRICTED" })
	_, err := f.Order(t.Context(), f.DB, store.Viewer{Orgs: []string{brand}}, secret.ID)
	require.ErrorIs(t, err, apierr.ErrNotFound)
	_, err = f.Order(t.Context(), f.DB, store.Viewer{Orgs: []string{brand}, Restricted: true}, secret.ID)
	require.NoError(t, err)
}

func lostUpdates(t *testing.T, f *fixture) {
	o := f.order(t, newCase(), nil)
	stale := *o
	f.must(t, o.ID, assign("e"))
	runs := 0
	err := f.DB.InTx(t.Context(), func(tx sqldb.Tx) error {
		if runs++; runs > 1 {
			return nil
		}
		old := stale
		c, err := cancel(&old, workorder.Step{By: everybody(""), Now: Noon})
		require.NoError(t, err)
		return f.Save(t.Context(), tx, &old, c)
	})
	require.NoError(t, err)
	require.Equal(t, 2, runs, "the transaction runs again on what is there now")
	read, err := f.Order(t.Context(), f.DB, all, o.ID)
	require.NoError(t, err)
	require.Equal(t, workorder.Assigned, read.State)
}

func stepsAreNumbered(t *testing.T, f *fixture) {
	o := f.order(t, newCase(), nil)
	f.must(t, o.ID, assign("e"), accept, book, arrive, diagnose, complete, confirm)
	events, seqs := f.events(t, o.Case)
	require.Equal(t, []int64{1, 2, 3, 4, 5, 6, 7, 8}, seqs)
	last := events[7]
	require.Equal(t, "CONFIRMED", last.GetState())
	require.Equal(t, "DONE", last.GetPreviousState())
	require.Zero(t, last.GetOpenWorkOrders())
	require.EqualValues(t, 1, events[6].GetOpenWorkOrders())
	require.Equal(t, "WORK_ORDER_CONFIRMED", last.GetStep().GetEvent())
	require.Equal(t, "310115", last.GetStep().GetPlace())
	require.NotContains(t, last.String(), phone)

	steps, err := f.Steps(t.Context(), f.DB, o.ID)
	require.NoError(t, err)
	require.Len(t, steps, 8)
	require.Equal(t, "IN_PROGRESS", steps[6].Facts["via"])
	f.tx(t, func(tx sqldb.Tx) error {
		seq, err := f.LockCase(t.Context(), tx, o.Case)
		require.EqualValues(t, 8, seq)
		return err
	})
}

// lastOfTwo ends two orders of a case at the same time: exactly one event says that nothing is left.
func lastOfTwo(t *testing.T, f *fixture) {
	for range 8 {
		name := newCase()
		a, b := f.order(t, name, nil), f.order(t, name, nil)
		for _, o := range []*workorder.Order{a, b} {
			f.must(t, o.ID, assign("e"), accept, book, arrive, diagnose, complete)
		}
		var wg sync.WaitGroup
		for _, o := range []*workorder.Order{a, b} {
			wg.Go(func() {
				_, err := f.step(t.Context(), o.ID, confirm)
				require.NoError(t, err)
			})
		}
		wg.Wait()
		events, _ := f.events(t, name)
		open := map[int32]int{}
		for _, e := range events {
			if e.GetState() == "CONFIRMED" {
				open[e.GetOpenWorkOrders()]++
			}
		}
		require.Equal(t, map[int32]int{1: 1, 0: 1}, open)
	}
}

// racers is how many dispatchers want the same order at once.
const racers = 32

func oneWinner(t *testing.T, f *fixture) {
	o := f.order(t, newCase(), nil)
	errs := make([]error, racers)
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() { _, errs[i] = f.step(t.Context(), o.ID, assign([]string{"e", "f"}[i%2])) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, workorder.ErrState)
	}
	require.Equal(t, 1, won)
	var live int
	require.NoError(t, f.DB.Row(t.Context(), `SELECT COUNT(*) FROM assignments WHERE work_order = $1 AND ended_us = 0`, o.ID).Scan(&live))
	require.Equal(t, 1, live)
	_, seqs := f.events(t, o.Case)
	require.Equal(t, []int64{1, 2}, seqs)
	_, err := f.DB.Exec(t.Context(), `INSERT INTO assignments (id, work_order, engineer, assigned_us, assigned_by, ended_us, ended_by)
		VALUES ($1, $2, 'engineers/f', 1, 'x', 0, '')`, o.ID, o.ID)
	require.True(t, sqldb.IsUnique(err, "assignments"), "even past all code the database refuses a second one: %v", err)
}

func pages(t *testing.T, f *fixture) {
	name := newCase()
	var want []string
	for range 5 {
		want = append(want, f.order(t, name, nil).ID)
	}
	slices.Reverse(want) // newest first; ids are in time
	var got []string
	for token := ""; ; {
		page, next, err := f.Orders(t.Context(), all, listing.Request{PageSize: 2, PageToken: token, Filter: `case="` + name + `"`})
		require.NoError(t, err)
		for _, o := range page {
			got = append(got, o.ID)
		}
		if token = next; token == "" {
			break
		}
	}
	require.Equal(t, want, got)
	_, _, err := f.Orders(t.Context(), all, listing.Request{Filter: `phone="1"`})
	require.ErrorIs(t, err, listing.ErrFilter)
	_, _, err = f.Orders(t.Context(), all, listing.Request{OrderBy: "window_start"})
	require.ErrorIs(t, err, listing.ErrOrderBy)
	for _, order := range []string{"create_time", "createTime desc", "update_time", "updateTime desc"} {
		_, _, err = f.Orders(t.Context(), all, listing.Request{OrderBy: order, PageSize: 1})
		require.NoError(t, err, order)
	}
}

func overdueOffers(t *testing.T, f *fixture) {
	o := f.order(t, newCase(), nil)
	f.must(t, o.ID, offer)
	early, err := f.OverdueOffers(t.Context(), sqldb.Micros(Noon), 1000)
	require.NoError(t, err)
	require.NotContains(t, early, o.ID)
	late, err := f.OverdueOffers(t.Context(), sqldb.Micros(Noon.Add(2*time.Hour)), 1000)
	require.NoError(t, err)
	require.Contains(t, late, o.ID)
}

func decliners(t *testing.T, f *fixture) {
	o := f.order(t, newCase(), nil)
	f.must(t, o.ID, assign("e"), func(o *workorder.Order, s workorder.Step) (workorder.Change, error) { return o.Decline(s, "太远") })
	got, err := f.Decliners(t.Context(), o.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"engineers/e"}, got)
	had, err := f.WasAssigned(t.Context(), f.DB, o.ID, "engineers/e")
	require.NoError(t, err)
	require.True(t, had)
	had, err = f.WasAssigned(t.Context(), f.DB, o.ID, "engineers/f")
	require.NoError(t, err)
	require.False(t, had)
}

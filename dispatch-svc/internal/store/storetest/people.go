package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/engineer"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/parts"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// person adds an engineer of their own for tests that count.
func (f *fixture) person(t *testing.T) string {
	t.Helper()
	id := "x" + uuid.NewString()
	e := engineer.Engineer{ID: id, User: "users/" + id, Name: "某", Org: brand, Active: true}
	f.tx(t, func(tx sqldb.Tx) error { return f.PutEngineer(t.Context(), tx, &e, Noon) })
	return id
}

func feeds(t *testing.T, f *fixture) {
	a, b := f.person(t), f.person(t)
	o := f.order(t, newCase(), nil)
	f.must(t, o.ID, assign(a), accept, func(o *workorder.Order, s workorder.Step) (workorder.Change, error) {
		return o.Assign(s, workorder.Candidate{Engineer: "engineers/" + b, Org: brand, Active: true}, "engineers/"+a, "生病")
	}, accept)
	got, err := f.Feed(t.Context(), "engineers/"+a, 0, 10)
	require.NoError(t, err)
	require.Equal(t, "1 assign false, 2 accept false, 3 reassign true, ", feedText(got))
	got, err = f.Feed(t.Context(), "engineers/"+b, 0, 10)
	require.NoError(t, err)
	require.Equal(t, "1 reassign false, 2 accept false, ", feedText(got))
	got, err = f.Feed(t.Context(), "engineers/"+a, 2, 10)
	require.NoError(t, err)
	require.Equal(t, "3 reassign true, ", feedText(got))
	require.Equal(t, Noon, got[0].At)

	// Many orders of one engineer at once: the numbers have no gap.
	var wg sync.WaitGroup
	for range 8 {
		o := f.order(t, newCase(), nil)
		wg.Go(func() {
			_, err := f.step(t.Context(), o.ID, assign(b))
			require.NoError(t, err)
		})
	}
	wg.Wait()
	got, err = f.Feed(t.Context(), "engineers/"+b, 2, 100)
	require.NoError(t, err)
	require.Len(t, got, 8)
	require.EqualValues(t, 10, got[7].Seq)

	require.NoError(t, f.PruneFeed(t.Context(), Noon), "what is not older stays")
	got, err = f.Feed(t.Context(), "engineers/"+a, 0, 10)
	require.NoError(t, err)
	require.Len(t, got, 3)
}

func feedText(entries []store.FeedEntry) (out string) {
	for _, e := range entries {
		out += fmt.Sprintf("%d %s %v, ", e.Seq, e.Verb, e.Removed)
	}
	return out
}

func engineerRows(t *testing.T, f *fixture) {
	e, err := f.Engineer(t.Context(), f.DB, "engineers/e", []string{brand})
	require.NoError(t, err)
	require.Equal(t, []string{"31"}, e.Territories)
	require.Len(t, e.Shifts, 7)
	_, err = f.Engineer(t.Context(), f.DB, "engineers/p", []string{brand})
	require.ErrorIs(t, err, apierr.ErrNotFound, "another organisation's")
	_, err = f.Engineer(t.Context(), f.DB, "engineers/p", nil)
	require.NoError(t, err)

	name, err := f.EngineerOfUser(t.Context(), "users/e")
	require.NoError(t, err)
	require.Equal(t, "engineers/e", name)
	name, err = f.EngineerOfUser(t.Context(), "users/none")
	require.NoError(t, err)
	require.Empty(t, name)

	page, _, err := f.Engineers(t.Context(), []string{provider}, listing.Request{Filter: "active=true"})
	require.NoError(t, err)
	require.Len(t, page, 1)
	none, _, err := f.Engineers(t.Context(), []string{}, listing.Request{})
	require.NoError(t, err)
	require.Empty(t, none)

	who := f.person(t)
	o := f.order(t, newCase(), nil)
	f.must(t, o.ID, assign(who), accept, book)
	booked, err := f.Booked(t.Context(), []string{"engineers/" + who}, Noon, Noon.Add(24*time.Hour))
	require.NoError(t, err)
	require.Equal(t, o.ID, ids(booked))
	changed, last, err := f.ChangedEngineers(t.Context(), sqldb.Micros(Noon)-1, "", 1000)
	require.NoError(t, err)
	require.Equal(t, sqldb.Micros(Noon), last)
	require.GreaterOrEqual(t, len(changed), 4)
}

// shelf is a part in a place, with so many pieces.
func (f *fixture) shelf(t *testing.T, onHand int64) (part, location string) {
	t.Helper()
	part, location = uuid.NewString(), uuid.NewString()
	f.tx(t, func(tx sqldb.Tx) error {
		for range 2 { // a repeat changes nothing
			p := parts.Part{ID: part, Org: brand, Number: "N-" + part, Name: "泵", Specification: "220 V", PriceFen: 100}
			if err := f.PutPart(t.Context(), tx, p); err != nil {
				return err
			}
			if err := f.PutLocation(t.Context(), tx, parts.Location{ID: location, Org: brand, Name: location, Kind: parts.Warehouse}); err != nil {
				return err
			}
			if err := f.PutStock(t.Context(), tx, part, location, onHand); err != nil {
				return err
			}
		}
		return nil
	})
	return part, location
}

func (f *fixture) take(t *testing.T, o *workorder.Order, used ...workorder.PartUsed) error {
	return f.DB.InTx(t.Context(), func(tx sqldb.Tx) error { return f.TakeParts(t.Context(), tx, o, used, Noon) })
}

func neverOversold(t *testing.T, f *fixture) {
	part, location := f.shelf(t, 10)
	errs := make([]error, racers)
	var wg sync.WaitGroup
	for i := range racers {
		o := f.order(t, newCase(), nil)
		wg.Go(func() {
			errs[i] = f.take(t, o, workorder.PartUsed{Part: "parts/" + part, Location: "stockLocations/" + location, Quantity: 1})
		})
	}
	wg.Wait()
	taken := 0
	for _, err := range errs {
		if err == nil {
			taken++
			continue
		}
		require.ErrorIs(t, err, parts.ErrInsufficient)
	}
	require.Equal(t, 10, taken)
	var left, uses int64
	require.NoError(t, f.DB.Row(t.Context(), `SELECT on_hand FROM stock WHERE part = $1`, part).Scan(&left))
	require.NoError(t, f.DB.Row(t.Context(), `SELECT COALESCE(SUM(quantity), 0) FROM part_uses WHERE part = $1`, "parts/"+part).Scan(&uses))
	require.Zero(t, left)
	require.EqualValues(t, 10, uses)
}

// R147: the right specification is on record, whatever the phone said.
func partsAreDescribed(t *testing.T, f *fixture) {
	part, location := f.shelf(t, 1)
	o := f.order(t, newCase(), nil)
	used := []workorder.PartUsed{{Part: "parts/" + part, Location: "stockLocations/" + location, Quantity: 1, Specification: "?"}, {Number: "外购"}}
	require.NoError(t, f.take(t, o, used...))
	require.Equal(t, "220 V", used[0].Specification)
	require.Equal(t, "N-"+part, used[0].Number)

	require.ErrorIs(t, f.take(t, o, workorder.PartUsed{Part: "parts/none", Quantity: 1}), apierr.ErrNotFound)
	require.ErrorIs(t, f.take(t, o, workorder.PartUsed{Part: "parts/" + part, Location: "stockLocations/none", Quantity: 1}), apierr.ErrNotFound)
	o.Engineer = "engineers/without-van"
	require.ErrorIs(t, f.take(t, o, workorder.PartUsed{Part: "parts/" + part, Quantity: 1}), parts.ErrInsufficient)
	foreign := *o
	foreign.OwnerOrg = provider
	require.ErrorIs(t, f.take(t, &foreign, workorder.PartUsed{Part: "parts/" + part, Quantity: 1}), apierr.ErrNotFound, "another organisation's part")
}

func listsOfParts(t *testing.T, f *fixture) {
	part, location := f.shelf(t, 7)
	page, _, err := f.Parts(t.Context(), []string{brand}, listing.Request{Filter: fmt.Sprintf("number=%q", "N-"+part)})
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Equal(t, []parts.Stock{{Location: "stockLocations/" + location, OnHand: 7}}, page[0].Stock)
	page, _, err = f.Parts(t.Context(), []string{provider}, listing.Request{})
	require.NoError(t, err)
	require.Empty(t, page)
	places, _, err := f.Locations(t.Context(), []string{brand}, listing.Request{Filter: "kind=WAREHOUSE", PageSize: 1})
	require.NoError(t, err)
	require.Len(t, places, 1)
}

func codes(t *testing.T, f *fixture) {
	axis := "AXIS" + uuid.NewString()
	put := func(code, org string, active bool) {
		f.tx(t, func(tx sqldb.Tx) error {
			return f.PutCode(t.Context(), tx, &eventv1.CodeChanged{Axis: axis, Code: code, Org: org, Active: active})
		})
	}
	require.NoError(t, f.CheckCode(t.Context(), f.DB, axis, brand, "ANY"), "the table has not arrived")
	put("PART", "", true)
	put("OLD", "", true)
	put("OLD", "", false)
	put("OWN", brand, true)
	require.NoError(t, f.CheckCode(t.Context(), f.DB, axis, brand, "PART"))
	require.NoError(t, f.CheckCode(t.Context(), f.DB, axis, brand, "OWN"))
	require.NoError(t, f.CheckCode(t.Context(), f.DB, axis, brand, ""))
	require.ErrorIs(t, f.CheckCode(t.Context(), f.DB, axis, brand, "OLD"), apierr.ErrUnknownCode)
	require.ErrorIs(t, f.CheckCode(t.Context(), f.DB, axis, provider, "OWN"), apierr.ErrUnknownCode)
}

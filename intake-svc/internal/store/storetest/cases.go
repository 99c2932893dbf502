package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

func entries(events ...string) (all []timeline.Entry) {
	for _, e := range events {
		all = append(all, timeline.Entry{Event: e, Round: 1, Actor: "users/agent", Points: "要点 " + e})
	}
	return all
}

var errUndone = errors.New("undone")

// numbers: reserved in order, given back without a gap, undone with the transaction.
func (s *Suite) numbers(t *testing.T) {
	reserve := func(n int) (first int64) {
		s.tx(t, func(ctx context.Context, tx sqldb.Tx) (err error) {
			first, err = s.Store.Reserve(ctx, tx, "20261122", n)
			return err
		})
		return first
	}
	require.Equal(t, int64(1), reserve(3))
	require.Equal(t, int64(4), reserve(5))
	s.tx(t, func(ctx context.Context, tx sqldb.Tx) error {
		if _, err := s.Store.Reserve(ctx, tx, "20261122", 4); err != nil {
			return err
		}
		return s.Store.GiveBack(ctx, tx, "20261122", 3)
	})
	require.Equal(t, int64(10), reserve(1))
	err := s.DB.InTx(t.Context(), func(tx sqldb.Tx) error {
		_, err := s.Store.Reserve(t.Context(), tx, "20261122", 7)
		require.NoError(t, err)
		return errUndone
	})
	require.ErrorIs(t, err, errUndone)
	require.Equal(t, int64(11), reserve(1))
	s.tx(t, func(ctx context.Context, tx sqldb.Tx) error {
		first, err := s.Store.Reserve(ctx, tx, "20261123", 1)
		require.Equal(t, int64(1), first, "every day begins at one")
		return err
	})
}

// roundTrip: what is read is what was written.
func (s *Suite) roundTrip(t *testing.T) {
	c := s.add(t, NewCase(org(1)))
	require.Equal(t, c, s.get(t, c.ID))
	_, err := s.Store.Get(t.Context(), s.DB, store.Everything, uuid.NewString())
	require.ErrorIs(t, err, apierr.ErrNotFound)
}

// claims: a reference belongs to one case, of two equal ones the first wins.
func (s *Suite) claims(t *testing.T) {
	claim := func(ref, id, digest string) store.Claim {
		return store.Claim{Partner: "partners/c", Platform: "mall", AfterSaleID: ref, CaseID: id, Digest: []byte(digest)}
	}
	s.tx(t, func(ctx context.Context, tx sqldb.Tx) error {
		taken, err := s.Store.ClaimRefs(ctx, tx, []store.Claim{claim("A", "c1", "d1"), claim("B", "c2", "d2"), claim("A", "c3", "d3")})
		require.Equal(t, map[int]store.Owner{2: {CaseID: "c1", Digest: []byte("d1")}}, taken)
		return err
	})
	s.tx(t, func(ctx context.Context, tx sqldb.Tx) error {
		taken, err := s.Store.ClaimRefs(ctx, tx, []store.Claim{claim("B", "c4", "d4"), claim("C", "c5", "d5")})
		require.Equal(t, map[int]store.Owner{0: {CaseID: "c2", Digest: []byte("d2")}}, taken)
		return err
	})
}

func (s *Suite) save(t *testing.T, id string, change casefile.Change, alter func(*casefile.Case)) *casefile.Case {
	t.Helper()
	var saved *casefile.Case
	s.tx(t, func(ctx context.Context, tx sqldb.Tx) error {
		c, err := s.Store.Lock(ctx, tx, store.Everything, id)
		if err != nil {
			return err
		}
		alter(c)
		saved = c
		return s.Store.Save(ctx, tx, c, change, Now)
	})
	return saved
}

// stale: a save on the basis of an old version fails and leaves nothing.
func (s *Suite) stale(t *testing.T) {
	c := s.add(t, NewCase(org(1)))
	old := s.get(t, c.ID)
	s.save(t, c.ID, casefile.Change{}, func(c *casefile.Case) { c.State = casefile.Accepted })
	err := s.DB.InTx(t.Context(), func(tx sqldb.Tx) error {
		return s.Store.Save(t.Context(), tx, old, casefile.Change{Entries: entries("LOST")}, Now)
	})
	require.ErrorIs(t, err, apierr.ErrStale)
	got := s.get(t, c.ID)
	require.Equal(t, casefile.Accepted, got.State)
	require.Equal(t, int64(2), got.Version)
	require.Equal(t, int64(1), got.Chain.Seq)
}

// quiet: entries and what is beside the version are written, the version stays.
func (s *Suite) quiet(t *testing.T) {
	c := s.add(t, NewCase(org(1)))
	s.save(t, c.ID, casefile.Change{Quiet: true, Entries: entries("WORK_ORDER_BOOKED")}, func(c *casefile.Case) { c.ServingOrg = "organisations/p" })
	got := s.get(t, c.ID)
	require.Equal(t, int64(1), got.Version)
	require.Equal(t, int64(2), got.Chain.Seq)
	require.Equal(t, "organisations/p", got.ServingOrg)
}

// visibility: who sees a row in gets sees it in lists, and nobody else.
func (s *Suite) visibility(t *testing.T) {
	brand, provider, other := org(1), org(2), org(3)
	open := NewCase(brand)
	open.ServingOrg, open.Visit = provider, &casefile.Visit{Engineer: "engineers/e1"}
	secret := NewCase(brand)
	secret.Confidentiality, secret.Partner, secret.Handler = casefile.Restricted, "", "users/handler"
	secret.Personal.Parties = nil
	s.add(t, open)
	s.add(t, secret)
	engineer := auth.Principal{Kind: auth.Staff, Org: brand, Subject: "users/e1", Engineer: "engineers/e1", Roles: []string{auth.RoleEngineer}}
	for name, c := range map[string]struct {
		viewer       store.Viewer
		open, secret bool
	}{
		"everything":         {store.Everything, true, true},
		"nobody":             {store.Viewer{}, false, false},
		"owner":              {staff(brand, "users/x", auth.RoleAgent), true, false},
		"owner's manager":    {staff(brand, "users/x", auth.RoleManager), true, true},
		"handler":            {staff(brand, "users/handler", auth.RoleAgent), true, true},
		"filer":              {staff(brand, "users/agent", auth.RoleAgent), true, true},
		"provider":           {staff(provider, "users/x", auth.RoleManager), true, false},
		"other organisation": {staff(other, "users/x", auth.RoleManager), false, false},
		"a tree":             {store.ViewerOf(auth.Principal{Kind: auth.Staff, Org: other, Orgs: []string{other, brand}, Roles: []string{"agent"}}), true, false},
		"partner":            {store.ViewerOf(auth.Principal{Kind: auth.Partner, Subject: "partners/mall"}), true, false},
		"other partner":      {store.ViewerOf(auth.Principal{Kind: auth.Partner, Subject: "partners/x"}), false, false},
		"customer":           {store.ViewerOf(auth.Principal{Kind: auth.Customer, Subject: "customers/7"}), true, false},
		"engineer":           {store.ViewerOf(engineer), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			for id, want := range map[string]bool{open.ID: c.open, secret.ID: c.secret} {
				_, err := s.Store.Get(t.Context(), s.DB, c.viewer, id)
				require.Equal(t, want, err == nil, "get: %v", err)
				require.Equal(t, want, s.listed(t, c.viewer, id), "list")
			}
		})
	}
}

var listSpec = &listing.Spec{
	Fields: map[string]listing.Field{"id": {Column: "id", Type: listing.String}, "state": {Column: "state", Type: listing.String}, "created": {Column: "created_at", Type: listing.Time}},
	Orders: map[string]string{"created": "created_at"}, DefaultOrder: "created desc", Tie: "id",
}

func (s *Suite) listed(t *testing.T, v store.Viewer, id string) bool {
	t.Helper()
	query, err := listing.Parse(listSpec, listing.Request{Filter: `id = "` + id + `"`})
	require.NoError(t, err)
	found, err := s.Store.List(t.Context(), s.DB, v, query)
	require.NoError(t, err)
	return len(found) == 1
}

// list: newest first, one more than the page.
func (s *Suite) list(t *testing.T) {
	owner := org(1)
	var ids []string
	for n := range 4 {
		c := NewCase(owner)
		c.Created = Now.Add(time.Duration(n) * time.Minute)
		ids = append(ids, s.add(t, c).ID)
	}
	query, err := listing.Parse(listSpec, listing.Request{PageSize: 2})
	require.NoError(t, err)
	found, err := s.Store.List(t.Context(), s.DB, staff(owner, "users/x", "agent"), query)
	require.NoError(t, err)
	require.Equal(t, []string{ids[3], ids[2], ids[1]}, []string{found[0].ID, found[1].ID, found[2].ID})
}

// due: what is overdue, longest first, and nothing else.
func (s *Suite) due(t *testing.T) {
	late, later := NewCase(org(1)), NewCase(org(1))
	late.Clocks, late.Tasks = []casefile.Clock{{Code: "X", Type: casefile.ClockPromise, Due: Now.Add(-200 * time.Hour)}}, nil
	later.Clocks, later.Tasks = nil, []casefile.Task{{ID: "t", Wake: Now.Add(-100 * time.Hour)}}
	done := NewCase(org(1))
	done.Clocks, done.Tasks = []casefile.Clock{{Code: "X", Type: casefile.ClockPromise, Due: Now.Add(-300 * time.Hour), Ended: Now}}, nil
	s.add(t, later)
	s.add(t, late)
	s.add(t, done)
	ids, err := s.Store.Due(t.Context(), s.DB, Now.Add(-50*time.Hour), 10)
	require.NoError(t, err)
	require.Equal(t, []string{late.ID, later.ID}, ids)
	ids, err = s.Store.Due(t.Context(), s.DB, Now.Add(-50*time.Hour), 1)
	require.NoError(t, err)
	require.Equal(t, []string{late.ID}, ids)
}

// entries: appended in order, verifying as a chain, with what was personal.
func (s *Suite) entries(t *testing.T) {
	c := s.add(t, NewCase(org(1)))
	s.save(t, c.ID, casefile.Change{Entries: entries("A", "B")}, func(*casefile.Case) {})
	last := s.save(t, c.ID, casefile.Change{Entries: entries("C"), Quiet: true}, func(*casefile.Case) {})
	links, err := s.Store.Entries(t.Context(), s.DB, c.ID, 0, 0)
	require.NoError(t, err)
	head, faults := timeline.Verify(c.Name(), links)
	require.Empty(t, faults)
	require.Equal(t, last.Chain, head)
	content, err := links[2].ReadContent()
	require.NoError(t, err)
	require.Equal(t, "要点 B", content.Points)
	some, err := s.Store.Entries(t.Context(), s.DB, c.ID, 1, 2)
	require.NoError(t, err)
	require.Equal(t, []int64{2, 3}, []int64{some[0].Seq, some[1].Seq})
}

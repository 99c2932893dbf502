package store

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/phrase"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

var findBegin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// spoken is the text of the n-th case: 漏水 in every third, 电视 never with it, 冒烟 in one of five thousand.
func spoken(n int) string {
	text := "滚筒洗衣机维修后仍然" + []string{"漏水，地板都泡坏了", "噪音很大，邻居投诉", "不能脱水，显示屏不亮"}[n%3]
	if n%3 == 1 {
		text += "，电视也受到干扰"
	}
	if n%5000 == 77 {
		text += "，插座冒烟"
	}
	return text + fmt.Sprintf("，第%d次报修，希望尽快上门处理", n%7)
}

func textCase(n int, org string) *casefile.Case {
	at := findBegin.Add(time.Duration(n) * time.Minute)
	state := casefile.Closed
	if n%2 == 0 {
		state = casefile.Archived
	}
	return &casefile.Case{
		ID: uuid.Must(uuid.NewV7()).String(), Number: fmt.Sprintf("T-%s-%06d", org, n), Kind: casefile.Complaint, State: state, Version: 1, Channel: "HOTLINE",
		OwnerOrg: org, Confidentiality: casefile.Normal, Created: at, Updated: at, Rounds: []casefile.Round{{Number: 1, Started: at}}, Problem: spoken(n),
		Personal: casefile.Personal{Parties: []casefile.Party{{Roles: casefile.PartyRoles, DisplayName: fmt.Sprintf("客户%d", n), Email: fmt.Sprintf("C%d@Example.com", n)}}},
	}
}

func addIndexed(t *testing.T, s *SQL, db sqldb.DB, cases ...*casefile.Case) {
	t.Helper()
	require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
		filed := make([]New, len(cases))
		for n, c := range cases {
			filed[n] = New{Case: c}
		}
		var b sqldb.Batch
		if err := s.Create(&b, tx.Engine(), filed); err != nil {
			return err
		}
		if err := tx.Send(t.Context(), &b); err != nil {
			return err
		}
		return s.IndexTexts(t.Context(), tx, cases, nil)
	}))
}

func fillTexts(t *testing.T, s *SQL, db sqldb.DB, many int) {
	t.Helper()
	const group = 500
	for first := 0; first < many; first += group {
		var cases []*casefile.Case
		for n := first; n < min(first+group, many); n++ {
			cases = append(cases, textCase(n, "organisations/brand"))
		}
		addIndexed(t, s, db, cases...)
	}
	require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
		for _, table := range []string{"cases", "case_texts", "case_terms"} {
			if _, err := tx.Exec(t.Context(), "ANALYZE "+table); err != nil {
				return err
			}
		}
		return nil
	}))
}

func brandStaff(roles ...string) Viewer {
	return ViewerOf(auth.Principal{Kind: auth.Staff, Org: "organisations/brand", Subject: "users/x", Roles: roles})
}

// search asks for words as a list does.
func search(t *testing.T, text, filter string) Search {
	t.Helper()
	q, ok := phrase.Parse(text)
	require.True(t, ok)
	query, err := listing.Parse(planSpec, listing.Request{Filter: filter})
	require.NoError(t, err)
	f := Search{Query: query, Want: 50, Keep: func(c *casefile.Case) bool { return q.In(append(c.Told(), c.Written()...)...) }}
	for _, term := range q.Terms {
		f.Terms = append(f.Terms, Term{TermText, term})
	}
	return f
}

// R185, R189: words are found among many closed and archived cases at once, frequent and rare ones, on both engines.
func TestWordsAreFoundAtOnce(t *testing.T) {
	files, err := fs.Sub(Migrations, "migrations")
	require.NoError(t, err)
	ring := testkit.Keys(t)
	testkit.Engines(t, files, func(t *testing.T, db sqldb.DB) {
		s := NewSQL(ring.Sealer(), ring.Indexer())
		many, measured := closedRows(t)
		fillTexts(t, s, db, many)
		viewer := brandStaff(auth.RoleAgent)
		for name, c := range map[string]struct {
			text, filter string
			least, most  int
		}{
			"frequent":               {"漏水", "", 50, 50},
			"every case":             {"洗衣机", "", 50, 50},
			"rare":                   {"冒烟", "", 1, many/5000 + 1},
			"frequent with a filter": {"漏水", `state = "CLOSED"`, 50, 50},
			"two frequent":           {"噪音 电视", "", 50, 50},
			"frequent, not together": {"漏水 电视", "", 0, 0},
			"no such word":           {"冰箱", "", 0, 0},
		} {
			n, took := 0, time.Hour
			for range 3 { // the machine does other things too
				begun := time.Now()
				got, _, err := s.Find(t.Context(), db, viewer, search(t, c.text, c.filter))
				require.NoError(t, err)
				n, took = len(got), min(took, time.Since(begun))
			}
			require.GreaterOrEqual(t, n, c.least, name)
			require.LessOrEqual(t, n, c.most, name)
			t.Logf("%s, %d cases: %d rows in %s", name, many, n, took)
			if measured {
				require.Less(t, took, 50*time.Millisecond, name)
			}
		}
		findPlans(t, s, db, viewer)
	})
}

// findPlans: each statement of a search reads an index.
func findPlans(t *testing.T, s *SQL, db sqldb.DB, viewer Viewer) {
	t.Helper()
	term := s.digest("organisations/brand", Term{TermText, "漏水"})
	places, err := placesOf(db.Rows(t.Context(), windowSQL(100), term, int64(1)<<62))
	require.NoError(t, err)
	in, arg := sqldb.In(db.Engine(), "place", 2, places)
	at, err := caseIDsAt(t.Context(), db, places)
	require.NoError(t, err)
	byPlace, placeArg := sqldb.In(db.Engine(), "place", 1, places)
	text, args := readFoundSQL(db.Engine(), viewer, search(t, "漏水", "").Query, slices.Collect(maps.Keys(at)))
	for name, plan := range map[string]string{
		"window":  explain(t, db, windowSQL(100), []any{term, int64(1) << 62}),
		"holding": explain(t, db, `SELECT place FROM case_terms WHERE term = $1 AND `+in, []any{term, arg}),
		"places":  explain(t, db, `SELECT case_id, place FROM case_texts WHERE `+byPlace, []any{placeArg}),
		"read":    explain(t, db, text, args),
	} {
		for _, table := range []string{"cases", "case_texts", "case_terms"} {
			require.NotContains(t, plan, "Seq Scan on "+table+" ", name)
		}
		for line := range strings.Lines(plan) {
			require.False(t, strings.HasPrefix(line, "SCAN") && !strings.Contains(line, "json_each"), "%s: %s", name, plan)
		}
	}
}

// Pages of a search hold every case once, in the order of registration, also when two came in the same microsecond.
func TestSearchPages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *SQL, db sqldb.DB) {
		const many = 700
		fillTexts(t, s, db, many)
		twin := textCase(3, "organisations/brand")
		twin.Number = "T-twin"
		addIndexed(t, s, db, twin)
		f := search(t, "漏水", "")
		f.Want = 7
		seen, last := map[string]bool{}, time.Time{}
		for {
			got, more, err := s.Find(t.Context(), db, brandStaff(auth.RoleAgent), f)
			require.NoError(t, err)
			for _, c := range got {
				require.False(t, seen[c.ID])
				seen[c.ID] = true
				require.False(t, !last.IsZero() && c.Created.After(last), "in order")
				last = c.Created
			}
			if f.Before = more; more == 0 {
				break
			}
		}
		require.Len(t, seen, (many+2)/3+1)
	})
}

func onBoth(t *testing.T, fn func(t *testing.T, s *SQL, db sqldb.DB)) {
	t.Helper()
	files, err := fs.Sub(Migrations, "migrations")
	require.NoError(t, err)
	ring := testkit.Keys(t)
	testkit.Engines(t, files, func(t *testing.T, db sqldb.DB) { fn(t, NewSQL(ring.Sealer(), ring.Indexer()), db) })
}

// R1, R188: nobody finds words of rows that are not theirs; who serves a case finds it by the customer's words and not by the owner's.
func TestSearchKeepsOrganisationsApart(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *SQL, db sqldb.DB) {
		plain, secret, other := textCase(0, "organisations/brand"), textCase(3, "organisations/brand"), textCase(6, "organisations/other")
		plain.ServingOrg = "organisations/provider"
		plain.Rounds[0].Summary = &casefile.Summary{RootCause: "密封圈老化"}
		secret.Confidentiality = casefile.Restricted
		addIndexed(t, s, db, plain, secret, other)
		find := func(v Viewer, text string) (numbers []string) {
			got, _, err := s.Find(t.Context(), db, v, search(t, text, ""))
			require.NoError(t, err)
			for _, c := range got {
				numbers = append(numbers, c.Number)
			}
			return numbers
		}
		provider := ViewerOf(auth.Principal{Kind: auth.Staff, Org: "organisations/provider", Subject: "users/p", Roles: []string{auth.RoleAgent}})
		require.Equal(t, []string{plain.Number}, find(brandStaff(auth.RoleAgent), "漏水"))
		require.Equal(t, []string{secret.Number, plain.Number}, find(brandStaff(auth.RoleQuality), "漏水"))
		require.Equal(t, []string{plain.Number}, find(provider, "漏水"))
		require.Equal(t, []string{plain.Number}, find(brandStaff(auth.RoleAgent), "密封圈"))
		require.Empty(t, find(provider, "密封圈"))
		both := ViewerOf(auth.Principal{Kind: auth.Staff, Org: "organisations/brand", Orgs: []string{"organisations/brand", "organisations/provider"}, Subject: "users/y", Roles: []string{auth.RoleAgent}})
		require.Equal(t, []string{plain.Number}, find(both, "漏水"), "once, though two organisations see it")
	})
}

// The index follows the case: what is no longer said is not found, and of a case that is no more nothing stays.
func TestTheIndexForgets(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *SQL, db sqldb.DB) {
		c := textCase(0, "organisations/brand")
		addIndexed(t, s, db, c)
		count := func() (n int64) {
			require.NoError(t, db.Row(t.Context(), `SELECT COUNT(*) FROM case_terms`).Scan(&n))
			return n
		}
		before := count()
		require.Positive(t, before)
		index := func(cases []*casefile.Case, gone ...string) {
			require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error { return s.IndexTexts(t.Context(), tx, cases, gone) }))
		}
		index([]*casefile.Case{c})
		require.Equal(t, before, count(), "a repetition changes nothing")
		c.Problem, c.Personal = "已脱敏", casefile.Personal{}
		index([]*casefile.Case{c})
		require.Equal(t, int64(2), count())
		got, _, err := s.Find(t.Context(), db, brandStaff(auth.RoleAgent), search(t, "漏水", ""))
		require.NoError(t, err)
		require.Empty(t, got)
		index(nil, c.ID)
		require.Zero(t, count())
		var left int64
		require.NoError(t, db.Row(t.Context(), `SELECT COUNT(*) FROM case_texts`).Scan(&left))
		require.Zero(t, left)
	})
}

// Nothing that is written can be read without the keys, nor is a term of one organisation that of another.
func TestTermsAreBlind(t *testing.T) {
	t.Parallel()
	s := NewSQL(testkit.Keys(t).Sealer(), testkit.Keys(t).Indexer())
	other := NewSQL(testkit.Keys(t).Sealer(), testkit.Keys(t).Indexer())
	term := Term{TermText, "漏水"}
	require.Equal(t, s.digest("organisations/a", term), s.digest("organisations/a", term))
	require.NotEqual(t, s.digest("organisations/a", term), s.digest("organisations/b", term))
	require.NotEqual(t, s.digest("organisations/a", term), s.digest("organisations/a", Term{TermName, "漏水"}))
	require.NotEqual(t, s.digest("organisations/a", term), other.digest("organisations/a", term), "another installation's key")
	require.Equal(t, []int64{-5, 0, 7}, unpack(pack([]int64{-5, 0, 7})))
}

// A change of the index key, or an index that was never made, marks every case once.
func TestRemake(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *SQL, db sqldb.DB) {
		addIndexed(t, s, db, textCase(0, "organisations/brand"))
		marks := func(fn func(ctx context.Context, tx sqldb.Tx) error) (n int64) {
			require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error { return fn(t.Context(), tx) }))
			require.NoError(t, db.Row(t.Context(), `SELECT COUNT(*) FROM stats_dirty`).Scan(&n))
			return n
		}
		roll := func(ctx context.Context, tx sqldb.Tx) error {
			_, err := s.RollUp(ctx, tx, time.UTC, 100)
			return err
		}
		require.Zero(t, marks(roll))
		require.Equal(t, int64(1), marks(s.Remake))
		require.Zero(t, marks(roll))
		require.Zero(t, marks(s.Remake))
		var day, month int64
		require.NoError(t, db.Row(t.Context(), `SELECT SUM(cases) FROM stats_rollup WHERE day < 'M'`).Scan(&day))
		require.NoError(t, db.Row(t.Context(), `SELECT SUM(cases) FROM stats_rollup WHERE day >= 'M'`).Scan(&month))
		require.Equal(t, day, month)
		_, err := db.Exec(t.Context(), `DELETE FROM stats_rollup WHERE day >= 'M'`)
		require.NoError(t, err)
		_, err = db.Exec(t.Context(), `DELETE FROM read_models WHERE name = 'months'`)
		require.NoError(t, err)
		marks(s.Remake)
		require.NoError(t, db.Row(t.Context(), `SELECT SUM(cases) FROM stats_rollup WHERE day >= 'M'`).Scan(&month))
		require.Equal(t, day, month, "made out of the days")
	})
}

// Any number of cases of one time has places of their own, and looking for one does not go through all of them.
func TestPlacesOfOneTime(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *SQL, db sqldb.DB) {
		for n := range 6 {
			var cases []*casefile.Case
			for k := range 50 {
				c := textCase(0, "organisations/brand")
				c.Number = fmt.Sprintf("P-%d-%d", n, k)
				cases = append(cases, c)
			}
			addIndexed(t, s, db, cases...)
		}
		var places, least, most int64
		require.NoError(t, db.Row(t.Context(), `SELECT COUNT(DISTINCT place), MIN(place), MAX(place) FROM case_texts`).Scan(&places, &least, &most))
		require.Equal(t, int64(300), places)
		require.Equal(t, sqldb.Micros(findBegin), least)
		require.Equal(t, least+299, most, "close together")
	})
}

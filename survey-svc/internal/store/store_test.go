package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

var t0 = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

const (
	brand    = "organisations/brand"
	provider = "organisations/provider"
	third    = "organisations/third"
)

// suite runs fn on both engines with a store of its own.
func suite(t *testing.T, fn func(t *testing.T, db sqldb.DB, s *store.Store)) {
	t.Parallel()
	testkit.Engines(t, store.Migrations(), func(t *testing.T, db sqldb.DB) {
		fn(t, db, store.New(testkit.Keys(t).Sealer()))
	})
}

func staff(subject string, orgs ...string) auth.Principal {
	return auth.Principal{Kind: auth.Staff, Subject: subject, Org: orgs[0], Orgs: orgs, Roles: []string{"manager"}}
}

// invitation makes one of case n; change may alter the plan.
func invitation(n int, change func(*survey.Plan)) survey.Invitation {
	plan := survey.Plan{
		ID: fmt.Sprintf("inv-%03d", n), Token: fmt.Sprintf("token-%03d-xxxxxxxxxx", n), Purpose: survey.PurposeSurvey, Locale: "zh-CN",
		Contact: survey.Contact{DisplayName: "王小明", Phone: "13800138000"},
		Subject: survey.Subject{Case: fmt.Sprintf("cases/%03d", n), CaseNumber: "AS20261122-000001", Round: 1, OwnerOrg: brand},
	}
	if change != nil {
		change(&plan)
	}
	return survey.Invite(plan, survey.Policy{}, t0.Add(time.Duration(n)*time.Second))
}

func insert(t *testing.T, db sqldb.DB, s *store.Store, list ...survey.Invitation) {
	t.Helper()
	require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
		for n := range list {
			if _, err := s.Insert(t.Context(), tx, &list[n]); err != nil {
				return err
			}
		}
		return nil
	}))
}

func query(t *testing.T, spec *listing.Spec, in listing.Request) listing.Query {
	t.Helper()
	q, err := listing.Parse(spec, in)
	require.NoError(t, err)
	return q
}

func ids(list []survey.Invitation) []string {
	out := []string{}
	for _, inv := range list {
		out = append(out, inv.ID)
	}
	return out
}

func TestInvitationIsReadAsItWasWritten(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		want := invitation(1, func(p *survey.Plan) { p.Handlers = []string{"users/b", "users/a"} })
		insert(t, db, s, want)
		got, err := s.InvitationByToken(t.Context(), db, want.Token)
		require.NoError(t, err)
		want.Version, want.Handlers = 1, []string{"users/a", "users/b"}
		require.Equal(t, want, got)
		_, err = s.InvitationByToken(t.Context(), db, "another-token-xxxxxx")
		require.ErrorIs(t, err, apierr.ErrNotFound)
		require.NotContains(t, err.Error(), "another-token")
	})
}

func TestOneInvitationPerCaseRoundAndPurpose(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		first := invitation(1, nil)
		second := invitation(1, func(p *survey.Plan) { p.ID, p.Token = "another", "another-token-xxxxxx" })
		insert(t, db, s, first, second)
		got, err := s.InvitationOf(t.Context(), db, first.Case, 1, survey.PurposeSurvey)
		require.NoError(t, err)
		require.Equal(t, first.ID, got.ID)
		insert(t, db, s, invitation(1, func(p *survey.Plan) { p.ID, p.Token, p.Round = "round2", "token-of-round-2-xxx", 2 }))
		all, err := s.OfCase(t.Context(), db, first.Case)
		require.NoError(t, err)
		require.Len(t, all, 2)
	})
}

func TestSaveOnAnOldVersionWritesNothing(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		inv := invitation(1, nil)
		insert(t, db, s, inv)
		a, err := s.Invitation(t.Context(), db, inv.ID)
		require.NoError(t, err)
		b := a
		require.NoError(t, a.Cancel("CASE_WITHDRAWN"))
		require.NoError(t, b.ExpireNow())
		require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error { return s.Save(t.Context(), tx, &a) }))
		err = db.InTx(t.Context(), func(tx sqldb.Tx) error {
			require.ErrorIs(t, s.Save(t.Context(), tx, &b), store.ErrChanged)
			return nil
		})
		require.NoError(t, err)
		got, err := s.Invitation(t.Context(), db, inv.ID)
		require.NoError(t, err)
		require.Equal(t, survey.Cancelled, got.State)
		require.Equal(t, a.Version, got.Version)
	})
}

// R1: each organisation sees its own rows and what is released to it, in lists, gets and figures.
func TestVisibility(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		own := invitation(1, nil)
		served := invitation(2, func(p *survey.Plan) { p.ServingOrg = provider })
		foreign := invitation(3, func(p *survey.Plan) { p.OwnerOrg, p.ServingOrg = third, provider })
		secret := invitation(4, func(p *survey.Plan) { p.Confidentiality, p.Handlers = "RESTRICTED", []string{"users/h"} })
		insert(t, db, s, own, served, foreign, secret)
		for name, c := range map[string]struct {
			who  auth.Principal
			want []string
		}{
			"owner":              {staff("users/m", brand), []string{"inv-002", "inv-001"}},
			"owner who handled":  {staff("users/h", brand), []string{"inv-004", "inv-002", "inv-001"}},
			"provider of two":    {staff("users/p", provider), []string{"inv-003", "inv-002"}},
			"third":              {staff("users/t", third), []string{"inv-003"}},
			"both organisations": {staff("users/x", brand, third), []string{"inv-003", "inv-002", "inv-001"}},
			"nobody's":           {staff("users/n", "organisations/none"), []string{}},
			"service":            {auth.ServicePrincipal("intake"), []string{"inv-004", "inv-003", "inv-002", "inv-001"}},
			"partner":            {auth.Principal{Kind: auth.Partner, Subject: "partners/x", Org: brand}, []string{}},
			"public":             {auth.Principal{}, []string{}},
			"staff without org":  {auth.Principal{Kind: auth.Staff, Subject: "users/z"}, []string{}},
		} {
			got, err := s.List(t.Context(), db, c.who, query(t, store.InvitationSpec, listing.Request{}))
			require.NoError(t, err, name)
			require.Equal(t, c.want, ids(got), name)
			counts, err := s.Count(t.Context(), db, c.who, store.Span{Start: t0, End: t0.Add(time.Hour), Split: store.NoSplit})
			require.NoError(t, err, name)
			var total int64
			for _, row := range counts.Invited {
				total += row.Count
			}
			require.EqualValues(t, len(c.want)-countOf(c.want, "inv-004"), total, name)
		}
	})
}

func countOf(list []string, v string) (n int) {
	for _, x := range list {
		if x == v {
			n++
		}
	}
	return n
}

func TestListFiltersAndPages(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		for n := range 7 {
			insert(t, db, s, invitation(n, nil))
		}
		p, request := staff("users/m", brand), listing.Request{PageSize: 3}
		var seen []string
		for pages := 0; pages < 3; pages++ {
			q := query(t, store.InvitationSpec, request)
			rows, err := s.List(t.Context(), db, p, q)
			require.NoError(t, err)
			page, next := listing.Page(q, rows, func(inv survey.Invitation) map[string]any {
				return map[string]any{"i.create_us": sqldb.Micros(inv.Created), "i.id": inv.ID}
			})
			seen = append(seen, ids(page)...)
			request.PageToken = next
		}
		require.Empty(t, request.PageToken)
		require.Equal(t, []string{"inv-006", "inv-005", "inv-004", "inv-003", "inv-002", "inv-001", "inv-000"}, seen)
		rows, err := s.List(t.Context(), db, p, query(t, store.InvitationSpec, listing.Request{
			Filter: `case="cases/004" AND state=SCHEDULED AND purpose=SURVEY AND round=1 AND create_time>="2026-11-22T00:00:00Z"`,
		}))
		require.NoError(t, err)
		require.Equal(t, []string{"inv-004"}, ids(rows))
	})
}

func response(inv string, revision int, overall int, comment string) *survey.Response {
	solved := overall > 2
	return &survey.Response{
		ID: "r-" + inv, Invitation: inv, Survey: "after-service", Revision: revision, Channel: survey.ByLink, RecordedBy: "customer",
		Answer: survey.Answer{Solved: solved, Comment: comment, NewClaim: "要求退款", Ratings: map[string]int{survey.Overall: overall, "speed": 3}},
		Reading: survey.Reading{
			Sentiment: "NEUTRAL", Score: 0.7, Model: "m1", Topics: []survey.Finding{{Code: "SPEED", ZH: "响应速度", Evidence: comment}},
			Demands: []survey.Finding{{Code: "REFUND"}},
		},
		Digest: fmt.Sprintf("digest-%d", revision), Created: t0.Add(time.Duration(revision) * time.Minute),
	}
}

func addResponses(t *testing.T, db sqldb.DB, s *store.Store, list ...*survey.Response) {
	t.Helper()
	require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
		for _, r := range list {
			if err := s.AddResponse(t.Context(), tx, r); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestRevisionsAreKeptAndTheNewestFound(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		inv := invitation(1, nil)
		insert(t, db, s, inv)
		none, err := s.Newest(t.Context(), db, inv.ID)
		require.NoError(t, err)
		require.Nil(t, none)
		first, second := response(inv.ID, 1, 5, "很好"), response(inv.ID, 2, 1, "又坏了")
		no := false
		second.Satisfied, second.NormalUse = &no, &no
		addResponses(t, db, s, first, second)
		got, err := s.Newest(t.Context(), db, inv.ID)
		require.NoError(t, err)
		require.Equal(t, second, got)
		all, err := s.Revisions(t.Context(), db, inv.ID)
		require.NoError(t, err)
		require.Equal(t, []survey.Response{*first, *second}, all)
	})
}

// Personal content is in no column in the clear.
func TestPersonalContentIsSealed(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		inv := invitation(1, nil)
		insert(t, db, s, inv)
		addResponses(t, db, s, response(inv.ID, 1, 5, "师傅张三很好"))
		var contact, token, words []byte
		require.NoError(t, db.Row(t.Context(), `SELECT contact, token FROM invitations WHERE id = $1`, inv.ID).Scan(&contact, &token))
		require.NoError(t, db.Row(t.Context(), `SELECT words FROM responses WHERE invitation = $1`, inv.ID).Scan(&words))
		for _, secret := range []string{"王小明", "13800138000", inv.Token, "师傅张三很好", "要求退款", "digest-1"} {
			for _, column := range [][]byte{contact, token, words} {
				require.NotContains(t, string(column), secret)
			}
		}
	})
}

func TestSealedContentBelongsToItsRow(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		insert(t, db, s, invitation(1, nil), invitation(2, nil))
		_, err := db.Exec(t.Context(), `UPDATE invitations SET contact = (SELECT contact FROM invitations WHERE id = 'inv-001') WHERE id = 'inv-002'`)
		require.NoError(t, err)
		_, err = s.Invitation(t.Context(), db, "inv-002")
		require.ErrorContains(t, err, "open contact")
	})
}

func TestDueRowsAreFound(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		now, later := invitation(1, nil), invitation(2, func(p *survey.Plan) { p.NotBefore = t0.Add(time.Hour) })
		call := invitation(3, func(p *survey.Plan) { p.Purpose = survey.PurposeWeek })
		insert(t, db, s, now, later, call)
		due, err := s.DueDeliveries(t.Context(), db, t0.Add(time.Minute), 10)
		require.NoError(t, err)
		require.Equal(t, []string{"inv-001"}, due)
		due, err = s.DueDeliveries(t.Context(), db, t0.Add(2*time.Hour), 10)
		require.NoError(t, err)
		require.Equal(t, []string{"inv-001", "inv-002"}, due)
		due, err = s.DueDeliveries(t.Context(), db, t0.Add(100*24*time.Hour), 10)
		require.NoError(t, err)
		require.Empty(t, due, "nothing goes out after its end")
		over, err := s.DueExpiries(t.Context(), db, t0.Add(100*24*time.Hour), 2)
		require.NoError(t, err)
		require.Len(t, over, 2)
		over, err = s.DueExpiries(t.Context(), db, t0.Add(time.Hour), 10)
		require.NoError(t, err)
		require.Empty(t, over)
	})
}

func TestAttemptsAreRecordedOnce(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		insert(t, db, s, invitation(1, nil))
		a := store.Attempt{Invitation: "inv-001", Number: 1, Channel: "log", MessageID: "m", Start: t0, Lease: t0.Add(time.Minute)}
		require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error { return s.AddAttempt(t.Context(), tx, a) }))
		a.End, a.Result, a.Detail = t0.Add(time.Second), "ACCEPTED", "42"
		require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
			require.NoError(t, s.EndAttempt(t.Context(), tx, a))
			require.ErrorIs(t, s.EndAttempt(t.Context(), tx, a), store.ErrChanged)
			return nil
		}))
		got, err := s.Attempts(t.Context(), db, []string{"inv-001", "none"})
		require.NoError(t, err)
		require.Equal(t, map[string][]store.Attempt{"inv-001": {a}}, got)
	})
}

func TestCaseCopyKeepsTheLatest(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		none, err := s.Case(t.Context(), db, "cases/1")
		require.NoError(t, err)
		require.Zero(t, none)
		newer := store.CaseCopy{Case: "cases/1", State: "CLOSED", Round: 1, Kind: "COMPLAINT", ContentClass: "FEE", Brand: "b", Model: "m", Sequence: 5}
		older := store.CaseCopy{Case: "cases/1", State: "RESOLVED", Round: 1, Kind: "COMPLAINT", Sequence: 4}
		require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
			require.NoError(t, s.SaveCase(t.Context(), tx, newer))
			return s.SaveCase(t.Context(), tx, older)
		}))
		got, err := s.Case(t.Context(), db, "cases/1")
		require.NoError(t, err)
		require.Equal(t, newer, got)
	})
}

func TestCodesOfAnOrganisationWin(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
			for _, c := range []store.Code{
				{Axis: "A", Code: "X", LabelZH: "旧", LabelEN: "old", Active: true},
				{Axis: "A", Code: "X", LabelZH: "通用", LabelEN: "common", Active: true},
				{Axis: "A", Code: "X", Org: brand, LabelZH: "自有", LabelEN: "own", Active: true},
			} {
				require.NoError(t, s.SaveCode(t.Context(), tx, c))
			}
			return nil
		}))
		own, err := s.CodeLabels(t.Context(), db, "A", brand)
		require.NoError(t, err)
		require.Equal(t, "own", own["X"].LabelEN)
		common, err := s.CodeLabels(t.Context(), db, "A", third)
		require.NoError(t, err)
		require.Equal(t, "common", common["X"].LabelEN)
	})
}

// R232 R264
func TestCountsSplitByTheCase(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		a, b := invitation(1, nil), invitation(2, nil)
		insert(t, db, s, a, b)
		addResponses(t, db, s, response(a.ID, 1, 2, "差"), response(a.ID, 2, 5, "好"))
		require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
			return s.SaveCase(t.Context(), tx, store.CaseCopy{Case: a.Case, ContentClass: "FEE", Model: "XQG100", Sequence: 1})
		}))
		span := store.Span{Start: t0, End: t0.Add(time.Hour), Split: store.ByContentClass, Purpose: survey.PurposeSurvey}
		counts, err := s.Count(t.Context(), db, staff("users/m", brand), span)
		require.NoError(t, err)
		require.Len(t, counts.Invited, 2)
		require.Len(t, counts.Answered, 1)
		require.Equal(t, "FEE", counts.Answered[0].Key)
		require.EqualValues(t, 1, counts.Answered[0].Solved, "only the newest revision counts")
		require.Len(t, counts.Rated, 2)
		span.Split = store.ByModel
		counts, err = s.Count(t.Context(), db, staff("users/m", brand), span)
		require.NoError(t, err)
		require.Equal(t, "XQG100", counts.Rated[0].Key)
		span.Purpose = survey.PurposeMonth
		counts, err = s.Count(t.Context(), db, staff("users/m", brand), span)
		require.NoError(t, err)
		require.Empty(t, counts.Invited)
	})
}

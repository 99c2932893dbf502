package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/worktime"
)

var deadlineSpec = &listing.Spec{Tie: store.DeadlineKey}

// deadlines: rows follow the clocks that changed; the way stays when a change did not compute it; what is met settles its escalations.
func (s *Suite) deadlines(t *testing.T) {
	owner := org(1)
	c := s.add(t, NewCase(owner))
	way := []worktime.Segment{{From: Now, To: Now.Add(time.Hour), Kind: worktime.Working}}
	s.save(t, c.ID, casefile.Change{Clocks: []int{0}, Alerts: []casefile.Alert{
		{ID: uuid.NewString(), Reason: casefile.AlertMissed, Role: "manager", Clock: 0, Code: "ACKNOWLEDGE", Tier: 1, Due: Now, Late: time.Minute, At: Now},
		{ID: uuid.NewString(), Reason: casefile.AlertUrged, Role: "agent", Clock: -1, At: Now},
	}}, func(c *casefile.Case) {
		c.Clocks[0].Way, c.Clocks[0].Breached = way, Now.Add(2*time.Hour)
	})
	d, err := s.Store.Deadline(t.Context(), s.DB, c.ID, 1)
	require.NoError(t, err)
	require.Equal(t, way, d.Clock.Way)
	require.Equal(t, "BREACHED", d.Clock.State())
	require.Equal(t, c.Number, d.CaseNumber)
	require.Len(t, s.open(t, owner, c.ID), 2)

	s.save(t, c.ID, casefile.Change{Clocks: []int{0}}, func(c *casefile.Case) { c.Clocks[0].Ended = Now.Add(3 * time.Hour) })
	d, err = s.Store.Deadline(t.Context(), s.DB, c.ID, 1)
	require.NoError(t, err)
	require.Equal(t, way, d.Clock.Way, "told as it was computed")
	require.Equal(t, "MET_LATE", d.Clock.State())
	left := s.open(t, owner, c.ID)
	require.Len(t, left, 1)
	require.Equal(t, casefile.AlertUrged, left[0].Reason)
	s.save(t, c.ID, casefile.Change{Heard: true}, func(*casefile.Case) {})
	require.Empty(t, s.open(t, owner, c.ID), "the customer was told: urging is answered")

	query, err := listing.Parse(deadlineSpec, listing.Request{})
	require.NoError(t, err)
	found, err := s.Store.Deadlines(t.Context(), s.DB, staff(owner, "users/x", "agent"), "", query)
	require.NoError(t, err)
	require.Empty(t, found, "what is met is on no list of what is due")
	found, err = s.Store.Deadlines(t.Context(), s.DB, staff(owner, "users/x", "agent"), c.ID, query)
	require.NoError(t, err)
	require.Len(t, found, 1)
	found, err = s.Store.Deadlines(t.Context(), s.DB, staff(org(99), "users/x", "agent"), c.ID, query)
	require.NoError(t, err)
	require.Empty(t, found, "nobody sees those of other organisations")
	_, err = s.Store.Deadline(t.Context(), s.DB, c.ID, 9)
	require.Equal(t, apierr.ErrNotFound.Reason(), apierr.Reason(err))
}

// open are the lines of work lists of a case that nobody has settled.
func (s *Suite) open(t *testing.T, owner, caseID string) (lines []store.Escalation) {
	t.Helper()
	query, err := listing.Parse(&listing.Spec{Tie: "e.id"}, listing.Request{})
	require.NoError(t, err)
	found, err := s.Store.Escalations(t.Context(), s.DB, staff(owner, "users/x", "manager"), query)
	require.NoError(t, err)
	for _, e := range found {
		if e.CaseID == caseID && e.Settled.IsZero() {
			lines = append(lines, e)
		}
	}
	return lines
}

// promises: policies and calendars round trip, a stale version is refused, general rows are written over, a year of holidays is replaced.
func (s *Suite) promises(t *testing.T) {
	owner := org(1)
	p := promise.Policy{ID: uuid.NewString(), Promise: promise.Resolve, LabelZH: "解决", LabelEN: "resolve", Org: owner, Classes: []string{"PARTS"}, Within: time.Hour,
		Tiers: []promise.Tier{{After: time.Minute, Role: "manager"}}, Active: true, Updated: Now}
	c := promise.Calendar{ID: uuid.NewString(), Org: owner, LabelZH: "柏林", LabelEN: "Berlin", Region: "CN", Updated: Now,
		Spec: worktime.Spec{Zone: "Europe/Berlin", Week: map[string][]string{"mon": {"09:00-12:00"}}}}
	general := promise.Defaults{}
	s.tx(t, func(ctx context.Context, tx sqldb.Tx) error {
		require.NoError(t, s.Store.PutPolicy(ctx, tx, p))
		require.NoError(t, s.Store.PutCalendar(ctx, tx, c))
		return s.Store.Ship(ctx, tx, general.Policies(), general.Calendars(), Now)
	})
	p.Version, c.Version = 1, 1
	policies, err := s.Store.AllPolicies(t.Context(), s.DB)
	require.NoError(t, err)
	require.Contains(t, policies, p)
	calendars, err := s.Store.AllCalendars(t.Context(), s.DB)
	require.NoError(t, err)
	require.Contains(t, calendars, c)

	stale := p
	stale.Version = 7
	err = s.DB.InTx(t.Context(), func(tx sqldb.Tx) error { return s.Store.PutPolicy(t.Context(), tx, stale) })
	require.ErrorIs(t, err, apierr.ErrStale)
	query, err := listing.Parse(&listing.Spec{Tie: "id"}, listing.Request{})
	require.NoError(t, err)
	visible, err := s.Store.ListPolicies(t.Context(), s.DB, []string{org(99)}, query)
	require.NoError(t, err)
	require.Len(t, visible, len(general.Policies()), "the general ones only")

	spans := []promise.HolidaySpan{{Region: "CN", First: "2027-01-01", Last: "2027-01-03", ZH: "元旦", EN: "New Year"}}
	for range 2 {
		s.tx(t, func(ctx context.Context, tx sqldb.Tx) error {
			return s.Store.ReplaceHolidays(ctx, tx, "CN", 2027, spans)
		})
	}
	kept, err := s.Store.AllHolidays(t.Context(), s.DB)
	require.NoError(t, err)
	require.Equal(t, spans, kept)
}

// news: sealed in its row, read in order and newest first.
func (s *Suite) news(t *testing.T) {
	c := s.add(t, NewCase(org(1)))
	var told []casefile.News
	for n := range 3 {
		news := casefile.News{ID: uuid.Must(uuid.NewV7()).String(), Round: 1, Doing: "正在检测", Difficulty: "配件在途", Author: "users/agent",
			At: Now.Add(time.Duration(n) * time.Hour), Next: Now.Add(48 * time.Hour)}
		told = append(told, news)
		s.tx(t, func(ctx context.Context, tx sqldb.Tx) error { return s.Store.AddNews(ctx, tx, c.ID, news) })
	}
	found, err := s.Store.NewsOf(t.Context(), s.DB, c.ID, told[0].ID, 10)
	require.NoError(t, err)
	require.Equal(t, told[1:], found)
	latest, err := s.Store.LatestNews(t.Context(), s.DB, c.ID, 1)
	require.NoError(t, err)
	require.Equal(t, told[2:], latest)
	one, err := s.Store.OneNews(t.Context(), s.DB, c.ID, told[1].ID)
	require.NoError(t, err)
	require.Equal(t, told[1], one)
	var content []byte
	require.NoError(t, s.DB.Row(t.Context(), `SELECT content FROM progress_news WHERE id = $1`, told[0].ID).Scan(&content))
	require.NotContains(t, string(content), "检测", "sealed at rest")
}

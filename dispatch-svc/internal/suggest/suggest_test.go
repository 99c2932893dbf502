package suggest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/engineer"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/geo"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

var (
	noon  = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	here  = geo.Point{Lat: 31.22, Lon: 121.54}
	zone  = time.FixedZone("CST", 8*3600)
	brand = []string{"organisations/brand"}
)

// people is a source in memory; each change counts a microsecond.
type people struct {
	rows     []row
	orders   []*workorder.Order
	decline  []string
	broken   error
	reads    int
	bookings int // reads of bookings
}

type row struct {
	e  *engineer.Engineer
	us int64
}

func (p *people) put(e engineer.Engineer) {
	e.Active = e.Org != ""
	p.rows = slices.DeleteFunc(p.rows, func(r row) bool { return r.e.ID == e.ID })
	last := noon.UnixMicro()
	for _, r := range p.rows {
		last = max(last, r.us)
	}
	p.rows = append(p.rows, row{&e, last + 1})
}

func (p *people) ChangedEngineers(_ context.Context, since int64, after string, limit int) (page []*engineer.Engineer, last int64, err error) {
	if p.broken != nil {
		return nil, 0, p.broken
	}
	p.reads++
	slices.SortFunc(p.rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.us, b.us), cmp.Compare(a.e.ID, b.e.ID)) })
	for _, r := range p.rows {
		if (r.us > since || r.us == since && r.e.ID > after) && len(page) < limit {
			page, last = append(page, r.e), r.us
		}
	}
	return page, last, nil
}

func (p *people) Booked(_ context.Context, engineers []string, from, to time.Time) (out []*workorder.Order, err error) {
	p.bookings++
	for _, o := range p.orders {
		if slices.Contains(engineers, o.Engineer) && !o.WindowEnd.Before(from) && o.WindowStart.Before(to) {
			out = append(out, o)
		}
	}
	return out, nil
}

func (p *people) AllDecliners(_ context.Context, orders []string) (map[string][]string, error) {
	out := map[string][]string{}
	for _, o := range orders {
		out[o] = p.decline
	}
	return out, nil
}

func (p *people) Decliners(context.Context, string) ([]string, error) { return p.decline, nil }

func someone(id string, change func(*engineer.Engineer)) engineer.Engineer {
	e := engineer.Engineer{ID: id, Name: id, Org: brand[0], Profile: engineer.Profile{
		Skills: []engineer.Skill{{Name: "REPAIR", Level: 3}}, Home: here, Shifts: engineer.EveryDay(8*60, 20*60)}}
	if change != nil {
		change(&e)
	}
	return e
}

func job() *workorder.Order {
	return &workorder.Order{ID: "job", Purpose: workorder.Repair, Region: "310115", OwnerOrg: brand[0],
		Body: workorder.Body{Skills: []workorder.SkillNeed{{Skill: "REPAIR", Level: 1}}}}
}

func names(t *testing.T, b *Board, orgs []string, o *workorder.Order) (out []string) {
	t.Helper()
	answer, err := b.Suggest(t.Context(), orgs, o, 10)
	require.NoError(t, err)
	for _, s := range answer.Suggestions {
		out = append(out, s.Engineer)
	}
	slices.Sort(out)
	return out
}

func TestBoardFollowsChanges(t *testing.T) {
	t.Parallel()
	p := &people{}
	p.put(someone("a", nil))
	b := New(p, testkit.NewClock(noon), zone)
	require.Equal(t, []string{"engineers/a"}, names(t, b, brand, job()))
	p.put(someone("b", nil))
	require.Equal(t, []string{"engineers/a", "engineers/b"}, names(t, b, brand, job()), "hired")
	p.put(someone("a", func(e *engineer.Engineer) { e.Org = "" })) // no longer active
	require.Equal(t, []string{"engineers/b"}, names(t, b, brand, job()), "left")
	p.put(someone("b", func(e *engineer.Engineer) { e.Org = "organisations/other" }))
	require.Empty(t, names(t, b, brand, job()), "moved")
	require.Equal(t, []string{"engineers/b"}, names(t, b, []string{"organisations/other"}, job()))
}

// R1: the answer for one organisation counts nobody of another.
func TestOrganisationsAreApart(t *testing.T) {
	t.Parallel()
	p := &people{}
	p.put(someone("a", nil))
	for _, id := range []string{"x", "y", "z"} {
		p.put(someone(id, func(e *engineer.Engineer) { e.Org, e.Skills = "organisations/other", nil }))
	}
	b := New(p, testkit.NewClock(noon), zone)
	answer, err := b.Suggest(t.Context(), brand, job(), 5)
	require.NoError(t, err)
	require.Len(t, answer.Suggestions, 1)
	require.Empty(t, answer.Rejected)
	both, err := b.Suggest(t.Context(), []string{brand[0], "organisations/other"}, job(), 5)
	require.NoError(t, err)
	require.Equal(t, 3, both.Rejected[0].Count)
}

func TestWordsThatNobodyKnew(t *testing.T) {
	t.Parallel()
	p := &people{}
	p.put(someone("all", func(e *engineer.Engineer) { e.Skills = []engineer.Skill{{Name: engineer.AnySkill, Level: 5}} }))
	p.put(someone("city", func(e *engineer.Engineer) { e.Territories = []string{"31011"} }))
	b := New(p, testkit.NewClock(noon), zone)
	require.Len(t, names(t, b, brand, job()), 2)
	special := job()
	special.Skills = append(special.Skills, workorder.SkillNeed{Skill: "COMPRESSOR", Level: 4})
	require.Equal(t, []string{"engineers/all"}, names(t, b, brand, special))
	elsewhere := job()
	elsewhere.Region = "310112"
	require.Len(t, names(t, b, brand, elsewhere), 2, "the beginning of the code covers a district not seen before")
	away := job()
	away.Region = "310104"
	require.Equal(t, []string{"engineers/all"}, names(t, b, brand, away))
}

func TestBookingsTakeTime(t *testing.T) {
	t.Parallel()
	p := &people{}
	p.put(someone("a", nil))
	clock := testkit.NewClock(noon)
	b := New(p, clock, zone)
	before, err := b.Suggest(t.Context(), brand, job(), 1)
	require.NoError(t, err)
	p.orders = []*workorder.Order{{ID: "1", Engineer: "engineers/a", Purpose: workorder.Repair, Region: "310115", WindowStart: noon, WindowEnd: noon}}
	p.put(someone("a", nil))
	after, err := b.Suggest(t.Context(), brand, job(), 1)
	require.NoError(t, err)
	require.False(t, after.Suggestions[0].Earliest.Before(before.Suggestions[0].Earliest.Add(time.Hour)))

	// Two jobs at the same minute cannot both be kept: the day is full, the next one is not.
	p.orders = append(p.orders, &workorder.Order{ID: "2", Engineer: "engineers/a", Purpose: workorder.Repair, Region: "310115", WindowStart: noon, WindowEnd: noon})
	p.put(someone("a", nil))
	full, err := b.Suggest(t.Context(), brand, job(), 1)
	require.NoError(t, err)
	require.True(t, full.Suggestions[0].Earliest.After(noon.Add(12*time.Hour)), "%v", full.Suggestions[0].Earliest)

	// The days go on.
	clock.Advance(24 * time.Hour)
	next, err := b.Suggest(t.Context(), brand, job(), 1)
	require.NoError(t, err)
	require.False(t, next.Suggestions[0].Earliest.Before(noon.Add(24*time.Hour)))
}

func TestDeclinersAreLeftOut(t *testing.T) {
	t.Parallel()
	p := &people{decline: []string{"engineers/a"}}
	p.put(someone("a", nil))
	p.put(someone("b", nil))
	b := New(p, testkit.NewClock(noon), zone)
	require.Equal(t, []string{"engineers/b"}, names(t, b, brand, job()))
}

func TestExplain(t *testing.T) {
	t.Parallel()
	p := &people{}
	p.put(someone("a", nil))
	p.put(someone("b", func(e *engineer.Engineer) { e.Skills = nil }))
	b := New(p, testkit.NewClock(noon), zone)
	for_, err := b.Explain(t.Context(), brand[0], job(), "engineers/a")
	require.NoError(t, err)
	require.NotEmpty(t, for_)
	against, err := b.Explain(t.Context(), brand[0], job(), "engineers/b")
	require.NoError(t, err)
	require.Len(t, against, 1)
	require.Equal(t, "AGAINST_SKILL", against[0].Code)
}

func TestTimeThatIsOver(t *testing.T) {
	t.Parallel()
	p := &people{}
	p.put(someone("a", nil))
	b := New(p, testkit.NewClock(noon), zone)
	late := job()
	late.Earliest = noon.AddDate(0, 0, 30)
	require.Empty(t, names(t, b, brand, late), "further away than is looked ahead")
}

func TestAfterAnErrorEverythingIsReadAgain(t *testing.T) {
	t.Parallel()
	p := &people{broken: errors.New("away")}
	p.put(someone("a", nil))
	b := New(p, testkit.NewClock(noon), zone)
	_, err := b.Suggest(t.Context(), brand, job(), 1)
	require.Error(t, err)
	p.broken = nil
	require.Equal(t, []string{"engineers/a"}, names(t, b, brand, job()))
}

func TestManyPages(t *testing.T) {
	t.Parallel()
	p := &people{}
	for i := range batch + 3 {
		p.rows = append(p.rows, row{&engineer.Engineer{}, 7})
		e := someone(string(rune('A'+i/26/26%26))+string(rune('A'+i/26%26))+string(rune('A'+i%26)), nil)
		e.Active = true
		p.rows[i].e = &e
	}
	b := New(p, testkit.NewClock(noon), zone)
	_, err := b.Suggest(t.Context(), brand, job(), 1)
	require.NoError(t, err)
	require.Len(t, b.people, batch+3)
	require.Equal(t, 2, p.reads)
}

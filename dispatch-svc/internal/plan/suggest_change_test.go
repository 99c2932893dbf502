package plan

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/stretchr/testify/require"
)

var han = regexp.MustCompile(`\p{Han}`)

var depots = []model.Depot{
	{ID: "Depot 1", Place: model.Point{X: 121.40, Y: 31.20}, Handling: 600, Open: model.Window{From: 0, To: 30 * 24 * hour},
		Parts: []model.Ready{{Part: "P0", From: 13*hour + 600}, {Part: "P1", From: 30 * hour}}},
	{ID: "Depot 2", Place: model.Point{X: 121.55, Y: 31.30}, Open: model.Window{From: 9 * hour, To: 5 * 24 * hour}, AllParts: true},
}

// fullCrew switches every constraint on now and then: vans with limits, parts promised, certificates that end, territories, tools,
// longest work, breaks, days off, homes far away.
func fullCrew(tb testing.TB, n int, seed uint64) []Booked {
	tb.Helper()
	rng := rand.New(rand.NewPCG(seed, 3))
	out := crew(tb, n, seed)
	for i := range out {
		b := &out[i]
		e := &b.Engineer
		maybe := func(n int) bool { return rng.IntN(n) == 0 }
		if maybe(4) {
			e.Capacity = 2 + rng.IntN(6)
		}
		if maybe(4) {
			e.Territory = []string{fmt.Sprintf("T%d", rng.IntN(3))}
		}
		if maybe(2) {
			e.Tools = []string{fmt.Sprintf("tool%d", rng.IntN(3))}
		}
		for s := range e.Skills {
			if maybe(5) {
				e.Skills[s].Expires = int64(rng.IntN(8*24)) * hour
			}
		}
		if maybe(12) {
			e.Home.Y += 0.5 + 9*rng.Float64()
			b.Tours = nil
		}
		for s := range e.Shifts {
			if maybe(6) {
				e.Shifts[s].MaxWork = 6*hour + int64(rng.IntN(4))*hour
			}
			if maybe(6) {
				noon := e.Shifts[s].Start + 4*hour
				e.Shifts[s].Breaks = []model.Break{{Earliest: noon, Latest: noon + hour, Length: hour / 2}}
			}
		}
		if maybe(8) { // away at first
			e.Shifts, b.Tours = e.Shifts[3:], nil
		}
		for t := range b.Tours {
			for s := range b.Tours[t].Stops {
				b.Tours[t].Stops[s].Load = rng.IntN(2)
				if maybe(3) {
					b.Tours[t].Stops[s].Parts = []model.Stock{{Part: e.Kit[0].Part, Count: 1}}
				}
			}
		}
	}
	return out
}

// hardJob asks for more than most can give.
func hardJob(rng *rand.Rand) Query {
	q := job(rng)
	v := &q.Visit
	maybe := func(n int) bool { return rng.IntN(n) == 0 }
	v.Duration = hour/2 + int64(rng.IntN(16))*hour/4
	if maybe(6) {
		v.Duration = 9*hour + hour/2
	}
	if maybe(2) {
		v.Load = 1 + rng.IntN(4)
	}
	if maybe(3) {
		v.Territory = fmt.Sprintf("T%d", rng.IntN(3))
	}
	if maybe(3) {
		v.Tools = []string{fmt.Sprintf("tool%d", rng.IntN(3))}
	}
	if maybe(3) {
		v.ByLevel = map[int]int64{3: v.Duration / 2, 1: v.Duration + hour/2}
	}
	if maybe(4) {
		v.Required = []string{fmt.Sprintf("E%d", rng.IntN(40)), fmt.Sprintf("E%d", rng.IntN(40))}
	}
	if maybe(4) {
		v.Excluded = []string{fmt.Sprintf("E%d", rng.IntN(40))}
	}
	if maybe(3) {
		v.Place.Y += 0.2 + rng.Float64()
	}
	if maybe(2) {
		from := int64(rng.IntN(4))*24*hour + int64(6+rng.IntN(14))*hour
		v.Windows = []model.Window{{From: from, To: from + int64(1+rng.IntN(4))*hour/2}}
	}
	return q
}

// apply makes one change and nothing else, and gives an index that holds the engineer alone.
func apply(t *testing.T, b Booked, q Query, c *model.Change) (*Index, Query) {
	t.Helper()
	opt := IndexOptions{Depots: depots}
	e := &b.Engineer
	e.Kit, e.Skills = slices.Clone(e.Kit), slices.Clone(e.Skills)
	v := &q.Visit
	switch c.Kind {
	case changeExcluded:
		v.Required, v.Excluded = append(slices.Clone(v.Required), e.ID), slices.DeleteFunc(slices.Clone(v.Excluded), func(s string) bool { return s == e.ID })
		if len(q.Visit.Required) == 1 {
			v.Required = nil
		}
	case changeTerritory:
		e.Territory = append(slices.Clone(e.Territory), c.Name)
	case changeSkill:
		e.Skills = append(e.Skills, model.Skill{Name: c.Name, Level: c.Level})
	case changeLevel:
		v.Needs = slices.Clone(v.Needs)
		v.Needs[slices.IndexFunc(v.Needs, func(n model.Need) bool { return n.Name == c.Name })].Level = c.Level
	case changeCertificate:
		for i := range e.Skills {
			if e.Skills[i].Name == c.Name {
				e.Skills[i].Expires = 0
			}
		}
	case changeTool:
		e.Tools = append(slices.Clone(e.Tools), c.Name)
	case changePart:
		e.Kit = append(e.Kit, model.Stock{Part: c.Name, Count: c.Level})
	case changeLoad:
		e.Capacity = c.Level
	case changeWindow:
		v.Windows, q.Horizon = append(slices.Clone(v.Windows), c.Window), 30*24*hour
	case changeDuration:
		v.Duration, v.ByLevel = c.Ticks, nil
	case changeTravel:
		opt.MaxTravel = c.Ticks
	case changeDepot:
		b = fetching(t, b, q, c)
	default:
		t.Fatalf("unknown change %q", c.Kind)
	}
	x := NewIndex(opt)
	require.NoError(t, x.Put(b))
	return x, q
}

// fetching books the stop at the depot, in the place where the tour can be kept, and puts the parts into the van.
func fetching(t *testing.T, b Booked, q Query, c *model.Change) Booked {
	t.Helper()
	d := depots[slices.IndexFunc(depots, func(d model.Depot) bool { return d.ID == c.Name })]
	b.Engineer.Kit = append(b.Engineer.Kit, q.Visit.Parts...)
	stop := BookedStop{Visit: "depot", Place: d.Place, Window: c.Window, Duration: d.Handling}
	b.Tours = slices.Clone(b.Tours)
	at := slices.IndexFunc(b.Tours, func(t BookedTour) bool { return t.Shift == c.Shift })
	if at < 0 {
		at = len(b.Tours)
		b.Tours = append(b.Tours, BookedTour{Shift: c.Shift})
	}
	stops := b.Tours[at].Stops
	for i := range len(stops) + 1 {
		b.Tours[at].Stops = slices.Insert(slices.Clone(stops), i, stop)
		x := NewIndex(IndexOptions{})
		if x.Put(b) == nil && able(t, x, q) {
			return b
		}
	}
	return b
}

func able(t *testing.T, x *Index, q Query) bool {
	t.Helper()
	s, err := x.Suggest(context.Background(), q)
	require.NoError(t, err)
	return len(s.Suggestions) == 1
}

// Every counterfactual is true: with that one change the engineer named fits, without it he does not. // R133
func TestEveryCounterfactualIsTrue(t *testing.T) {
	t.Parallel()
	classes, kinds := map[string]int{}, map[string]int{}
	without := map[string]int{}
	for seed := range uint64(8) {
		list := fullCrew(t, 40+int(seed)*60, seed)
		byID := map[string]Booked{}
		x := NewIndex(IndexOptions{Depots: depots})
		for i := range list {
			list[i] = keepable(t, list[i])
			byID[list[i].Engineer.ID] = list[i]
			require.NoError(t, x.Put(list[i]))
		}
		rng := rand.New(rand.NewPCG(seed, 77))
		for range 150 {
			q := hardJob(rng)
			q.Chinese = rng.IntN(2) == 0
			s, err := x.Suggest(context.Background(), q)
			if err != nil {
				require.ErrorIs(t, err, ErrWindow)
				continue
			}
			for _, r := range s.Rejected {
				classes[r.Code]++
				require.Equal(t, q.Chinese, han.MatchString(r.Counterfactual), r.Counterfactual)
				require.Equal(t, q.Chinese, han.MatchString(r.Reason), r.Reason)
				require.NotContains(t, r.Counterfactual+r.Reason, "%!")
				require.Positive(t, r.Count)
				if r.Change == nil {
					without[r.Code]++
					continue
				}
				kinds[r.Change.Kind]++
				require.Equal(t, r.Engineer, r.Change.Engineer)
				b := byID[r.Engineer]
				alone := NewIndex(IndexOptions{Depots: depots})
				require.NoError(t, alone.Put(b))
				require.False(t, able(t, alone, q), "%s fits already: %+v", r.Engineer, r)
				changed, asked := apply(t, b, q, r.Change)
				require.True(t, able(t, changed, asked), "%s: %s does not help: %+v\n%+v\n%+v", r.Code, r.Counterfactual, r.Change, q, b)
			}
		}
	}
	t.Log("classes", classes, "changes", kinds, "no single change", without)
	for _, code := range strings.Fields("EXCLUDED TERRITORY SKILL LEVEL CERTIFICATE TOOL PART PART_PROMISED LOAD NO_SHIFT FULLY_BOOKED TOO_FAR WINDOW") {
		require.Positive(t, classes[code], code)
	}
	for _, kind := range []string{changeExcluded, changeTerritory, changeSkill, changeLevel, changeCertificate, changeTool, changePart, changeDepot,
		changeLoad, changeWindow, changeDuration, changeTravel} {
		require.Positive(t, kinds[kind], kind)
	}
}

// keepable drops bookings that random loads, breaks and longest work made impossible.
func keepable(t *testing.T, b Booked) Booked {
	t.Helper()
	var kept []BookedTour
	for _, tour := range b.Tours {
		one := Booked{Engineer: b.Engineer, Tours: []BookedTour{tour}}
		if NewIndex(IndexOptions{}).Put(one) == nil {
			kept = append(kept, tour)
		}
	}
	b.Tours = kept
	return b
}

// R133: somebody 1,000 km away is too far away, not late, and the nearest one is told in kilometres.
func TestFarIsNotLate(t *testing.T) {
	t.Parallel()
	far, nearer := one("far"), one("nearer")
	far.Engineer.Home.Y -= 9
	nearer.Engineer.Home.X += 0.45
	x := NewIndex(IndexOptions{MaxTravel: hour})
	require.NoError(t, x.Put(far))
	require.NoError(t, x.Put(nearer))
	s, err := x.Suggest(context.Background(), ask())
	require.NoError(t, err)
	require.Equal(t, map[string]int{"TOO_FAR": 2}, codes(s))
	require.Contains(t, s.Rejected[0].Counterfactual, "the nearest qualified engineer, nearer, is 42 km from the job")
	require.Equal(t, changeTravel, s.Rejected[0].Change.Kind)
}

// What is booked uses up the van's load and parts.
func TestBookedVisitsUseTheVan(t *testing.T) {
	t.Parallel()
	b := one("van")
	b.Engineer.Capacity, b.Engineer.Kit = 3, []model.Stock{{Part: "P", Count: 1}}
	b.Tours = []BookedTour{{Stops: []BookedStop{{Visit: "V", Place: b.Engineer.Home, Window: model.Window{From: 9 * hour, To: 16 * hour},
		Duration: hour, Load: 2, Parts: []model.Stock{{Part: "P", Count: 1}}}}}}
	x := indexOf(t, []Booked{b})
	q := ask()
	q.Horizon = 12 * hour
	q.Visit.Load = 2
	s, err := x.Suggest(context.Background(), q)
	require.NoError(t, err)
	require.Equal(t, map[string]int{"LOAD": 1}, codes(s))
	require.Contains(t, s.Rejected[0].Counterfactual, "if the van of van carried 4")
	q.Visit.Load, q.Visit.Parts = 1, []model.Stock{{Part: "P", Count: 1}}
	s, err = x.Suggest(context.Background(), q)
	require.NoError(t, err)
	require.Equal(t, map[string]int{"PART_PROMISED": 1}, codes(s))
	require.Contains(t, s.Rejected[0].Counterfactual, "with 1 more x P in the van of van")
	require.NoError(t, x.Cancel("van", 0, "V"))
	s, err = x.Suggest(context.Background(), q)
	require.NoError(t, err)
	require.Len(t, s.Suggestions, 1)
}

// The depot that has the part first is named with its time.
func TestPartFromADepot(t *testing.T) {
	t.Parallel()
	x := NewIndex(IndexOptions{Depots: depots[:1]})
	require.NoError(t, x.Put(one("a")))
	q := ask()
	q.Visit.Parts = []model.Stock{{Part: "P0", Count: 1}}
	s, err := x.Suggest(context.Background(), q)
	require.NoError(t, err)
	require.Equal(t, map[string]int{"PART": 1}, codes(s))
	require.Contains(t, s.Rejected[0].Counterfactual, "part P0 ready at 01-01 13:10 from Depot 1: a could fetch it and begin 01-01 13:")
}

package suggest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/engineer"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/geo"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// life is a random organisation's life: people come, go, learn, are away; bookings are made, moved and called off.
type life struct {
	*people
	rng   *rand.Rand
	clock *testkit.Clock
	last  int64
}

// touch stamps a change with the clock, as the store does.
func (l *life) touch(e engineer.Engineer) {
	l.last = max(l.last+1, l.clock.Now().UnixMicro())
	l.rows = slices.DeleteFunc(l.rows, func(r row) bool { return r.e.ID == e.ID })
	l.rows = append(l.rows, row{&e, l.last})
}

func (l *life) step() {
	id := fmt.Sprintf("e%d", l.rng.IntN(12))
	who := someone(id, func(e *engineer.Engineer) {
		e.Active = l.rng.IntN(6) > 0
		e.Home = geo.Point{Lat: 31.1 + l.rng.Float64()*0.3, Lon: 121.4 + l.rng.Float64()*0.3}
		if l.rng.IntN(3) == 0 {
			e.Skills = append(e.Skills, engineer.Skill{Name: "GAS", Level: 1 + l.rng.IntN(4)})
		}
		if l.rng.IntN(4) == 0 {
			e.Absences = []engineer.Absence{{Start: l.clock.Now(), End: l.clock.Now().Add(30 * time.Hour)}}
		}
	})
	if at := slices.IndexFunc(l.rows, func(r row) bool { return r.e.ID == id }); at >= 0 && l.rng.IntN(3) > 0 {
		who = *l.rows[at].e // the same person, another booking
	}
	switch l.rng.IntN(3) {
	case 0:
		l.orders = slices.DeleteFunc(l.orders, func(o *workorder.Order) bool { return o.Engineer == "engineers/"+id && l.rng.IntN(2) == 0 })
	default:
		start := l.clock.Now().Add(time.Duration(l.rng.IntN(70)) * time.Hour)
		l.orders = append(l.orders, &workorder.Order{ID: fmt.Sprint(l.last), Engineer: "engineers/" + id, Purpose: workorder.Repair, Region: "310115",
			WindowStart: start, WindowEnd: start.Add(2 * time.Hour)})
	}
	l.touch(who)
	l.clock.Advance(time.Duration(l.rng.IntN(100)) * time.Second)
}

// The index in memory, fed by changes, answers as one that is built from the rows anew; nothing is read twice when nothing changed.
func TestBoardNeverDisagreesWithTheRows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		clock := testkit.NewClock(noon)
		l := &life{people: &people{}, rng: rand.New(rand.NewPCG(seed, 5)), clock: clock}
		kept := New(l.people, clock, zone)
		for range 60 {
			l.step()
			o := job()
			if l.rng.IntN(2) == 0 {
				o.Skills = append(o.Skills, workorder.SkillNeed{Skill: "GAS", Level: 2})
			}
			got, err := kept.Suggest(t.Context(), brand, o, 5)
			require.NoError(t, err)
			fresh, err := New(l.people, clock, zone).Suggest(t.Context(), brand, o, 5)
			require.NoError(t, err)
			require.Equal(t, fresh, got)
		}
		clock.Advance(2 * time.Minute)
		_, err := kept.Suggest(t.Context(), brand, job(), 5)
		require.NoError(t, err)
		reads, bookings := l.reads, l.bookings
		_, err = kept.Suggest(t.Context(), brand, job(), 5)
		require.NoError(t, err)
		require.Equal(t, reads+1, l.reads, "one query says that nothing changed")
		require.Equal(t, bookings, l.bookings)
	}
}

// A batch proposes each order once, leaves decliners out, and says why for the rest.
func TestSuggestBatch(t *testing.T) {
	t.Parallel()
	p := &people{}
	p.put(someone("a", nil))
	p.put(someone("b", nil))
	b := New(p, testkit.NewClock(noon), zone)
	var orders []*workorder.Order
	for i := range 3 {
		o := job()
		o.ID = fmt.Sprintf("job%d", i)
		orders = append(orders, o)
	}
	orders[2].Skills = []workorder.SkillNeed{{Skill: "GAS", Level: 3}}
	got, err := b.SuggestBatch(t.Context(), brand, orders)
	require.NoError(t, err)
	require.Len(t, got.Proposals, 2)
	require.NotEqual(t, got.Proposals[0].Engineer, got.Proposals[1].Engineer, "both can begin at once")
	require.NotEmpty(t, got.Proposals[0].Name)
	require.Equal(t, "job2", got.LeftOver[0].Order)
	require.Equal(t, "SKILL", got.LeftOver[0].Rejected[0].Code)
	require.GreaterOrEqual(t, got.Value, got.OneByOne)

	p.decline = []string{"engineers/a"}
	got, err = b.SuggestBatch(t.Context(), []string{"organisations/nobody", brand[0]}, orders[:2])
	require.NoError(t, err)
	require.Len(t, got.Proposals, 2)
	for _, p := range got.Proposals {
		require.Equal(t, "engineers/b", p.Engineer)
	}
}

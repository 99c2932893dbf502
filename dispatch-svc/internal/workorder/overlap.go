package workorder

import (
	"slices"
	"time"
)

// mostBeside bounds how many appointments are weighed against each other; an engineer who has more at one time has too many.
const mostBeside = 12

// visit is an appointment as far as time goes.
type visit struct {
	from, to time.Time // window of the begin
	work     time.Duration
	order    *Order
}

func visitOf(o *Order) visit {
	return visit{o.WindowStart, o.WindowEnd, o.Purpose.Duration(), o}
}

// present says whether the engineer must be at the door.
func present(o *Order) bool { return o.Purpose != SendPart && o.Purpose != Remote }

// Clash names an appointment of the same engineer that excludes this one: in neither order can both begin in their windows, whatever
// the ways. Appointments may share a window: two jobs of an hour fit into one of two.
func (o *Order) Clash(beside []*Order) *Order {
	for _, other := range o.near(beside) {
		if !possible([]visit{visitOf(o), visitOf(other)}) {
			return other
		}
	}
	return nil
}

// Crowded names an appointment beside this one when each two of them could be kept and all together cannot; not when that was so before.
func (o *Order) Crowded(beside []*Order) *Order {
	near := o.near(beside)
	visits := make([]visit, len(near))
	for i, other := range near {
		visits[i] = visitOf(other)
	}
	if len(near) < 2 || !possible(visits) || possible(append(visits, visitOf(o))) {
		return nil
	}
	return near[0]
}

// near are the other appointments that could be in the way of this one.
func (o *Order) near(beside []*Order) (out []*Order) {
	mine := visitOf(o)
	for _, other := range beside {
		v := visitOf(other)
		apart := v.to.Add(v.work).Before(mine.from) || mine.to.Add(mine.work).Before(v.from)
		if other.ID != o.ID && present(other) && present(o) && !apart {
			out = append(out, other)
		}
	}
	return out
}

// possible says whether some order of the visits begins each in its window: the earliest end of every subset, one visit after the other.
func possible(visits []visit) bool {
	if len(visits) > mostBeside {
		return false
	}
	ends := make([]time.Time, 1<<len(visits))
	known := make([]bool, len(ends))
	known[0] = true
	for set := range ends {
		if !known[set] {
			continue
		}
		for i, v := range visits {
			next := set | 1<<i
			if next == set {
				continue
			}
			begin := v.from
			if ends[set].After(begin) {
				begin = ends[set]
			}
			if begin.After(v.to) {
				continue
			}
			if end := begin.Add(v.work); !known[next] || end.Before(ends[next]) {
				known[next], ends[next] = true, end
			}
		}
	}
	return known[len(known)-1]
}

// mayForce are the roles that may book over other appointments.
var mayForce = []string{"dispatcher", "manager"}

// MayForce says whether the actor may book what cannot be kept.
func (a Actor) MayForce() bool {
	return slices.ContainsFunc(mayForce, func(r string) bool { return slices.Contains(a.Roles, r) })
}

// Overlapping records an appointment that was booked although it cannot be kept beside others.
func (o *Order) Overlapping(kind string, with *Order, c *Change) {
	start, end := o.WindowStart, o.WindowEnd
	if with.WindowStart.After(start) {
		start = with.WindowStart
	}
	if with.WindowEnd.Before(end) {
		end = with.WindowEnd
	}
	o.deviate(kind, c.Verb, max(0, int64(end.Sub(start).Seconds())), c)
	c.fact("overlaps", "workOrders/"+with.ID)
}

package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/segment"
)

// tour is a booked shift with the segments around every gap. Ticks are relative to the shift's start.
type tour struct {
	shift       int32
	bit         uint8 // day of the start mod 64
	over        int32 // overtime begins, relative
	open, close int64 // of the shift, with overtime
	gap         int64 // longest stop that fits anywhere if no travel were needed
	busy        int32 // booked ticks of work
	stops       []anchorStop
	names       []string // of the booked visits
	cargo       *cargo   // what the booked visits take from the van; nil: nothing that counts
}

// cargo is what the booked visits of a tour load and use up, and its longest work.
type cargo struct {
	load    int
	used    []model.Stock
	maxWork int64
	goods   []goods // of each booked visit
}

// goods are the load and parts of one booked visit.
type goods struct {
	load  int
	parts []model.Stock
}

// anchorStop is a stop of a booked tour: 56 bytes.
type anchorStop struct {
	x, y float64
	from int32 // window of its own begin, and how long it takes
	to   int32
	dur  int32

	dep   int32 // earliest departure
	late  int32 // latest begin of the row from here on
	opens int32 // and its earliest begin without needless waiting
	work  int32 // and its least duration
	leg   int32 // travel from the stop before
	visit int32 // index into the tour's names, -1 for start, end and breaks
}

func (s *anchorStop) place() model.Point { return model.Point{X: s.x, Y: s.y} }

func (s *anchorStop) single() segment.Segment { return segment.Single(s.from, s.to, s.dur) }

// behind notes the segment from this stop to the end of the tour.
func (s *anchorStop) behind(g segment.Segment) { s.late, s.opens, s.work = g.Close, g.Open, g.Work }

func (s *anchorStop) rest() segment.Segment {
	return segment.Segment{Work: s.work, Open: s.opens, Close: s.late}
}

// leg32 keeps impossible ways inside the range of segments.
func leg32(t int64) int32 { return int32(min(t, 1<<29)) }

// compile turns bookings into tours; shifts without bookings become free tours.
func (x *Index) compile(b *Booked) ([]tour, error) {
	who := &b.Engineer
	tours := make([]tour, 0, len(who.Shifts))
	for s := range who.Shifts {
		var stops []BookedStop
		for i := range b.Tours {
			if b.Tours[i].Shift == s {
				stops = append(stops, b.Tours[i].Stops...)
			}
		}
		t, err := x.compileTour(who, s, stops)
		if err != nil {
			return nil, fmt.Errorf("shift %d: %w", s, err)
		}
		tours = append(tours, t)
	}
	if len(tours) > 255 || len(tours) > 0 && last(tours)-first(tours) >= 60*x.opt.Day {
		return nil, errors.New("shifts more than 60 days apart, or more than 255 of them")
	}
	return tours, nil
}

func first(tours []tour) int64 {
	return slices.MinFunc(tours, func(a, b tour) int { return cmp.Compare(a.open, b.open) }).open
}

func last(tours []tour) int64 {
	return slices.MaxFunc(tours, func(a, b tour) int { return cmp.Compare(a.open, b.open) }).open
}

func (x *Index) compileTour(who *model.Engineer, s int, booked []BookedStop) (tour, error) {
	sh := &who.Shifts[s]
	t := tour{shift: int32(s), open: sh.Start, close: sh.End + sh.Overtime, over: int32(sh.End - sh.Start)}
	t.bit = uint8(x.day(t.open) & 63)
	from, to := who.Home, who.Home
	if sh.From != nil {
		from = *sh.From
	}
	if sh.To != nil {
		to = *sh.To
	}
	row := withBreaks(from, to, sh, booked)
	if len(row) > 255 {
		return t, errors.New("more than 250 stops")
	}
	t.stops = make([]anchorStop, len(row))
	t.names = make([]string, 0, len(booked))
	for i := range row {
		t.stops[i] = t.stop(&row[i])
		if i > 0 {
			t.stops[i].leg = leg32(x.opt.Travel.Ticks(row[i-1].Place, row[i].Place))
		}
	}
	if err := t.load(who, sh, booked); err != nil {
		return t, err
	}
	return t, t.time(row)
}

// stop takes over a stop of a row; booked visits get their names in order.
func (t *tour) stop(b *BookedStop) anchorStop {
	s := anchorStop{x: b.Place.X, y: b.Place.Y, visit: -1, dur: int32(b.Duration),
		from: int32(max(b.Window.From-t.open, 0)), to: int32(min(b.Window.To, t.close) - t.open)}
	if b.Visit != "" {
		s.visit = int32(len(t.names))
		t.names = append(t.names, b.Visit)
		t.busy += s.dur
	}
	return s
}

// load adds up what the booked visits take from the van, and refuses more than it has.
func (t *tour) load(who *model.Engineer, sh *model.Shift, booked []BookedStop) error {
	c := cargo{maxWork: sh.MaxWork}
	for i := range booked {
		b := &booked[i]
		c.load += b.Load
		for _, p := range b.Parts {
			c.use(p)
		}
		c.goods = append(c.goods, goods{b.Load, b.Parts})
	}
	if c.load > 0 || len(c.used) > 0 || c.maxWork > 0 {
		t.cargo = &c
	}
	return c.check(who)
}

func (c *cargo) use(p model.Stock) {
	for i := range c.used {
		if c.used[i].Part == p.Part {
			c.used[i].Count += p.Count
			return
		}
	}
	c.used = append(c.used, p)
}

// check refuses bookings that load more than the van carries. Parts beyond the kit may come from elsewhere: they leave nothing over.
func (c *cargo) check(who *model.Engineer) error {
	if who.Capacity > 0 && c.load > who.Capacity {
		return fmt.Errorf("booked visits load %d, the van carries %d", c.load, who.Capacity)
	}
	return nil
}

// booked gives the bookings back that a tour was made of.
func (t *tour) booked() []BookedStop {
	out := make([]BookedStop, 0, len(t.names)+1)
	for i := range t.stops {
		s := &t.stops[i]
		if s.visit < 0 {
			continue
		}
		b := BookedStop{Visit: t.names[s.visit], Place: s.place(), Duration: int64(s.dur),
			Window: model.Window{From: t.open + int64(s.from), To: t.open + int64(s.to)}}
		if t.cargo != nil {
			b.Load, b.Parts = t.cargo.goods[s.visit].load, t.cargo.goods[s.visit].parts
		}
		out = append(out, b)
	}
	return out
}

// after names the last booked visit before a gap.
func (t *tour) after(gap int) string {
	for gap--; gap > 0; gap-- {
		if v := t.stops[gap].visit; v >= 0 {
			return t.names[v]
		}
	}
	return ""
}

// withBreaks puts the start, the end and the breaks around the booked stops; a break goes before the first stop that cannot
// begin before the break must, at the place of the stop before it.
func withBreaks(from, to model.Point, sh *model.Shift, booked []BookedStop) []BookedStop {
	shift := model.Window{From: sh.Start, To: sh.End + sh.Overtime}
	row := make([]BookedStop, 0, len(booked)+2+len(sh.Breaks))
	row = append(append(append(row, BookedStop{Place: from, Window: shift}), booked...), BookedStop{Place: to, Window: shift})
	for _, b := range sh.Breaks {
		at := 1
		for at < len(row)-1 && row[at].Window.From+row[at].Duration <= b.Latest {
			at++
		}
		row = slices.Insert(row, at, BookedStop{Place: row[at-1].Place, Duration: b.Length,
			Window: model.Window{From: b.Earliest, To: b.Latest}})
	}
	return row
}

// time computes departures and latest begins, and refuses what cannot be kept.
func (t *tour) time(row []BookedStop) error {
	s := t.stops
	acc := s[0].single()
	s[0].dep = acc.Leave()
	for i := 1; i < len(s); i++ {
		var ok bool
		if acc, ok = segment.Join(acc, s[i].single(), s[i].leg); !ok {
			return fmt.Errorf("stop %q cannot begin by %d", row[i].Visit, row[i].Window.To)
		}
		s[i].dep = acc.Leave()
	}
	if t.cargo != nil && t.cargo.maxWork > 0 && int64(acc.Work) > t.cargo.maxWork {
		return fmt.Errorf("works %d, more than %d", acc.Work, t.cargo.maxWork)
	}
	acc = s[len(s)-1].single()
	s[len(s)-1].behind(acc)
	for i := len(s) - 2; i >= 0; i-- {
		acc, _ = segment.Join(s[i].single(), acc, s[i+1].leg)
		s[i].behind(acc)
	}
	for i := 1; i < len(s); i++ {
		t.gap = max(t.gap, int64(s[i].late-s[i-1].dep))
	}
	return nil
}

// front is the row of stops before a gap.
func (t *tour) front(gap int) segment.Segment {
	acc := t.stops[0].single()
	for i := 1; i < gap; i++ {
		acc, _ = segment.Join(acc, t.stops[i].single(), t.stops[i].leg)
	}
	return acc
}

func formatUnix(t int64) string { return time.Unix(t, 0).UTC().Format("01-02 15:04") }

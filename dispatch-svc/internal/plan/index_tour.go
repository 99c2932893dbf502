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
}

// anchorStop is a stop of a booked tour: 32 bytes.
type anchorStop struct {
	x, y  float32
	dep   int32 // earliest departure
	late  int32 // latest begin of the row from here on
	opens int32 // and its earliest begin without needless waiting
	work  int32 // and its least duration
	leg   int32 // travel from the stop before
	visit int32 // index into the tour's names, -1 for start, end and breaks
}

func (s *anchorStop) place() model.Point { return model.Point{X: float64(s.x), Y: float64(s.y)} }

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
		t.bit = uint8(x.day(t.open) & 63)
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
	for i := range row {
		t.stops[i] = anchorStop{x: float32(row[i].Place.X), y: float32(row[i].Place.Y), visit: -1}
		if i > 0 {
			t.stops[i].leg = leg32(x.opt.Travel.Ticks(row[i-1].Place, row[i].Place))
		}
		if row[i].Visit != "" {
			t.stops[i].visit = int32(slices.IndexFunc(booked, func(q BookedStop) bool { return q.Visit == row[i].Visit }))
			t.busy += int32(row[i].Duration)
		}
	}
	for i := range booked {
		t.names = append(t.names, booked[i].Visit)
	}
	return t, t.time(row)
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
	row := append(append([]BookedStop{{Place: from, Window: shift}}, booked...), BookedStop{Place: to, Window: shift})
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
	span := func(i int) segment.Segment {
		from, to := max(row[i].Window.From-t.open, 0), min(row[i].Window.To, t.close)-t.open
		return segment.Single(int32(from), int32(to), int32(row[i].Duration))
	}
	s := t.stops
	acc := span(0)
	s[0].dep = acc.Leave()
	for i := 1; i < len(s); i++ {
		var ok bool
		if acc, ok = segment.Join(acc, span(i), s[i].leg); !ok {
			return fmt.Errorf("stop %q cannot begin by %d", row[i].Visit, row[i].Window.To)
		}
		s[i].dep = acc.Leave()
	}
	acc = span(len(s) - 1)
	s[len(s)-1].behind(acc)
	for i := len(s) - 2; i >= 0; i-- {
		acc, _ = segment.Join(span(i), acc, s[i+1].leg)
		s[i].behind(acc)
	}
	for i := 1; i < len(s); i++ {
		t.gap = max(t.gap, int64(s[i].late-s[i-1].dep))
	}
	return nil
}

func formatUnix(t int64) string { return time.Unix(t, 0).UTC().Format("01-02 15:04") }

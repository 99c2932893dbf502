package worktime

import (
	"errors"
	"iter"
	"slices"
	"time"
)

// horizon bounds every search: a calendar that has no working time at all, or a
// duration beyond all reason.
const horizon = 20 * 366 * 24 * time.Hour

// Errors of counting.
var (
	ErrNoWorkingTime = errors.New("worktime: the calendar has not so much working time within twenty years")
	ErrNegative      = errors.New("worktime: a negative duration")
)

// Deadline is an instant with the way to it.
type Deadline struct {
	At       time.Time // UTC
	Segments []Segment // from start to At, without gaps
	Warnings []Warning
}

// Add gives the earliest instant at which the working time d has passed since
// start. d of zero is start itself.
func (c *Calendar) Add(start time.Time, d time.Duration) (Deadline, error) {
	if d < 0 {
		return Deadline{}, ErrNegative
	}
	path := trace{zone: c.zone, at: start.UTC()}
	if d == 0 {
		return path.deadline(c), nil
	}
	limit := start.Add(horizon)
	for s := range c.segments(start) {
		if s.From.After(limit) {
			break
		}
		if s.Kind == Working && s.To.Sub(s.From) >= d {
			s.To = s.From.Add(d)
			path.append(s)
			return path.deadline(c), nil
		}
		d -= s.Working()
		path.append(s)
	}
	return Deadline{}, ErrNoWorkingTime
}

// Between gives the working time from a to b; zero when b is not after a.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	var sum time.Duration
	for s := range c.segments(a) {
		if !s.From.Before(b) {
			break
		}
		if s.To.After(b) {
			s.To = b
		}
		sum += s.Working()
	}
	return sum
}

// Explain gives the segments from a to b.
func (c *Calendar) Explain(a, b time.Time) []Segment {
	path := trace{zone: c.zone, at: a.UTC()}
	for s := range c.segments(a) {
		if !s.From.Before(b) {
			break
		}
		if s.To.After(b) {
			s.To = b.UTC()
		}
		path.append(s)
	}
	return path.segments
}

// IsWorking reports whether t is working time.
func (c *Calendar) IsWorking(t time.Time) bool {
	for s := range c.segments(t) {
		return s.Kind == Working
	}
	return false
}

// Next gives t when it is working time, else the next instant that is.
func (c *Calendar) Next(t time.Time) (time.Time, error) {
	limit := t.Add(horizon)
	for s := range c.segments(t) {
		if s.Kind == Working {
			return s.From, nil
		}
		if s.From.After(limit) {
			break
		}
	}
	return time.Time{}, ErrNoWorkingTime
}

// AddDays gives the close of business of the n-th working day after start's date:
// periods in working days do not count the day they begin on and end when
// business ends (Civil Code of China, articles 201 and 203).
func (c *Calendar) AddDays(start time.Time, n int) (Deadline, error) {
	if n < 0 {
		return Deadline{}, ErrNegative
	}
	target, err := c.workingDay(c.localDay(start), n)
	if err != nil {
		return Deadline{}, err
	}
	path := trace{zone: c.zone, at: start.UTC()}
	for s := range c.segments(start) {
		if c.localDay(s.From) > target {
			break
		}
		path.append(s)
	}
	path.endWorking(start.UTC())
	return path.deadline(c), nil
}

// workingDay finds the n-th day after day that has working time.
func (c *Calendar) workingDay(day int64, n int) (int64, error) {
	last := day + int64(horizon/(24*time.Hour))
	for n > 0 {
		if day++; day > last {
			return 0, ErrNoWorkingTime
		}
		if slices.ContainsFunc(c.slotsOf(day), func(s slot) bool { return s.kind == Working }) {
			n--
		}
	}
	return day, nil
}

func (c *Calendar) localDay(t time.Time) int64 {
	_, offset := t.In(c.zone).Zone()
	return floorDiv(t.Unix()+int64(offset), daySeconds)
}

// segments covers time from start on, without end. It goes through the stretches
// of constant offset of the zone, in each through the wall clock's days, and in
// each through the day's slots: inside a stretch the wall clock runs evenly.
func (c *Calendar) segments(start time.Time) iter.Seq[Segment] {
	return func(yield func(Segment) bool) {
		at := start.UTC()
		for {
			local := at.In(c.zone)
			_, offset := local.Zone()
			_, end := local.ZoneBounds()
			next, more := c.stretch(at, end, int64(offset), yield)
			if !more {
				return
			}
			at = next
		}
	}
}

// stretch yields the slots from at to end (zero: for ever) under one offset.
func (c *Calendar) stretch(at, end time.Time, offset int64, yield func(Segment) bool) (next time.Time, more bool) {
	for day := floorDiv(at.Unix()+offset, daySeconds); ; day++ {
		for _, s := range c.slotsOf(day) {
			midnight := day*daySeconds - offset
			from, to := time.Unix(midnight+int64(s.from), 0).UTC(), time.Unix(midnight+int64(s.to), 0).UTC()
			if !to.After(at) {
				continue
			}
			if from.Before(at) {
				from = at
			}
			last := !end.IsZero() && !to.Before(end)
			if last {
				to = end.UTC()
			}
			if from.Before(to) && !yield(Segment{From: from, To: to, Kind: s.kind, ZH: s.zh, EN: s.en}) {
				return to, false
			}
			if last {
				return to, true
			}
		}
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

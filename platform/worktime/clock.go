package worktime

import (
	"errors"
	"slices"
	"time"
)

// Pause is a stretch in which a promise's clock stood still. To is zero while it
// lasts.
type Pause struct {
	From, To time.Time
	ZH, EN   string // why, told to people
}

// Clock is a promise: so much working time from a start, less the pauses. It is
// plain data, kept in rows; every answer is computed from it anew, so that a
// change of budget or calendar needs no correction of anything stored.
type Clock struct {
	Start  time.Time
	Budget time.Duration // working time promised
	Pauses []Pause       // in order, not overlapping; at most the last is open
	// Fixed clocks are the law's, a regulator's or a platform's: they never pause.
	Fixed bool
}

// Errors of clocks.
var (
	ErrFixed     = errors.New("worktime: this clock never pauses")
	ErrPaused    = errors.New("worktime: the clock stands already")
	ErrRunning   = errors.New("worktime: the clock is not paused")
	ErrTimeOrder = errors.New("worktime: earlier than what the clock has seen")
)

// IsPaused reports whether the clock stands.
func (k Clock) IsPaused() bool {
	return len(k.Pauses) > 0 && k.Pauses[len(k.Pauses)-1].To.IsZero()
}

// Pause stops the clock at an instant.
func (k Clock) Pause(at time.Time, zh, en string) (Clock, error) {
	switch {
	case k.Fixed:
		return k, ErrFixed
	case k.IsPaused():
		return k, ErrPaused
	case at.Before(k.seen()):
		return k, ErrTimeOrder
	}
	k.Pauses = append(slices.Clip(k.Pauses), Pause{From: at, ZH: zh, EN: en})
	return k, nil
}

// Resume lets a paused clock run on.
func (k Clock) Resume(at time.Time) (Clock, error) {
	if !k.IsPaused() {
		return k, ErrRunning
	}
	if at.Before(k.seen()) {
		return k, ErrTimeOrder
	}
	k.Pauses = slices.Clone(k.Pauses)
	k.Pauses[len(k.Pauses)-1].To = at
	return k, nil
}

// WithBudget changes the promise, e.g. to another urgency. What has run stays
// run; a paused clock stays paused, and no pause begins to count.
func (k Clock) WithBudget(d time.Duration) Clock {
	k.Budget = d
	return k
}

// seen is the latest instant that the clock knows.
func (k Clock) seen() time.Time {
	latest := k.Start
	for _, p := range k.Pauses {
		for _, t := range []time.Time{p.From, p.To} {
			if t.After(latest) {
				latest = t
			}
		}
	}
	return latest
}

// Elapsed is the working time that has run until now.
func (k Clock) Elapsed(c *Calendar, now time.Time) time.Duration {
	var sum time.Duration
	for run := range k.runs(now) {
		sum += c.Between(run.From, run.To)
	}
	return sum
}

// Remaining is the working time left, negative when it is overrun.
func (k Clock) Remaining(c *Calendar, now time.Time) time.Duration {
	return k.Budget - k.Elapsed(c, now)
}

// runs are the stretches until now in which the clock runs.
func (k Clock) runs(now time.Time) func(yield func(Segment) bool) {
	return func(yield func(Segment) bool) {
		at := k.Start
		for _, p := range k.pauses() {
			if p.From.After(at) && !yield(Segment{From: at, To: earlier(p.From, now)}) {
				return
			}
			if p.To.IsZero() {
				return
			}
			at = p.To
		}
		yield(Segment{From: at, To: now})
	}
}

// pauses ignores those that a fixed clock may have been given in its row.
func (k Clock) pauses() []Pause {
	if k.Fixed {
		return nil
	}
	return k.Pauses
}

// Deadline gives when the promise is due. ok is false while the clock stands: the
// due time is then not known, only what remains; the segments lead up to the
// pause. A promise that was due before a pause began stays due then.
func (k Clock) Deadline(c *Calendar) (d Deadline, ok bool, err error) {
	path, left := trace{zone: c.zone, at: k.Start.UTC()}, k.Budget
	for _, p := range k.pauses() {
		ran := c.Between(path.at, p.From)
		if ran >= left {
			break
		}
		for _, s := range c.Explain(path.at, p.From) {
			path.append(s)
		}
		left -= ran
		if p.To.IsZero() {
			return path.deadline(c), false, nil
		}
		if p.To.After(p.From) {
			path.append(Segment{From: p.From.UTC(), To: p.To.UTC(), Kind: Paused, ZH: p.ZH, EN: p.EN})
		}
	}
	rest, err := c.Add(path.at, left)
	if err != nil {
		return Deadline{}, false, err
	}
	for _, s := range rest.Segments {
		path.append(s)
	}
	return path.deadline(c), true, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

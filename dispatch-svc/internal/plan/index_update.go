package plan

import (
	"errors"
	"fmt"
	"slices"
)

// ErrUnknown says that the index has no such engineer, shift or booking.
var ErrUnknown = errors.New("plan: not in the index")

// Book adds a booking to an engineer's shift, in the order of windows. The other
// tours of the engineer, and everybody else's, are not touched. It refuses what cannot be kept, and then changes nothing.
func (x *Index) Book(engineer string, shift int, s BookedStop) error {
	return x.change(engineer, shift, func(stops []BookedStop) ([]BookedStop, error) {
		at, _ := slices.BinarySearchFunc(stops, s.Window.From, func(b BookedStop, from int64) int {
			if b.Window.From <= from {
				return -1
			}
			return 1
		})
		return slices.Insert(stops, at, s), nil
	})
}

// BookAfter adds a booking behind another one ("" is the first place), as a suggestion says.
func (x *Index) BookAfter(engineer string, shift int, after string, s BookedStop) error {
	return x.change(engineer, shift, func(stops []BookedStop) ([]BookedStop, error) {
		at := 0
		if after != "" {
			if at = 1 + slices.IndexFunc(stops, func(b BookedStop) bool { return b.Visit == after }); at == 0 {
				return nil, fmt.Errorf("%w: visit %s", ErrUnknown, after)
			}
		}
		return slices.Insert(stops, at, s), nil
	})
}

// Cancel takes a booking out of an engineer's shift.
func (x *Index) Cancel(engineer string, shift int, visit string) error {
	return x.change(engineer, shift, func(stops []BookedStop) ([]BookedStop, error) {
		at := slices.IndexFunc(stops, func(b BookedStop) bool { return b.Visit == visit })
		if at < 0 {
			return nil, fmt.Errorf("%w: visit %s", ErrUnknown, visit)
		}
		return slices.Delete(stops, at, at+1), nil
	})
}

// Rebook replaces all bookings of one shift of an engineer.
func (x *Index) Rebook(engineer string, t BookedTour) error {
	return x.change(engineer, t.Shift, func([]BookedStop) ([]BookedStop, error) { return t.Stops, nil })
}

// change computes one tour anew and puts it in the place of the old one.
func (x *Index) change(engineer string, shift int, edit func([]BookedStop) ([]BookedStop, error)) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	i, ok := x.ids[engineer]
	if !ok {
		return fmt.Errorf("%w: engineer %s", ErrUnknown, engineer)
	}
	e := &x.eng[i]
	t := slices.IndexFunc(e.tours, func(t tour) bool { return int(t.shift) == shift })
	if t < 0 {
		return fmt.Errorf("%w: shift %d of engineer %s", ErrUnknown, shift, engineer)
	}
	stops, err := edit(e.tours[t].booked())
	if err != nil {
		return err
	}
	fresh, err := x.compileTour(e.who, shift, stops)
	if err != nil {
		return fmt.Errorf("engineer %s, shift %d: %w", engineer, shift, err)
	}
	x.dropTour(i, t)
	e.tours[t] = fresh
	x.addTour(i, t)
	x.spots[i] = x.spotOf(e)
	for o := range e.tours { // another shift of the same days
		if o != t && e.tours[o].open < fresh.close+x.opt.Day && fresh.open < e.tours[o].close+x.opt.Day {
			x.eachRoom(&e.tours[o], func(k roomKey) {
				member(x.duty, k.day).set(i)
				member(x.room, k).set(i)
			})
		}
	}
	return nil
}

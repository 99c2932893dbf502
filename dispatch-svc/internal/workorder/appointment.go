package workorder

import (
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/geo"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

const (
	// grace is how early or late a step may be before it is recorded.
	grace = 15 * time.Minute
	// departEarly is how long before the window an engineer may set off before it is recorded.
	departEarly = 3 * time.Hour
	// near is how far from the door "arrived" is still plausible, in metres: the error of a phone between buildings, and the yard.
	near = 500.0
	// longestWindow of an appointment.
	longestWindow = 7 * 24 * time.Hour
)

// Window is a time agreed with the customer.
type Window struct{ Start, End time.Time }

func (w Window) check(now time.Time) error {
	switch {
	case !w.End.After(w.Start):
		return apierr.Invalid("window_end", "必须晚于 window_start", "must be after window_start")
	case w.End.Sub(w.Start) > longestWindow:
		return apierr.Invalid("window_end", "预约时段不能超过 7 天", "at most 7 days after window_start")
	case w.End.Before(now):
		return apierr.Invalid("window_end", "预约时段已过去", "is in the past")
	}
	return nil
}

// Book agrees on an appointment (R146).
func (o *Order) Book(s Step, w Window, note string, visitFee Money) (Change, error) {
	c, err := o.move(VerbBook, s)
	if err != nil {
		return c, err
	}
	// A booking queued on a phone may arrive after its window began.
	if err := w.check(s.Happened()); err != nil {
		return c, err
	}
	o.setWindow(w, note, &c)
	if visitFee.Fen > 0 {
		o.VisitFee = visitFee
		c.fact("visitFeeFen", strconv.FormatInt(visitFee.Fen, 10))
	}
	return c, nil
}

func (o *Order) setWindow(w Window, note string, c *Change) {
	o.clearAppointment()
	o.WindowStart, o.WindowEnd, o.BookingNote = w.Start, w.End, note
	c.Measures = note
	c.fact("windowStart", w.Start.Format(time.RFC3339))
	c.fact("windowEnd", w.End.Format(time.RFC3339))
}

// BookFailed records an attempt to reach the customer.
func (o *Order) BookFailed(s Step, channel, reason string) (Change, error) {
	c, err := o.move(VerbBookFailed, s)
	if err != nil {
		return c, err
	}
	o.clearAppointment()
	o.Attempts = append(o.Attempts, Attempt{At: s.Happened(), Channel: channel, Reason: reason})
	c.Points = reason
	c.fact("channel", channel)
	c.fact("attempts", strconv.Itoa(len(o.Attempts)))
	return c, nil
}

// Depart sets off.
func (o *Order) Depart(s Step) (Change, error) {
	c, err := o.move(VerbDepart, s)
	if err != nil {
		return c, err
	}
	o.DepartedAt = s.Happened()
	if early := o.WindowStart.Sub(o.DepartedAt); early > departEarly {
		o.deviate("EARLY_DEPARTURE", VerbDepart, int64(early.Seconds()), &c)
	}
	return c, nil
}

// Arrive reaches the door. at is where the phone says it is, nil when it does not.
func (o *Order) Arrive(s Step, at *geo.Point) (Change, error) {
	c, err := o.move(VerbArrive, s)
	if err != nil {
		return c, err
	}
	o.ArrivedAt = s.Happened()
	if early := o.WindowStart.Sub(o.ArrivedAt); early > grace {
		o.deviate("EARLY_ARRIVAL", VerbArrive, int64(early.Seconds()), &c)
	}
	if late := o.ArrivedAt.Sub(o.WindowEnd); late > grace {
		o.deviate("LATE_ARRIVAL", VerbArrive, int64(late.Seconds()), &c)
	}
	o.checkDistance(at, &c)
	return c, nil
}

// checkDistance compares the phone's place with the door's. Without an exact door there is nothing to compare: a region's centre is
// kilometres away from most of its doors.
func (o *Order) checkDistance(at *geo.Point, c *Change) {
	if at == nil || !o.Contact.LocationIsAccurate {
		c.fact("place", "NOT_CHECKED")
		return
	}
	metres := at.Metres(o.Contact.Location)
	c.fact("distanceMetres", strconv.Itoa(int(metres)))
	if metres > near {
		o.deviate("DISTANT_ARRIVAL", VerbArrive, int64(metres), c)
	}
}

// Reschedule drops the appointment; with a new window the order is booked again at once.
func (o *Order) Reschedule(s Step, reason, requestedBy string, w Window) (Change, error) {
	c, err := o.move(VerbReschedule, s)
	if err != nil {
		return c, err
	}
	o.clearAppointment()
	c.Points = reason
	c.fact("requestedBy", requestedBy)
	if requestedBy == "CUSTOMER" {
		c.OnBehalf = "customer"
	}
	if w.Start.IsZero() && w.End.IsZero() {
		return c, nil
	}
	if err := w.check(s.Happened()); err != nil {
		return c, err
	}
	o.State, c.To, c.Via = Booked, Booked, []State{Rescheduled}
	o.setWindow(w, "", &c)
	c.fact("via", string(Rescheduled))
	return c, nil
}

package workorder

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// What the engineer of a suspended order is told, and no more.
const (
	HoldNoteZH = "请联系调度"
	HoldNoteEN = "contact the dispatcher"
)

// PartWait is a part that an order waits for (R132, R147).
type PartWait struct {
	Parts                                 []PartNeed
	Promised                              time.Time
	Source, Confidence, Alternative, Note string
	Slips                                 int // how often the date moved to a later one
	Since, Arrived                        time.Time
}

// Appraisal is a judgement that an order waits for.
type Appraisal struct {
	Appraiser, Reason string
	Expected, Since   time.Time
}

// Workshop is a machine that was taken away.
type Workshop struct {
	Serials, Photos      []string
	Receipt, Place, Note string
	Return, Since        time.Time
}

// AwaitPart waits for a part until a date that somebody promised. Another, later date is a slip.
func (o *Order) AwaitPart(s Step, w PartWait) (Change, error) {
	if !w.Promised.After(s.Happened()) {
		return Change{}, apierr.Invalid("promised_time", "须晚于当前时间", "must lie in the future")
	}
	before := o.PartWait
	again := o.State == WaitingPart && before != nil
	c, err := o.move(VerbAwaitPart, s)
	if err != nil {
		return c, err
	}
	w.Since = s.Happened()
	if again {
		w.Since, w.Slips = before.Since, before.Slips
	}
	if again && w.Promised.After(before.Promised) {
		w.Slips++
		c.fact("slip", strconv.Itoa(w.Slips))
		c.fact("promisedBefore", before.Promised.Format(time.RFC3339))
	}
	o.clearAppointment()
	o.PartWait = &w
	c.Points, c.Measures = w.parts(), w.Alternative
	c.fact("promised", w.Promised.Format(time.RFC3339))
	c.fact("source", w.Source)
	c.fact("confidence", w.Confidence)
	return c, nil
}

// parts names what is missing, for people.
func (w *PartWait) parts() string {
	var lines []string
	for _, p := range w.Parts {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d × %s %s", p.Quantity, p.Number, p.Part)))
	}
	return strings.Join(lines, "\n")
}

// PartArrived books the appointment by itself: everything that was waited for is set aside (process.md).
func (o *Order) PartArrived(s Step, w Window, note string) (Change, error) {
	c, err := o.move(VerbPartArrived, s)
	if err != nil {
		return c, err
	}
	if err := w.check(s.Now); err != nil {
		return c, err
	}
	o.setWindow(w, note, &c)
	if o.PartWait != nil {
		wait := *o.PartWait
		wait.Arrived = s.Now
		o.PartWait = &wait
	}
	c.fact("partArrived", "true")
	return c, nil
}

// AwaitAppraisal waits for somebody else's judgement.
func (o *Order) AwaitAppraisal(s Step, a Appraisal) (Change, error) {
	c, err := o.move(VerbAwaitAppraisal, s)
	if err != nil {
		return c, err
	}
	a.Since = s.Happened()
	o.Appraisal, c.Points = &a, a.Reason
	o.clearAppointment()
	c.fact("appraiser", a.Appraiser)
	return c, nil
}

// TakeAway takes the machine to the workshop against a signed receipt.
func (o *Order) TakeAway(s Step, w Workshop) (Change, error) {
	if len(w.Serials) == 0 && w.Note == "" {
		return Change{}, apierr.Invalid("serials", "须填写序列号或说明取走了什么", "a serial number, or a note of what is taken, is needed")
	}
	c, err := o.move(VerbTakeAway, s)
	if err != nil {
		return c, err
	}
	w.Since = s.Happened()
	o.Workshop, c.Points, c.Measures = &w, strings.Join(w.Serials, ", "), w.Note
	o.clearAppointment()
	c.fact("receipt", w.Receipt)
	return c, nil
}

// Suspend stops the order. The reason stays out of the timeline, where the engineer could read it.
func (o *Order) Suspend(s Step, reason string) (Change, error) {
	offered := o.State == Offered
	c, err := o.move(VerbSuspend, s)
	if err != nil {
		return c, err
	}
	if offered { // nobody can take it any more
		o.Released = false
	}
	o.HoldReason, c.Points = reason, HoldNoteZH+" / "+HoldNoteEN
	o.clearAppointment()
	return c, nil
}

// Resume lets it go on: with who had it and a new appointment, or, where kept says that the engineer is kept away from the household or
// nobody had it, with another engineer.
func (o *Order) Resume(s Step, note string, kept bool) (Change, error) {
	c, err := o.move(VerbResume, s)
	if err != nil {
		return c, err
	}
	o.HoldReason, c.Points = "", note
	if o.Engineer != "" && !kept {
		return c, nil
	}
	o.State = Created
	if o.Released {
		o.State = ProviderAccepted
	}
	c.To = o.State
	o.takeFrom(&c)
	return c, nil
}

// Transfer hands the order back to its owner; the provider loses sight of it.
func (o *Order) Transfer(s Step, reason string) (Change, error) {
	c, err := o.move(VerbTransfer, s)
	if err != nil {
		return c, err
	}
	c.Points = reason
	c.fact("servingOrg", o.ServingOrg)
	o.Released = false
	o.takeFrom(&c)
	o.clearAppointment()
	return c, nil
}

// takeFrom leaves the order without an engineer.
func (o *Order) takeFrom(c *Change) {
	c.Lost = o.Engineer
	c.fact("engineer", o.Engineer)
	o.Engineer, o.EngineerName, o.Reasons = "", "", nil
}

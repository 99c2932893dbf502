package plan

import (
	"math"
	"slices"
	"strconv"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// Points of a score: 100 plus the sum of these.
const (
	travelPoints   = 0.30 // lost per minute of the way to the job
	detourPoints   = 0.20 // lost per minute of travel added to the tour
	delayPoints    = 0.50 // lost per hour until the job can begin
	latePoints     = 10.0 // lost per hour beyond the promise
	overtimePoints = 5.0  // lost per hour of overtime
	preferPoints   = 5.0  // gained by a preferred engineer
	scarcePoints   = 0.5  // lost per halving of those who have the rarest skill that the job does not need
	loadPoints     = 2.0  // lost by an engineer booked for the whole shift
)

const (
	reasonTravel = iota
	reasonDetour
	reasonDelay
	reasonLate
	reasonOvertime
	reasonPreferred
	reasonScarce
	reasonLoad
	reasonPrice // of a batch
	reasonCount
)

var reasonCodes = [reasonCount]string{"TRAVEL", "DETOUR", "WAIT", "LATE", "OVERTIME", "PREFERRED", "SCARCE_SKILL", "WORKLOAD", "SKILL_PRICE"}

func perMinute(points float64, ticks, day int64) float64 {
	return points * float64(ticks) * 1440 / float64(day)
}

func perHour(points float64, ticks, day int64) float64 {
	return points * float64(ticks) * 24 / float64(day)
}

// atMost bounds the score of a gap from above by what is known before its exact check.
func (j *judge) atMost(begin int64, in int32) float64 {
	switch j.by {
	case byBegin:
		return -float64(begin)
	case byWay:
		return -float64(in)
	}
	return 100 - j.travelAt*float64(in) - j.delayAt*float64(max(begin-j.windows[0].From, 0))
}

// rate fills in the points of an option.
func (j *judge) rate(o *option, e *entry, tr *tour) {
	switch j.by {
	case byBegin:
		o.score = -float64(o.begin)
		return
	case byWay:
		o.score = -float64(o.in)
		return
	}
	v, day := &j.q.Visit, j.x.opt.Day
	o.points[reasonTravel] = -perMinute(travelPoints, o.in, day)
	o.points[reasonDetour] = -perMinute(detourPoints, o.added, day)
	o.points[reasonDelay] = -perHour(delayPoints, max(o.begin-j.windows[0].From, 0), day)
	if v.Promise != 0 {
		o.points[reasonLate] = -perHour(latePoints, max(o.begin-v.Promise, 0), day)
	}
	o.points[reasonOvertime] = -perHour(overtimePoints, o.overtime, day)
	for _, id := range v.Preferred {
		if id == e.who.ID {
			o.points[reasonPreferred] = preferPoints
		}
	}
	o.points[reasonScarce] = -scarcePoints * j.scarcity(e)
	o.points[reasonLoad] = -loadPoints * math.Min(1, float64(tr.busy)/float64(max(tr.over, 1)))
	o.score = 100
	for _, x := range o.points {
		o.score += x
	}
}

// scarcity is how often the engineers must be halved to be as few as those with his rarest skill that the job does not need.
func (j *judge) scarcity(e *entry) float64 {
	rarest := int64(j.people)
	for _, h := range e.holders {
		if n := h.Load(); n < rarest && !slices.Contains(j.needs[:j.needCount], h) {
			rarest = n
		}
	}
	if rarest >= int64(j.people) {
		return 0
	}
	return math.Log2(float64(j.people) / float64(max(rarest, 1)))
}

func needed(needs []model.Need, name string) bool {
	for _, n := range needs {
		if n.Name == name {
			return true
		}
	}
	return false
}

// reasons are the addends of a score; the way is told even when there is none.
func (j *judge) reasons(o *option, e *entry) []Reason {
	out := make([]Reason, 0, reasonCount)
	for i, points := range o.points {
		if points != 0 || i == reasonTravel {
			out = append(out, Reason{reasonCodes[i], math.Round(points*100)/100 + 0, j.because(i, o, e)}) // -0 + 0 is 0
		}
	}
	return out
}

func (j *judge) because(i int, o *option, e *entry) string {
	minutes := func(t int64) string { return strconv.FormatInt(t*1440/j.x.opt.Day, 10) }
	switch i {
	case reasonTravel:
		return j.say("%s min to the job", minutes(o.in))
	case reasonDetour:
		return j.say("adds %s min of travel to the tour", minutes(o.added))
	case reasonDelay:
		return j.say("can begin %s", j.x.opt.Format(o.begin))
	case reasonLate:
		return j.say("%s min after the promised %s", minutes(o.begin-j.q.Visit.Promise), j.x.opt.Format(j.q.Visit.Promise))
	case reasonOvertime:
		return j.say("%s min of overtime", minutes(o.overtime))
	case reasonPreferred:
		return j.say("preferred for this job")
	case reasonScarce:
		return j.say("has scarce skills that the job does not need")
	default:
		return j.say("booked for %s min of the shift", minutes(int64(e.tours[o.tour].busy)))
	}
}

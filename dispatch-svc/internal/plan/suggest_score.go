package plan

import (
	"fmt"
	"math"

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
	reasonCount
)

var reasonCodes = [reasonCount]string{"TRAVEL", "DETOUR", "WAIT", "LATE", "OVERTIME", "PREFERRED", "SCARCE_SKILL", "WORKLOAD"}

func perMinute(points float64, ticks, day int64) float64 {
	return points * float64(ticks) * 1440 / float64(day)
}

func perHour(points float64, ticks, day int64) float64 {
	return points * float64(ticks) * 24 / float64(day)
}

// atMost bounds the score of a gap from above by what is known before its exact check.
func (p *probe) atMost(begin int64, in int32) float64 {
	return 100 - perMinute(travelPoints, int64(in), p.x.opt.Day) - perHour(delayPoints, max(begin-p.windows[0].From, 0), p.x.opt.Day)
}

// rate fills in the points of an option.
func (p *probe) rate(o *option, tr *tour) {
	v, day := &p.q.Visit, p.x.opt.Day
	who := p.x.eng[o.eng].who
	o.points[reasonTravel] = -perMinute(travelPoints, o.in, day)
	o.points[reasonDetour] = -perMinute(detourPoints, o.added, day)
	o.points[reasonDelay] = -perHour(delayPoints, max(o.begin-p.windows[0].From, 0), day)
	if v.Promise != 0 {
		o.points[reasonLate] = -perHour(latePoints, max(o.begin-v.Promise, 0), day)
	}
	o.points[reasonOvertime] = -perHour(overtimePoints, o.overtime, day)
	for _, id := range v.Preferred {
		if id == who.ID {
			o.points[reasonPreferred] = preferPoints
		}
	}
	o.points[reasonScarce] = -scarcePoints * p.x.scarcity(who, v.Needs)
	o.points[reasonLoad] = -loadPoints * math.Min(1, float64(tr.busy)/float64(max(tr.over, 1)))
	o.score = 100
	for _, x := range o.points {
		o.score += x
	}
}

// scarcity is how often the engineers must be halved to be as few as those with his rarest skill that the job does not need.
func (x *Index) scarcity(who *model.Engineer, needs []model.Need) float64 {
	rarest := len(x.ids)
	for _, s := range who.Skills {
		if !needed(needs, s.Name) {
			rarest = min(rarest, x.holders[s.Name])
		}
	}
	return math.Log2(float64(max(len(x.ids), 1)) / float64(max(rarest, 1)))
}

func needed(needs []model.Need, name string) bool {
	for _, n := range needs {
		if n.Name == name {
			return true
		}
	}
	return false
}

func (p *probe) reasons(o *option, who *model.Engineer) []Reason {
	out := make([]Reason, 0, reasonCount)
	for i, points := range o.points {
		if points != 0 {
			out = append(out, Reason{reasonCodes[i], math.Round(points*100) / 100, p.because(i, o)})
		}
	}
	return out
}

func (p *probe) because(i int, o *option) string {
	minutes := func(t int64) int64 { return t * 1440 / p.x.opt.Day }
	switch i {
	case reasonTravel:
		return fmt.Sprintf("%d min to the job", minutes(o.in))
	case reasonDetour:
		return fmt.Sprintf("adds %d min of travel to the tour", minutes(o.added))
	case reasonDelay:
		return "can begin " + p.x.opt.Format(o.begin)
	case reasonLate:
		return fmt.Sprintf("%d min after the promised %s", minutes(o.begin-p.q.Visit.Promise), p.x.opt.Format(p.q.Visit.Promise))
	case reasonOvertime:
		return fmt.Sprintf("%d min of overtime", minutes(o.overtime))
	case reasonPreferred:
		return "preferred for this job"
	case reasonScarce:
		return "has scarce skills that the job does not need"
	default:
		return fmt.Sprintf("booked for %d min of the shift", minutes(int64(p.x.eng[o.eng].tours[o.tour].busy)))
	}
}

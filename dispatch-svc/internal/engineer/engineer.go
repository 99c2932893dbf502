package engineer

import (
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/geo"
)

// AnySkill in place of a skill's name stands for every skill.
const AnySkill = "*"

// Engineer is a person who does work orders.
type Engineer struct {
	ID     string // without "engineers/"
	User   string // "users/<id>"
	Name   string // for people
	Org    string // "organisations/<id>"
	Active bool
	Profile
}

// Profile is what an engineer can do, where and when; stored as one JSON document.
type Profile struct {
	Skills      []Skill   `json:",omitempty"`
	Territories []string  `json:",omitempty"` // division codes or their beginnings; empty: everywhere
	Home        geo.Point `json:",omitzero"`  // WGS-84
	Shifts      []Shift   `json:",omitempty"`
	Absences    []Absence `json:",omitempty"`
}

// Resource is the engineer's resource name.
func (e *Engineer) Resource() string { return "engineers/" + e.ID }

// Skill is an ability; Level 1 to 5. The zero Expires is never.
type Skill struct {
	Name    string
	Level   int
	Expires time.Time `json:",omitzero"`
}

// Shift is a regular working time in the installation's zone. Minutes count from midnight.
type Shift struct {
	Weekday    time.Weekday
	Start, End int
}

// Absence is a time away.
type Absence struct {
	Start, End time.Time
	Reason     string
}

// EveryDay is the same shift on all seven days.
func EveryDay(start, end int) []Shift {
	var s []Shift
	for d := time.Sunday; d <= time.Saturday; d++ {
		s = append(s, Shift{Weekday: d, Start: start, End: end})
	}
	return s
}

// Interval is a half-open piece of time.
type Interval struct{ Start, End time.Time }

// Working gives the pieces of working time that touch [from, to), day by day in the zone, with times away cut out.
func (e *Engineer) Working(from, to time.Time, zone *time.Location) []Interval {
	var out []Interval
	local := from.In(zone)
	// Yesterday's shift cannot reach over midnight, so the day of from is the first.
	for day := midnight(local, 0); day.Before(to); day = midnight(day, 1) {
		for _, s := range e.Shifts {
			if s.Weekday == day.Weekday() {
				out = append(out, e.present(Interval{clock(day, s.Start), clock(day, s.End)})...)
			}
		}
	}
	return slices.DeleteFunc(out, func(i Interval) bool { return !i.End.After(from) || !i.Start.Before(to) })
}

func midnight(t time.Time, plusDays int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+plusDays, 0, 0, 0, 0, t.Location())
}

// clock is a wall-clock time of the day, also where the clocks are changed that day.
func clock(day time.Time, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, day.Location())
}

// present cuts the times away out of a piece.
func (e *Engineer) present(whole Interval) []Interval {
	pieces := []Interval{whole}
	for _, a := range e.Absences {
		var rest []Interval
		for _, p := range pieces {
			rest = append(rest, p.without(a.Start, a.End)...)
		}
		pieces = rest
	}
	return pieces
}

func (i Interval) without(start, end time.Time) []Interval {
	if !start.Before(i.End) || !i.Start.Before(end) {
		return []Interval{i}
	}
	var rest []Interval
	if i.Start.Before(start) {
		rest = append(rest, Interval{i.Start, start})
	}
	if end.Before(i.End) {
		rest = append(rest, Interval{end, i.End})
	}
	return rest
}

// Covers says whether the engineer works in the region.
func (e *Engineer) Covers(region string) bool {
	return len(e.Territories) == 0 || slices.ContainsFunc(e.Territories, func(t string) bool { return strings.HasPrefix(region, t) })
}

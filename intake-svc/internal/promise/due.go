package promise

import (
	"time"

	"github.com/aftersales-suite/aftersales/platform/worktime"
)

// Run is a clock as it stands: everything that its due time follows from.
type Run struct {
	Clock    worktime.Clock
	Calendar string // id; "": day and night
	Warn     time.Duration
	Tiers    []Tier
}

// Due is what follows.
type Due struct {
	At       time.Time // zero while the clock stands
	Warn     time.Time // zero when no warning goes out, or the clock stands
	Tiers    []time.Time
	Left     time.Duration // while it stands
	Segments []worktime.Segment
	Warnings []worktime.Warning
}

// Compute tells when a clock is due, and the way to it. It can be asked again at any time and depends on nothing but the run and the book.
func (b *Book) Compute(r Run, now time.Time) Due {
	c := b.Calendar(r.Calendar)
	deadline, running, err := r.Clock.Deadline(c)
	if err != nil { // more working time than twenty years have: the calendar was emptied after the promise
		c = worktime.Always()
		deadline, running, _ = r.Clock.Deadline(c)
	}
	due := Due{Segments: deadline.Segments, Warnings: deadline.Warnings}
	if !running {
		due.Left = r.Clock.Remaining(c, now)
		return due
	}
	due.At = deadline.At
	if r.Warn > 0 && r.Warn < r.Clock.Budget {
		if warn, ok, err := r.Clock.WithBudget(r.Clock.Budget - r.Warn).Deadline(c); ok && err == nil {
			due.Warn = warn.At
		}
	}
	for _, t := range r.Tiers {
		at, err := c.Add(due.At, t.After)
		if err != nil {
			at.At = due.At.Add(t.After)
		}
		due.Tiers = append(due.Tiers, at.At)
	}
	return due
}

// Explain tells the way line by line in the zone of the calendar.
func (b *Book) Explain(calendar string, segments []worktime.Segment, warnings []worktime.Warning, locale string) []string {
	return worktime.Deadline{Segments: segments, Warnings: warnings}.Explain(b.zone(calendar), locale)
}

// zone is where a calendar's clock hangs on the wall; promises that run day and night are told in China's time.
func (b *Book) zone(calendar string) *time.Location {
	if c, ok := b.calendars[calendar]; ok {
		return c.Zone()
	}
	if zone, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		return zone
	}
	return time.UTC
}

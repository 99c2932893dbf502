package worktime

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Spec is a calendar as configuration: hours as "09:00-12:00", days of the week
// as mon … sun. A period does not cross midnight; a night shift is two periods,
// "22:00-24:00" and, on the day after, "00:00-06:00".
type Spec struct {
	Zone string              `json:"zone"`           // IANA name, e.g. Asia/Shanghai
	Week map[string][]string `json:"week"`           // hours by day of the week; a missing day is off
	Days map[string][]string `json:"days,omitempty"` // hours of single dates, empty: closed; over holidays
	// MakeUp are the hours of make-up working days; empty: those of Monday.
	MakeUp []string `json:"makeUp,omitempty"`
	// IgnoreHolidays is for those who work on them, e.g. a hotline.
	IgnoreHolidays bool `json:"ignoreHolidays,omitempty"`
}

// Calendar is a checked, unchangeable Spec with its holidays.
type Calendar struct {
	zone     *time.Location
	week     [7][]slot
	makeUp   []slot
	days     map[int64][]slot // single dates of the spec
	holidays *Holidays        // nil: none are kept
}

// slot is a part of a day with one reason; a day's slots cover it whole.
type slot struct {
	from, to int // seconds of the wall clock's day
	kind     Kind
	zh, en   string // name of the holiday
}

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
	"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

// New makes a calendar. It names everything that is wrong with the spec.
func New(spec Spec, holidays *Holidays) (*Calendar, error) {
	zone, err := time.LoadLocation(spec.Zone)
	if err != nil || spec.Zone == "" {
		return nil, fmt.Errorf("worktime: zone %q is unknown", spec.Zone)
	}
	c := &Calendar{zone: zone, days: make(map[int64][]slot)}
	if !spec.IgnoreHolidays {
		c.holidays = holidays
	}
	if err := errors.Join(c.setWeek(spec.Week), c.setDays(spec.Days), c.setMakeUp(spec.MakeUp)); err != nil {
		return nil, fmt.Errorf("worktime: %w", err)
	}
	return c, nil
}

// Always is the calendar of clocks that run day and night: the law's, a
// platform's, a promise in plain hours.
func Always() *Calendar {
	c := &Calendar{zone: time.UTC, days: map[int64][]slot{}}
	for day := range c.week {
		c.week[day] = []slot{{from: 0, to: daySeconds, kind: Working}}
	}
	return c
}

func (c *Calendar) setWeek(week map[string][]string) error {
	var errs []error
	for day := range c.week {
		c.week[day] = dayOff
	}
	for name, hours := range week {
		day, ok := weekdays[name]
		if !ok {
			errs = append(errs, fmt.Errorf("week: %q is not one of mon … sun", name))
			continue
		}
		slots, err := parseHours(hours, DayOff)
		c.week[day] = slots
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (c *Calendar) setDays(days map[string][]string) error {
	var errs []error
	for date, hours := range days {
		day, err := parseDay(date)
		slots, errHours := parseHours(hours, Closed)
		c.days[day] = slots
		errs = append(errs, err, errHours)
	}
	return errors.Join(errs...)
}

func (c *Calendar) setMakeUp(hours []string) (err error) {
	c.makeUp = c.week[time.Monday]
	if len(hours) > 0 {
		c.makeUp, err = parseHours(hours, DayOff)
	}
	return err
}

var dayOff = []slot{{from: 0, to: daySeconds, kind: DayOff}}

// parseHours makes a day's slots; without hours the day is whole of kind empty.
func parseHours(hours []string, empty Kind) ([]slot, error) {
	if len(hours) == 0 {
		return []slot{{from: 0, to: daySeconds, kind: empty}}, nil
	}
	periods := make([]slot, len(hours))
	for i, text := range hours {
		p, err := parsePeriod(text)
		if err != nil {
			return nil, err
		}
		periods[i] = p
	}
	slices.SortFunc(periods, func(a, b slot) int { return a.from - b.from })
	return fillDay(periods)
}

// fillDay puts the reasons of the time between periods.
func fillDay(periods []slot) ([]slot, error) {
	var slots []slot
	at, kind := 0, OutsideHours
	for _, p := range periods {
		if p.from < at {
			return nil, fmt.Errorf("periods overlap at %s", clockText(p.from))
		}
		if p.from > at {
			slots = append(slots, slot{from: at, to: p.from, kind: kind})
		}
		slots = append(slots, p)
		at, kind = p.to, Break
	}
	if at < daySeconds {
		slots = append(slots, slot{from: at, to: daySeconds, kind: OutsideHours})
	}
	return slots, nil
}

func parsePeriod(text string) (slot, error) {
	a, b, ok := strings.Cut(text, "-")
	from, errFrom := parseClock(a)
	to, errTo := parseClock(b)
	if !ok || errFrom != nil || errTo != nil || from >= to {
		return slot{}, fmt.Errorf("%q is not a period such as 09:00-12:00 within one day", text)
	}
	return slot{from: from, to: to, kind: Working}, nil
}

func parseClock(text string) (seconds int, err error) {
	if strings.TrimSpace(text) == "24:00" {
		return daySeconds, nil
	}
	t, err := time.Parse("15:04", strings.TrimSpace(text))
	return t.Hour()*3600 + t.Minute()*60, err
}

func clockText(seconds int) string { return fmt.Sprintf("%02d:%02d", seconds/3600, seconds/60%60) }

// slotsOf gives the parts of a date: its own hours, else the holiday's, else the
// week's.
func (c *Calendar) slotsOf(day int64) []slot {
	if own, ok := c.days[day]; ok {
		return own
	}
	if c.holidays != nil {
		if s, ok := c.holidays.days[day]; ok {
			return c.specialSlots(s)
		}
	}
	return c.week[weekday(day)]
}

func (c *Calendar) specialSlots(s special) []slot {
	if !s.work {
		return []slot{{from: 0, to: daySeconds, kind: Holiday, zh: s.zh, en: s.en}}
	}
	named := slices.Clone(c.makeUp)
	for i := range named {
		if named[i].kind == Working {
			named[i].zh, named[i].en = s.zh, s.en
		}
	}
	return named
}

// MissingYears are this and the next year as far as their holidays are not known:
// somebody should import them. By November the next year's notice is out.
func (c *Calendar) MissingYears(now time.Time) (years []int) {
	year := now.In(c.zone).Year()
	for _, y := range []int{year, year + 1} {
		if c.unknownYear(y) {
			years = append(years, y)
		}
	}
	return years
}

func (c *Calendar) unknownYear(year int) bool { return c.holidays != nil && !c.holidays.years[year] }

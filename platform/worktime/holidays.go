package worktime

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

//go:embed data/CN.csv
var chinaCSV []byte

// maxHolidayDays bounds one row of an import; the longest holiday has ten days.
const maxHolidayDays = 31

// special is a day that does not follow the week.
type special struct {
	work   bool // a make-up working day
	zh, en string
}

// Holidays are the days off and the make-up working days of a region, for the
// years that are known.
type Holidays struct {
	days  map[int64]special // by day number
	years map[int]bool
}

// China gives the holidays of mainland China that this build knows.
func China() *Holidays {
	h, err := ParseHolidays(bytes.NewReader(chinaCSV))
	if err != nil {
		panic("worktime: embedded holidays: " + err.Error()) // a test reads them
	}
	return h
}

// ParseHolidays reads the form of data/CN.csv: kind (off or work), first and last
// day, name in Chinese and in English. A year counts as known when a row is in it.
func ParseHolidays(r io.Reader) (*Holidays, error) {
	rows := csv.NewReader(r)
	rows.Comment, rows.FieldsPerRecord, rows.TrimLeadingSpace = '#', 5, true
	h := &Holidays{days: map[int64]special{}, years: map[int]bool{}}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return h, nil
		}
		if err != nil {
			return nil, fmt.Errorf("worktime: holidays: %w", err)
		}
		if err := h.add(row); err != nil {
			line, _ := rows.FieldPos(0)
			return nil, fmt.Errorf("worktime: holidays: line %d: %w", line, err)
		}
	}
}

func (h *Holidays) add(row []string) error {
	if row[0] != "off" && row[0] != "work" {
		return fmt.Errorf("kind %q is neither off nor work", row[0])
	}
	from, errFrom := parseDay(row[1])
	to, errTo := parseDay(row[2])
	if err := errors.Join(errFrom, errTo); err != nil {
		return err
	}
	if to < from || to-from >= maxHolidayDays {
		return fmt.Errorf("%s to %s is not a holiday's span", row[1], row[2])
	}
	for day := from; day <= to; day++ {
		if _, twice := h.days[day]; twice {
			return fmt.Errorf("%s is named twice", dayText(day))
		}
		h.days[day] = special{work: row[0] == "work", zh: row[3], en: row[4]}
		h.years[yearOf(day)] = true
	}
	return nil
}

// Merge gives the holidays of both; a year in newer replaces that year.
func (h *Holidays) Merge(newer *Holidays) *Holidays {
	merged := &Holidays{days: maps.Clone(newer.days), years: maps.Clone(newer.years)}
	for day, s := range h.days {
		if !newer.years[yearOf(day)] {
			merged.days[day] = s
			merged.years[yearOf(day)] = true
		}
	}
	return merged
}

// Known reports whether the notice of a year has been imported.
func (h *Holidays) Known(year int) bool { return h.years[year] }

// Len is the number of days.
func (h *Holidays) Len() int { return len(h.days) }

// Span is a stretch of days of one name.
type Span struct {
	First, Last string // YYYY-MM-DD
	Work        bool   // make-up working days
	ZH, EN      string
}

// Spans are the days of a year, in order; neighbours of one name are one span.
func (h *Holidays) Spans(year int) (spans []Span) {
	days := slices.Sorted(maps.Keys(h.days))
	last := int64(0)
	for _, day := range days {
		s := h.days[day]
		if yearOf(day) != year {
			continue
		}
		n := len(spans)
		if n > 0 && last == day-1 && spans[n-1].ZH == s.zh && spans[n-1].Work == s.work {
			spans[n-1].Last = dayText(day)
		} else {
			spans = append(spans, Span{First: dayText(day), Last: dayText(day), Work: s.work, ZH: s.zh, EN: s.en})
		}
		last = day
	}
	return spans
}

// Days are numbered from 1970-01-01, which is day 0, as the wall clock has them.
const daySeconds = 24 * 60 * 60

func parseDay(text string) (int64, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a date (YYYY-MM-DD)", text)
	}
	return t.Unix() / daySeconds, nil
}

func dayTime(day int64) time.Time    { return time.Unix(day*daySeconds, 0).UTC() }
func dayText(day int64) string       { return dayTime(day).Format(time.DateOnly) }
func yearOf(day int64) int           { return dayTime(day).Year() }
func weekday(day int64) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) } // day 0 was a Thursday

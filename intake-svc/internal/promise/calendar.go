package promise

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/platform/worktime"
)

// Calendar is a working calendar as configuration.
type Calendar struct {
	ID               string
	Org              string // "": general
	LabelZH, LabelEN string
	Region           string // whose holidays it follows; "": none
	Spec             worktime.Spec
	Version          int64
	Updated          time.Time
}

// HolidaySpan is a row of a yearly notice: days off, or make-up working days.
type HolidaySpan struct {
	Region      string
	First, Last string // YYYY-MM-DD
	MakeUp      bool
	ZH, EN      string
}

// errNever is a calendar by which nothing is ever due.
var errNever = errors.New("promise: the calendar has no working time")

// Build checks the calendar and makes it usable.
func (c *Calendar) Build(holidays *worktime.Holidays, now time.Time) (*worktime.Calendar, error) {
	spec := c.Spec
	spec.IgnoreHolidays = spec.IgnoreHolidays || c.Region == ""
	built, err := worktime.New(spec, holidays)
	if err != nil {
		return nil, err
	}
	if _, err := built.Next(now); err != nil {
		return nil, errNever
	}
	return built, nil
}

// ReadHolidays makes the spans of one region usable. Days that are named twice, or in a wrong form, are refused.
func ReadHolidays(spans []HolidaySpan) (*worktime.Holidays, error) {
	var csv strings.Builder
	for _, s := range spans {
		kind := "off"
		if s.MakeUp {
			kind = "work"
		}
		fmt.Fprintf(&csv, "%s,%s,%s,%s,%s\n", kind, s.First, s.Last, field(s.ZH), field(s.EN))
	}
	return worktime.ParseHolidays(strings.NewReader(csv.String()))
}

// field quotes a name for the form that worktime reads.
func field(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// China is the region whose holidays are shipped.
const China = "CN"

// shippedHolidays gives the holidays of a region that this build knows; none for a region it does not know.
func shippedHolidays(region string) *worktime.Holidays {
	if region == China {
		return worktime.China()
	}
	none, err := worktime.ParseHolidays(strings.NewReader(""))
	if err != nil {
		panic("promise: an empty list of holidays: " + err.Error()) // cannot be
	}
	return none
}

package entitlement

import "time"

// Date is a civil day, as days since 1970-01-01; the zero Date is "not known".
type Date int32

const secondsOfDay = 24 * 60 * 60

// layout of dates, as the API writes them.
const layout = "2006-01-02"

// ParseDate reads YYYY-MM-DD; "" and what is no day are the zero Date.
func ParseDate(text string) Date {
	t, err := time.Parse(layout, text)
	if err != nil {
		return 0
	}
	return day(t)
}

// DateOf is the local day of a time.
func DateOf(at time.Time, zone *time.Location) Date {
	if at.IsZero() {
		return 0
	}
	y, m, d := at.In(zone).Date()
	return day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
}

func day(t time.Time) Date { return Date(t.Unix() / secondsOfDay) }

func (d Date) time() time.Time { return time.Unix(int64(d)*secondsOfDay, 0).UTC() }

// String is YYYY-MM-DD, "" when not known.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.time().Format(layout)
}

// addMonths is the same day so many months later; where that month is shorter, its last day.
func (d Date) addMonths(months int) Date {
	t := d.time()
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return day(first.AddDate(0, 0, min(t.Day(), last)-1))
}

package figures

import "time"

// MonthMark stands before YYYY-MM in the day of a month's sum. It is behind every digit, so that no run of days meets a month.
const MonthMark = "M"

const monthWidth = len("2006-01")

// Month is the key of the month of a day.
func Month(day string) string { return MonthMark + day[:monthWidth] }

// Run is a stretch of days, or of months, both ends included, as their keys are.
type Run struct {
	From, To string
	Months   bool
}

// Span is which sums answer a stretch of days: whole months by their own sums, the days before and behind one by one. So a year costs
// little more than a month, however many cases there are.
type Span struct {
	Head, Months, Tail Run
}

// Runs are the parts that there are.
func (s Span) Runs() (runs []Run) {
	for _, r := range []Run{s.Head, s.Months, s.Tail} {
		if r.From != "" {
			runs = append(runs, r)
		}
	}
	return runs
}

// Days is a span of single days: where days are asked for.
func Days(from, to time.Time) Span { return Span{Head: days(from, to)} }

// Months is a span of months where they are whole, and of days. Nothing is registered behind today, so that its month counts as whole.
func Months(from, to, today time.Time) Span {
	first, behind := monthOf(from), monthOf(to).AddDate(0, 1, 0)
	if !first.Equal(from) {
		first = first.AddDate(0, 1, 0)
	}
	if to.Before(behind.AddDate(0, 0, -1)) && to.Before(today) {
		behind = monthOf(to)
	}
	if !first.Before(behind) {
		return Days(from, to)
	}
	return Span{
		Head:   days(from, first.AddDate(0, 0, -1)),
		Months: Run{Month(first.Format(time.DateOnly)), Month(behind.AddDate(0, 0, -1).Format(time.DateOnly)), true},
		Tail:   days(behind, to),
	}
}

func days(from, to time.Time) Run {
	if from.After(to) {
		return Run{}
	}
	return Run{From: from.Format(time.DateOnly), To: to.Format(time.DateOnly)}
}

func monthOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, day.Location())
}

const (
	oldest  = 31 // days: the last class of ages begins behind it
	forever = 2000
)

// Ages is the span of everything open: days as long as their class of age may differ, months behind.
func Ages(today time.Time) Span {
	begin := monthOf(today.AddDate(0, 0, -oldest-1))
	long := time.Date(forever, 1, 1, 0, 0, 0, 0, today.Location())
	return Span{
		Months: Run{Month(long.Format(time.DateOnly)), Month(begin.AddDate(0, 0, -1).Format(time.DateOnly)), true},
		Tail:   days(begin, today),
	}
}

// AgeClass is a class of ages: of cases registered from a day on that are in no younger class.
type AgeClass struct{ From, Name string }

// OldestClass is behind all others.
const OldestClass = "31+"

// AgeClasses are the classes, the youngest first; all else is OldestClass.
func AgeClasses(today time.Time) (classes []AgeClass) {
	for _, c := range []struct {
		days int
		name string
	}{{1, "0-1"}, {3, "2-3"}, {7, "4-7"}, {15, "8-15"}, {30, "16-30"}} { //nolint:mnd // classes of age in days
		classes = append(classes, AgeClass{today.AddDate(0, 0, -c.days).Format(time.DateOnly), c.name})
	}
	return classes
}

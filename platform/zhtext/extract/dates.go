package extract

import (
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// relative words, longest first where one begins like another, with the days before today.
var relative = []struct {
	word string
	days int
}{
	{"大前天", 3}, {"前天", 2}, {"昨天", 1}, {"昨日", 1}, {"昨晚", 1}, {"今天", 0}, {"今日", 0}, {"今早", 0}, {"今晚", 0},
	{"明天", -1}, {"后天", -2},
}

// dates finds calendar dates and days told relative to now.
func dates(t *normalize.Text, now time.Time) []found {
	var all []found
	for i := 0; i < len(t.Runes); i++ {
		day, end, why := dateAt(t, i, now)
		if end <= i {
			continue
		}
		f := Finding{Kind: Date, Code: "DAY", Value: day.Format(time.DateOnly), ZH: "日期", EN: "Date", Why: why}
		all = append(all, found{f, i, end})
		i = end - 1
	}
	return all
}

func dateAt(t *normalize.Text, i int, now time.Time) (time.Time, int, string) {
	if day, end := relativeDay(t, i, now); end > i {
		return day, end, "相对日期，按收到之日推算"
	}
	if day, end := daysAgo(t, i, now); end > i {
		return day, end, "相对日期，按收到之日推算"
	}
	if isDigit(t.At(i-1)) || t.At(i-1) == '-' || !isDigit(t.At(i)) {
		return now, i, ""
	}
	day, end := calendarDay(t, i, now)
	return day, end, "日期写法"
}

func relativeDay(t *normalize.Text, i int, now time.Time) (time.Time, int) {
	rest := t.Runes[i:min(len(t.Runes), i+3)]
	for _, r := range relative {
		if strings.HasPrefix(string(rest), r.word) {
			return now.AddDate(0, 0, -r.days), i + len([]rune(r.word))
		}
	}
	return now, i
}

// daysAgo reads 3天前, 两周前, 一个月前, 半个月前.
func daysAgo(t *normalize.Text, i int, now time.Time) (time.Time, int) {
	if strings.HasPrefix(string(t.Runes[i:min(len(t.Runes), i+4)]), "半个月前") {
		return now.AddDate(0, 0, -15), i + 4
	}
	if t.At(i) == '第' || t.At(i-1) == '第' {
		return now, i
	}
	n, end := number(t.Runes, i)
	if end == i || n <= 0 || n > 5000*100 {
		return now, i
	}
	rest := string(t.Runes[end:min(len(t.Runes), end+4)])
	count := int(n / 100)
	for unit, move := range map[string][3]int{"天前": {0, 0, 1}, "天以前": {0, 0, 1}, "周前": {0, 0, 7}, "个星期前": {0, 0, 7}, "个月前": {0, 1, 0}, "年前": {1, 0, 0}} {
		if strings.HasPrefix(rest, unit) {
			return now.AddDate(-count*move[0], -count*move[1], -count*move[2]), end + len([]rune(unit))
		}
	}
	return now, i
}

// calendarDay reads 2026年3月1日, 2026-3-1, 2026/03/01, 2026.3.1, 3月1日, 3月1号. A day without a year is the last such day.
func calendarDay(t *normalize.Text, i int, now time.Time) (time.Time, int) {
	first, j := integer(t, i)
	if j-i == 4 && first >= 1990 && first <= 2100 && isOneOf(t.At(j), "年-/.") {
		month, k := integer(t, j+1)
		if k == j+1 || !isOneOf(t.At(k), "月-/.") {
			return now, i
		}
		day, l := integer(t, k+1)
		if l == k+1 {
			return now, i
		}
		return checked(first, month, day, skipDay(t, l), i, now)
	}
	if t.At(j) != '月' || j-i > 2 {
		return now, i
	}
	day, l := integer(t, j+1)
	if l == j+1 || !isOneOf(t.At(l), "日号") {
		return now, i
	}
	d, end := checked(now.Year(), first, day, l+1, i, now)
	if d.After(now) {
		d = d.AddDate(-1, 0, 0)
	}
	return d, end
}

func checked(year, month, day, end, start int, now time.Time) (time.Time, int) {
	d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, now.Location())
	if month < 1 || month > 12 || day < 1 || d.Day() != day {
		return now, start
	}
	return d, end
}

func skipDay(t *normalize.Text, i int) int {
	if isOneOf(t.At(i), "日号") {
		return i + 1
	}
	return i
}

func isOneOf(r rune, set string) bool { return r != 0 && strings.ContainsRune(set, r) }

// integer reads at most four digits.
func integer(t *normalize.Text, i int) (value, end int) {
	for end = i; isDigit(t.At(end)) && end-i < 4; end++ {
		value = value*10 + int(t.At(end)-'0')
	}
	if isDigit(t.At(end)) {
		return 0, i
	}
	return value, end
}

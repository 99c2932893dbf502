package worktime

import (
	"fmt"
	"time"
)

// Kind is why time counts or does not.
type Kind string

// Kinds of segments.
const (
	Working      Kind = "WORKING"
	Break        Kind = "BREAK"         // between two periods of a day
	OutsideHours Kind = "OUTSIDE_HOURS" // before the first or after the last period
	DayOff       Kind = "DAY_OFF"       // by the week
	Holiday      Kind = "HOLIDAY"
	Closed       Kind = "CLOSED" // a single date of the calendar
	Paused       Kind = "PAUSED" // of a Clock, with the reason
)

var kindTexts = map[Kind][2]string{
	Working: {"工作时间", "working time"}, Break: {"休息", "break"}, OutsideHours: {"非工作时段", "outside hours"},
	DayOff: {"休息日", "day off"}, Holiday: {"节假日", "holiday"}, Closed: {"停业", "closed"}, Paused: {"计时暂停", "clock paused"},
}

// Segment is a stretch of time with one reason.
type Segment struct {
	From, To time.Time // UTC
	Kind     Kind
	ZH, EN   string // name of the holiday or make-up day, or the reason of the pause
}

// Working is the time that counts.
func (s Segment) Working() time.Duration {
	if s.Kind == Working {
		return s.To.Sub(s.From)
	}
	return 0
}

// Text tells the segment in the calendar's zone, in zh-CN or else in English.
func (s Segment) Text(zone *time.Location, locale string) string {
	texts, name, counted := kindTexts[s.Kind], s.EN, ", counts "
	text := texts[1]
	if locale == "zh-CN" {
		text, name, counted = texts[0], s.ZH, ",计 "
	}
	from, to := s.From.In(zone), s.To.In(zone)
	until := to.Format("15:04")
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		until = to.Format("01-02 15:04")
	}
	line := fmt.Sprintf("%s–%s %s", from.Format("2006-01-02 15:04"), until, text)
	if name != "" {
		line += "(" + name + ")"
	}
	if s.Kind == Working {
		line += counted + durationText(s.Working(), locale)
	}
	return line
}

func durationText(d time.Duration, locale string) string {
	hours, minutes, seconds := int(d/time.Hour), int(d/time.Minute)%60, int(d/time.Second)%60
	units := [3]string{" h ", " min ", " s "}
	if locale == "zh-CN" {
		units = [3]string{" 小时 ", " 分钟 ", " 秒 "}
	}
	text := ""
	for i, n := range [3]int{hours, minutes, seconds} {
		if n > 0 || (i == 2 && text == "") {
			text += fmt.Sprint(n) + units[i]
		}
	}
	return text[:len(text)-1]
}

// Warning says what an answer could not know.
type Warning struct {
	Year int // holidays of this year have not been imported
}

// Text tells the warning in zh-CN or else in English.
func (w Warning) Text(locale string) string {
	if locale == "zh-CN" {
		return fmt.Sprintf("尚未导入 %d 年的节假日安排,结果可能不准确", w.Year)
	}
	return fmt.Sprintf("the holidays of %d have not been imported; the result may be wrong", w.Year)
}

// Explain tells the way to the deadline line by line, warnings last.
func (d Deadline) Explain(zone *time.Location, locale string) []string {
	var lines []string
	for _, s := range d.Segments {
		lines = append(lines, s.Text(zone, locale))
	}
	for _, w := range d.Warnings {
		lines = append(lines, w.Text(locale))
	}
	return lines
}

// Zone is where the calendar's wall clock hangs.
func (c *Calendar) Zone() *time.Location { return c.zone }

// trace collects segments, joining neighbours of one reason.
type trace struct {
	zone     *time.Location
	at       time.Time
	segments []Segment
}

func (t *trace) append(s Segment) {
	t.at = s.To
	if n := len(t.segments); n > 0 {
		last := &t.segments[n-1]
		if last.Kind == s.Kind && last.ZH == s.ZH && last.To.Equal(s.From) {
			last.To = s.To
			return
		}
	}
	t.segments = append(t.segments, s)
}

// endWorking cuts off what follows the last working time, down to start.
func (t *trace) endWorking(start time.Time) {
	n := len(t.segments)
	for n > 0 && t.segments[n-1].Kind != Working {
		n--
	}
	t.segments, t.at = t.segments[:n], start
	if n > 0 {
		t.at = t.segments[n-1].To
	}
}

func (t *trace) deadline(c *Calendar) Deadline {
	d := Deadline{At: t.at, Segments: t.segments}
	if len(t.segments) == 0 {
		return d
	}
	first, last := t.segments[0].From.In(t.zone).Year(), t.at.In(t.zone).Year()
	for year := first; year <= last; year++ {
		if c.unknownYear(year) {
			d.Warnings = append(d.Warnings, Warning{Year: year})
		}
	}
	return d
}

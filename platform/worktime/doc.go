// Package worktime counts working time: working calendars with breaks, split
// shifts, holidays and make-up working days (调休) as data, in any time zone, and
// clocks of promises that pause (R192, issue 3 item 7).
//
// One rule defines everything: an instant is working when the wall clock of the
// calendar's zone shows a time inside a period of that wall clock's date. Days of
// 23 or 25 hours, skipped and repeated hours follow from it without special
// cases, and a test steps through the minutes to check that they do.
//
// Add gives the earliest instant at which the asked working time has passed: what
// ends with the day's last minute is due at closing, not on the next morning.
// Every answer comes as segments that cover the time from start to end with the
// reason of each, so that a due time can be told line by line and computed again.
//
//	due, err := calendar.Add(fridayAt1750, time.Hour) // 9-12, 13:30-18
//	due.At                                           // Monday 09:50
//	due.Explain("zh-CN")                             // 11-20 17:50–18:00 工作时间,计 10 分钟 …
//
// Holidays of a year that nobody has imported are not guessed: the answer then
// carries a warning that names the year.
package worktime

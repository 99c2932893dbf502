// Package promise is what is promised in time, pure: policies as data that say how long something may take in which matter, the
// calendars they run by, and the due time that follows, with the way to it (R190-R198).
//
// Of the policies that fit a matter the most specific one holds: an organisation's own before a general one, then more conditions
// before fewer, then class before urgency before channel before kind. Why it holds is told in words.
//
// Policies, calendars and holidays are rows; a Book is a checked copy of them, a Table keeps the current Book for everybody.
package promise

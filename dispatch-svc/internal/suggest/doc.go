// Package suggest keeps the planner's index of engineers up to date with the store and asks it who could do an order (R133, R145).
//
// There is one index an organisation: counts of those who cannot must not tell anything about another organisation's staff. An index
// holds the working hours and bookings of the next days; engineers who changed are read again before each question, from a minute
// before the last question, because changes do not commit in the order of their times: one query when nothing changed, two when something did. It is rebuilt every midnight, and when an
// order names a skill or a region that was not known before: engineers who can do everything, and territories given by the beginnings
// of codes, are spelt out in the index.
package suggest

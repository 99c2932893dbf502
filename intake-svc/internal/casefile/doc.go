// Package casefile is the case and its rules, pure: no SQL, no gRPC, no clock of its own. A method checks who may do it, the
// state and the gates, changes the case, and answers what follows from it: entries for the timeline, facts for the other
// services, tasks to be done outside. A refused method changes nothing.
//
//	                +---------------- resolveNow (ENQUIRY, FEEDBACK) -------------------------------+
//	                |                                                                                v
//	RECEIVED -> ACCEPTED -> UNDER_INVESTIGATION -> SOLUTION_PROPOSED -> SOLUTION_AGREED -> IN_SERVICE -> RESOLVED -> CLOSED -> ARCHIVED
//	                |              ^                 |  ^  |  ^             |                |  |        |  |          |          |
//	                |              |                 +--+  |  +-------------|----------------+  |        |  |          |          |
//	                |              |           declineSolution             |  serviceFailed     |        |  +----------+----------+
//	                |              |                                       +- measures done ----+--------+             |
//	                +-> IN_SERVICE (SERVICE_REQUEST)                           without a visit                          |
//	                               +------------------------------ reopen: the next round (complaint) -----------------+
//
//	withdraw: from every open state -> WITHDRAWN.   reopen of the other kinds -> ACCEPTED.
//	close on basis NO_REPLY: also from ACCEPTED, UNDER_INVESTIGATION and SOLUTION_PROPOSED.
//
// Clocks (clocks.go) are what was promised, and what others set. A promise follows the policy that fits the case (package promise): it pauses
// while a flag or state holds that its policy lists (pause.go: settlePauses, called by whoever raises or takes such a flag), and is computed
// anew on pause, resume, another class or urgency, and reopening. External clocks never pause. Overdue (overdue.go) warns, finds what was
// missed and climbs the ladder of escalation, each once, however late it comes; the store keeps a row for each clock and finds what is due.
//
// The one table of transitions is in rules.go; a test walks every (kind, state, verb, role).
package casefile

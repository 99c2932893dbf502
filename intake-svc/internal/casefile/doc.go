// Package casefile is the case and its rules, pure: no SQL, no gRPC, no clock of its own. A method checks who may do it, the
// state and the gates, changes the case, and answers what follows from it: entries for the timeline, facts for the other
// services, tasks to be done outside. A refused method changes nothing.
//
//	                +------------ resolveNow (ENQUIRY, FEEDBACK) -----------------------------------------+
//	                |              +---- settle (a small matter, within authority) ----+                  |
//	                |              |                                                   v                  v
//	RECEIVED -> ACCEPTED -> UNDER_INVESTIGATION -> SOLUTION_PROPOSED -> SOLUTION_AGREED -> IN_SERVICE -> RESOLVED -> CLOSED -> ARCHIVED
//	                |              ^                 |  ^  |  ^             |                |  |        |  |          |          |
//	                |              |                 +--+  |  +-------------|----------------+  |        |  |          |          |
//	                |              |           declineSolution             |   failService      |        |  +----------+----------+
//	                |              |                                       +- finishMeasures ---+--------+             |
//	                +-> IN_SERVICE (SERVICE_REQUEST)                           without a visit                          |
//	                               +------------------------------ reopen: the next round (complaint) -----------------+
//
// What moves a case, and between which states:
//
//	accept                 RECEIVED -> ACCEPTED
//	startInvestigation     ACCEPTED -> UNDER_INVESTIGATION
//	proposeSolution        UNDER_INVESTIGATION (SERVICE_REQUEST: ACCEPTED), SOLUTION_PROPOSED -> SOLUTION_PROPOSED
//	agreeSolution          SOLUTION_PROPOSED -> SOLUTION_AGREED
//	settle                 ACCEPTED, UNDER_INVESTIGATION -> SOLUTION_AGREED, and by itself -> RESOLVED
//	startService           SOLUTION_AGREED (SERVICE_REQUEST: ACCEPTED) -> IN_SERVICE, by the suite when the work order is there
//	failService            SOLUTION_AGREED, IN_SERVICE -> SOLUTION_PROPOSED, by the suite
//	finishMeasures         SOLUTION_AGREED, IN_SERVICE -> RESOLVED, by the suite when every measure is done
//	resolveNow             RECEIVED, ACCEPTED -> RESOLVED (ENQUIRY, FEEDBACK)
//	close                  RESOLVED -> CLOSED; closeByPolicy, closeByAnswer: the same by the suite
//	closeNoReply           ACCEPTED, UNDER_INVESTIGATION, SOLUTION_PROPOSED, RESOLVED -> CLOSED
//	closeAnonymous         UNDER_INVESTIGATION, SOLUTION_PROPOSED, RESOLVED -> CLOSED; closeExhausted: the same, two approvers
//	archive                CLOSED -> ARCHIVED
//	reopen                 RESOLVED, CLOSED, ARCHIVED -> UNDER_INVESTIGATION (complaint), ACCEPTED (others)
//	withdraw, merge        every open state -> WITHDRAWN, MERGED
//	reject                 every state before IN_SERVICE -> REJECTED
//	recordPlatformDecision every open state -> RESOLVED: the platform has decided
//
// What keeps the state, in the states that the table names:
//
//	first contact          requestInfo supplement apologise decideGuidance registerDevice receive contact addEvidence
//	classification         regrade link flagRisk
//	investigation          assignInvestigator investigationRecord concludeInvestigation orderInspection issueDecisionNotice
//	solution               declineSolution sendConsentCode approveSolution refuseSolution confirmMeasure recordPlatformRefund
//	promises               pauseClocks resumeClocks changeUrgency setDeadline urge tellNews approveReply recordReply
//	closing                requestClose reviewClosing
//	hazards                raiseHazard acknowledgeHazard clearHazard
//	confidentiality        setConfidentiality revealContact releaseIdentity withdrawIdentity recordAuthorisation
//	parties, organisations addConcernedParty removeConcernedParty transfer acceptTransfer returnTransfer
//	products, incidents    setItemOutcome split joinIncident
//	retention              setRetention holdRetention releaseRetention erase; after erase nothing more is possible
//
// Clocks (clocks.go) are what was promised, and what others set. A promise follows the policy that fits the case (package promise): it pauses
// while a flag or state holds that its policy lists (pause.go: settlePauses, called by whoever raises or takes such a flag), and is computed
// anew on pause, resume, another class or urgency, and reopening. External clocks never pause. Overdue (overdue.go) warns, finds what was
// missed and climbs the ladder of escalation, each once, however late it comes; the store keeps a row for each clock and finds what is due.
//
// The one table of transitions is in rules.go; a test walks every (kind, state, verb, role), and another finds every verb in the table, in the
// walk and in this drawing.
package casefile

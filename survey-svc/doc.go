// Package survey is the survey service: it asks customers how it went, a person calls them a week and a month later, and
// the answers become figures (R169-R177, R218, R223, R228-R230, R232, R264).
//
// Promises
//   - One invitation per (case, round, purpose), however often intake asks.
//   - An answer is kept once: a repeat answers the same; other content is a new revision within the amendment window and
//     refused later; earlier revisions stay.
//   - The answer, the end of its call-back and the events for intake and gateway commit together.
//   - Messages leave outside transactions; each attempt is a row before it happens. A crash costs a repeat with the same
//     message id, never a lost or unrecorded message.
//   - Nobody calls the customer of a case they handled; one person calls at a time.
//   - Rows are visible to the owning organisation and the serving one they were released to; a PROTECTED complainant is
//     hidden from the latter, a RESTRICTED case from all but its handlers. Contacts are masked, except to who is calling.
//   - Every figure says of how many customers it speaks.
//
// The life of an invitation is drawn in internal/survey, that of a call-back in internal/callback.
//
//	intake --CreateInvitation--> [invitations] --due--> driver --link--> customer --:respond--> [responses] --outbox--> intake, gateway
//	                             [call_backs]  --due--> caller --:recordAttempt-----------------^
//	intake --case events-------> [case_copies] cancels what the case's course makes pointless
//
// # Folders
//
//	internal/survey    invitations, answers, questionnaires: rules
//	internal/callback  tasks to call a customer: rules
//	internal/report    arithmetic of the figures
//	internal/store     rows, visibility, sealing; one SQL text for both engines
//	internal/jobs      messages and sweeps
//	internal/text      reading of answers by platform/zhtext
//	internal/api       the RPCs
package survey

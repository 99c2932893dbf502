// Package workorder holds the rules of a work order: its states, who may take which step, and what must hold before a step.
// It is pure: no SQL, no gRPC, no clock of its own.
//
//	CREATED --offer--> OFFERED --acceptOffer--> PROVIDER_ACCEPTED --+
//	   |                 |  |                                       |
//	   |                 |  +-declineOffer-> PROVIDER_DECLINED --+  |   both may be offered again
//	   |                 +----expireOffer--> OFFER_EXPIRED ------+  |
//	   |                                                         |  |
//	   +---------------------- assign <--------------------------+--+
//	                             |
//	  DECLINED <--decline-- ASSIGNED --accept--> ACCEPTED --bookFailed--> BOOKING_FAILED
//	     |                       ^                  |                        |
//	     +------- assign --------+                book <--------------------+
//	                                                v
//	                 RESCHEDULED --book--------> BOOKED --depart--> EN_ROUTE --arrive--> ON_SITE
//	                      ^                                                                |
//	                      +--reschedule-- from ACCEPTED to QUOTE_AGREED                 diagnose
//	                                                                                       v
//	                          QUOTE_AGREED <--agreeQuote-- QUOTED <------quote------- DIAGNOSED
//	                               |                         |                             |
//	                               |                    refuseQuote                        |
//	                               |                  (QUOTE_REFUSED)                      |
//	                               v                         v                             |
//	                          (IN_PROGRESS) --complete--> DONE <---------complete----------+
//	                                                         |
//	                          CONFIRM_REFUSED <--confirmRefused--+--confirm--> CONFIRMED
//
//	ACCEPTED to QUOTE_AGREED --awaitPart--> WAITING_PART --partArrived (by itself), book--> BOOKED
//	ON_SITE, DIAGNOSED, QUOTE_AGREED --takeAway--> TAKEN_AWAY --book--> BOOKED
//	ON_SITE, DIAGNOSED, QUOTE_AGREED, TAKEN_AWAY --awaitAppraisal--> WAITING_APPRAISAL --book--> BOOKED
//	every open state before DONE --suspend--> SUSPENDED --resume--> RESCHEDULED, or without an engineer CREATED, PROVIDER_ACCEPTED
//	                                                    --assign--> ASSIGNED
//	PROVIDER_ACCEPTED to BOOKED, RESCHEDULED --transfer--> TRANSFERRED --offer--> OFFERED, --assign--> ASSIGNED
//
//	CONFIRMED --audit--> AUDITED --settle--> SETTLED
//
// cancel leads from every open state to CANCELLED. States in parentheses are passed through and named in the timeline. States of
// architecture.md section 3 that are not drawn have no verb yet.
//
// Promises:
//   - Every change of state goes through Table; a (state, verb) pair without a row changes nothing.
//   - Paid work starts only after the customer agreed to the price (R151): Complete refuses otherwise.
//   - The engineer sees the customer's contact from ACCEPTED until a week after CONFIRMED, nobody else of the field does.
//   - An acceptance code is known in clear only at the moment it is made; five tries, 72 hours.
package workorder

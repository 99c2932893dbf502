// Package callback holds the rules of calling a customer a week and a month after the work (R173, R174): who may call,
// when, how often, and what happens when nobody answers. It is pure: no SQL, no gRPC, no clock of its own.
//
//	WAITING --due--> DUE --claim--> CLAIMED --answer--> ANSWERED
//	   ^              ^               | | |
//	   |              +-release/lapse-+ | +--refuse--> REFUSED
//	   +------------- retry ------------+
//	                                    +--giveUp--> UNREACHED (the link goes out by message)
//
//	WAITING, DUE, CLAIMED, UNREACHED -- answerByLink --> ANSWERED
//	WAITING, DUE, CLAIMED            -- expire       --> EXPIRED
//	WAITING, DUE, CLAIMED, UNREACHED -- cancel       --> CANCELLED
//
// Nobody calls the customer of a case that they handled: the answer would be a courtesy.
package callback

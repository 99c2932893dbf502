// Package survey holds the rules of asking a customer how it went: when an invitation goes out, who may still answer,
// what an answer must hold, how long it may be amended. It is pure: no SQL, no gRPC, no clock of its own.
//
//	             deliver                 respond
//	SCHEDULED ------------> DELIVERED -------------> RESPONDED --+ amend, until amend_until
//	    |  \                    ^  |                   ^  ^  ^---+
//	    |   +--- respond -------|--|-------------------+  |
//	    |  failDelivery         |  | late success         |
//	    +-----------------> UNDELIVERABLE ---- respond ---+
//
//	SCHEDULED, DELIVERED, UNDELIVERABLE -- expire --> EXPIRED
//	SCHEDULED, DELIVERED, UNDELIVERABLE -- cancel --> CANCELLED
//	NOT_SAMPLED is there from the beginning and for ever (R264)
//
// The table of transitions in transition.go is the only place that decides.
package survey

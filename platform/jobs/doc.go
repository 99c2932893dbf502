// Package jobs runs River's workers on both engines: timers and calls that leave the process. A job only wakes somebody who
// then looks at the rows; the facts are in the rows, and the Sweeper finds those whose wake-up was lost.
//
// A job is inserted by sqldb.Tx.Enqueue in the transaction of the fact and may run more than once: what it does must be
// harmless when repeated. For that its arguments carry a request id made once; River's own ids are used again on SQLite.
package jobs

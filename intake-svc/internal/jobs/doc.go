// Package jobs does what leaves the process: calls of dispatch and survey, notices to the customer. A job carries no facts:
// it looks for its task in the case, does it, and takes it away. The task's id is the request id of the call, so that a
// repeated call is the same call. A task whose job was lost is found by the sweeper.
package jobs

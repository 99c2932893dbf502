// Package jobs does what leaves the process or waits for its time: messages with the link, the end of an invitation, tasks
// that become due. Every fact is in a row; a lost wake-up costs one sweep.
package jobs

// Package e2e plays the stories of deploy/story against real processes, black-box:
//
//	{one process, four processes} x {SQLite, PostgreSQL + Redis} x {JSON, gRPC}
//
// Four processes on SQLite are left out: the data folder belongs to one process, which its lock enforces. Besides the stories
// there are tests that a story cannot tell: kill -9 in the middle, backup and restore, Redis gone, one trace through all.
package e2e

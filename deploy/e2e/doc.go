// Package e2e holds black-box cases as data and the runner that plays them against real processes: one process and four,
// on SQLite and on PostgreSQL with Redis, over JSON and over gRPC.
//
// A case is a YAML file below cases/: a list of steps, each a call with the status and the JSON values it must answer.
// A step reads values saved by earlier ones as ${name}. Steps name their caller by role ("agent", "partner", "nobody").
// Over gRPC the same call is found by its HTTP binding, so that one text tests both ways in.
package e2e

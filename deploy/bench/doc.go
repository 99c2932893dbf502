// Command bench measures what it costs to accept a case durably, beside what PostgreSQL itself costs, in one run on one
// machine: pgbench writing one case-like row and one job row per commit is 1.00, the suite is a ratio of it. Rounds are
// interleaved and medians are printed. A sample during which something else burnt more than 0.2 cores is marked with "*":
// a busy disk flatters group commit.
//
//	make bench
//
// It needs a private PostgreSQL with durable commits, which `make bench` starts, and the binaries in bin/.
package main

// Package model holds the data of a planning problem and of a plan, and nothing else: the solver, the exact solver and the
// independent checker share these types but no code.
//
// Times are int64 ticks since an origin of the caller's choice (the service uses Unix seconds, the benchmark formats finer
// ticks); durations are ticks; costs are weighted ticks. A problem must fit into 2^30 ticks from its first shift to its last.
package model

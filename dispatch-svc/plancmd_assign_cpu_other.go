//go:build !linux

package dispatch

import "time"

// threadTime falls back to the CPU time of the process where threads have no clock of their own.
func threadTime() time.Duration { return cpuTime() }

//go:build !unix

package dispatch

import "time"

var processStart = time.Now()

// cpuTime falls back to the time since the start where the system does not tell CPU time in one call.
func cpuTime() time.Duration { return time.Since(processStart) }

//go:build unix

package dispatch

import (
	"syscall"
	"time"
)

// cpuTime is the CPU time of all threads of this process.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

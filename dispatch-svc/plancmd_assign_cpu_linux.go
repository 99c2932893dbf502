package dispatch

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime is the CPU time of the calling thread alone; the caller has locked itself to it.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

//go:build testhooks

package crashpoint

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// Env names the point at which to die; "name:3" means at the third visit.
const Env = "AFTERSALES_CRASH_AT"

var (
	target, countdown = parse(os.Getenv(Env))
	visits            atomic.Int64
)

// Hit kills the process when name is the chosen point.
func Hit(name string) {
	if target == "" || name != target || visits.Add(1) != countdown {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way: no further step may be seen
}

func parse(text string) (name string, nth int64) {
	name, count, found := strings.Cut(text, ":")
	if !found {
		return name, 1
	}
	nth, err := strconv.ParseInt(count, 10, 64)
	if err != nil || nth < 1 {
		return name, 1
	}
	return name, nth
}

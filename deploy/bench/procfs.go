package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is USER_HZ, 100 on every Linux that Go supports.
const ticksPerSecond = 100

// cpuOf is the CPU time that a process and its waited-for children have used.
func cpuOf(pid int) time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The second field is the name in parentheses and may hold spaces.
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	var ticks int64
	for _, i := range []int{11, 12, 13, 14} { // utime stime cutime cstime
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

func cpuOfAll(pids []int) time.Duration {
	var sum time.Duration
	for _, pid := range pids {
		sum += cpuOf(pid)
	}
	return sum
}

// busy is the CPU time that the whole machine has used.
func busy() time.Duration {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(data), "\n")
	var ticks int64
	for i, field := range strings.Fields(line)[1:] {
		if i == 3 || i == 4 || i > 7 { // idle, iowait; guest times are inside user already
			continue
		}
		n, _ := strconv.ParseInt(field, 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// rss is the resident memory of the processes in bytes.
func rss(pids []int) int64 {
	var sum int64
	for _, pid := range pids {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(data), "\n") {
			if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
				kb, _ := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
				sum += kb << 10
			}
		}
	}
	return sum
}

// children lists the processes whose ancestor is pid, itself included: a PostgreSQL with its back ends.
func children(pid int) []int {
	parents := map[int]int{}
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		id, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
		parents[id], _ = strconv.Atoi(fields[1])
	}
	found := []int{pid}
	for i := 0; i < len(found); i++ {
		for id, parent := range parents {
			if parent == found[i] {
				found = append(found, id)
			}
		}
	}
	return found
}

// sample is what one measured interval cost.
type sample struct {
	wall    time.Duration
	own     time.Duration // CPU of the suite's processes
	foreign float64       // cores burnt by anything that is not part of the measurement
}

// marked says that the sample is not to be trusted.
func (s sample) marked() string {
	if s.foreign > foreignLimit {
		return "*"
	}
	return ""
}

const foreignLimit = 0.2

// measure runs fn and tells what it cost; known are the process ids that belong to the measurement besides the suite's own.
func measure(suite []int, known func() []int, fn func() error) (sample, error) {
	wall, all, own := time.Now(), busy(), cpuOfAll(suite)
	before := map[int]time.Duration{}
	for _, pid := range known() {
		before[pid] = cpuOf(pid)
	}
	err := fn()
	s := sample{wall: time.Since(wall), own: cpuOfAll(suite) - own}
	var others time.Duration
	for _, pid := range known() {
		others += cpuOf(pid) - before[pid]
	}
	s.foreign = max(0, float64(busy()-all-s.own-others)/float64(s.wall))
	return s, err
}

package main

import (
	"cmp"
	"os"
	"slices"
	"syscall"
	"time"
)

// median of the values; 0 of none.
func median[T cmp.Ordered](values []T) T {
	return quantile(values, 0.5)
}

// quantile by nearest rank.
func quantile[T cmp.Ordered](values []T, q float64) T {
	var zero T
	if len(values) == 0 {
		return zero
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// fdatasyncs measures the disk: n times 8 KiB appended and synced.
func fdatasyncs(dir string, n int) ([]time.Duration, error) {
	file, err := os.CreateTemp(dir, "fdatasync")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	block := make([]byte, 8<<10)
	times := make([]time.Duration, 0, n)
	for range n {
		if _, err := file.Write(block); err != nil {
			return nil, err
		}
		start := time.Now()
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			return nil, err
		}
		times = append(times, time.Since(start))
	}
	return times, nil
}

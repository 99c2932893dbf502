package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// print writes the table; every speed is a ratio of what stood beside it in the same run.
func print(w io.Writer, reference map[int][]float64, contenders []*contender, syncs []time.Duration) {
	fmt.Fprintf(w, "cores: %d; fdatasync p50 %s p99 %s; medians; * = something else burnt more than %.1f cores in a sample\n\n",
		runtime.NumCPU(), median(syncs), quantile(syncs, 0.99), foreignLimit)
	fmt.Fprintf(w, "%-12s %5s %12s %12s %8s %14s %14s\n", "form", "conns", "pgbench/s", "cases/s", "ratio", "own CPU us", "PostgreSQL us")
	for _, c := range contenders {
		for _, n := range connectionCounts {
			fmt.Fprintf(w, "%-12s %5d %12.0f %12.0f %8.2f %14.0f %14.0f %s\n", c.name, n, median(reference[n]), median(c.rates[n]),
				median(c.ratios[n]), median(c.cpu[n]), median(c.dbCPU[n]), strings.Repeat("*", min(len(c.marks[n]), 3)))
		}
	}
	fmt.Fprintln(w)
	for _, c := range contenders {
		p50, p99 := quantile(c.tail, 0.5), quantile(c.tail, 0.99)
		fmt.Fprintf(w, "%-12s at 70%% load (open loop): p50 %s, p99 %s = %.0f x fdatasync p50; memory idle %d MB, loaded %d MB\n",
			c.name, p50.Round(10*time.Microsecond), p99.Round(10*time.Microsecond), float64(p99)/float64(median(syncs)),
			c.idle>>20, rss(c.fleet.PIDs())>>20)
	}
	fmt.Fprintln(w)
}

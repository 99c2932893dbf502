package dispatch

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/generate"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// PlanAssignBenchCmd measures immediate assignment among generated engineers with booked weeks.
type PlanAssignBenchCmd struct {
	Engineers int    `default:"100000" help:"How many engineers."`
	Queries   int    `default:"4000" help:"How many jobs are asked for, one after another."`
	Batch     int    `default:"1000" help:"How many jobs are given away at once; 0 is none."`
	Seed      uint64 `default:"1" help:"Seed of the generator."`
}

// Run prints p50 and p99 with explanation, by kind of job, in CPU time of the asking thread and on the wall, and the memory of an
// engineer.
func (c *PlanAssignBenchCmd) Run() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := heap()
	began := time.Now()
	index, err := c.crew()
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "engineers %d, built in %v, %.0f bytes an engineer with %d shifts\n", c.Engineers,
		time.Since(began).Round(time.Millisecond), float64(heap()-before)/float64(max(1, c.Engineers)), generate.Days)
	if err := c.ask(os.Stdout, index); err != nil {
		return err
	}
	if err := c.updates(os.Stdout, index); err != nil || c.Batch == 0 {
		return err
	}
	return c.batch(os.Stdout, index)
}

func (c *PlanAssignBenchCmd) crew() (*plan.Index, error) {
	index := plan.NewIndex(plan.IndexOptions{})
	i := 0
	for b := range generate.Crew(c.Engineers, c.Seed) {
		if err := index.Put(toBooked(i, b)); err != nil {
			return nil, err
		}
		i++
	}
	return index, nil
}

// ask measures the questions; the first few warm the index's memory up and do not count.
func (c *PlanAssignBenchCmd) ask(w io.Writer, index *plan.Index) error {
	const warm = 200
	for _, v := range mixedJobs(warm, c.Seed+2) {
		if _, err := index.Suggest(context.Background(), query(v)); err != nil {
			return err
		}
	}
	samples := make([]samples, len(kinds)+1)
	allocs := mallocs()
	for k, v := range mixedJobs(c.Queries, c.Seed+1) {
		s, err := measure(index, query(v))
		if err != nil {
			return err
		}
		samples[k].add(s)
		samples[len(kinds)].add(s)
	}
	fmt.Fprintf(w, "%-18s %7s %9s %9s | CPU: %8s %8s %8s %8s | wall: %8s %8s\n", "kind", "asked", "suggested", "truncated", "mean", "p50", "p99", "worst", "p50", "p99")
	for k := range kinds {
		samples[k].print(w, kinds[k].name)
	}
	samples[len(kinds)].print(w, "all")
	_, err := fmt.Fprintf(w, "allocations a query: %.0f\n", float64(mallocs()-allocs)/float64(max(1, c.Queries)))
	return err
}

func query(v model.Visit) plan.Query { return plan.Query{Visit: v, Now: generate.Morning} }

type sample struct {
	cpu, wall            time.Duration
	suggested, truncated bool
}

func measure(index *plan.Index, q plan.Query) (sample, error) {
	cpu, wall := threadTime(), time.Now()
	s, err := index.Suggest(context.Background(), q)
	return sample{threadTime() - cpu, time.Since(wall), len(s.Suggestions) > 0, s.Truncated}, err
}

type samples struct {
	cpu, wall            []time.Duration
	suggested, truncated int
}

func (s *samples) add(one sample) {
	s.cpu, s.wall = append(s.cpu, one.cpu), append(s.wall, one.wall)
	if one.suggested {
		s.suggested++
	}
	if one.truncated {
		s.truncated++
	}
}

func (s *samples) print(w io.Writer, name string) {
	if len(s.cpu) == 0 {
		return
	}
	sum := time.Duration(0)
	for _, d := range s.cpu {
		sum += d
	}
	slices.Sort(s.cpu)
	slices.Sort(s.wall)
	_, _ = fmt.Fprintf(w, "%-18s %7d %9d %9d |      %8v %8v %8v %8v |       %8v %8v\n", name, len(s.cpu), s.suggested, s.truncated,
		(sum / time.Duration(len(s.cpu))).Round(time.Microsecond), at(s.cpu, 0.5), at(s.cpu, 0.99), at(s.cpu, 1), at(s.wall, 0.5), at(s.wall, 0.99))
}

// at is a quantile of sorted durations.
func at(sorted []time.Duration, q float64) time.Duration {
	return sorted[int(q*float64(len(sorted)-1))].Round(time.Microsecond)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

package dispatch

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/generate"
)

// PlanAssignBenchCmd measures immediate assignment among generated engineers with booked weeks.
type PlanAssignBenchCmd struct {
	Engineers int    `default:"100000" help:"How many engineers."`
	Queries   int    `default:"2000" help:"How many jobs are asked for, one after another."`
	Seed      uint64 `default:"1" help:"Seed of the generator."`
}

// Run prints p50 and p99 with explanation, and the memory of an engineer.
func (c *PlanAssignBenchCmd) Run() error {
	before := heap()
	index := plan.NewIndex(plan.IndexOptions{})
	began := time.Now()
	for b := range generate.Crew(c.Engineers, c.Seed) {
		if err := index.Put(toBooked(b)); err != nil {
			return err
		}
	}
	built, per := time.Since(began), float64(heap()-before)/float64(max(1, c.Engineers))
	took := make([]time.Duration, 0, c.Queries)
	busy := cpuTime()
	suggested, truncated := 0, 0
	for v := range generate.Jobs(c.Queries, c.Seed+1) {
		t := time.Now()
		s, err := index.Suggest(context.Background(), plan.Query{Visit: v, Now: generate.Morning})
		took = append(took, time.Since(t))
		if err != nil {
			return err
		}
		if len(s.Suggestions) > 0 {
			suggested++
		}
		if s.Truncated {
			truncated++
		}
	}
	slices.Sort(took)
	at := func(q float64) time.Duration { return took[int(q*float64(len(took)-1))].Round(time.Microsecond) }
	fmt.Fprintf(os.Stdout, "engineers %d, built in %v, %.0f bytes an engineer with %d shifts\n", c.Engineers, built.Round(time.Millisecond), per, generate.Days)
	fmt.Fprintf(os.Stdout, "queries %d, answered with a suggestion %d, truncated %d\n", len(took), suggested, truncated)
	fmt.Fprintf(os.Stdout, "p50 %v, p90 %v, p99 %v, worst %v; CPU %v a query\n", at(0.5), at(0.9), at(0.99), at(1),
		((cpuTime() - busy) / time.Duration(max(1, len(took)))).Round(time.Microsecond))
	return nil
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func toBooked(b generate.Booked) plan.Booked {
	out := plan.Booked{Engineer: b.Engineer}
	for _, t := range b.Tours {
		bt := plan.BookedTour{Shift: t.Shift}
		for _, s := range t.Stops {
			bt.Stops = append(bt.Stops, plan.BookedStop{Visit: s.Visit, Place: s.Place, Window: s.Window, Duration: s.Duration})
		}
		out.Tours = append(out.Tours, bt)
	}
	return out
}

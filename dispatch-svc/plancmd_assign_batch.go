package dispatch

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/generate"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// batch measures giving many jobs away at once.
func (c *PlanAssignBenchCmd) batch(w io.Writer, index *plan.Index) error {
	in := plan.Batch{Now: generate.Morning, Horizon: 2 * benchDay}
	for _, v := range mixedJobs(c.Batch, c.Seed+3) {
		in.Visits = append(in.Visits, v)
	}
	before, cpu, began := heap(), threadTime(), time.Now()
	got, err := index.AssignBatch(context.Background(), in)
	if err != nil {
		return err
	}
	took, wall := threadTime()-cpu, time.Since(began)
	after := heap()
	runtime.KeepAlive(index)
	_, err = fmt.Fprintf(w, "batch of %d: %v CPU, %v wall, served %d, left over %d, value %.0f (one by one %.0f), begun by %s, %d moves, keeps %.1f MB\n",
		len(in.Visits), took.Round(time.Millisecond), wall.Round(time.Millisecond), len(got.Assigned), len(got.Unserved), got.Value, got.Greedy,
		got.Method, got.Moves, float64(int64(after)-int64(before))/1e6)
	return err
}

// updates measures what keeps an index up to date: a booking, its move, its cancellation, and a new week of shifts.
func (c *PlanAssignBenchCmd) updates(w io.Writer, index *plan.Index) error {
	crew := slices.Collect(generate.Crew(min(c.Engineers, 2000), c.Seed))
	rng := rand.New(rand.NewPCG(c.Seed, 12))
	var book, move, cancel, shifts []time.Duration
	for range 2000 {
		i := rng.IntN(len(crew))
		b, s := toBooked(i, crew[i]), rng.IntN(generate.Days)
		sh := b.Engineer.Shifts[s]
		stop := plan.BookedStop{Visit: "update", Place: b.Engineer.Home, Window: model.Window{From: sh.Start, To: sh.End}, Duration: benchHour / 4}
		took, err := timed(func() error { return index.BookAfter(b.Engineer.ID, s, "", stop) })
		if err != nil {
			continue // no room before the first visit
		}
		book = append(book, took)
		tour := plan.BookedTour{Shift: s, Stops: append(slices.Clone(b.Tours[s].Stops), stop)}
		if took, err = timed(func() error { return index.Rebook(b.Engineer.ID, tour) }); err == nil {
			move = append(move, took)
		}
		if took, err = timed(func() error { return index.Cancel(b.Engineer.ID, s, "update") }); err != nil {
			return err
		}
		cancel = append(cancel, took)
		if took, err = timed(func() error { return index.Put(b) }); err != nil {
			return err
		}
		shifts = append(shifts, took)
	}
	for _, u := range []struct {
		name string
		took []time.Duration
	}{{"book", book}, {"move", move}, {"cancel", cancel}, {"whole week", shifts}} {
		slices.Sort(u.took)
		if len(u.took) > 0 {
			_, _ = fmt.Fprintf(w, "update: %-10s CPU p50 %v, p99 %v\n", u.name, at(u.took, 0.5), at(u.took, 0.99))
		}
	}
	return nil
}

func timed(f func() error) (time.Duration, error) {
	began := threadTime()
	err := f()
	return threadTime() - began, err
}

package plan

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// update books, moves or cancels at random, in the index and in the list that it was made from.
func update(rng *rand.Rand, x *Index, list []Booked, n int) error {
	b := &list[rng.IntN(len(list))]
	shift := rng.IntN(len(b.Engineer.Shifts))
	at := slices.IndexFunc(b.Tours, func(t BookedTour) bool { return t.Shift == shift })
	if at < 0 {
		at = len(b.Tours)
		b.Tours = append(b.Tours, BookedTour{Shift: shift})
	}
	t := &b.Tours[at]
	sh := b.Engineer.Shifts[shift]
	if len(t.Stops) > 0 && rng.IntN(2) == 0 {
		gone := rng.IntN(len(t.Stops))
		visit := t.Stops[gone].Visit
		t.Stops = slices.Delete(slices.Clone(t.Stops), gone, gone+1)
		if rng.IntN(2) == 0 {
			return x.Rebook(b.Engineer.ID, *t)
		}
		return x.Cancel(b.Engineer.ID, shift, visit)
	}
	stop := BookedStop{Visit: fmt.Sprintf("new%d", n), Place: jitter(rng, b.Engineer.Home), Window: model.Window{From: sh.Start, To: sh.End}, Duration: hour / 2}
	if x.BookAfter(b.Engineer.ID, shift, "", stop) == nil { // refused where there is no room
		t.Stops = slices.Insert(slices.Clone(t.Stops), 0, stop)
	}
	return nil
}

// An index that was updated a tour at a time answers as one that is built from the same bookings.
func TestUpdatesEqualARebuild(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(8, 1))
	list := crew(t, 60, 8)
	x := indexOf(t, list)
	for n := range 400 {
		require.NoError(t, update(rng, x, list, n))
		if n%10 != 0 {
			continue
		}
		q := hardJob(rng)
		got, gotErr := x.Suggest(context.Background(), q)
		want, wantErr := indexOf(t, list).Suggest(context.Background(), q)
		require.Equal(t, wantErr, gotErr)
		got.Examined, want.Examined = 0, 0 // what is looked at depends on what the cells once held
		require.Equal(t, want, got)
	}
}

func TestUpdatesAreRefused(t *testing.T) {
	t.Parallel()
	x := indexOf(t, []Booked{one("a")})
	stop := BookedStop{Visit: "V", Place: ask().Visit.Place, Window: model.Window{From: 9 * hour, To: 10 * hour}, Duration: hour}
	require.ErrorIs(t, x.Book("nobody", 0, stop), ErrUnknown)
	require.ErrorIs(t, x.Book("a", 1, stop), ErrUnknown)
	require.ErrorIs(t, x.BookAfter("a", 0, "nothing", stop), ErrUnknown)
	require.ErrorIs(t, x.Cancel("a", 0, "V"), ErrUnknown)
	require.NoError(t, x.Book("a", 0, stop))
	again := stop
	again.Visit, again.Window.To = "W", 9*hour
	require.ErrorContains(t, x.Book("a", 0, again), "cannot begin by", "and nothing is changed")
	require.NoError(t, x.Cancel("a", 0, "V"))
	require.NoError(t, x.Book("a", 0, again))
}

// Questions, batches and updates at the same time: for the race detector.
func TestIndexIsShared(t *testing.T) {
	t.Parallel()
	list := crew(t, 80, 9)
	x := indexOf(t, list)
	var wg sync.WaitGroup
	for worker := range uint64(4) {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(worker, 1))
			for n := range 30 {
				switch worker {
				case 0:
					_, err := x.AssignBatch(context.Background(), jobs(5, uint64(n)))
					if err != nil {
						t.Error(err)
					}
				case 1:
					if err := x.Put(list[rng.IntN(len(list))]); err != nil {
						t.Error(err)
					}
				default:
					if _, err := x.Suggest(context.Background(), job(rng)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkRebook(b *testing.B) {
	list := crew(b, 20_000, 1)
	x := indexOf(b, list)
	for i := 0; b.Loop(); i++ {
		t := &list[i%len(list)]
		_ = x.Rebook(t.Engineer.ID, t.Tours[i%7])
	}
}

package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/aftersales-suite/aftersales/platform/jobs"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

type callArgs struct {
	Name string `json:"name"`
}

func (callArgs) Kind() string { return "call" }

func engines(t *testing.T, fn func(t *testing.T, db sqldb.DB)) {
	t.Helper()
	t.Parallel()
	testkit.Engines(t, nil, fn)
}

// work starts a client whose only worker is fn; a poll once an hour shows that wake-ups are enough.
func work(t *testing.T, db sqldb.DB, cfg jobs.Config, fn func(ctx context.Context, args callArgs) error) *jobs.Client {
	t.Helper()
	cfg.Workers = river.NewWorkers()
	jobs.Add(cfg.Workers, fn)
	cfg.Log, cfg.TestOnly = slog.New(slog.DiscardHandler), true
	if cfg.PollInterval == 0 {
		cfg.PollInterval = time.Hour
	}
	client, err := jobs.New(db, cfg)
	require.NoError(t, err)
	require.NoError(t, client.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, client.Stop(context.Background())) })
	return client
}

func enqueue(ctx context.Context, t *testing.T, db sqldb.DB, opts *river.InsertOpts, names ...string) {
	t.Helper()
	require.NoError(t, db.InTx(ctx, func(tx sqldb.Tx) error {
		for _, name := range names {
			if err := tx.Enqueue(ctx, callArgs{name}, opts); err != nil {
				return err
			}
		}
		return nil
	}))
}

// next waits for a value; the limit is only there so that a broken program does not hang.
func next[T any](t *testing.T, from <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(30 * time.Second):
		require.Fail(t, "nothing in 30 s")
	}
	return value
}

func TestCommitWakesTheWorker(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		names := make(chan string, 10)
		work(t, db, jobs.Config{}, func(_ context.Context, args callArgs) error {
			names <- args.Name
			return nil
		})
		for _, name := range []string{"a", "b", "c"} {
			enqueue(t.Context(), t, db, nil, name)
			require.Equal(t, name, next(t, names))
		}
	})
}

func TestOneTraceFromTheRequestIntoTheJob(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		recorder := tracetest.NewSpanRecorder()
		provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
		inside := make(chan trace.SpanContext, 1)
		client := work(t, db, jobs.Config{Tracer: provider}, func(ctx context.Context, _ callArgs) error {
			inside <- trace.SpanContextFromContext(ctx)
			return nil
		})
		ended, stop := client.Subscribe(river.EventKindJobCompleted)
		defer stop()
		ctx, request := provider.Tracer("test").Start(t.Context(), "request")
		enqueue(ctx, t, db, nil, "a")
		request.End()

		require.Equal(t, request.SpanContext().TraceID(), next(t, inside).TraceID())
		next(t, ended)
		var job sdktrace.ReadOnlySpan
		for _, span := range recorder.Ended() {
			if span.Name() == "job call" {
				job = span
			}
		}
		require.NotNil(t, job)
		require.Equal(t, request.SpanContext().SpanID(), job.Parent().SpanID())
	})
}

func TestPanicFailsTheAttemptOnly(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		client := work(t, db, jobs.Config{}, func(_ context.Context, args callArgs) error {
			if args.Name == "bad" {
				panic("poisoned")
			}
			return nil
		})
		failed, stopFailed := client.Subscribe(river.EventKindJobFailed)
		defer stopFailed()
		done, stopDone := client.Subscribe(river.EventKindJobCompleted)
		defer stopDone()
		enqueue(t.Context(), t, db, nil, "bad", "good")
		require.Contains(t, next(t, failed).Job.Errors[0].Error, "poisoned")
		require.Equal(t, "call", next(t, done).Job.Kind)
	})
}

func TestFailedJobIsListedAndRetriedByHand(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		ctx, broken := t.Context(), make(chan struct{})
		client := work(t, db, jobs.Config{PollInterval: 20 * time.Millisecond}, func(context.Context, callArgs) error {
			select {
			case <-broken: // closed: repaired
				return nil
			default:
				return errors.New("receiver says no")
			}
		})
		failed, stop := client.Subscribe(river.EventKindJobFailed)
		defer stop()
		completed, stopCompleted := client.Subscribe(river.EventKindJobCompleted)
		defer stopCompleted()
		enqueue(ctx, t, db, &river.InsertOpts{MaxAttempts: 1}, "a")
		next(t, failed)

		page, cursor, err := client.List(ctx, jobs.Filter{States: []string{"discarded"}, Kinds: []string{"call"}})
		require.NoError(t, err)
		require.Len(t, page, 1)
		require.Empty(t, cursor)
		require.Equal(t, "receiver says no", page[0].LastError)
		require.Equal(t, 1, page[0].Attempt)
		require.JSONEq(t, `{"name":"a"}`, string(page[0].Args))

		close(broken)
		require.NoError(t, client.Retry(ctx, page[0].ID))
		next(t, completed)
		require.ErrorIs(t, client.Retry(ctx, 987654), jobs.ErrNotFound)
	})
}

func TestListPagesWithoutWorkers(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		enqueue(t.Context(), t, db, &river.InsertOpts{ScheduledAt: time.Now().Add(time.Hour)}, strings.Split("abcdefg", "")...)
		client, err := jobs.New(db, jobs.Config{})
		require.NoError(t, err)
		var all []int64
		cursor := ""
		for pages := 0; pages == 0 || cursor != ""; pages++ {
			var page []jobs.Job
			page, cursor, err = client.List(t.Context(), jobs.Filter{Limit: 3, After: cursor})
			require.NoError(t, err)
			for _, job := range page {
				require.Equal(t, "scheduled", job.State)
				all = append(all, job.ID)
			}
		}
		require.Len(t, all, 7)
		for n := 1; n < len(all); n++ {
			require.Less(t, all[n], all[n-1], "newest first")
		}
		_, _, err = client.List(t.Context(), jobs.Filter{States: []string{"sleeping"}})
		require.ErrorContains(t, err, "sleeping")
		_, _, err = client.List(t.Context(), jobs.Filter{After: "###"})
		require.Error(t, err)
		require.Error(t, client.Start(t.Context()), "a client without workers does not work")
	})
}

// A timer is due by the injected clock.
func TestScheduledJobRunsWhenTheClockSaysSo(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func(testing.TB) sqldb.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, now := config(t), testkit.NewClock(time.Now())
			cfg.Clock = now
			db := testkit.Open(t, cfg, nil)
			ran := make(chan string, 2)
			client := work(t, db, jobs.Config{Clock: now, PollInterval: 20 * time.Millisecond}, func(_ context.Context, args callArgs) error {
				ran <- args.Name
				return nil
			})
			enqueue(t.Context(), t, db, &river.InsertOpts{ScheduledAt: now.Now().Add(72 * time.Hour)}, "later")
			enqueue(t.Context(), t, db, nil, "now")
			require.Equal(t, "now", next(t, ran))
			page, _, err := client.List(t.Context(), jobs.Filter{States: []string{"scheduled"}})
			require.NoError(t, err)
			require.Len(t, page, 1)
			now.Advance(72*time.Hour + time.Second)
			require.Equal(t, "later", next(t, ran))
		})
	}
}

// dead marks a job as running since the given time, as a killed process leaves it.
func dead(t *testing.T, db sqldb.DB, name string, since time.Time) {
	t.Helper()
	var attempted any = since
	if db.Engine() == sqldb.SQLite {
		attempted = since.UTC().Format("2006-01-02 15:04:05.999")
	}
	n, err := db.Exec(t.Context(), `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = $1
		WHERE CAST(args AS TEXT) LIKE $2`, attempted, "%"+name+"%")
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

// A worker that died is noticed after 55 s; one whose job began 40 s ago is left alone. PostgreSQL only: see the next test.
func TestStuckJobsAreRescuedInUnderAMinute(t *testing.T) {
	t.Parallel()
	db := testkit.Open(t, testkit.Postgres(t), nil)
	enqueue(t.Context(), t, db, nil, "old", "young")
	dead(t, db, "old", time.Now().Add(-80*time.Second))
	dead(t, db, "young", time.Now().Add(-40*time.Second))
	ran := make(chan string, 2)
	client := work(t, db, jobs.Config{PollInterval: 50 * time.Millisecond}, func(_ context.Context, args callArgs) error {
		ran <- args.Name
		return nil
	})
	require.Equal(t, "old", next(t, ran))
	page, _, err := client.List(t.Context(), jobs.Filter{States: []string{"running"}})
	require.NoError(t, err)
	require.NotEmpty(t, page)
	require.JSONEq(t, `{"name":"young"}`, string(page[0].Args))
	require.Empty(t, ran)
}

// On SQLite nobody else can be working the job: it goes on at once.
func TestOrphanedJobGoesOnAtOnceOnSQLite(t *testing.T) {
	t.Parallel()
	db := testkit.Open(t, testkit.SQLite(t), nil)
	enqueue(t.Context(), t, db, nil, "a")
	dead(t, db, "a", time.Now())
	ran := make(chan int, 1)
	work(t, db, jobs.Config{}, func(ctx context.Context, _ callArgs) error {
		attempt, _ := jobs.Attempt(ctx)
		ran <- attempt
		return nil
	})
	require.Equal(t, 2, next(t, ran))
}

func TestStopLetsARunningJobEnd(t *testing.T) {
	engines(t, func(t *testing.T, db sqldb.DB) {
		workers := river.NewWorkers()
		begun, finish, finished := make(chan struct{}), make(chan struct{}), make(chan struct{})
		jobs.Add(workers, func(context.Context, callArgs) error {
			close(begun)
			<-finish
			close(finished)
			return nil
		})
		client, err := jobs.New(db, jobs.Config{Workers: workers, Log: slog.New(slog.DiscardHandler), TestOnly: true})
		require.NoError(t, err)
		require.NoError(t, client.Start(t.Context()))
		enqueue(t.Context(), t, db, nil, "a")
		next(t, begun)
		stopped := make(chan error, 1)
		go func() { stopped <- client.Stop(t.Context()) }()
		close(finish)
		require.NoError(t, next(t, stopped))
		next(t, finished)
		page, _, err := client.List(t.Context(), jobs.Filter{})
		require.NoError(t, err)
		require.Equal(t, "completed", page[0].State)
	})
}

func TestSweeper(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	runs := make(chan int, 100)
	n := 0
	sweeper := jobs.NewSweeper("overdue", time.Millisecond, func(context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		n++
		runs <- n
		switch n {
		case 1:
			return errors.New("once")
		case 2:
			panic("poisoned")
		}
		return nil
	}).Log(slog.New(slog.DiscardHandler))
	require.ErrorContains(t, sweeper.RunOnce(t.Context()), "once")
	require.ErrorContains(t, sweeper.RunOnce(t.Context()), "overdue panicked: poisoned")
	require.NoError(t, sweeper.Start(t.Context()))
	for want := 1; want <= 5; want++ {
		require.Equal(t, want, next(t, runs))
	}
	require.NoError(t, sweeper.Stop(t.Context()))
	require.Error(t, jobs.NewSweeper("x", 0, nil).Start(t.Context()))
}

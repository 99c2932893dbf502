package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const (
	// Timeout is how long one attempt may take, unless AddTimeout says otherwise.
	Timeout = 30 * time.Second

	defaultRescue  = 55 * time.Second
	defaultPoll    = time.Second
	defaultWorkers = 16
	// fetchCooldown bounds how often the queue is read under load; a lone job is fetched at once.
	fetchCooldown = 10 * time.Millisecond
	softStop      = 10 * time.Second
	hardStop      = 5 * time.Second
	// keepCompleted is short: facts and audit live in rows of their own.
	keepCompleted = time.Hour
	keepDiscarded = 30 * 24 * time.Hour
)

// Config of a Client. Without Workers the client only lists and retries.
type Config struct {
	Workers *river.Workers
	// Queues and the number of workers of each; default: "default" with 16.
	Queues   map[string]river.QueueConfig
	Periodic []*river.PeriodicJob
	Log      *slog.Logger
	// Clock must be the one given to sqldb.Config; nil and the system's clock leave times to the database.
	Clock clock.Clock
	// Tracer provider; default the global one.
	Tracer trace.TracerProvider
	// RescueAfter is how long a job may be "running" before it is taken from a dead worker; default 55 s, looked at every 30 s: a job stands still for at most 85 s.
	RescueAfter time.Duration
	// PollInterval is how often the queue is looked at without a wake-up; default 1 s.
	PollInterval time.Duration
	// TestOnly leaves out the random pause of up to a second before River's maintenance begins.
	TestOnly bool
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Tracer == nil {
		c.Tracer = otel.GetTracerProvider()
	}
	if c.RescueAfter <= 0 {
		c.RescueAfter = defaultRescue
	}
	if c.PollInterval <= 0 {
		c.PollInterval = defaultPoll
	}
	if c.Queues == nil && c.Workers != nil {
		c.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: defaultWorkers}}
	}
	return c
}

func (c Config) river() *river.Config {
	out := &river.Config{
		Workers: c.Workers, Queues: c.Queues, PeriodicJobs: c.Periodic,
		Logger:       slog.New(sqldb.QuietJobs{Handler: c.Log.Handler()}),
		ErrorHandler: failures{c.Log},
		Middleware:   []rivertype.Middleware{&traced{tracer: c.Tracer.Tracer("aftersales/jobs")}},
		JobTimeout:   Timeout, RescueStuckJobsAfter: c.RescueAfter,
		FetchCooldown: min(fetchCooldown, c.PollInterval), FetchPollInterval: c.PollInterval,
		SoftStopTimeout:             softStop,
		CompletedJobRetentionPeriod: keepCompleted, DiscardedJobRetentionPeriod: keepDiscarded,
	}
	sqldb.JobClock(out, c.Clock)
	return out
}

// Client works jobs.
type Client struct {
	db    sqldb.DB
	river sqldb.JobClient
}

// New builds a client; it works nothing before Start.
func New(db sqldb.DB, cfg Config) (*Client, error) {
	client, err := sqldb.NewJobClient(db, cfg.withDefaults().river())
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Client{db: db, river: client}, nil
}

// Start begins to work jobs; ctx only gives values. Stop must be called.
func (c *Client) Start(ctx context.Context) error {
	if err := sqldb.ReleaseOrphanedJobs(ctx, c.db); err != nil {
		return fmt.Errorf("jobs: release jobs of a process that died: %w", err)
	}
	if err := c.river.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("jobs: start: %w", err)
	}
	return nil
}

// Stop fetches no more and lets running jobs end; after 10 s, or when ctx is done, they are cancelled and will be tried again.
func (c *Client) Stop(ctx context.Context) error {
	err := c.river.Stop(ctx)
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardStop)
	defer cancel()
	return errors.Join(fmt.Errorf("jobs: stop: %w", err), c.river.StopAndCancel(ctx))
}

// Subscribe tells of jobs that ended, for tests and metrics; stop must be called.
func (c *Client) Subscribe(kinds ...river.EventKind) (ended <-chan *river.Event, stop func()) {
	return c.river.Subscribe(kinds...)
}

// failures logs what went wrong, without the arguments: they may hold personal data.
type failures struct{ log *slog.Logger }

func (f failures) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.log.WarnContext(ctx, "job failed", "job", job.ID, "kind", job.Kind, "attempt", job.Attempt, "of", job.MaxAttempts, "error", err)
	return nil
}

func (f failures) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, stack string) *river.ErrorHandlerResult {
	f.log.ErrorContext(ctx, "job panicked", "job", job.ID, "kind", job.Kind, "attempt", job.Attempt, "panic", fmt.Sprint(value), "stack", stack)
	return nil
}

package sqldb

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
	"github.com/tidwall/sjson"
	"go.opentelemetry.io/otel/propagation"

	"github.com/aftersales-suite/aftersales/platform/clock"
)

// River is woken inside the process after the commit instead of by NOTIFY: a service works the queue that it fills, so the
// wake-up arrives sooner, costs no statement, and takes no database-wide lock at commit. Other replicas poll. The two
// wrappers below give River a listener that is fed by the hub.

type pgxDriver struct {
	*riverpgxv5.Driver
	hub *hub
}

func (db *postgresDB) driver() riverdriver.Driver[pgx.Tx] {
	return &pgxDriver{Driver: riverpgxv5.New(db.pool), hub: db.hub}
}

func (d *pgxDriver) SupportsListenNotify() bool { return false }
func (d *pgxDriver) GetListener(p *riverdriver.GetListenenerParams) riverdriver.Listener {
	return newJobListener(d.hub, p.Schema)
}

type sqliteDriver struct {
	*riversqlite.Driver
	hub *hub
}

func (d *sqliteDriver) SupportsListenNotify() bool { return false }
func (d *sqliteDriver) GetListener(p *riverdriver.GetListenenerParams) riverdriver.Listener {
	return newJobListener(d.hub, p.Schema)
}

// topicInsert is River's name for "there are new jobs".
const topicInsert = "river_insert"

// jobListener is a riverdriver.Listener fed by the hub of its own process.
type jobListener struct {
	hub    *hub
	schema string
	signal chan struct{}

	mu      sync.Mutex
	pending map[string]struct{}
}

func newJobListener(h *hub, schema string) *jobListener {
	return &jobListener{hub: h, schema: schema, signal: make(chan struct{}, 1), pending: map[string]struct{}{}}
}

func (l *jobListener) offer(queues []string) {
	l.mu.Lock()
	for _, queue := range queues {
		l.pending[queue] = struct{}{}
	}
	l.mu.Unlock()
	select {
	case l.signal <- struct{}{}:
	default:
	}
}

func (l *jobListener) take() (queue string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for queue := range l.pending {
		delete(l.pending, queue)
		return queue, true
	}
	return "", false
}

func (l *jobListener) Connect(context.Context) error          { l.hub.addJobs(l); return nil }
func (l *jobListener) Close(context.Context) error            { l.hub.removeJobs(l); return nil }
func (l *jobListener) Listen(context.Context, string) error   { return nil }
func (l *jobListener) Unlisten(context.Context, string) error { return nil }
func (l *jobListener) Ping(context.Context) error             { return nil }
func (l *jobListener) Schema() string                         { return l.schema }
func (l *jobListener) SetAfterConnectExec(string)             {}

// WaitForNotification blocks until a commit brought jobs into a queue.
func (l *jobListener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	for {
		if queue, ok := l.take(); ok {
			payload, err := sjson.Set("", "queue", queue)
			return &riverdriver.Notification{Topic: topicInsert, Payload: payload}, err
		}
		select {
		case <-l.signal:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// noteQueues remembers which queues have work once the transaction is committed; a scheduled job wakes nobody.
func noteQueues(after *afterTx, results []*rivertype.JobInsertResult) {
	for _, result := range results {
		if result.Job.State == rivertype.JobStateAvailable && !result.UniqueSkippedAsDuplicate {
			after.wakeQueue(result.Job.Queue)
		}
	}
}

// insertConfig is the configuration of the client that only inserts.
func insertConfig(cfg Config) *river.Config {
	out := &river.Config{Logger: quietJobs(cfg.Log), Middleware: []rivertype.Middleware{&traceIntoMetadata{}}}
	JobClock(out, cfg.Clock)
	return out
}

// JobClock makes River take its times from c, unless c is nil or the system's clock: then they are the database's.
func JobClock(cfg *river.Config, c clock.Clock) {
	if c != nil && c != clock.System {
		cfg.Test.Time = riverTime{c}
	}
}

type riverTime struct{ clock clock.Clock }

func (t riverTime) Now() time.Time { return t.clock.Now() }
func (t riverTime) NowOrNil() *time.Time {
	now := t.clock.Now()
	return &now
}

// traceIntoMetadata puts the W3C trace context of the enqueuing span into the job's metadata, so that one trace runs from
// the request into the job.
type traceIntoMetadata struct{ river.MiddlewareDefaults }

func (*traceIntoMetadata) InsertMany(ctx context.Context, many []*rivertype.JobInsertParams, next func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	for _, params := range many {
		for key, value := range carrier {
			metadata, err := sjson.SetBytes(params.Metadata, key, value)
			if err != nil {
				return nil, err
			}
			params.Metadata = metadata
		}
	}
	return next(ctx)
}

// JobClient is the part of River's client that does not depend on the engine.
type JobClient interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
	Subscribe(kinds ...river.EventKind) (<-chan *river.Event, func())
	JobList(ctx context.Context, params *river.JobListParams) (*river.JobListResult, error)
	JobGet(ctx context.Context, id int64) (*rivertype.JobRow, error)
	JobRetry(ctx context.Context, id int64) (*rivertype.JobRow, error)
}

type jobHost interface {
	newJobClient(cfg *river.Config) (JobClient, error)
}

// NewJobClient builds a River client on the service's own database, for package jobs.
func NewJobClient(db DB, cfg *river.Config) (JobClient, error) {
	host, ok := Unwrap(db).(jobHost)
	if !ok {
		return nil, errors.New("sqldb: this database has no job queue")
	}
	return host.newJobClient(cfg)
}

func (db *postgresDB) newJobClient(cfg *river.Config) (JobClient, error) {
	return river.NewClient(db.driver(), cfg)
}

// ReleaseOrphanedJobs gives jobs that are marked as running back to the queue when they must be those of a process that died:
// on SQLite, once after Open, because the data folder's lock proves that nobody else works them. On PostgreSQL another
// replica may; River's rescue takes them over there.
func ReleaseOrphanedJobs(ctx context.Context, db DB) error {
	lite, ok := Unwrap(db).(*sqliteDB)
	if !ok || lite.cfg.Shared || !lite.orphans.CompareAndSwap(false, true) {
		return nil
	}
	return lite.InTx(ctx, func(tx Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running' AND attempt < max_attempts`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM river_leader`) // or its timers would wait for the dead leader's term to end
		return err
	})
}

package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const (
	defaultPage = 100
	maxPage     = 1000
)

// ErrNotFound says that there is no such job.
var ErrNotFound = errors.New("jobs: no such job")

// Job is one job as `aftersales jobs list` shows it.
type Job struct {
	ID          int64
	Kind        string
	Queue       string
	State       string // available running retryable scheduled completed cancelled discarded pending
	Attempt     int
	MaxAttempts int
	Created     time.Time
	Scheduled   time.Time
	Attempted   time.Time // zero before the first attempt
	LastError   string
	Args        []byte // JSON; may hold ids, never personal data
}

// Filter of List. Zero values do not filter.
type Filter struct {
	States []string
	Kinds  []string
	Limit  int    // default 100, at most 1000
	After  string // what List gave as next
}

// List pages over jobs, newest first; next is "" on the last page.
func (c *Client) List(ctx context.Context, f Filter) (page []Job, next string, err error) {
	params, limit, err := f.params()
	if err != nil {
		return nil, "", err
	}
	result, err := c.river.JobList(ctx, params)
	if err != nil {
		return nil, "", fmt.Errorf("jobs: list: %w", err)
	}
	for _, row := range result.Jobs {
		page = append(page, fromRow(row))
	}
	if len(page) < limit {
		return page, "", nil
	}
	cursor, err := result.LastCursor.MarshalText()
	return page, string(cursor), err
}

func (f Filter) params() (*river.JobListParams, int, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	params := river.NewJobListParams().OrderBy(river.JobListOrderByID, river.SortOrderDesc).First(limit)
	if len(f.Kinds) > 0 {
		params = params.Kinds(f.Kinds...)
	}
	states, err := jobStates(f.States)
	if err != nil {
		return nil, 0, err
	}
	if len(states) > 0 {
		params = params.States(states...)
	}
	if f.After != "" {
		var cursor river.JobListCursor
		if err := cursor.UnmarshalText([]byte(f.After)); err != nil {
			return nil, 0, fmt.Errorf("jobs: list: bad cursor: %w", err)
		}
		params = params.After(&cursor)
	}
	return params, limit, nil
}

func jobStates(names []string) ([]rivertype.JobState, error) {
	known := rivertype.JobStates()
	states := make([]rivertype.JobState, 0, len(names))
	for _, name := range names {
		state := rivertype.JobState(name)
		if !slices.Contains(known, state) {
			return nil, fmt.Errorf("jobs: unknown state %q, known are %v", name, known)
		}
		states = append(states, state)
	}
	return states, nil
}

func fromRow(row *rivertype.JobRow) Job {
	job := Job{
		ID: row.ID, Kind: row.Kind, Queue: row.Queue, State: string(row.State), Attempt: row.Attempt, MaxAttempts: row.MaxAttempts,
		Created: row.CreatedAt.UTC(), Scheduled: row.ScheduledAt.UTC(), Args: row.EncodedArgs,
	}
	if row.AttemptedAt != nil {
		job.Attempted = row.AttemptedAt.UTC()
	}
	if n := len(row.Errors); n > 0 {
		job.LastError = row.Errors[n-1].Error
	}
	return job
}

// Retry makes a job runnable now, whatever its state but running; a worker finds it within PollInterval.
func (c *Client) Retry(ctx context.Context, id int64) error {
	_, err := c.river.JobRetry(ctx, id)
	if errors.Is(err, rivertype.ErrNotFound) {
		return fmt.Errorf("%w: %d", ErrNotFound, id)
	}
	return err
}

package endpoint

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
)

// Assist gives the endpoint's answer, or own where the endpoint has none. It is for jobs, never for a request's path.
func Assist(ctx context.Context, a zhtext.Analyzer, text string, own zhtext.Class, labels []string) zhtext.Class {
	if a == nil {
		return own
	}
	c, err := a.Analyze(ctx, text, own.Axis, labels)
	if err != nil {
		return own
	}
	return c
}

// Shadow asks an endpoint about texts already answered, beside the path of requests, and logs disagreement: labels and
// models only, never the text.
type Shadow struct {
	analyzer zhtext.Analyzer
	log      *slog.Logger
	queue    chan observation
	dropped  atomic.Int64
	asked    atomic.Int64
	differ   atomic.Int64
	failed   atomic.Int64
	wait     sync.WaitGroup
	cancel   context.CancelFunc
}

type observation struct {
	id, text string
	own      zhtext.Class
	labels   []string
}

// Counts is what a Shadow has done so far.
type Counts struct{ Asked, Differ, Failed, Dropped int64 }

// queueSize is how many texts wait at most; more are dropped, a request never waits.
const queueSize = 256

// NewShadow starts one worker; Stop ends it.
func NewShadow(a zhtext.Analyzer, log *slog.Logger) *Shadow {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Shadow{analyzer: a, log: log, queue: make(chan observation, queueSize), cancel: cancel}
	s.wait.Go(func() { s.work(ctx) })
	return s
}

// Observe hands over a text with the answer given; it returns at once.
func (s *Shadow) Observe(id, text string, own zhtext.Class, labels []string) {
	select {
	case s.queue <- observation{id, text, own, labels}:
	default:
		s.dropped.Add(1)
	}
}

func (s *Shadow) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-s.queue:
			s.compare(ctx, o)
		}
	}
}

func (s *Shadow) compare(ctx context.Context, o observation) {
	defer s.asked.Add(1)
	c, err := s.analyzer.Analyze(ctx, o.text, o.own.Axis, o.labels)
	if err != nil {
		s.failed.Add(1)
		s.log.DebugContext(ctx, "endpoint gave no answer", "id", o.id, "error", err)
		return
	}
	if c.Label != o.own.Label {
		s.differ.Add(1)
		s.log.InfoContext(ctx, "endpoint disagrees", "id", o.id, "axis", o.own.Axis, "own", o.own.Label, "ownSource", o.own.Source,
			"ownModel", o.own.Model, "ownScore", o.own.Score, "endpoint", c.Label, "endpointModel", c.Model)
	}
}

// Counts tells what has been done.
func (s *Shadow) Counts() Counts {
	return Counts{s.asked.Load(), s.differ.Load(), s.failed.Load(), s.dropped.Load()}
}

// Stop ends the worker; what still waits is let go.
func (s *Shadow) Stop() {
	s.cancel()
	s.wait.Wait()
}

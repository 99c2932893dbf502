package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/aftersales-suite/aftersales/gateway/internal/feed"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/keys"
)

// Job is a delivery that is due, with what it takes to send it.
type Job struct {
	Delivery Delivery
	Endpoint Endpoint
	Entry    feed.Entry
}

// Outcome is how an attempt ended.
type Outcome struct {
	At     time.Time
	Status int    // HTTP status; 0 when none came
	Error  string // "" when delivered
	Next   time.Time
}

// Queue is the rows of deliveries.
type Queue interface {
	// Claim takes one delivery that is due and the first of its endpoint and case, until lease; not of the busy endpoints.
	Claim(ctx context.Context, now, lease time.Time, busy []string) (job Job, found bool, err error)
	// Deliver ends it well and lets the case's next one go.
	Deliver(ctx context.Context, job Job, o Outcome) error
	// Postpone sets the next attempt, also for the case's later ones.
	Postpone(ctx context.Context, job Job, o Outcome) error
	// GiveUp ends it badly and lets the case's next one go.
	GiveUp(ctx context.Context, job Job, o Outcome) error
	// SwitchOff ends the endpoint and all that waits for it.
	SwitchOff(ctx context.Context, job Job, o Outcome) error
}

// How much is sent at a time.
const (
	atATime     = 16
	perEndpoint = 4 // a slow partner must not hold up the others
	leaseFor    = time.Minute
	lookEvery   = time.Second
)

// Sender sends what is due.
type Sender struct {
	queue  Queue
	sealer keys.Sealer
	clock  clock.Clock
	log    *slog.Logger
	client *http.Client

	mu      sync.Mutex
	running map[string]int // by endpoint
	total   int
	wake    chan struct{}
	cancel  context.CancelFunc
	ended   sync.WaitGroup
}

// NewSender makes a sender. private lets it reach addresses that are not public: for development only.
func NewSender(queue Queue, sealer keys.Sealer, c clock.Clock, log *slog.Logger, private bool) *Sender {
	return &Sender{
		queue: queue, sealer: sealer, clock: c, log: log, client: newClient(private),
		running: map[string]int{}, wake: make(chan struct{}, 1),
	}
}

// Wake makes the sender look at once. It never waits.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Start begins to send.
func (s *Sender) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.ended.Go(func() { s.loop(ctx) })
	return nil
}

// Stop lets running attempts be repeated later: their lease runs out.
func (s *Sender) Stop(context.Context) error {
	if s.cancel != nil {
		s.cancel()
	}
	s.ended.Wait()
	return nil
}

func (s *Sender) loop(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		for s.startOne(ctx) {
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-ticker.C:
		}
	}
}

// startOne claims a delivery and sends it in the background; false when there was none or nobody is free.
func (s *Sender) startOne(ctx context.Context) bool {
	busy, free := s.load()
	if !free || ctx.Err() != nil {
		return false
	}
	now := s.clock.Now()
	job, found, err := s.queue.Claim(ctx, now, now.Add(leaseFor), busy)
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "web-hooks: claim failed", "error", err)
	}
	if err != nil || !found {
		return false
	}
	s.count(job.Endpoint.Name, 1)
	s.ended.Go(func() {
		defer s.Wake()
		defer s.count(job.Endpoint.Name, -1)
		s.attempt(ctx, job)
	})
	return true
}

// RunDue sends everything that is due, one after the other.
func (s *Sender) RunDue(ctx context.Context) (sent int, err error) {
	for {
		now := s.clock.Now()
		job, found, err := s.queue.Claim(ctx, now, now.Add(leaseFor), nil)
		if err != nil || !found {
			return sent, err
		}
		s.attempt(ctx, job)
		sent++
	}
}

func (s *Sender) load() (busy []string, free bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for endpoint, n := range s.running {
		if n >= perEndpoint {
			busy = append(busy, endpoint)
		}
	}
	return busy, s.total < atATime
}

func (s *Sender) count(endpoint string, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total += by
	if s.running[endpoint] += by; s.running[endpoint] == 0 {
		delete(s.running, endpoint)
	}
}

// attempt sends once and writes down how it went.
func (s *Sender) attempt(ctx context.Context, job Job) {
	status, retryAfter, reason := s.post(ctx, job)
	if ctx.Err() != nil {
		return // we are stopping: nothing is known
	}
	job.Delivery.Attempts++
	o := Outcome{At: s.clock.Now(), Status: status, Error: reason}
	if job.Delivery.FirstTry.IsZero() {
		job.Delivery.FirstTry = o.At
	}
	write := s.queue.Deliver
	if reason != "" {
		next, again := job.Delivery.next(o.At, retryAfter)
		switch {
		case status == http.StatusGone:
			write = s.queue.SwitchOff
		case again:
			o.Next, write = next, s.queue.Postpone
		default:
			write = s.queue.GiveUp
		}
	}
	if err := write(ctx, job, o); err != nil {
		s.log.WarnContext(ctx, "web-hooks: outcome not written; the lease runs out", "delivery", job.Delivery.ID, "error", err)
	}
}

// post gives the status and "" for a 2xx, else why it failed as a stable code: never the partner's text.
func (s *Sender) post(ctx context.Context, job Job) (status int, retryAfter time.Duration, reason string) {
	req, err := s.request(ctx, job)
	if err != nil {
		s.log.ErrorContext(ctx, "web-hooks: cannot be made", "delivery", job.Delivery.ID, "error", err)
		return 0, 0, "INTERNAL"
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, 0, classify(err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // politeness, bounded; the answer's body means nothing
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp.StatusCode, 0, ""
	}
	return resp.StatusCode, s.retryAfter(resp.Header.Get("Retry-After")), "STATUS"
}

func (s *Sender) request(ctx context.Context, job Job) (*http.Request, error) {
	body, err := Body(job.Endpoint.Owner, job.Entry)
	if err != nil {
		return nil, err
	}
	secret, err := s.sealer.Open(job.Endpoint.Secret, SecretAAD(job.Endpoint.Name))
	if err != nil {
		return nil, err
	}
	hook, err := standardwebhooks.NewWebhook(string(secret))
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	signature, err := hook.Sign(job.Delivery.EventID, now, body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, job.Endpoint.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "aftersales-webhook/1")
	req.Header.Set(standardwebhooks.HeaderWebhookID, job.Delivery.EventID)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return req, nil
}

// Body is the thin CloudEvent as the owner may read it.
func Body(owner string, e feed.Entry) ([]byte, error) {
	event, err := ScopeOf(owner).CloudEvent(e)
	if err != nil {
		return nil, err
	}
	return protojson.Marshal(event)
}

// SecretAAD binds a sealed secret to its endpoint.
func SecretAAD(name string) []byte { return []byte("webhook_endpoints/" + name) }

// retryAfter reads both forms of the header.
func (s *Sender) retryAfter(value string) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), int(longestWait.Seconds()))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(s.clock.Now()), 0)
	}
	return 0
}

func classify(err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.Is(err, errAddress):
		return "ADDRESS_REFUSED"
	case errors.As(err, &dns):
		return "DNS"
	case errors.As(err, &cert):
		return "TLS"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "TIMEOUT"
	}
	return "CONNECT"
}

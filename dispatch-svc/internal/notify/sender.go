package notify

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const (
	batch = 50
	// sendLimit bounds one attempt; a claim lasts longer, so that nobody else takes the message meanwhile.
	sendLimit = 20 * time.Second
	claimFor  = 2 * time.Minute
	// firstPause after a failed attempt doubles with each, up to longestPause.
	firstPause   = 30 * time.Second
	longestPause = time.Hour
)

// Sender sends what is due.
type Sender struct {
	Store  *store.Store
	Clock  clock.Clock
	Driver Driver
	Digest workorder.Digest
	Log    *slog.Logger
	Every  time.Duration // how often it looks without a wake-up

	halt  context.CancelFunc
	ended sync.WaitGroup
}

// Start sends now, after every commit of this process that makes a message, and every interval.
func (s *Sender) Start(ctx context.Context) error {
	signal, stop := sqldb.Listen(s.Store.DB, store.MessageTopic)
	ctx, s.halt = context.WithCancel(context.WithoutCancel(ctx))
	s.ended.Go(func() {
		defer stop()
		s.loop(ctx, signal)
	})
	return nil
}

// Stop cancels an attempt under way; its message is sent again later.
func (s *Sender) Stop(context.Context) error {
	if s.halt != nil {
		s.halt()
		s.ended.Wait()
	}
	return nil
}

func (s *Sender) loop(ctx context.Context, signal <-chan struct{}) {
	ticker := time.NewTicker(s.Every)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "acceptance codes", "error", err)
		}
		select {
		case <-signal:
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// Sweep sends every message that is due, and joins the errors of those that could not be looked at.
func (s *Sender) Sweep(ctx context.Context) error {
	var errs []error
	for {
		now := s.Clock.Now()
		due, err := s.Store.ClaimMessages(ctx, now, now.Add(claimFor), batch)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for _, m := range due {
			errs = append(errs, s.send(ctx, m))
		}
		if len(due) < batch {
			return errors.Join(errs...)
		}
	}
}

// send makes one attempt.
func (s *Sender) send(ctx context.Context, m store.CodeMessage) error {
	wanted, err := s.wanted(ctx, m)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	if !wanted {
		return s.Store.EndMessage(ctx, m.ID, "dropped", now)
	}
	attempt, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	detail, err := s.Driver.Send(attempt, Message{ID: m.ID, Phone: m.Phone, CaseNumber: m.Case, Code: m.Code, Expires: m.Expires})
	if err != nil {
		s.Log.WarnContext(ctx, "acceptance code not sent", "message", m.ID, "attempt", m.Attempts, "driver", s.Driver.Name())
		return s.Store.DelayMessage(ctx, m.ID, now.Add(pause(m.Attempts)))
	}
	return s.Store.EndMessage(ctx, m.ID, s.Driver.Name()+" "+detail, now)
}

// wanted says whether the code is still the one that confirms its order.
func (s *Sender) wanted(ctx context.Context, m store.CodeMessage) (bool, error) {
	o, err := s.Store.Order(ctx, s.Store.DB, store.Viewer{All: true}, m.Order)
	if errors.Is(err, apierr.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return o.Open() && o.Code.Digest == s.Digest(o.ID, m.Code) && s.Clock.Now().Before(m.Expires), nil
}

func pause(attempts int) time.Duration {
	return min(longestPause, firstPause<<min(attempts-1, 10))
}

package casefile

import (
	"slices"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// What pausing may answer instead.
var (
	// ErrClocksPaused is a pause for a reason that holds already; metadata: reason.
	ErrClocksPaused = apierr.Define(codes.FailedPrecondition, "CLOCKS_PAUSED", "计时已因 {reason} 暂停", "the clocks stand already: {reason}")
	// ErrClocksRunning is a resumption of what runs.
	ErrClocksRunning = apierr.Define(codes.FailedPrecondition, "CLOCKS_RUNNING", "计时没有暂停", "the clocks are not paused")
)

// byHand are the reasons that people give; the others follow from what happens.
var byHand = []string{promise.WaitingForCustomer, promise.WaitingForAppraisal, promise.CustomerAskedLater}

// PauseClocks stops the promises whose policy lists the reason. It stands as a flag until the clocks are resumed; what ends the waiting
// otherwise, e.g. that the customer was reached, takes the flag away too.
func (c *Case) PauseClocks(m Moment, reason, note string) (Change, error) {
	if _, err := c.check(PauseClocks, m.By); err != nil {
		return Change{}, err
	}
	if !slices.Contains(byHand, reason) {
		return Change{}, apierr.Invalid("reason", "不是可暂停计时的原因", "is no reason for which clocks pause")
	}
	if c.Flagged(reason) {
		return Change{}, ErrClocksPaused.New("reason", reason)
	}
	s := c.begin(m)
	s.flag(reason, note, m.At)
	s.settlePauses()
	s.tell(PauseClocks, "CLOCKS_PAUSED", timeline.Entry{Points: note, Facts: map[string]string{"reason": reason}})
	return s.change, nil
}

// ResumeClocks lets them run on.
func (c *Case) ResumeClocks(m Moment, note string) (Change, error) {
	if _, err := c.check(ResumeClocks, m.By); err != nil {
		return Change{}, err
	}
	if !slices.ContainsFunc(byHand, c.Flagged) {
		return Change{}, ErrClocksRunning.New()
	}
	s := c.begin(m)
	s.unflag(byHand...)
	s.settlePauses()
	s.tell(ResumeClocks, "CLOCKS_RESUMED", timeline.Entry{Points: note})
	return s.change, nil
}

// settlePauses stops and resumes promises as the case's flags and state ask for. Whoever raises or takes a flag that is a reason for
// pausing calls it afterwards; called without need it changes nothing.
func (s *step) settlePauses() {
	for i := range s.Clocks {
		k := &s.Clocks[i]
		if k.Type != ClockPromise || !k.Ended.IsZero() {
			continue
		}
		if k.running() && k.Breached.IsZero() && s.At.After(k.Due) {
			s.late(i) // before the pause began, whether or not the sweeper saw it
		}
		reason := s.standsFor(k)
		if reason == k.PauseReason() {
			continue
		}
		k.close(s.At)
		if reason != "" {
			k.Pauses, k.Paused = append(k.Pauses, Pause{From: s.At, Reason: reason}), s.At
		}
		s.recompute(k)
		s.touched(i)
	}
}

// standsFor is the first reason that holds and that the clock's policy lists. A promise that was missed does not pause any more.
func (s *step) standsFor(k *Clock) string {
	if k.Within <= 0 || !k.Breached.IsZero() && k.Paused.IsZero() {
		return ""
	}
	for _, reason := range promise.PauseReasons {
		holds := s.Flagged(reason) || reason == promise.AwaitingConsent && s.State == SolutionProposed && !s.Flagged(FlagAwaitingApproval)
		if holds && slices.Contains(k.PauseFor, reason) {
			return reason
		}
	}
	return ""
}

// close ends the open pause. One that took no time is none.
func (k *Clock) close(at time.Time) {
	if k.Paused.IsZero() {
		return
	}
	last := len(k.Pauses) - 1
	k.Paused = time.Time{}
	k.Pauses[last].To = at
	if !at.After(k.Pauses[last].From) {
		k.Pauses = k.Pauses[:last]
	}
}

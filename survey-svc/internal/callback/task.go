package callback

import (
	"slices"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Errors of call-backs.
var (
	// ErrState is a step that the task's state does not allow; metadata: state, verb.
	ErrState = apierr.Define(codes.FailedPrecondition, "CALL_BACK_STATE_INVALID",
		"回访任务处于 {state}，不能执行 {verb}", "the call-back is {state}; {verb} is not possible")
	// ErrClaimed is a task that somebody else is calling, or that the caller has not claimed; metadata: until.
	ErrClaimed = apierr.Define(codes.FailedPrecondition, "CALL_BACK_CLAIMED",
		"该回访任务由他人领取或尚未领取", "somebody else has claimed the call-back, or nobody has")
	// ErrNotIndependent is a caller who handled the case; metadata: case.
	ErrNotIndependent = apierr.Define(codes.FailedPrecondition, "CALLER_NOT_INDEPENDENT",
		"不能回访自己处理过的工单 {case}", "nobody calls the customer of a case they handled ({case})")
)

// Policy holds the periods. Zero values mean the defaults.
type Policy struct {
	ClaimFor   time.Duration // how long one person may take; default 30 minutes
	RetryAfter time.Duration // pause after an unanswered call; default 4 h, so that attempts fall into different half-days
	Attempts   int           // calls until the link is sent instead; default 3
}

func (p Policy) withDefaults() Policy {
	if p.ClaimFor <= 0 {
		p.ClaimFor = 30 * time.Minute
	}
	if p.RetryAfter <= 0 {
		p.RetryAfter = 4 * time.Hour
	}
	if p.Attempts <= 0 {
		p.Attempts = 3
	}
	return p
}

// Task is to call one customer.
type Task struct {
	ID         string
	Invitation string // id of the invitation whose questions are asked
	Case       string
	State      State
	Due        time.Time
	Caller     string // users/<id> who has claimed it
	ClaimUntil time.Time
	Attempts   int
	Handlers   []string // who handled the case
	Created    time.Time
	Version    int64
}

// Plan makes a task that is due at a time.
func Plan(id, invitation, caseName string, handlers []string, due, now time.Time) Task {
	return Task{ID: id, Invitation: invitation, Case: caseName, Handlers: handlers, State: Waiting, Due: due, Created: now}
}

// Independent says whether a person may call: not who handled the case.
func (t *Task) Independent(caller string) bool { return !slices.Contains(t.Handlers, caller) }

// Tick brings a task up to the time: what was waiting becomes due, a claim that ran out lapses. It reports a change.
func (t *Task) Tick(now time.Time) bool {
	switch {
	case t.State == Waiting && !now.Before(t.Due):
		t.State, _ = next(t.State, VerbDue)
	case t.State == Claimed && !now.Before(t.ClaimUntil):
		t.State, _ = next(t.State, VerbLapse)
		t.unclaim()
	default:
		return false
	}
	return true
}

// Claim reserves the task for one person.
func (t *Task) Claim(caller string, policy Policy, now time.Time) error {
	t.Tick(now)
	if !t.Independent(caller) {
		return ErrNotIndependent.New("case", t.Case)
	}
	if t.State == Claimed && t.Caller != caller {
		return ErrClaimed.New("until", t.ClaimUntil.Format(time.RFC3339))
	}
	to, err := next(t.State, VerbClaim)
	if err != nil {
		return err
	}
	t.State, t.Caller, t.ClaimUntil = to, caller, now.Add(policy.withDefaults().ClaimFor)
	return nil
}

// Release gives the task back; a manager may take it from somebody.
func (t *Task) Release(by string, manager bool, now time.Time) error {
	t.Tick(now)
	to, err := next(t.State, VerbRelease)
	if err != nil {
		return err
	}
	if t.Caller != by && !manager {
		return ErrClaimed.New()
	}
	t.State = to
	t.unclaim()
	return nil
}

// Result of a call.
type Result string

// The results.
const (
	Reached     Result = "REACHED"
	NoAnswer    Result = "NO_ANSWER"
	Busy        Result = "BUSY"
	WrongNumber Result = "WRONG_NUMBER"
	CallLater   Result = "CALL_LATER"
	Refusal     Result = "REFUSED"
)

// Attempt is one call, a record for ever (R184).
type Attempt struct {
	Number  int
	Caller  string
	Time    time.Time
	Result  Result
	Channel string
	Note    string // personal
}

// Call is what a caller reports.
type Call struct {
	Caller  string
	Result  Result
	Channel string
	Note    string
	Next    time.Time // when to call again; zero: by policy
}

// Record keeps a call and decides what follows. A due task that nobody has claimed is claimed by the way, so that a
// claim which ran out during a long call does not lose the call.
func (t *Task) Record(c Call, policy Policy, now time.Time) (Attempt, error) {
	if err := t.Claim(c.Caller, policy, now); err != nil {
		return Attempt{}, err
	}
	if err := c.check(now); err != nil {
		return Attempt{}, err
	}
	policy = policy.withDefaults()
	to, err := next(t.State, t.after(c.Result, policy))
	if err != nil {
		return Attempt{}, err
	}
	t.State = to
	t.Attempts++
	t.unclaim()
	if to == Waiting {
		t.Due = nextCall(c.Next, now, policy)
	}
	return Attempt{Number: t.Attempts, Caller: c.Caller, Time: now, Result: c.Result, Channel: c.Channel, Note: c.Note}, nil
}

func (c Call) check(now time.Time) error {
	if c.Result == CallLater && c.Next.IsZero() {
		return apierr.Invalid("next_attempt_time", "请填写下次回访时间", "say when to call again")
	}
	if !c.Next.IsZero() && !c.Next.After(now) {
		return apierr.Invalid("next_attempt_time", "下次回访时间须在将来", "the next call must be in the future")
	}
	return nil
}

// after chooses the verb that a result leads to. A wrong number is not tried again; a customer who asks to be called
// later uses up no attempt's patience but the number of calls stays bounded by the task's expiry.
func (t *Task) after(r Result, policy Policy) Verb {
	switch r {
	case Reached:
		return VerbAnswer
	case Refusal:
		return VerbRefuse
	case WrongNumber:
		return VerbGiveUp
	case CallLater:
		return VerbRetry
	}
	if t.Attempts+1 >= policy.Attempts {
		return VerbGiveUp
	}
	return VerbRetry
}

func nextCall(asked, now time.Time, policy Policy) time.Time {
	if !asked.IsZero() {
		return asked
	}
	return now.Add(policy.RetryAfter)
}

// AnsweredByLink ends the task: the customer answered without a call.
func (t *Task) AnsweredByLink() error { return t.end(VerbAnswerByLink) }

// Cancel ends the task: the case went another way.
func (t *Task) Cancel() error { return t.end(VerbCancel) }

// Expire ends the task: nobody called in time.
func (t *Task) Expire() error { return t.end(VerbExpire) }

func (t *Task) end(verb Verb) error {
	to, err := next(t.State, verb)
	if err != nil {
		return err
	}
	t.State = to
	t.unclaim()
	return nil
}

func (t *Task) unclaim() { t.Caller, t.ClaimUntil = "", time.Time{} }

package casefile

import (
	"slices"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/worktime"
)

// Clocks of a case.
const (
	ClockAcknowledge = promise.Acknowledge
	ClockRespond     = promise.Respond
	ClockResolve     = promise.Resolve
	ClockNews        = promise.News
	ClockNoReply     = "NO_REPLY" // a waiting time, not a promise: its end is no breach
)

// Types of clocks. All but promises are set from outside and never pause.
const (
	ClockPromise   = "PROMISE"
	ClockLegal     = "LEGAL"
	ClockRegulator = "REGULATOR"
	ClockPlatform  = "PLATFORM"
)

// Clock is one deadline; the store keeps each as a row, numbered by its place in the case.
type Clock struct {
	Code        string    `json:"code"`
	Type        string    `json:"type"`
	Round       int       `json:"round,omitempty"`
	Started     time.Time `json:"started"`
	Due         time.Time `json:"due,omitzero"` // zero while it is paused
	Ended       time.Time `json:"ended,omitzero"`
	Breached    time.Time `json:"breached,omitzero"` // when it was found overdue
	Paused      time.Time `json:"paused,omitzero"`   // since when
	Explanation []string  `json:"explanation,omitempty"`

	Within   time.Duration  `json:"within,omitempty"`   // working time promised; 0 for a fixed date
	Calendar string         `json:"calendar,omitempty"` // id; "" day and night
	Policy   string         `json:"policy,omitempty"`   // id
	ZH       string         `json:"zh,omitempty"`       // why this policy, or who set it
	EN       string         `json:"en,omitempty"`
	Pauses   []Pause        `json:"pauses,omitempty"`
	PauseFor []string       `json:"pauseFor,omitempty"` // reasons that stop it
	WarnLead time.Duration  `json:"warnLead,omitempty"`
	Warn     time.Time      `json:"warn,omitzero"`
	Warned   time.Time      `json:"warned,omitzero"`
	Tiers    []promise.Tier `json:"tiers,omitempty"`
	TierAt   []time.Time    `json:"tierAt,omitempty"`
	Reached  int            `json:"reached,omitempty"` // tiers that were told
	Left     time.Duration  `json:"left,omitempty"`    // working time, while it stands
	Told     bool           `json:"told,omitempty"`    // the customer was told this time: no policy moves it

	// Way is how the due time came about, when it was computed in this change; the rows keep it.
	Way      []worktime.Segment `json:"-"`
	Warnings []worktime.Warning `json:"-"`
}

// Pause is a stretch in which a promise stood.
type Pause struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"`
	Reason string    `json:"reason"`
}

func (k *Clock) running() bool { return k.Ended.IsZero() && k.Paused.IsZero() }

// State of a deadline as it is told.
func (k *Clock) State() string {
	switch {
	case !k.Ended.IsZero() && !k.Breached.IsZero():
		return "MET_LATE"
	case !k.Ended.IsZero():
		return "MET"
	case !k.Paused.IsZero():
		return "PAUSED"
	case !k.Breached.IsZero():
		return "BREACHED"
	}
	return "RUNNING"
}

// PauseReason is why it stands; "" when it does not.
func (k *Clock) PauseReason() string {
	if k.Paused.IsZero() || len(k.Pauses) == 0 {
		return ""
	}
	return k.Pauses[len(k.Pauses)-1].Reason
}

// Wake is when somebody must look at the clock: to warn, to find it missed, to tell the next tier. Zero: never again.
func (k *Clock) Wake() time.Time {
	switch {
	case !k.running():
		return time.Time{}
	case k.Breached.IsZero() && k.Warned.IsZero() && !k.Warn.IsZero():
		return k.Warn
	case k.Breached.IsZero():
		return k.Due
	case k.Reached < len(k.TierAt):
		return k.TierAt[k.Reached]
	}
	return time.Time{}
}

// matter is what policies decide by.
func (c *Case) matter() promise.Matter {
	return promise.Matter{Org: c.OwnerOrg, Kind: string(c.Kind), Class: c.ContentClass, Urgency: c.Urgency, Channel: c.Channel}
}

// promiseIn starts the clock of a promise as the policy that fits has it; none starts where nothing is promised.
func (s *step) promiseIn(code string) {
	s.endClock(code)
	terms, ok := s.Policy.Promises.Book().Terms(code, s.matter())
	if !ok {
		return
	}
	k := s.addClock(Clock{Code: code, Type: ClockPromise})
	k.take(terms)
	s.recompute(k)
	s.settlePauses()
}

// take makes the terms the clock's own.
func (k *Clock) take(t promise.Terms) {
	k.Within, k.Calendar, k.Policy, k.PauseFor, k.WarnLead, k.Tiers = t.Within, t.Calendar, t.ID, t.PauseFor, t.Warn, t.Tiers
	k.ZH, k.EN, k.Explanation = t.ZH, t.EN, []string{t.ZH}
}

// startClock starts a clock with a fixed end, ending one of the code that runs.
func (s *step) startClock(code, kind string, due time.Time, zh, en string) *Clock {
	s.endClock(code)
	k := s.addClock(Clock{Code: code, Type: kind, Due: due, ZH: zh, EN: en, Explanation: []string{zh}})
	k.Way = worktime.Always().Explain(s.At, due)
	return k
}

func (s *step) addClock(k Clock) *Clock {
	k.Started, k.Round = s.At, s.RoundNumber()
	s.Clocks = append(s.Clocks, k)
	last := len(s.Clocks) - 1
	s.touched(last)
	return &s.Clocks[last]
}

// touched has the store write the row of a clock.
func (s *step) touched(n int) {
	if !slices.Contains(s.change.Clocks, n) {
		s.change.Clocks = append(s.change.Clocks, n)
	}
}

// endClock ends the running clock of the code. One that ends after its time was breached, whether or not the sweeper saw it.
func (s *step) endClock(code string) {
	for i := range s.Clocks {
		if k := &s.Clocks[i]; k.Code == code && k.Ended.IsZero() {
			s.end(i)
		}
	}
}

func (s *step) end(n int) {
	k := &s.Clocks[n]
	if k.running() && k.Breached.IsZero() && k.Code != ClockNoReply && s.At.After(k.Due) {
		k.Breached = s.At
	}
	k.close(s.At)
	k.Ended = s.At
	s.touched(n)
}

// endClocks ends all: there is nothing to wait for.
func (s *step) endClocks() {
	for i := range s.Clocks {
		if s.Clocks[i].Ended.IsZero() {
			s.end(i)
		}
	}
	s.unflag(byHand...)
}

// work is the clock as worktime counts it.
func (k *Clock) work() worktime.Clock {
	w := worktime.Clock{Start: k.Started, Budget: k.Within, Fixed: k.Type != ClockPromise}
	for _, p := range k.Pauses {
		w.Pauses = append(w.Pauses, worktime.Pause{From: p.From, To: p.To, ZH: pauseTexts[p.Reason][0], EN: pauseTexts[p.Reason][1]})
	}
	return w
}

// pauseTexts tell why a clock stands.
var pauseTexts = map[string][2]string{
	promise.WaitingForCustomer: {"等待客户", "waiting for the customer"}, promise.Unreachable: {"联系不上客户", "customer unreachable"},
	promise.WaitingForAppraisal: {"等待外部鉴定", "waiting for an appraisal"}, promise.CustomerAskedLater: {"客户要求延后", "the customer asked for later"},
	promise.AwaitingConsent: {"等待客户确认方案", "a solution waits for consent"},
}

// recompute finds the due time anew, with the way to it: after a pause, another urgency or class, a new round.
func (s *step) recompute(k *Clock) {
	if k.Within <= 0 {
		return
	}
	due := s.Policy.Promises.Book().Compute(promise.Run{Clock: k.work(), Calendar: k.Calendar, Warn: k.WarnLead, Tiers: k.Tiers}, s.At)
	k.Due, k.Warn, k.TierAt, k.Left, k.Way, k.Warnings = due.At, due.Warn, due.Tiers, due.Left, due.Segments, due.Warnings
	if k.Warned.Before(k.Warn) { // it moved away: another warning will be due
		k.Warned = time.Time{}
	}
}

// reprice takes up the policies that hold now, after class or urgency changed: what has run stays run, a paused clock stays paused.
func (s *step) reprice() {
	for i := range s.Clocks {
		k := &s.Clocks[i]
		if k.Type != ClockPromise || !k.Ended.IsZero() || k.Policy == "" || k.Told {
			continue
		}
		terms, ok := s.Policy.Promises.Book().Terms(k.Code, s.matter())
		switch {
		case !ok:
			s.end(i)
		case terms.ID != k.Policy || terms.Within != k.Within:
			k.take(terms)
			s.recompute(k)
			s.touched(i)
		}
	}
	s.settlePauses()
}

// Deadline is the nearest deadline that runs; zero when none does.
func (c *Case) Deadline() (due time.Time) {
	if k := c.NearestClock(); k != nil {
		due = k.Due
	}
	return due
}

// NearestClock is the clock of that deadline; nil when none runs.
func (c *Case) NearestClock() (nearest *Clock) {
	for i := range c.Clocks {
		if k := &c.Clocks[i]; k.running() && (nearest == nil || k.Due.Before(nearest.Due)) {
			nearest = k
		}
	}
	return nearest
}

// NextDue is when somebody must look at the case: a task that waits for its job. Clocks have rows of their own.
func (c *Case) NextDue() (due time.Time) {
	for _, t := range c.Tasks {
		due = earlier(due, t.Wake)
	}
	return due
}

// NextLook is NextDue with the clocks.
func (c *Case) NextLook() time.Time {
	due := c.NextDue()
	for i := range c.Clocks {
		due = earlier(due, c.Clocks[i].Wake())
	}
	return due
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// ClockName is the name of the deadline at a place.
func (c *Case) ClockName(n int) string { return c.Name() + "/deadlines/" + strconv.Itoa(n+1) }

// inTime says that no promise of the current round was missed; news that came late does not make the handling late.
func (c *Case) inTime() bool {
	since := c.Round().Started
	return !slices.ContainsFunc(c.Clocks, func(k Clock) bool {
		return k.Type == ClockPromise && !k.Breached.IsZero() && k.Code != ClockNews && !k.Started.Before(since)
	})
}

// note for the timeline: which clock, and when it was due.
func (k *Clock) facts(more ...string) map[string]string {
	facts := map[string]string{"clock": k.Code, "type": k.Type}
	if !k.Due.IsZero() {
		facts["due"] = k.Due.Format(time.RFC3339)
	}
	for i := 0; i+1 < len(more); i += 2 {
		facts[more[i]] = more[i+1]
	}
	return facts
}

// tell writes an entry and tells the others that something happened to the case, without a change of state.
func (s *step) tell(v Verb, event string, e timeline.Entry) {
	s.note(event, e)
	s.change.Facts = append(s.change.Facts, Fact{Verb: v, State: s.State, Previous: s.State, At: s.At})
}

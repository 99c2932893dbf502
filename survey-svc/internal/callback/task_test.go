package callback

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

var t0 = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

const (
	handler = "users/handler"
	caller  = "users/caller"
	other   = "users/other"
)

func due() Task { return Plan("t1", "i1", "cases/c1", []string{handler}, t0, t0.Add(-time.Hour)) }

// R173: a caller never calls his own case.
func TestNobodyCallsTheirOwnCase(t *testing.T) {
	t.Parallel()
	task := due()
	require.ErrorIs(t, task.Claim(handler, Policy{}, t0), ErrNotIndependent)
	_, err := task.Record(Call{Caller: handler, Result: Reached}, Policy{}, t0)
	require.ErrorIs(t, err, ErrNotIndependent)
	require.NoError(t, task.Claim(caller, Policy{}, t0))
}

func TestOnePersonCallsAtATime(t *testing.T) {
	t.Parallel()
	task := due()
	require.NoError(t, task.Claim(caller, Policy{}, t0))
	require.ErrorIs(t, task.Claim(other, Policy{}, t0), ErrClaimed)
	_, err := task.Record(Call{Caller: other, Result: Reached}, Policy{}, t0)
	require.ErrorIs(t, err, ErrClaimed)
	require.ErrorIs(t, task.Release(other, false, t0), ErrClaimed)
	require.NoError(t, task.Claim(caller, Policy{}, t0.Add(20*time.Minute)), "one's own is prolonged")
	require.Equal(t, t0.Add(50*time.Minute), task.ClaimUntil)
	require.NoError(t, task.Claim(other, Policy{}, t0.Add(50*time.Minute)), "a claim that ran out is free")
	require.NoError(t, task.Release(caller, true, t0.Add(51*time.Minute)), "a manager takes it back")
	require.Equal(t, Due, task.State)
	require.Empty(t, task.Caller)
}

func TestNotBeforeItsTime(t *testing.T) {
	t.Parallel()
	task := due()
	require.ErrorIs(t, task.Claim(caller, Policy{}, t0.Add(-time.Second)), ErrState)
	require.False(t, task.Tick(t0.Add(-time.Second)))
	require.True(t, task.Tick(t0))
	require.Equal(t, Due, task.State)
}

func TestUnansweredCallsEndWithTheLink(t *testing.T) {
	t.Parallel()
	task, now := due(), t0
	for n := 1; n <= 3; n++ {
		attempt, err := task.Record(Call{Caller: caller, Result: NoAnswer, Channel: "PHONE"}, Policy{}, now)
		require.NoError(t, err)
		require.Equal(t, n, attempt.Number) // R184: each call is a record
		if n < 3 {
			require.Equal(t, Waiting, task.State)
			require.Equal(t, now.Add(4*time.Hour), task.Due)
		}
		now = task.Due
	}
	require.Equal(t, Unreached, task.State)
	require.NoError(t, task.AnsweredByLink())
	require.Equal(t, Answered, task.State)
}

func TestResultsLeadOn(t *testing.T) {
	t.Parallel()
	later := t0.Add(48 * time.Hour)
	for result, want := range map[Result]State{
		Reached: Answered, Refusal: Refused, WrongNumber: Unreached, CallLater: Waiting, Busy: Waiting,
	} {
		task := due()
		_, err := task.Record(Call{Caller: caller, Result: result, Next: later}, Policy{}, t0)
		require.NoError(t, err)
		require.Equal(t, want, task.State, result)
		require.Empty(t, task.Caller)
		if want == Waiting {
			require.Equal(t, later, task.Due)
		}
	}
	task := due()
	_, err := task.Record(Call{Caller: caller, Result: CallLater}, Policy{}, t0)
	require.ErrorIs(t, err, apierr.ErrInvalid, "say when")
	_, err = task.Record(Call{Caller: caller, Result: Busy, Next: t0}, Policy{}, t0)
	require.ErrorIs(t, err, apierr.ErrInvalid, "not in the past")
	require.Zero(t, task.Attempts)
}

func TestACallThatOutlivedItsClaimIsNotLost(t *testing.T) {
	t.Parallel()
	task := due()
	require.NoError(t, task.Claim(caller, Policy{}, t0))
	require.True(t, task.Tick(t0.Add(time.Hour)))
	_, err := task.Record(Call{Caller: caller, Result: Reached}, Policy{}, t0.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, Answered, task.State)
}

func TestEveryTransitionAndNoOther(t *testing.T) {
	t.Parallel()
	for _, state := range States {
		for _, row := range Transitions {
			got, err := next(state, row.Verb)
			if slices.Contains(row.From, state) {
				require.NoError(t, err)
				require.Equal(t, row.To, got)
			} else {
				require.ErrorIs(t, err, ErrState)
			}
		}
	}
	for _, over := range []State{Answered, Refused, Cancelled, Expired} {
		task := Task{State: over}
		require.ErrorIs(t, task.Cancel(), ErrState)
		require.ErrorIs(t, task.Expire(), ErrState)
		require.ErrorIs(t, task.AnsweredByLink(), ErrState)
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	for _, s := range States {
		require.NotEmpty(t, s.Label(true))
		require.NotEmpty(t, s.Label(false))
		require.LessOrEqual(t, len([]rune(s.Label(false))), 5)
	}
}

package hotline

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

func reports(wait time.Duration) []Report {
	return []Report{
		{Event: Ringing, At: noon, Phone: "13800138000"}, {Event: Connected, At: noon.Add(2 * time.Second), Queue: "400"},
		{Event: AgentAnswered, At: noon.Add(2*time.Second + wait), Agent: "users/agent"}, {Event: HungUp, At: noon.Add(time.Hour)},
	}
}

// R191: from connected to the agent's answer, at the second.
func TestTheWaitIsMeasuredFromConnectedToTheAnswer(t *testing.T) {
	t.Parallel()
	for wait, inTime := range map[time.Duration]bool{0: true, 30 * time.Second: true, 30*time.Second + time.Microsecond: false} {
		var c Call
		for _, r := range reports(wait) {
			require.True(t, c.Take(r))
		}
		got, ok := c.Wait(DefaultPolicy)
		require.True(t, ok)
		require.Equal(t, wait, got)
		require.Equal(t, inTime, c.InTime(DefaultPolicy))
		require.False(t, c.Missed())
	}
}

// Events come twice and in any order (R19).
func TestReportsInAnyOrderAreTheSameCall(t *testing.T) {
	t.Parallel()
	var want Call
	for _, r := range reports(20 * time.Second) {
		want.Take(r)
	}
	rapid.Check(t, func(t *rapid.T) {
		var c Call
		twice := append(reports(20*time.Second), reports(20*time.Second)...)
		for _, r := range rapid.Permutation(twice).Draw(t, "order") {
			c.Take(r)
		}
		if c != want {
			t.Fatalf("%+v is not %+v", c, want)
		}
		if c.Take(twice[0]) {
			t.Fatal("a repeat changed the call")
		}
	})
}

func TestAnotherPolicyMeasuresElsewhere(t *testing.T) {
	t.Parallel()
	var c Call
	for _, r := range reports(29 * time.Second) {
		c.Take(r)
	}
	ringing := Policy{From: Ringing, To: AgentAnswered, Limit: 30 * time.Second}
	wait, ok := c.Wait(ringing)
	require.True(t, ok)
	require.Equal(t, 31*time.Second, wait)
	require.False(t, c.InTime(ringing))
}

func TestAMissedCallIsNotInTime(t *testing.T) {
	t.Parallel()
	var c Call
	c.Take(Report{Event: Connected, At: noon})
	c.Take(Report{Event: HungUp, At: noon.Add(time.Minute)})
	require.True(t, c.Missed())
	require.False(t, c.InTime(DefaultPolicy))
}

func TestACallIsLinkedOnce(t *testing.T) {
	t.Parallel()
	var c Call
	for n, want := range []bool{true, false} {
		changed, err := c.Link("a")
		require.NoError(t, err)
		require.Equal(t, want, changed, n)
	}
	_, err := c.Link("b")
	require.Equal(t, "CALL_LINKED", apierr.Reason(err))
}

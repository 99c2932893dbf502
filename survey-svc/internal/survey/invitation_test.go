package survey

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var t0 = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func plan(p Purpose) Plan {
	return Plan{
		ID: "i1", Token: "tok", Purpose: p, Locale: "zh-CN", Contact: Contact{DisplayName: "王小明", Phone: "13800138000"},
		Subject: Subject{Case: "cases/c1", CaseNumber: "AS20261122-000001", Round: 1, OwnerOrg: "organisations/a", Handlers: []string{"users/h"}},
	}
}

func TestInviteByPolicy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		purpose           Purpose
		notBefore, expire time.Duration
		message           bool
	}{
		"survey goes out at once":      {PurposeSurvey, 0, 30 * day, true},
		"a week later somebody calls":  {PurposeWeek, 7 * day, 21 * day, false},   // R173
		"a month later somebody calls": {PurposeMonth, 30 * day, 44 * day, false}, // R173
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := Invite(plan(c.purpose), Policy{}, t0)
			require.Equal(t, Scheduled, inv.State)
			require.Equal(t, t0.Add(c.notBefore), inv.NotBefore)
			require.Equal(t, t0.Add(c.expire), inv.Expire)
			require.Equal(t, c.message, inv.Due(t0.Add(c.notBefore)))
			require.Equal(t, !c.message, inv.NeedsCall())
			require.Equal(t, "NORMAL", inv.Confidentiality)
		})
	}
}

func TestInviteWithoutPhoneIsAskedByMessage(t *testing.T) {
	t.Parallel()
	p := plan(PurposeWeek)
	p.Contact = Contact{WeChat: "wechat:o1"}
	inv := Invite(p, Policy{}, t0)
	require.False(t, inv.NeedsCall())
	require.Equal(t, t0.Add(7*day), inv.NextAttempt) // R173: by phone or message

	p.Contact = Contact{}
	inv = Invite(p, Policy{}, t0)
	require.Equal(t, Undeliverable, inv.State)
	require.Equal(t, ReasonNoContact, inv.Reason)
}

// R264
func TestSamplingLeavesOutItsShareAndStays(t *testing.T) {
	t.Parallel()
	policy, out := Policy{SurveySkipShare: 0.3}, 0
	for n := range 5000 {
		p := plan(PurposeSurvey)
		p.Case = fmt.Sprintf("cases/%d", n)
		inv := Invite(p, policy, t0)
		require.Equal(t, inv.State, Invite(p, policy, t0).State)
		if inv.State == NotSampled {
			out++
			require.Equal(t, ReasonSampling, inv.Reason)
			require.False(t, inv.Due(t0))
		}
	}
	require.InDelta(t, 1500, out, 150)
	p := plan(PurposeSurvey)
	require.Equal(t, NotSampled, Invite(p, Policy{SurveySkipShare: 1}, t0).State)
	require.Equal(t, Scheduled, Invite(p, Policy{}, t0).State)
}

func TestDeliveryIsRetriedAndGivenUp(t *testing.T) {
	t.Parallel()
	policy := Policy{DeliveryAttempts: 3, DeliveryRetry: time.Minute}
	inv, now := Invite(plan(PurposeSurvey), policy, t0), t0
	var pauses []time.Duration
	for inv.State == Scheduled {
		require.True(t, inv.BeginDelivery(now, 2*time.Minute, policy))
		require.False(t, inv.BeginDelivery(now, 2*time.Minute, policy), "an attempt under way keeps others out")
		inv.DeliveryFailed(now, policy)
		if inv.State == Scheduled {
			pauses = append(pauses, inv.NextAttempt.Sub(now))
			now = inv.NextAttempt
		}
	}
	require.Equal(t, []time.Duration{time.Minute, 2 * time.Minute}, pauses)
	require.Equal(t, Undeliverable, inv.State)
	require.True(t, inv.State.Open(), "the link still works")
	inv.DeliverySucceeded(now)
	require.Equal(t, Delivered, inv.State, "a late success counts")
}

func TestInterruptedAttemptsAreGivenUp(t *testing.T) {
	t.Parallel()
	policy := Policy{DeliveryAttempts: 2}
	inv, now := Invite(plan(PurposeSurvey), policy, t0), t0
	for range 2 {
		require.True(t, inv.BeginDelivery(now, time.Minute, policy))
		now = inv.NextAttempt // crashed, the lease is over
	}
	require.False(t, inv.BeginDelivery(now, time.Minute, policy))
	require.Equal(t, Undeliverable, inv.State)
}

func TestDeliveryResultDoesNotOverruleAnAnswer(t *testing.T) {
	t.Parallel()
	inv := Invite(plan(PurposeSurvey), Policy{}, t0)
	require.True(t, inv.BeginDelivery(t0, time.Minute, Policy{}))
	_, _, err := inv.Respond(Reply{ID: "r", Answer: Answer{Solved: true, Ratings: map[string]int{Overall: 5}}}, nil, Policy{}, t0)
	require.NoError(t, err)
	inv.DeliverySucceeded(t0.Add(time.Second))
	require.Equal(t, Responded, inv.State)
	require.Equal(t, t0.Add(time.Second), inv.Delivered)
}

func TestEveryTransitionAndNoOther(t *testing.T) {
	t.Parallel()
	verbs := []Verb{VerbDeliver, VerbFailDelivery, VerbRespond, VerbAmend, VerbExpire, VerbCancel}
	for _, state := range States {
		for _, verb := range verbs {
			want, allowed := state, false
			for _, row := range Transitions {
				if row.Verb == verb && slices.Contains(row.From, state) {
					want, allowed = row.To, true
				}
			}
			got, err := next(state, verb)
			require.Equal(t, want, got)
			if allowed {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, ErrState)
			}
		}
	}
	for _, over := range []State{Responded, Expired, Cancelled, NotSampled} {
		inv := Invitation{State: over}
		require.ErrorIs(t, inv.Cancel("x"), ErrState)
		require.ErrorIs(t, inv.ExpireNow(), ErrState)
	}
}

func TestNewsOfTheCaseCancel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		purpose Purpose
		state   State
		news    CaseNews
		want    string
	}{
		"withdrawn ends everything":             {PurposeMonth, Scheduled, CaseNews{State: "WITHDRAWN", Round: 1}, "CASE_WITHDRAWN"},
		"merged ends everything":                {PurposeSurvey, Delivered, CaseNews{State: "MERGED", Round: 1}, "CASE_MERGED"},
		"closing ends a pending survey":         {PurposeSurvey, Scheduled, CaseNews{State: "CLOSED", Kind: "COMPLAINT", Round: 1}, ReasonCaseClosed},
		"not one that is out":                   {PurposeSurvey, Delivered, CaseNews{State: "CLOSED", Kind: "COMPLAINT", Round: 1}, ""},
		"not that of an enquiry closed at once": {PurposeSurvey, Scheduled, CaseNews{State: "CLOSED", Kind: "ENQUIRY", Round: 1}, ""},
		"not the call-back that comes later":    {PurposeWeek, Scheduled, CaseNews{State: "CLOSED", Kind: "COMPLAINT", Round: 1}, ""}, // R173
		"a new round has its own":               {PurposeWeek, Scheduled, CaseNews{State: "UNDER_INVESTIGATION", Round: 2}, ReasonCaseReopened},
		"an answer stays":                       {PurposeSurvey, Responded, CaseNews{State: "WITHDRAWN", Round: 2}, ""},
		"no news":                               {PurposeSurvey, Scheduled, CaseNews{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := Invitation{Purpose: c.purpose, State: c.state, Subject: Subject{Round: 1}}
			require.Equal(t, c.want, inv.OvertakenBy(c.news))
		})
	}
}

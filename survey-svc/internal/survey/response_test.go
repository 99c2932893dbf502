package survey

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// R170
func TestSatisfiedIsWhatWasToldElseOverallFromFour(t *testing.T) {
	t.Parallel()
	for overall := 1; overall <= 5; overall++ {
		a := Answer{Ratings: map[string]int{Overall: overall}}
		require.Equal(t, overall >= 4, a.IsSatisfied())
		a.Satisfied = no()
		require.False(t, a.IsSatisfied())
		a.Satisfied = yes()
		require.True(t, a.IsSatisfied())
	}
}

func TestRespondOnceRepeatAmendFinal(t *testing.T) {
	t.Parallel()
	inv := Invite(plan(PurposeSurvey), Policy{}, t0)
	good := Reply{ID: "r1", Answer: Answer{Solved: true, Comment: " 很好 ", Ratings: map[string]int{Overall: 5}}, Channel: ByLink}
	first, repeat, err := inv.Respond(good, nil, Policy{}, t0)
	require.NoError(t, err)
	require.False(t, repeat)
	require.Equal(t, Responded, inv.State)
	require.Equal(t, "很好", first.Comment)
	require.Equal(t, t0.Add(24*time.Hour), inv.AmendUntil)

	good.ID = "r2"
	again, repeat, err := inv.Respond(good, &first, Policy{}, t0.Add(100*day))
	require.NoError(t, err, "a repeat is answered at any time")
	require.True(t, repeat)
	require.Equal(t, first, again)

	bad := Reply{ID: "r3", Answer: Answer{Solved: false, Ratings: map[string]int{Overall: 1}}}
	second, repeat, err := inv.Respond(bad, &first, Policy{}, t0.Add(time.Hour))
	require.NoError(t, err)
	require.False(t, repeat)
	require.Equal(t, 2, second.Revision)
	require.Equal(t, first.ID, second.ID)
	require.Equal(t, t0.Add(24*time.Hour), inv.AmendUntil, "an amendment does not prolong its own window")

	_, _, err = inv.Respond(good, &second, Policy{}, inv.AmendUntil)
	require.ErrorIs(t, err, ErrFinal)
}

func TestNoAmendmentWhereThePolicySaysSo(t *testing.T) {
	t.Parallel()
	policy := Policy{AmendFor: -1}
	inv := Invite(plan(PurposeSurvey), policy, t0)
	first, _, err := inv.Respond(Reply{Answer: Answer{Satisfied: yes()}}, nil, policy, t0)
	require.NoError(t, err)
	_, _, err = inv.Respond(Reply{Answer: Answer{Satisfied: no()}}, &first, policy, t0)
	require.ErrorIs(t, err, ErrFinal)
}

func TestNoAnswerAfterTheEnd(t *testing.T) {
	t.Parallel()
	answer := Reply{Answer: Answer{Satisfied: yes()}}
	inv := Invite(plan(PurposeSurvey), Policy{}, t0)
	_, _, err := inv.Respond(answer, nil, Policy{}, inv.Expire)
	require.ErrorIs(t, err, ErrExpired, "whether or not a sweeper has been by")
	require.NoError(t, inv.ExpireNow())
	_, _, err = inv.Respond(answer, nil, Policy{}, t0)
	require.ErrorIs(t, err, ErrExpired)
	inv = Invite(plan(PurposeSurvey), Policy{}, t0)
	require.NoError(t, inv.Cancel("CASE_WITHDRAWN"))
	_, _, err = inv.Respond(answer, nil, Policy{}, t0)
	require.ErrorIs(t, err, ErrState)
}

func TestAnswerIsChecked(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]Answer{
		"neither satisfied nor overall": {Solved: true},
		"rating above five":             {Solved: true, Ratings: map[string]int{Overall: 6}},
		"rating below one":              {Satisfied: yes(), Ratings: map[string]int{"speed": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := Invite(plan(PurposeSurvey), Policy{}, t0)
			_, _, err := inv.Respond(Reply{Answer: a}, nil, Policy{}, t0)
			require.ErrorIs(t, err, apierr.ErrInvalid)
			require.Equal(t, Scheduled, inv.State, "nothing changes")
		})
	}
}

func TestDigestTellsContentsApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.Custom(func(t *rapid.T) Answer {
			return Answer{
				Solved: rapid.Bool().Draw(t, "solved"), Satisfied: rapid.Ptr(rapid.Bool(), true).Draw(t, "satisfied"),
				Comment:  rapid.SampledFrom([]string{"", "a", "ab"}).Draw(t, "comment"),
				NewClaim: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "claim"),
				Ratings:  rapid.MapOfN(rapid.SampledFrom([]string{Overall, "speed"}), rapid.IntRange(1, 5), 0, 2).Draw(t, "ratings"),
			}
		})
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		require.Equal(t, equal(a, b), a.Digest() == b.Digest())
	})
}

func equal(a, b Answer) bool {
	if len(a.Ratings) != len(b.Ratings) || (a.Satisfied == nil) != (b.Satisfied == nil) {
		return false
	}
	for k, v := range a.Ratings {
		if b.Ratings[k] != v {
			return false
		}
	}
	if a.Satisfied != nil && *a.Satisfied != *b.Satisfied {
		return false
	}
	return a.Solved == b.Solved && a.Comment == b.Comment && a.NewClaim == b.NewClaim
}

// R170 R174 R220 R223
func TestQuestionnairesAskInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, p := range Purposes {
		fields := map[string]bool{}
		for _, q := range QuestionnaireOf(p) {
			require.NotEmpty(t, q.ZH)
			require.NotEmpty(t, q.EN)
			require.Contains(t, []string{"YES_NO", "RATING", "TEXT"}, q.Kind)
			fields[q.Field] = true
		}
		for _, field := range []string{"solved", "satisfied", "moreHelp", "newClaim", "comment", "ratings.overall"} {
			require.True(t, fields[field], "%s asks %s", p, field)
		}
		require.Equal(t, p.ByCall(), fields["normalUse"]) // R174
	}
	for alias, code := range map[string]string{"serviceAttitude": "attitude", "attitude": "attitude", "responseSpeed": "speed", "productQuality": "quality"} {
		d, ok := DimensionOf(alias)
		require.True(t, ok)
		require.Equal(t, code, d.Code)
	}
	_, ok := DimensionOf("packaging")
	require.False(t, ok)
}

func TestLabelsAreThereAndShort(t *testing.T) {
	t.Parallel()
	for _, s := range States {
		require.NotEmpty(t, s.Label("en"))
		require.NotEmpty(t, s.Label("zh-CN"))
		require.LessOrEqual(t, len([]rune(s.Label("zh-CN"))), 5) // WeChat templates
	}
	for _, p := range Purposes {
		require.NotEmpty(t, p.Label("en"))
		require.NotEqual(t, p.Label("en"), p.Label(""))
	}
}

func TestContactIsMasked(t *testing.T) {
	t.Parallel()
	got := Contact{DisplayName: "王小明", Phone: "13800138000", Email: "wang@example.com", WeChat: "wechat:o1"}.Masked()
	require.Equal(t, Contact{DisplayName: "王*", Phone: "138****8000", Email: "w***@example.com"}, got)
	require.Equal(t, Contact{Phone: "*****"}, Contact{Phone: "12345", Email: "@x"}.Masked())
}

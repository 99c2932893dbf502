package knowledge

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

var now = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

func full() Content {
	return Content{ZH: Text{"漏水", "洗衣机漏水", "更换密封圈"}, Model: "XQG100"}
}

// do plays a verb by somebody who wrote nothing.
func do(a *Article, verb Verb) error {
	switch verb {
	case Update:
		return a.Write("users/writer", full(), now)
	case Submit:
		return a.Submit(now)
	case Publish:
		return a.Publish("users/reviewer", "好", now)
	case Return:
		return a.GiveBack("users/reviewer", "补充", now)
	}
	return a.Retire("users/quality", "过时", now)
}

func in(state State) *Article {
	a := New("1", "organisations/a", "users/writer", "", full(), now)
	a.State = state
	return a
}

// Every pair of state and verb: what the table allows works, all else is refused and changes nothing (R214).
func TestEveryVerbInEveryState(t *testing.T) {
	t.Parallel()
	for _, state := range States {
		for verb, from := range Rules {
			a := in(state)
			err := do(a, verb)
			if to, ok := from[state]; ok {
				require.NoError(t, err, "%s %s", verb, state)
				require.Equal(t, to, a.State)
				continue
			}
			require.ErrorIs(t, err, ErrState, "%s %s", verb, state)
			require.Equal(t, in(state), a)
		}
	}
}

// R214: nobody reviews what they wrote, also not a part of it.
func TestReviewsAreIndependent(t *testing.T) {
	t.Parallel()
	a := in(Draft)
	require.NoError(t, a.Write("users/second", full(), now))
	require.NoError(t, a.Submit(now))
	for _, author := range []string{"users/writer", "users/second"} {
		require.ErrorIs(t, a.Publish(author, "", now), ErrReviewer)
	}
	require.NoError(t, a.Publish("users/reviewer", "好", now))
	require.Equal(t, 2, a.Published)
	require.Equal(t, "users/reviewer", a.Latest.Reviewer)

	require.NoError(t, a.Write("users/reviewer", full(), now))
	require.Equal(t, 2, a.Published, "stays readable")
	require.NoError(t, a.Submit(now))
	require.ErrorIs(t, a.Publish("users/reviewer", "", now), ErrReviewer)
	require.NoError(t, a.Publish("users/writer", "", now), "who wrote the published text may review the next")
	require.NoError(t, a.Retire("users/quality", "过时", now))
	require.Zero(t, a.Published)
}

func TestIncompleteArticlesAreNotSubmitted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Content{
		"nothing":     {},
		"no solution": {ZH: Text{Title: "a", Problem: "b"}},
		"half each":   {ZH: Text{Title: "a"}, EN: Text{Problem: "b", Solution: "c"}},
	} {
		a := New("1", "o", "u", "", c, now)
		require.ErrorIs(t, a.Submit(now), ErrIncomplete, name)
		require.Equal(t, Draft, a.State)
	}
	a := New("1", "o", "u", "", Content{EN: Text{"a", "b", "c"}}, now)
	require.NoError(t, a.Submit(now), "one language will do")
	require.Equal(t, "articles/1", a.Name())
	require.Equal(t, "1", a.Etag())
	require.Equal(t, "ARTICLE_STATE_INVALID", apierr.Reason(ErrState.New()))
}

func TestMerge(t *testing.T) {
	t.Parallel()
	other := Content{ZH: Text{Title: "z"}, EN: Text{Title: "e"}, Brand: "b", Model: "m", Fault: "f", ContentClass: "c", Keywords: []string{"k"}}
	require.Equal(t, other, full().Merge(other, nil))
	for _, f := range Fields {
		got := full().Merge(other, []string{f})
		require.NotEqual(t, full(), got, f)
		require.NotEqual(t, other, got, f)
	}
}

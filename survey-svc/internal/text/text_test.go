package text

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

func codes(list []survey.Finding) []string {
	out := []string{}
	for _, f := range list {
		out = append(out, f.Code)
	}
	return out
}

// R228 R229 R230
func TestWordsAreRead(t *testing.T) {
	t.Parallel()
	a, err := New(nil)
	require.NoError(t, err)
	for text, want := range map[string]struct {
		sentiment string
		topic     string
		demand    string
	}{
		"师傅态度很好，修得又快又好，非常满意":      {"SATISFIED", "SERVICE_ATTITUDE", ""},
		"等了一个星期才上门，太慢了，还是漏水，要求退款": {"DISSATISFIED", "RESPONSE_SPEED", "RETURN_REFUND"},
	} {
		r := a.Read(text)
		require.Equal(t, want.sentiment, r.Sentiment, text)
		require.Greater(t, r.Score, 0.5)
		require.NotEmpty(t, r.Model)
		require.Contains(t, codes(r.Topics), want.topic, text)
		if want.demand != "" {
			require.Contains(t, codes(r.Demands), want.demand, text)
		}
		for _, f := range r.Topics {
			require.NotEmpty(t, f.ZH, f.Code)
			require.NotEmpty(t, f.EN, f.Code)
		}
	}
}

func TestFaultsAreTopics(t *testing.T) {
	t.Parallel()
	a, err := New(nil)
	require.NoError(t, err)
	r := a.Read("修完第二天又漏水了，失望")
	require.Contains(t, codes(r.Topics), "LEAK_WATER")
	require.Len(t, codes(r.Topics), len(unique(codes(r.Topics))))
}

func unique(list []string) map[string]bool {
	seen := map[string]bool{}
	for _, v := range list {
		seen[v] = true
	}
	return seen
}

// What the models cannot read is not guessed (R226).
func TestNothingToRead(t *testing.T) {
	t.Parallel()
	a, err := New(nil)
	require.NoError(t, err)
	for _, text := range []string{"", "   ", "good", "!!!", "好", "1234567"} {
		require.Equal(t, survey.Reading{}, a.Read(text), text)
	}
}

package endpoint

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
)

// fake is an OpenAI-compatible server.
type fake struct {
	mu     sync.Mutex
	bodies []string
	calls  atomic.Int64
	status int
	answer string
	hold   chan struct{}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.calls.Add(1)
	b, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.bodies = append(f.bodies, string(b))
	f.mu.Unlock()
	if f.hold != nil {
		select {
		case <-f.hold:
		case <-r.Context().Done():
		}
	}
	if f.status != 0 {
		w.WriteHeader(f.status)
		return
	}
	if r.URL.Path == "/v1/embeddings" {
		_, _ = io.WriteString(w, f.answer)
		return
	}
	reply := map[string]any{"usage": map[string]int{"total_tokens": 100},
		"choices": []any{map[string]any{"message": map[string]string{"content": f.answer}}}}
	_ = json.NewEncoder(w).Encode(reply)
}

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func start(t *testing.T, f *fake, change func(*Config)) (*Client, *clock) {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	k := &clock{t: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	config := Config{URL: server.URL + "/v1/", Model: "m", EmbedModel: "e", Key: "k", Now: k.now}
	if change != nil {
		change(&config)
	}
	c, err := New(config)
	require.NoError(t, err)
	return c, k
}

var labels = []string{"FEE", "ATTITUDE"}

func TestAnalyzeAsksMaskedAndReadsTheAnswer(t *testing.T) {
	t.Parallel()
	f := &fake{answer: `{"label":"FEE","confidence":1.7,"reason":"谈收费","evidence":["多收了","不在文中"]}`}
	c, _ := start(t, f, nil)
	got, err := c.Analyze(t.Context(), "我叫王小明，电话13800138000，师傅多收了五十元", zhtext.AxisContentClass, labels)
	require.NoError(t, err)
	require.Equal(t, "FEE", got.Label)
	require.InDelta(t, 1, got.Score, 0)
	require.Equal(t, zhtext.SourceEndpoint, got.Source)
	require.Len(t, got.Spans, 1)
	require.Equal(t, "多收了", got.Spans[0].Text)
	require.NotContains(t, f.bodies[0], "13800138000")
	require.NotContains(t, f.bodies[0], "王小明")
}

func TestAnswersOutsideTheLabelsAreNone(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{`{"label":"WHATEVER"}`, `not json`, ``} {
		c, _ := start(t, &fake{answer: answer}, nil)
		_, err := c.Analyze(t.Context(), "x", zhtext.AxisNature, labels)
		require.ErrorIs(t, err, ErrAnswer)
	}
}

func TestTheBreakerRestsAndTriesAgain(t *testing.T) {
	t.Parallel()
	f := &fake{status: http.StatusBadGateway}
	c, k := start(t, f, func(c *Config) { c.Failures = 3; c.Rest = time.Minute })
	for range 10 {
		_, err := c.Analyze(t.Context(), "x", zhtext.AxisNature, labels)
		require.Error(t, err)
	}
	require.EqualValues(t, 3, f.calls.Load())
	k.add(2 * time.Minute)
	_, err := c.Analyze(t.Context(), "x", zhtext.AxisNature, labels)
	require.Error(t, err)
	require.EqualValues(t, 4, f.calls.Load())
	_, err = c.Analyze(t.Context(), "x", zhtext.AxisNature, labels)
	require.ErrorIs(t, err, ErrOpen)
	k.add(2 * time.Minute)
	f.status, f.answer = 0, `{"label":"FEE","confidence":0.5}`
	for range 3 {
		_, err = c.Analyze(t.Context(), "x", zhtext.AxisNature, labels)
		require.NoError(t, err)
	}
}

func TestTheDailyBudgetHoldsAndComesBack(t *testing.T) {
	t.Parallel()
	f := &fake{answer: `{"label":"FEE","confidence":0.5}`}
	c, k := start(t, f, func(c *Config) { c.DailyTokens = 900 })
	var err error
	for range 20 {
		if _, err = c.Analyze(t.Context(), "x", zhtext.AxisNature, labels); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, ErrBudget)
	require.Less(t, f.calls.Load(), int64(9))
	k.add(24 * time.Hour)
	_, err = c.Analyze(t.Context(), "x", zhtext.AxisNature, labels)
	require.NoError(t, err)
}

func TestTheDeadlineHoldsAndAssistFallsBack(t *testing.T) {
	t.Parallel()
	f := &fake{hold: make(chan struct{})}
	c, _ := start(t, f, func(c *Config) { c.Timeout = time.Millisecond })
	own := zhtext.Class{Axis: zhtext.AxisNature, Label: "VALID", Source: zhtext.SourceRule}
	require.Equal(t, own, Assist(t.Context(), c, "x", own, labels))
	require.Equal(t, own, Assist(t.Context(), nil, "x", own, labels))
	_, err := c.Analyze(t.Context(), "x", zhtext.AxisNature, labels)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	f := &fake{answer: `{"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2]}]}`}
	c, _ := start(t, f, nil)
	v, err := c.Embed(t.Context(), []string{"电话13800138000", "b"})
	require.NoError(t, err)
	require.Equal(t, [][]float32{{1, 2}, {3, 4}}, v)
	require.NotContains(t, f.bodies[0], "13800138000")
	_, err = c.Embed(t.Context(), []string{"a", "b", "c"})
	require.ErrorIs(t, err, ErrAnswer)
}

// answers is an Analyzer with a fixed answer that tells when it was asked.
type answers struct {
	label string
	asked chan struct{}
}

func (a answers) Analyze(context.Context, string, zhtext.Axis, []string) (zhtext.Class, error) {
	a.asked <- struct{}{}
	return zhtext.Class{Label: a.label, Model: "m"}, nil
}

func TestShadowLogsDisagreementWithoutTheText(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	a := answers{"FEE", make(chan struct{}, 2)}
	s := NewShadow(a, slog.New(slog.NewTextHandler(&out, nil)))
	s.Observe("1", "秘密内容", zhtext.Class{Label: "ATTITUDE"}, labels)
	s.Observe("2", "秘密内容", zhtext.Class{Label: "FEE"}, labels)
	<-a.asked
	<-a.asked
	s.Stop()
	require.Contains(t, out.String(), "endpoint disagrees")
	require.NotContains(t, out.String(), "秘密")
	require.EqualValues(t, 1, s.Counts().Differ)
	require.EqualValues(t, 2, s.Counts().Asked)
}

func TestShadowNeverWaits(t *testing.T) {
	t.Parallel()
	a := answers{"FEE", make(chan struct{})}
	s := NewShadow(a, slog.New(slog.DiscardHandler))
	for range queueSize * 2 {
		s.Observe("1", "x", zhtext.Class{}, labels)
	}
	require.GreaterOrEqual(t, s.Counts().Dropped, int64(queueSize-2))
	go func() {
		for range a.asked {
		}
	}()
	s.Stop()
	close(a.asked)
}

package endpoint

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
)

// Config describes the endpoint. URL and Model are required; the rest has usable zero values.
type Config struct {
	URL         string // base address, such as http://127.0.0.1:8000/v1
	Key         string // bearer token; empty: none is sent
	Model       string
	EmbedModel  string        // empty: Embed is refused
	Timeout     time.Duration // of one call; 0 means 10 s
	DailyTokens int64         // tokens a day (UTC), both ways; 0 means 200,000
	Failures    int           // failures in a row that open the breaker; 0 means 5
	Rest        time.Duration // how long an open breaker rests; 0 means 30 s
	HTTP        *http.Client  // nil means a client of its own
	Now         func() time.Time
}

// Errors that tell why nothing was asked or the answer is none.
var (
	ErrBudget = errors.New("endpoint: the day's budget is used up")
	ErrOpen   = errors.New("endpoint: resting after failures")
	ErrAnswer = errors.New("endpoint: the answer is not one of the labels")
	ErrConfig = errors.New("endpoint: URL and model are required")
)

// Client is a zhtext.Analyzer and zhtext.Embedder. It is safe for concurrent use.
type Client struct {
	config  Config
	breaker breaker
	budget  budget
}

var (
	_ zhtext.Analyzer = (*Client)(nil)
	_ zhtext.Embedder = (*Client)(nil)
)

// New checks the configuration.
func New(c Config) (*Client, error) {
	if c.URL == "" || c.Model == "" {
		return nil, ErrConfig
	}
	c.URL = strings.TrimRight(c.URL, "/")
	c.Timeout = cmp.Or(c.Timeout, 10*time.Second)
	c.DailyTokens = cmp.Or(c.DailyTokens, 200_000)
	c.Failures = cmp.Or(c.Failures, 5)
	c.Rest = cmp.Or(c.Rest, 30*time.Second)
	if c.HTTP == nil {
		c.HTTP = &http.Client{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Client{config: c, breaker: breaker{limit: c.Failures, rest: c.Rest}, budget: budget{limit: c.DailyTokens}}, nil
}

// maxText bounds what is sent of one text, in runes.
const maxText = 2000

// Analyze asks for one of the labels. The text is masked here.
func (c *Client) Analyze(ctx context.Context, text string, axis zhtext.Axis, labels []string) (zhtext.Class, error) {
	masked := shorten(zhtext.Mask(text))
	var reply chatReply
	err := c.call(ctx, "/chat/completions", chatRequest(c.config.Model, masked, axis, labels), &reply, func() int64 { return reply.Usage.Total })
	if err != nil {
		return zhtext.Class{}, err
	}
	answer, err := reply.answer(labels)
	if err != nil {
		return zhtext.Class{}, err
	}
	return zhtext.Class{Axis: axis, Label: answer.Label, Score: answer.Confidence, Why: answer.Reason, Spans: evidence(text, answer.Evidence),
		Source: zhtext.SourceEndpoint, Model: c.config.Model}, nil
}

// Embed asks for the vectors of the texts, masked.
func (c *Client) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if c.config.EmbedModel == "" {
		return nil, fmt.Errorf("%w: no embedding model", ErrConfig)
	}
	masked := make([]string, len(texts))
	for i, t := range texts {
		masked[i] = shorten(zhtext.Mask(t))
	}
	var reply embedReply
	body := map[string]any{"model": c.config.EmbedModel, "input": masked}
	if err := c.call(ctx, "/embeddings", body, &reply, func() int64 { return reply.Usage.Total }); err != nil {
		return nil, err
	}
	return reply.vectors(len(texts))
}

func shorten(s string) string {
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText])
	}
	return s
}

// call posts body and reads reply, under deadline, breaker and budget. used tells the tokens of the reply.
func (c *Client) call(ctx context.Context, path string, body, reply any, used func() int64) error {
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("endpoint: %w", err)
	}
	estimate := int64(len(data)) / 2
	if !c.breaker.allow(c.config.Now()) {
		return ErrOpen
	}
	if !c.budget.reserve(c.config.Now(), estimate) {
		c.breaker.unused()
		return ErrBudget
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	err = c.post(ctx, path, data, reply)
	c.breaker.report(err == nil, c.config.Now())
	if err == nil {
		c.budget.correct(cmp.Or(used(), estimate) - estimate)
	}
	return err
}

// maxReply bounds what is read of an answer, in bytes.
const maxReply = 8 << 20

func (c *Client) post(ctx context.Context, path string, data []byte, reply any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.config.URL+path, bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("endpoint: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if c.config.Key != "" {
		request.Header.Set("Authorization", "Bearer "+c.config.Key)
	}
	response, err := c.config.HTTP.Do(request)
	if err != nil {
		return fmt.Errorf("endpoint: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	if err != nil {
		return fmt.Errorf("endpoint: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("endpoint: status %d", response.StatusCode)
	}
	if err := json.Unmarshal(answer, reply); err != nil {
		return fmt.Errorf("endpoint: answer: %w", err)
	}
	return nil
}

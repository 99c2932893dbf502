package story

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Request is one call, already expanded.
type Request struct {
	As, Method, Target string
	Headers            map[string]string
	Body               []byte
}

// Caller carries requests over one protocol. A refusal is an answer, not an error.
type Caller interface {
	Protocol() string
	Call(ctx context.Context, r Request) (status int, body []byte, err error)
}

// Player plays cases against one deployment.
type Player struct {
	Caller Caller
	// ClockFile holds the offset that the processes add to their clock.
	ClockFile string
	// Vars are known to every case.
	Vars map[string]string
	// Seen, where set, is told of every step that answered as expected.
	Seen func(step Step, request Request, body []byte)
}

const pollEvery = 50 * time.Millisecond

// Play runs the case and names the step that failed.
func (p *Player) Play(ctx context.Context, c Case) error {
	v := vars{}
	if err := p.readClock(v); err != nil {
		return err
	}
	for _, known := range []map[string]string{p.Vars, c.Vars} {
		for name, value := range known {
			expanded, err := v.expand(value)
			if err != nil {
				return err
			}
			v[name] = expanded
		}
	}
	for i, step := range c.Steps {
		if step.Only != "" && step.Only != p.Caller.Protocol() {
			continue
		}
		for range max(step.Times, 1) {
			if err := p.step(ctx, step, v); err != nil {
				return fmt.Errorf("step %d, %s (%s as %s): %w", i+1, step.Name, step.Call, step.As, err)
			}
		}
	}
	return nil
}

func (p *Player) step(ctx context.Context, step Step, v vars) error {
	if step.Advance != 0 {
		if err := p.advance(step.Advance, v); err != nil {
			return err
		}
	}
	request, err := expandRequest(step, v)
	if err != nil {
		return err
	}
	deadline := time.Now().Add(step.Within)
	for {
		status, body, err := p.Caller.Call(ctx, request)
		if err != nil {
			return err
		}
		failed := check(status, body, step, v)
		if failed == nil {
			if p.Seen != nil {
				p.Seen(step, request, body)
			}
			return save(step, body, v)
		}
		if time.Now().After(deadline) {
			return failed
		}
		if err := pause(ctx, pollEvery); err != nil {
			return err
		}
	}
}

// pause waits between two looks at something that happens by itself in another process.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func expandRequest(step Step, v vars) (Request, error) {
	call, err := v.expand(step.Call)
	if err != nil {
		return Request{}, err
	}
	method, target, ok := strings.Cut(call, " ")
	if !ok {
		return Request{}, fmt.Errorf("call %q is not METHOD /path", call)
	}
	r := Request{As: step.As, Method: method, Target: target, Headers: map[string]string{}}
	for name, value := range step.Headers {
		if r.Headers[name], err = v.expand(value); err != nil {
			return Request{}, err
		}
	}
	if step.Raw != "" {
		raw, err := v.expand(step.Raw)
		r.Body = []byte(raw)
		return r, err
	}
	if step.Body == nil {
		return r, nil
	}
	tree, err := v.expandTree(step.Body)
	if err != nil {
		return Request{}, err
	}
	r.Body, err = json.Marshal(tree)
	return r, err
}

func save(step Step, body []byte, v vars) error {
	for name, path := range step.Save {
		got := gjson.GetBytes(body, path)
		if !got.Exists() || got.String() == "" {
			return fmt.Errorf("nothing at %s to save as %s: %s", path, name, clip(body))
		}
		v[name] = got.String()
	}
	return nil
}

// readClock notes how far the deployment's clock has been moved, so that ${now} is its time.
func (p *Player) readClock(v vars) error {
	if p.ClockFile == "" {
		return nil
	}
	data, err := os.ReadFile(p.ClockFile)
	v["clock.offset"] = strings.TrimSpace(string(data))
	return err
}

// advance moves the clock of the deployment; cases that do so run alone.
func (p *Player) advance(by time.Duration, v vars) error {
	if err := p.readClock(v); err != nil {
		return err
	}
	now, err := time.ParseDuration(v["clock.offset"])
	if err != nil {
		return err
	}
	v["clock.offset"] = (now + by).String()
	temporary := p.ClockFile + ".new"
	if err := os.WriteFile(temporary, []byte(v["clock.offset"]), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, p.ClockFile)
}

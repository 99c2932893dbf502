package learn

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
)

// LabelEvent is one judgement of one text on one task by one source. It is immutable: a changed mind is a new event.
type LabelEvent struct {
	ID     string    `json:"id"`
	Task   string    `json:"task"` // sentiment, contentClass …
	TextID string    `json:"textId"`
	Text   string    `json:"text"` // masked
	Label  string    `json:"label"`
	Given  string    `json:"given"`  // what had been answered before, empty when nothing
	Model  string    `json:"model"`  // the model or rules that had answered
	Source string    `json:"source"` // person, endpoint, import
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	// Audit marks a judgement of a randomly drawn answer: only these measure a model.
	Audit bool `json:"audit"`
}

// EventStore keeps label events.
type EventStore interface {
	// AppendLabel stores an event; it must refuse to change one that exists and take the same event twice without harm.
	AppendLabel(ctx context.Context, e LabelEvent) error
	// Labels gives the events of a task after the given position in order of storage, at most limit, and the position
	// to go on from.
	Labels(ctx context.Context, task, after string, limit int) (events []LabelEvent, next string, err error)
}

// ErrIncomplete is returned for an event that lacks its task, text or label.
var ErrIncomplete = errors.New("learn: a label event needs an id, a task, a text and a label")

// Check tells whether the event is complete.
func (e LabelEvent) Check() error {
	if e.ID == "" || e.Task == "" || e.Text == "" || e.Label == "" {
		return ErrIncomplete
	}
	return nil
}

// CorrectionWeight is how much a person's label counts beside a text of the shipped training set.
const CorrectionWeight = 5

// Examples turns events into training examples: of several judgements of one text the last counts, a person's before
// all others.
func Examples(events []LabelEvent) []linear.Example {
	last := map[string]LabelEvent{}
	var order []string
	for _, e := range events {
		id := cmp.Or(e.TextID, e.ID)
		old, seen := last[id]
		if !seen {
			order = append(order, id)
		}
		if !seen || supersedes(e, old) {
			last[id] = e
		}
	}
	examples := make([]linear.Example, 0, len(order))
	for _, id := range order {
		e := last[id]
		w := 1.0
		if e.Source == "person" {
			w = CorrectionWeight
		}
		examples = append(examples, linear.Example{Text: e.Text, Label: e.Label, Weight: w})
	}
	return examples
}

func supersedes(e, old LabelEvent) bool {
	if person := e.Source == "person"; person != (old.Source == "person") {
		return person
	}
	return !e.At.Before(old.At)
}

// AllLabels reads every event of a task, page by page.
func AllLabels(ctx context.Context, s EventStore, task string) ([]LabelEvent, error) {
	var all []LabelEvent
	for after := ""; ; {
		page, next, err := s.Labels(ctx, task, after, 1000)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) == 0 || next == "" || next == after {
			return slices.Clip(all), nil
		}
		after = next
	}
}

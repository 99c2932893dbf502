package suggest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/engineer"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
)

const (
	// days that are looked ahead (api.md section 4), and one more in the index for the last day's rest.
	days = 7
	// overlap is how far behind the last question changes are read again: they do not commit in the order of their times, and clocks of
	// machines differ.
	overlap = time.Minute
	// batch of engineers read at a time.
	batch = 500
)

// Source is where engineers and bookings come from; *store.Store is one.
type Source interface {
	ChangedEngineers(ctx context.Context, since int64, after string, limit int) ([]*engineer.Engineer, int64, error)
	Booked(ctx context.Context, engineers []string, from, to time.Time) ([]*workorder.Order, error)
	Decliners(ctx context.Context, order string) ([]string, error)
	AllDecliners(ctx context.Context, orders []string) (map[string][]string, error)
}

// Suggestion is one engineer who could do the order.
type Suggestion struct {
	Engineer string // "engineers/<id>"
	Name     string
	Score    float64
	Reasons  []workorder.Reason
	Earliest time.Time
	Travel   time.Duration
}

// Rejected is a class of engineers who cannot, with what would help.
type Rejected struct {
	Code, Text, Counterfactual, Engineer string
	Count                                int
}

// Answer is who could, best first, and why others cannot.
type Answer struct {
	Suggestions []Suggestion
	Rejected    []Rejected
}

// Board answers questions. Its methods may be called at once.
type Board struct {
	source Source
	clock  clock.Clock
	zone   *time.Location

	mu      sync.Mutex
	day     time.Time // midnight that the indexes begin with
	settled int64     // changes before it have been read, microseconds
	words   vocabulary
	indexes map[string]*plan.Index        // by organisation
	people  map[string]*engineer.Engineer // by "engineers/<id>"
	homes   homes
}

// New makes a board; nothing is read before the first question.
func New(source Source, c clock.Clock, zone *time.Location) *Board {
	return &Board{source: source, clock: c, zone: zone, words: newVocabulary()}
}

// Suggest says who of the organisations' engineers could do the order in the next seven days; at most k.
func (b *Board) Suggest(ctx context.Context, orgs []string, o *workorder.Order, k int) (Answer, error) {
	decliners, err := b.source.Decliners(ctx, o.ID)
	if err != nil {
		return Answer{}, err
	}
	return b.ask(ctx, orgs, o, k, func(q *plan.Query) { q.Visit.Excluded = decliners })
}

// Explain says what speaks for one engineer, or why the planner would not have taken them.
func (b *Board) Explain(ctx context.Context, org string, o *workorder.Order, engineer string) ([]workorder.Reason, error) {
	answer, err := b.ask(ctx, []string{org}, o, 1, func(q *plan.Query) { q.Visit.Required = []string{engineer} })
	if err != nil {
		return nil, err
	}
	if len(answer.Suggestions) > 0 {
		return answer.Suggestions[0].Reasons, nil
	}
	var reasons []workorder.Reason
	for _, r := range answer.Rejected {
		if r.Engineer == engineer || r.Code != "EXCLUDED" {
			reasons = append(reasons, workorder.Reason{Code: "AGAINST_" + r.Code, Text: r.Text})
		}
	}
	return reasons, nil
}

func (b *Board) ask(ctx context.Context, orgs []string, o *workorder.Order, k int, change func(*plan.Query)) (Answer, error) {
	indexes, queries, err := b.prepare(ctx, orgs, o)
	if err != nil {
		return Answer{}, err
	}
	query := queries[0]
	query.K, query.Chinese = k, grpcx.Locale(ctx) == apierr.ZH
	change(&query)
	var answer Answer
	for _, index := range indexes {
		found, err := index.Suggest(ctx, query)
		if errors.Is(err, plan.ErrWindow) {
			continue // the time wanted is over or further away than seven days
		}
		if err != nil {
			return Answer{}, err
		}
		b.add(&answer, found)
	}
	slices.SortStableFunc(answer.Suggestions, func(x, y Suggestion) int { return compareScores(y.Score, x.Score) })
	answer.Suggestions = answer.Suggestions[:min(k, len(answer.Suggestions))]
	return answer, nil
}

func compareScores(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// add puts an organisation's answer to the others; classes of the same code are counted together.
func (b *Board) add(answer *Answer, found plan.Suggestions) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range found.Suggestions {
		answer.Suggestions = append(answer.Suggestions, b.suggestion(&found.Suggestions[i]))
	}
	answer.Rejected = b.addRejected(answer.Rejected, found.Rejected)
}

// suggestion is one of the planner's in the words of the service; the caller holds the lock.
func (b *Board) suggestion(s *plan.Suggestion) Suggestion {
	out := Suggestion{Engineer: s.Engineer, Score: s.Score, Earliest: time.Unix(s.EarliestArrival, 0).UTC(),
		Travel: time.Duration(s.TravelTicks) * time.Second}
	if who := b.people[s.Engineer]; who != nil {
		out.Name = who.Name
	}
	for _, r := range s.Reasons {
		out.Reasons = append(out.Reasons, workorder.Reason{Code: r.Code, Points: r.Points, Text: r.Text})
	}
	return out
}

// addRejected counts classes of the same code together. The first organisation's counterfactual stays, unless it has none.
// People are called by their names; the caller holds the lock.
func (b *Board) addRejected(out []Rejected, found []plan.Rejected) []Rejected {
	for _, r := range found {
		if who := b.people[r.Engineer]; who != nil {
			r.Counterfactual = strings.ReplaceAll(r.Counterfactual, r.Engineer, who.Name)
		}
		at := slices.IndexFunc(out, func(have Rejected) bool { return have.Code == r.Code })
		if at < 0 {
			out = append(out, Rejected{Code: r.Code, Text: r.Reason, Counterfactual: r.Counterfactual, Engineer: r.Engineer, Count: r.Count})
			continue
		}
		out[at].Count += r.Count
		if out[at].Engineer == "" && r.Engineer != "" {
			out[at].Counterfactual, out[at].Engineer = r.Counterfactual, r.Engineer
		}
	}
	return out
}

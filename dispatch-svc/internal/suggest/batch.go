package suggest

import (
	"context"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
)

// Proposal is an order with the engineer who is to do it.
type Proposal struct {
	Order string // id
	Suggestion
	Second      string // "engineers/<id>" of who would be next; empty: nobody
	SecondScore float64
}

// LeftOver is an order for which nobody is left.
type LeftOver struct {
	Order    string
	Rejected []Rejected
}

// BatchAnswer proposes who does what; see plan.BatchPlan.
type BatchAnswer struct {
	Proposals       []Proposal
	LeftOver        []LeftOver
	Prices          []plan.SkillPrice
	Value, OneByOne float64
}

// SuggestBatch proposes engineers of the organisations for many orders: the first organisation's for as many as it can, the next one's
// for the rest.
func (b *Board) SuggestBatch(ctx context.Context, orgs []string, orders []*workorder.Order) (BatchAnswer, error) {
	ids := make([]string, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	decliners, err := b.source.AllDecliners(ctx, ids)
	if err != nil {
		return BatchAnswer{}, err
	}
	indexes, queries, err := b.prepare(ctx, orgs, orders...)
	if err != nil {
		return BatchAnswer{}, err
	}
	in := plan.Batch{Chinese: grpcx.Locale(ctx) == apierr.ZH}
	for _, q := range queries {
		q.Visit.Excluded = decliners[q.Visit.ID]
		in.Visits, in.Now, in.Horizon = append(in.Visits, q.Visit), q.Now, q.Horizon
	}
	var answer BatchAnswer
	rejected := map[string][]Rejected{}
	for _, index := range indexes {
		found, err := index.AssignBatch(ctx, in)
		if err != nil {
			return BatchAnswer{}, err
		}
		b.addBatch(&answer, &found)
		in.Visits = b.left(in.Visits, found.Unserved, rejected)
	}
	for _, v := range in.Visits {
		answer.LeftOver = append(answer.LeftOver, LeftOver{v.ID, rejected[v.ID]})
	}
	return answer, nil
}

// left are the visits of those that one organisation could not serve, and why.
func (b *Board) left(visits []model.Visit, unserved []plan.Unserved, rejected map[string][]Rejected) []model.Visit {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []model.Visit
	for _, v := range visits {
		for i := range unserved {
			if unserved[i].Visit == v.ID {
				rejected[v.ID] = b.addRejected(rejected[v.ID], unserved[i].Rejected)
				out = append(out, v)
			}
		}
	}
	return out
}

func (b *Board) addBatch(answer *BatchAnswer, found *plan.BatchPlan) {
	b.mu.Lock()
	defer b.mu.Unlock()
	answer.Value += found.Value
	answer.OneByOne += found.Greedy
	answer.Prices = append(answer.Prices, found.Prices...)
	for i := range found.Assigned {
		a := &found.Assigned[i]
		p := Proposal{Order: a.Visit, Suggestion: b.suggestion(&a.Suggestion)}
		if a.Second != nil {
			p.Second, p.SecondScore = a.Second.Engineer, a.Second.Score
		}
		answer.Proposals = append(answer.Proposals, p)
	}
}

package suggest

import (
	"context"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/engineer"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
)

// prepare brings the indexes up to date and gives those of the organisations, with the question in the planner's terms.
func (b *Board) prepare(ctx context.Context, orgs []string, o *workorder.Order) ([]*plan.Index, plan.Query, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	if err := b.refresh(ctx, now, o); err != nil {
		return nil, plan.Query{}, err
	}
	var indexes []*plan.Index
	for _, org := range orgs {
		if index := b.indexes[org]; index != nil {
			indexes = append(indexes, index)
		}
	}
	return indexes, b.query(o, now), nil
}

// refresh reads who changed since the last question, or everybody when the day or the words are new.
func (b *Board) refresh(ctx context.Context, now time.Time, o *workorder.Order) error {
	local := now.In(b.zone)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, b.zone)
	if newWords := b.words.learn(o); newWords || b.indexes == nil || !b.day.Equal(today) {
		b.day, b.seen = today, 0
		b.indexes, b.people, b.homes = map[string]*plan.Index{}, map[string]*engineer.Engineer{}, homes{}
	}
	since, after := max(0, b.seen-overlap.Microseconds()), ""
	for {
		page, last, err := b.source.ChangedEngineers(ctx, since, after, batch)
		if err != nil {
			return err
		}
		if err := b.take(ctx, page); err != nil {
			b.indexes = nil // read everything again the next time
			return err
		}
		if len(page) == 0 {
			return nil
		}
		b.seen = max(b.seen, last)
		since, after = last, page[len(page)-1].ID
		if len(page) < batch {
			return nil
		}
	}
}

// take puts a page of engineers with their bookings into the indexes.
func (b *Board) take(ctx context.Context, page []*engineer.Engineer) error {
	names := make([]string, len(page))
	for i, e := range page {
		names[i] = e.Resource()
	}
	orders, err := b.source.Booked(ctx, names, b.day, b.day.AddDate(0, 0, days+1))
	if err != nil {
		return err
	}
	byEngineer := map[string][]*workorder.Order{}
	for _, o := range orders {
		byEngineer[o.Engineer] = append(byEngineer[o.Engineer], o)
	}
	for _, e := range page {
		if err := b.put(e, byEngineer[e.Resource()]); err != nil {
			return err
		}
	}
	return nil
}

func (b *Board) put(e *engineer.Engineer, orders []*workorder.Order) error {
	name := e.Resource()
	if before := b.people[name]; before != nil {
		b.indexes[before.Org].Remove(name)
		b.homes.drop(before.Home)
		delete(b.people, name)
	}
	if !e.Active {
		return nil
	}
	b.people[name] = e
	b.homes.add(e.Home)
	index := b.indexes[e.Org]
	if index == nil {
		index = plan.NewIndex(plan.IndexOptions{Format: b.format})
		b.indexes[e.Org] = index
	}
	booked := b.booked(e, orders)
	if index.Put(booked) == nil {
		return nil
	}
	// A day whose bookings cannot all be kept has no room for another one.
	return index.Put(withoutBookedShifts(booked))
}

// format prints a tick for people, in the installation's zone.
func (b *Board) format(tick int64) string { return time.Unix(tick, 0).In(b.zone).Format("01-02 15:04") }

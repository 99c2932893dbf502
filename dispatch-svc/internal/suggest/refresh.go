package suggest

import (
	"context"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/engineer"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
)

// prepare brings the indexes up to date and gives those of the organisations, with the questions in the planner's terms.
func (b *Board) prepare(ctx context.Context, orgs []string, orders ...*workorder.Order) ([]*plan.Index, []plan.Query, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	if err := b.refresh(ctx, now, orders); err != nil {
		return nil, nil, err
	}
	var indexes []*plan.Index
	for _, org := range orgs {
		if index := b.indexes[org]; index != nil {
			indexes = append(indexes, index)
		}
	}
	queries := make([]plan.Query, len(orders))
	for i, o := range orders {
		queries[i] = b.query(o, now)
	}
	return indexes, queries, nil
}

// refresh reads who changed since the last question, or everybody when the day or the words are new.
func (b *Board) refresh(ctx context.Context, now time.Time, orders []*workorder.Order) error {
	local := now.In(b.zone)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, b.zone)
	newWords := false
	for _, o := range orders {
		newWords = b.words.learn(o) || newWords
	}
	if newWords || b.indexes == nil || !b.day.Equal(today) {
		b.day, b.settled = today, 0
		b.indexes, b.people, b.homes = map[string]*plan.Index{}, map[string]*engineer.Engineer{}, homes{}
	}
	since, after := b.settled, ""
	for {
		page, last, err := b.source.ChangedEngineers(ctx, since, after, batch)
		if err != nil {
			return err
		}
		if err := b.take(ctx, page); err != nil {
			b.indexes = nil // read everything again the next time
			return err
		}
		if len(page) < batch {
			break
		}
		since, after = last, page[len(page)-1].ID
	}
	b.settled = max(0, now.Add(-overlap).UnixMicro())
	return nil
}

// take puts a page of engineers with their bookings into the indexes.
func (b *Board) take(ctx context.Context, page []*engineer.Engineer) error {
	if len(page) == 0 {
		return nil
	}
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

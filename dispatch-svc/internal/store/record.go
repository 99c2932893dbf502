package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// record writes what a step leaves behind: its number, itself, the engineers' feeds, the event. Rows are locked in the order work
// order, case, engineers by name.
func (s *Store) record(ctx context.Context, tx sqldb.Tx, o *workorder.Order, c workorder.Change) error {
	seq, open, err := s.countCase(ctx, tx, o, c)
	if err != nil {
		return err
	}
	if err := s.insertStep(ctx, tx, o, c, seq); err != nil {
		return err
	}
	if err := s.feed(ctx, tx, o, c); err != nil {
		return err
	}
	return s.outbox.Append(ctx, tx, changedEvent(o, c, seq, open))
}

// countCase numbers the step within its case and keeps the number of open orders, under the lock of the case's row.
func (s *Store) countCase(ctx context.Context, tx sqldb.Tx, o *workorder.Order, c workorder.Change) (seq, open int64, err error) {
	delta := int64(0)
	if c.From == "" {
		delta++
	}
	if !o.Open() && (c.From == "" || c.From.Open()) { // an audit comes after the end
		delta--
	}
	err = tx.Row(ctx, `INSERT INTO case_orders (case_name, seq, open_orders) VALUES ($1, 1, $2)
		ON CONFLICT (case_name) DO UPDATE SET seq = case_orders.seq + 1, open_orders = case_orders.open_orders + $2
		RETURNING seq, open_orders`, o.Case, delta).Scan(&seq, &open)
	return seq, open, err
}

// stepDetail is what no query looks at.
type stepDetail struct {
	Event    string            `json:"event"`
	OnBehalf string            `json:"onBehalfOf,omitempty"`
	Points   string            `json:"points,omitempty"`
	Measures string            `json:"measures,omitempty"`
	Facts    map[string]string `json:"facts,omitempty"`
}

func (s *Store) insertStep(ctx context.Context, tx sqldb.Tx, o *workorder.Order, c workorder.Change, seq int64) error {
	detail, err := json.Marshal(stepDetail{c.Event, c.OnBehalf, c.Points, c.Measures, c.Facts})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO order_steps (case_name, seq, work_order, verb, from_state, to_state, actor, at_us, device_us, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, o.Case, seq, o.ID, string(c.Verb), string(c.From), string(c.To), c.By.Subject,
		sqldb.Micros(c.Now), sqldb.Micros(c.Device), string(detail))
	return err
}

// feedTopic wakes the streams of an engineer's phones in this process.
func feedTopic(engineer string) string { return "engineer-feed/" + engineer }

// feed tells the phones of who has the order and of who lost it.
func (s *Store) feed(ctx context.Context, tx sqldb.Tx, o *workorder.Order, c workorder.Change) error {
	told := []string{o.Engineer, c.Lost}
	slices.Sort(told)
	for _, engineer := range slices.Compact(told) {
		if engineer == "" {
			continue
		}
		removed := engineer != o.Engineer
		if err := s.tell(ctx, tx, engineer, o.ID, c, removed); err != nil {
			return err
		}
	}
	return nil
}

// tell takes the engineer's next number under the lock of the engineer's row, so that numbers commit in order and a reader skips
// none. It also marks the engineer as changed for the index of suggestions.
func (s *Store) tell(ctx context.Context, tx sqldb.Tx, engineer, order string, c workorder.Change, removed bool) error {
	var seq int64
	now := sqldb.Micros(c.Now)
	err := tx.Row(ctx, `UPDATE engineers SET feed_seq = feed_seq + 1, changed_us = $1 WHERE id = $2 RETURNING feed_seq`,
		now, strings.TrimPrefix(engineer, "engineers/")).Scan(&seq)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO engineer_feed (engineer, seq, work_order, verb, removed, at_us) VALUES ($1, $2, $3, $4, $5, $6)`,
		engineer, seq, order, string(c.Verb), removed, now)
	tx.Wake(feedTopic(engineer))
	return err
}

// changedEvent is WorkOrderChanged with the entry for the case's timeline (R186).
func changedEvent(o *workorder.Order, c workorder.Change, seq, open int64) events.Event {
	return events.Event{
		Type:    "aftersales.workorder." + eventName(c) + ".v1",
		Subject: "workOrders/" + o.ID, Key: o.Case, Seq: seq,
		OwnerOrg: o.OwnerOrg, ServingOrg: released(o), Confidentiality: o.Secrecy, Partner: o.Partner, Time: c.Now,
		Payload: payload(o, c, open),
	}
}

// released is the provider that may hear of the order.
func released(o *workorder.Order) string {
	if !o.Released {
		return ""
	}
	return o.ServingOrg
}

// eventName is the new state in lower snake case, "updated" where the state stayed.
func eventName(c workorder.Change) string {
	if c.From == c.To {
		return "updated"
	}
	return strings.ToLower(string(c.To))
}

func payload(o *workorder.Order, c workorder.Change, open int64) *eventv1.WorkOrderChanged {
	p := &eventv1.WorkOrderChanged{
		WorkOrder: "workOrders/" + o.ID, Case: o.Case, Purpose: string(o.Purpose), State: string(o.State), PreviousState: string(c.From),
		Outcome: string(o.Outcome), Verb: string(c.Verb), Engineer: o.Engineer, EngineerDisplayName: o.EngineerName,
		OpenWorkOrders: int32(open), Step: timelineStep(o, c), Solution: o.Solution, Round: o.Round,
	}
	if !o.WindowStart.IsZero() {
		p.WindowStart, p.WindowEnd = timestamppb.New(o.WindowStart), timestamppb.New(o.WindowEnd)
	}
	if o.Quote != nil {
		p.Quote = &commonv1.Money{Currency: "CNY", AmountFen: o.Quote.Total.Fen}
	}
	return p
}

func timelineStep(o *workorder.Order, c workorder.Change) *commonv1.Step {
	facts := map[string]string{"workOrder": "workOrders/" + o.ID, "purpose": string(o.Purpose), "state": string(o.State)}
	for k, v := range c.Facts {
		facts[k] = v
	}
	return &commonv1.Step{
		Event: c.Event, Place: o.Region, Actor: c.By.Subject, OnBehalfOf: c.OnBehalf, Points: c.Points, Measures: c.Measures,
		Facts: facts, OccurredUs: sqldb.Micros(c.Now), DeviceUs: sqldb.Micros(c.Device),
	}
}

package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Step is one step of an order as the archive keeps it.
type Step struct {
	Sequence   int64             `json:"sequence"`
	Verb       string            `json:"verb"`
	From       string            `json:"from,omitempty"`
	To         string            `json:"to"`
	Actor      string            `json:"actor"`
	Time       time.Time         `json:"time"`
	DeviceTime time.Time         `json:"deviceTime,omitzero"`
	Event      string            `json:"event"`
	OnBehalf   string            `json:"onBehalfOf,omitempty"`
	Points     string            `json:"points,omitempty"`
	Measures   string            `json:"measures,omitempty"`
	Facts      map[string]string `json:"facts,omitempty"`
}

// LockCase holds back every change of the case's orders until the commit and gives the number of the last step, 0 when there was none.
func (s *Store) LockCase(ctx context.Context, tx sqldb.Tx, caseName string) (int64, error) {
	var seq int64
	err := tx.Row(ctx, `UPDATE case_orders SET seq = seq WHERE case_name = $1 RETURNING seq`, caseName).Scan(&seq)
	if errors.Is(err, sqldb.ErrNoRows) {
		return 0, nil
	}
	return seq, err
}

// Steps reads the steps of an order, in order.
func (s *Store) Steps(ctx context.Context, q sqldb.Queryer, order string) ([]Step, error) {
	rows, err := q.Rows(ctx, `SELECT seq, verb, from_state, to_state, actor, at_us, device_us, detail FROM order_steps
		WHERE work_order = $1 ORDER BY seq`, order)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Step
	for rows.Next() {
		st, err := scanStep(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, rows.Err()
}

func scanStep(row sqldb.Row) (Step, error) {
	var st Step
	var at, device int64
	var detail string
	if err := row.Scan(&st.Sequence, &st.Verb, &st.From, &st.To, &st.Actor, &at, &device, &detail); err != nil {
		return st, err
	}
	st.Time, st.DeviceTime = sqldb.Time(at), sqldb.Time(device)
	var d stepDetail
	err := json.Unmarshal([]byte(detail), &d)
	st.Event, st.OnBehalf, st.Points, st.Measures, st.Facts = d.Event, d.OnBehalf, d.Points, d.Measures, d.Facts
	return st, err
}

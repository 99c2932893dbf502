package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// orderFields are what a filter of orders may name.
var orderFields = map[string]listing.Field{
	"case":         {Column: "case_name", Type: listing.Ref},
	"state":        {Column: "state", Type: listing.Enum, Values: stateNames()},
	"purpose":      {Column: "purpose", Type: listing.Enum, Values: purposeNames()},
	"outcome":      {Column: "outcome", Type: listing.String},
	"engineer":     {Column: "engineer", Type: listing.Ref},
	"serving_org":  {Column: "serving_org", Type: listing.Ref},
	"servingOrg":   {Column: "serving_org", Type: listing.Ref},
	"region":       {Column: "region", Type: listing.String},
	"urgency":      {Column: "urgency", Type: listing.String},
	"create_time":  {Column: "created_us", Type: listing.Time},
	"createTime":   {Column: "created_us", Type: listing.Time},
	"window_start": {Column: "window_start_us", Type: listing.Time},
	"windowStart":  {Column: "window_start_us", Type: listing.Time},
}

// orderSpec lists orders, the newest first.
var orderSpec = &listing.Spec{
	Fields: orderFields,
	Orders: map[string]string{"create_time": "created_us", "createTime": "created_us", "update_time": "updated_us", "updateTime": "updated_us"},
	OrderTypes: map[string]listing.Type{"create_time": listing.Time, "createTime": listing.Time,
		"update_time": listing.Time, "updateTime": listing.Time},
	DefaultOrder: "create_time desc", Tie: "id",
}

// jobSpec lists an engineer's orders, the next appointment first.
var jobSpec = &listing.Spec{
	Fields: orderFields, Orders: map[string]string{"window_start": "window_start_us"},
	OrderTypes: map[string]listing.Type{"window_start": listing.Time}, DefaultOrder: "window_start", Tie: "id",
}

func stateNames() (names []string) {
	for _, s := range workorder.States {
		names = append(names, string(s))
	}
	return names
}

func purposeNames() (names []string) {
	for _, p := range workorder.Purposes {
		names = append(names, string(p))
	}
	return names
}

// Orders is a page of what the viewer sees.
func (s *Store) Orders(ctx context.Context, v Viewer, in listing.Request) ([]*workorder.Order, string, error) {
	cond, args := v.filter(s.DB.Engine(), 1)
	return s.orderPage(ctx, orderSpec, in, cond, args)
}

// Waiting is a page of what the viewer sees and what may be given to an engineer.
func (s *Store) Waiting(ctx context.Context, v Viewer, in listing.Request) ([]*workorder.Order, string, error) {
	cond, args := v.filter(s.DB.Engine(), 1)
	return s.orderPage(ctx, orderSpec, in, `state IN (`+waitingStates+`) AND `+cond, args)
}

// waitingStates are those from which the table has a row for assigning.
var waitingStates = func() string {
	var names []string
	for _, state := range workorder.States {
		if (&workorder.Order{State: state}).Waits() {
			names = append(names, "'"+string(state)+"'")
		}
	}
	return strings.Join(names, ", ")
}()

// EngineerOrders is a page of an engineer's orders, as far as the viewer sees them.
func (s *Store) EngineerOrders(ctx context.Context, v Viewer, engineer string, in listing.Request) ([]*workorder.Order, string, error) {
	in.Checksum = []byte(engineer)
	cond, args := v.filter(s.DB.Engine(), 2)
	return s.orderPage(ctx, jobSpec, in, "engineer = $1 AND "+cond, append([]any{engineer}, args...))
}

func (s *Store) orderPage(ctx context.Context, spec *listing.Spec, in listing.Request, cond string, args []any) ([]*workorder.Order, string, error) {
	q, err := listing.Parse(spec, in)
	if err != nil {
		return nil, "", err
	}
	where, more := q.Where(len(args) + 1)
	found, err := s.orders(ctx, s.DB, cond+` AND `+where+` ORDER BY `+q.OrderBy+` LIMIT `+strconv.Itoa(q.Limit), append(args, more...)...)
	if err != nil {
		return nil, "", err
	}
	page, next := listing.Page(q, found, func(o *workorder.Order) map[string]any {
		return map[string]any{"created_us": sqldb.Micros(o.CreatedAt), "updated_us": sqldb.Micros(o.UpdatedAt),
			"window_start_us": sqldb.Micros(o.WindowStart), "id": o.ID}
	})
	return page, next, nil
}

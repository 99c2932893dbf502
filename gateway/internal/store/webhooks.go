package store

import (
	"context"
	"strconv"

	"github.com/aftersales-suite/aftersales/gateway/internal/webhook"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const endpointColumns = `name, url, event_types, owner, secret, state, created_at`

func scanEndpoint(row sqldb.Row) (e webhook.Endpoint, err error) {
	var types string
	var created int64
	if err = row.Scan(&e.Name, &e.URL, &types, &e.Owner, &e.Secret, &e.State, &created); err != nil {
		return e, err
	}
	e.Created = sqldb.Time(created)
	e.EventTypes, err = readList(types)
	return e, err
}

// InsertEndpoint adds an endpoint.
func InsertEndpoint(ctx context.Context, tx sqldb.Tx, e webhook.Endpoint) error {
	_, err := tx.Exec(ctx, `INSERT INTO webhook_endpoints (`+endpointColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		e.Name, e.URL, textList(e.EventTypes), e.Owner, e.Secret, e.State, sqldb.Micros(e.Created))
	return err
}

// Endpoint gives an endpoint of one of the owners.
func Endpoint(ctx context.Context, q Reader, owners []string, name string) (webhook.Endpoint, bool, error) {
	in, arg := sqldb.In(q.Engine(), "owner", 2, owners)
	return one(q.Row(ctx, `SELECT `+endpointColumns+` FROM webhook_endpoints WHERE name = $1 AND `+in, name, arg), scanEndpoint)
}

// ActiveEndpoints lists the endpoints of the owners that get events.
func ActiveEndpoints(ctx context.Context, q Reader, owners []string) ([]webhook.Endpoint, error) {
	in, arg := sqldb.In(q.Engine(), "owner", 1, owners)
	return query(ctx, q, scanEndpoint, `SELECT `+endpointColumns+` FROM webhook_endpoints WHERE `+in+` AND state = 'ACTIVE' ORDER BY name`, arg)
}

// CountEndpoints says how many endpoints an owner has.
func CountEndpoints(ctx context.Context, q sqldb.Queryer, owner string) (n int64, err error) {
	err = q.Row(ctx, `SELECT COUNT(*) FROM webhook_endpoints WHERE owner = $1`, owner).Scan(&n)
	return n, err
}

// SetEndpointState switches an endpoint.
func SetEndpointState(ctx context.Context, q sqldb.Queryer, name, state string) error {
	_, err := q.Exec(ctx, `UPDATE webhook_endpoints SET state = $1 WHERE name = $2`, state, name)
	return err
}

// DeleteEndpoint removes an endpoint and its log.
func DeleteEndpoint(ctx context.Context, tx sqldb.Tx, name string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM webhook_deliveries WHERE endpoint = $1`, name); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM webhook_endpoints WHERE name = $1`, name)
	return err
}

// ListEndpoints lists the endpoints of the owners.
func ListEndpoints(ctx context.Context, q Reader, owners []string, in listing.Request) ([]webhook.Endpoint, string, error) {
	page, err := listing.Parse(orgSpec, in)
	if err != nil {
		return nil, "", err
	}
	mine, arg := sqldb.In(q.Engine(), "owner", 1, owners)
	where, args := page.Where(2)
	all, err := query(ctx, q, scanEndpoint, `SELECT `+endpointColumns+` FROM webhook_endpoints WHERE `+mine+` AND `+where+`
		ORDER BY `+page.OrderBy+` LIMIT `+strconv.Itoa(page.Limit), append([]any{arg}, args...)...)
	if err != nil {
		return nil, "", err
	}
	all, next := listing.Page(page, all, func(e webhook.Endpoint) map[string]any { return map[string]any{"name": e.Name} })
	return all, next, nil
}

var deliverySpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"state": {Column: "state", Type: listing.Enum, Values: []string{webhook.Pending, webhook.Delivered, webhook.Failed}},
	},
	Orders: map[string]string{"name": "id"}, DefaultOrder: "name desc", Tie: "id",
}

const deliveryColumns = `id, endpoint, event_id, cursor, case_name, type, state, attempts, last_status, last_error,
	first_attempt_at, last_attempt_at, next_attempt_at, created_at`

func scanDelivery(row sqldb.Row) (d webhook.Delivery, err error) {
	var first, last, next, created int64
	err = row.Scan(&d.ID, &d.Endpoint, &d.EventID, &d.Cursor, &d.Case, &d.Type, &d.State, &d.Attempts, &d.LastStatus, &d.LastError,
		&first, &last, &next, &created)
	d.FirstTry, d.LastAttempt, d.NextAttempt, d.Created = sqldb.Time(first), sqldb.Time(last), sqldb.Time(next), sqldb.Time(created)
	return d, err
}

// ListDeliveries is the log of an endpoint, newest first.
func ListDeliveries(ctx context.Context, q Reader, endpoint string, in listing.Request) ([]webhook.Delivery, string, error) {
	page, err := listing.Parse(deliverySpec, in)
	if err != nil {
		return nil, "", err
	}
	where, args := page.Where(2)
	all, err := query(ctx, q, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE endpoint = $1 AND `+where+`
		ORDER BY `+page.OrderBy+` LIMIT `+strconv.Itoa(page.Limit), append([]any{endpoint}, args...)...)
	if err != nil {
		return nil, "", err
	}
	all, next := listing.Page(page, all, func(d webhook.Delivery) map[string]any { return map[string]any{"id": d.ID} })
	return all, next, nil
}

// InsertDeliveries queues deliveries.
func InsertDeliveries(ctx context.Context, tx sqldb.Tx, all []webhook.Delivery) error {
	insert := sqldb.NewInsert("webhook_deliveries", "id", "endpoint", "event_id", "cursor", "case_name", "type", "state", "attempts",
		"last_status", "last_error", "first_attempt_at", "last_attempt_at", "next_attempt_at", "created_at")
	for _, d := range all {
		insert.Row(d.ID, d.Endpoint, d.EventID, d.Cursor, d.Case, d.Type, d.State, d.Attempts, d.LastStatus, d.LastError,
			sqldb.Micros(d.FirstTry), sqldb.Micros(d.LastAttempt), sqldb.Micros(d.NextAttempt), sqldb.Micros(d.Created))
	}
	_, err := insert.Exec(ctx, tx)
	return err
}

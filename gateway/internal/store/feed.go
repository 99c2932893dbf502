package store

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/gateway/internal/feed"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

const feedColumns = `cursor, event_id, type, source, case_name, subject, event_time, owner_org, serving_org, partner,
	confidentiality, case_number, external_ref, state, state_deadline`

func scanEntry(row sqldb.Row) (e feed.Entry, err error) {
	var at, deadline int64
	err = row.Scan(&e.Cursor, &e.EventID, &e.Type, &e.Source, &e.Case, &e.Subject, &at, &e.OwnerOrg, &e.ServingOrg, &e.Partner,
		&e.Confidentiality, &e.CaseNumber, &e.ExternalRef, &e.State, &deadline)
	e.Time, e.StateDeadline = sqldb.Time(at), sqldb.Time(deadline)
	return e, err
}

// LockFeed reserves n cursors and gives the first. Until the commit nobody else writes into the feed, so cursors become
// visible in their order; reserved ones that are not used are gaps, which harm nobody.
func LockFeed(ctx context.Context, tx sqldb.Tx, n int) (first int64, err error) {
	err = tx.Row(ctx, `UPDATE feed_counter SET last = last + $1 WHERE id = 1 RETURNING last`, n).Scan(&first)
	return first - int64(n) + 1, err
}

// LastCursor is the last cursor that is visible: every one below it is visible too.
func LastCursor(ctx context.Context, q sqldb.Queryer) (last int64, err error) {
	err = q.Row(ctx, `SELECT last FROM feed_counter WHERE id = 1`).Scan(&last)
	return last, err
}

// AppendFeed writes entries, which have their cursors.
func AppendFeed(ctx context.Context, tx sqldb.Tx, entries []feed.Entry) error {
	insert := sqldb.NewInsert("feed", "cursor", "event_id", "type", "source", "case_name", "subject", "event_time", "owner_org",
		"serving_org", "partner", "confidentiality", "case_number", "external_ref", "state", "state_deadline")
	for _, e := range entries {
		insert.Row(e.Cursor, e.EventID, e.Type, e.Source, e.Case, e.Subject, sqldb.Micros(e.Time), e.OwnerOrg,
			e.ServingOrg, e.Partner, e.Confidentiality, e.CaseNumber, e.ExternalRef, e.State, sqldb.Micros(e.StateDeadline))
	}
	_, err := insert.Exec(ctx, tx)
	return err
}

// LastOfCases gives intake's last entry of each case; a case without one is absent.
func LastOfCases(ctx context.Context, tx sqldb.Tx, cases []string) (map[string]feed.Entry, error) {
	in, arg := sqldb.In(tx.Engine(), "case_name", 1, cases)
	entries, err := query(ctx, tx, scanEntry, `SELECT `+feedColumns+` FROM feed WHERE cursor IN
		(SELECT MAX(cursor) FROM feed WHERE `+in+` AND source = $2 GROUP BY case_name)`, arg, feed.SourceIntake)
	byCase := make(map[string]feed.Entry, len(entries))
	for _, e := range entries {
		byCase[e.Case] = e
	}
	return byCase, err
}

// ReadFeed gives the entries of a scope behind a cursor, at most limit, and the cursor to go on from.
func ReadFeed(ctx context.Context, q Reader, s feed.Scope, caseName string, after int64, limit int) ([]feed.Entry, int64, error) {
	last, err := LastCursor(ctx, q)
	if err != nil {
		return nil, after, err
	}
	if after >= last {
		return nil, after, nil
	}
	where, args := scopeSQL(q.Engine(), s, 3)
	if caseName != "" {
		args = append(args, caseName)
		where += ` AND case_name = $` + strconv.Itoa(len(args)+2)
	}
	entries, err := query(ctx, q, scanEntry, `SELECT `+feedColumns+` FROM feed WHERE cursor > $1 AND cursor <= $2 AND `+where+`
		ORDER BY cursor LIMIT `+strconv.Itoa(limit), append([]any{after, last}, args...)...)
	if err != nil {
		return nil, after, err
	}
	if len(entries) == limit {
		last = entries[limit-1].Cursor
	}
	return entries, last, nil
}

// scopeSQL is feed.Scope.Covers in SQL.
func scopeSQL(engine sqldb.Engine, s feed.Scope, index int) (string, []any) {
	if s.Partner != "" {
		return `partner = $` + strconv.Itoa(index) + ` AND partner <> ''`, []any{s.Partner} // the index is partial
	}
	owner, arg := sqldb.In(engine, "owner_org", index, s.Orgs)
	serving, _ := sqldb.In(engine, "serving_org", index, s.Orgs)
	return `(` + owner + ` OR (serving_org <> '' AND ` + serving + `)) AND confidentiality <> '` + feed.Restricted + `'`, []any{arg}
}

// Waiting is an event about a case that the feed does not know yet.
type Waiting struct {
	Case     string
	Envelope *eventv1.Envelope
}

// Park keeps events until their case is known.
func Park(ctx context.Context, tx sqldb.Tx, waiting []Waiting, now time.Time) error {
	insert := sqldb.NewInsert("feed_waiting", "event_id", "case_name", "position", "envelope", "received_at")
	for i, w := range waiting {
		content, err := proto.Marshal(w.Envelope)
		if err != nil {
			return err
		}
		// Batches of one sender follow each other, so the time of receipt orders them, and i orders within one.
		insert.Row(w.Envelope.GetId(), w.Case, now.UnixMicro()<<10+int64(i), content, sqldb.Micros(now))
	}
	_, err := insert.Exec(ctx, tx)
	return err
}

// Unpark takes out what waited for the cases, in order.
func Unpark(ctx context.Context, tx sqldb.Tx, cases []string) ([]*eventv1.Envelope, error) {
	in, arg := sqldb.In(tx.Engine(), "case_name", 1, cases)
	contents, err := query(ctx, tx, scanBytes, `SELECT envelope FROM feed_waiting WHERE `+in+` ORDER BY position`, arg)
	if err != nil || len(contents) == 0 {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM feed_waiting WHERE `+in, arg); err != nil {
		return nil, err
	}
	envelopes := make([]*eventv1.Envelope, len(contents))
	for i, content := range contents {
		envelopes[i] = &eventv1.Envelope{}
		if err := proto.Unmarshal(content, envelopes[i]); err != nil {
			return nil, err
		}
	}
	return envelopes, nil
}

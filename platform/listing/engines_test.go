package listing_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

var cases = &listing.Spec{
	Fields: map[string]listing.Field{
		"state":       {Column: "state", Type: listing.Enum, Values: []string{"NEW", "OPEN"}},
		"priority":    {Column: "priority", Type: listing.Int},
		"create_time": {Column: "created_us", Type: listing.Time},
		"hazard":      {Column: "hazard", Type: listing.Bool},
		"title":       {Column: "title", Ops: []string{"=", ":"}},
	},
	Orders: map[string]string{"create_time": "created_us", "priority": "priority", "state": "state", "hazard": "hazard"},
	Tie:    "id", DefaultOrder: "create_time desc",
}

type item struct {
	id, state, title  string
	priority, created int64
	hazard            bool
}

var base = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// The one SQL text means the same on both engines: every filter and order, walked
// page by page, against what a loop in memory finds.
func TestBothEnginesAgreeWithMemory(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, nil, func(t *testing.T, db sqldb.DB) {
		all := fill(t, db)
		for filter, keep := range map[string]func(item) bool{
			"":                               func(item) bool { return true },
			"state=NEW AND priority>=2":      func(i item) bool { return i.state == "NEW" && i.priority >= 2 },
			"hazard=true":                    func(i item) bool { return i.hazard },
			"hazard!=true AND priority != 0": func(i item) bool { return !i.hazard && i.priority != 0 },
			`title:"50%"`:                    func(i item) bool { return i.title == "打折50%_漏水" },
			`title:"_漏"`:                     func(i item) bool { return i.title == "打折50%_漏水" },
			`title:"abC"`:                    func(i item) bool { return i.title == "ABC 漏水" },
			`title = "漏\\水"`:                 func(i item) bool { return i.title == `漏\水` },
			`create_time < "2026-11-01T00:00:00.000004Z"`: func(i item) bool { return i.created < base+4 },
		} {
			want := ids(slices.DeleteFunc(slices.Clone(all), func(i item) bool { return !keep(i) }))
			slices.Sort(want)
			require.NotEmpty(t, want, filter)
			for _, order := range []string{"", "priority", "hazard desc", "state, priority desc", "priority desc, create_time", "hazard, state, create_time desc"} {
				got := walk(t, db, listing.Request{Filter: filter, OrderBy: order, PageSize: 7})
				require.True(t, ordered(got, order), "%s by %s", filter, order)
				found := ids(got)
				slices.Sort(found)
				require.Equal(t, want, found, "%s by %s", filter, order)
			}
		}
	})
}

func fill(t *testing.T, db sqldb.DB) []item {
	_, err := db.Exec(t.Context(), `CREATE TABLE cases (id TEXT PRIMARY KEY, state TEXT NOT NULL, title TEXT NOT NULL,
		priority BIGINT NOT NULL, created_us BIGINT NOT NULL, hazard BOOLEAN NOT NULL)`)
	require.NoError(t, err)
	titles := []string{"打折50%_漏水", "打折500漏水", `漏\水`, "ABC 漏水"}
	var all []item
	for n := range int64(60) {
		i := item{fmt.Sprintf("%03d", n*37%60), []string{"NEW", "OPEN"}[n%2], titles[n%4], n % 5, base + n%9, n%7 == 0}
		_, err := db.Exec(t.Context(), "INSERT INTO cases VALUES ($1,$2,$3,$4,$5,$6)", i.id, i.state, i.title, i.priority, i.created, i.hazard)
		require.NoError(t, err)
		all = append(all, i)
	}
	return all
}

// walk reads all pages.
func walk(t *testing.T, db sqldb.DB, in listing.Request) (all []item) {
	for {
		q, err := listing.Parse(cases, in)
		require.NoError(t, err)
		where, args := q.Where(2)
		rows, err := db.Rows(t.Context(), "SELECT id, state, title, priority, created_us, hazard FROM cases WHERE id <> $1 AND "+where+
			" ORDER BY "+q.OrderBy+" LIMIT "+strconv.Itoa(q.Limit), append([]any{"none"}, args...)...)
		require.NoError(t, err)
		var got []item
		for rows.Next() {
			var i item
			require.NoError(t, rows.Scan(&i.id, &i.state, &i.title, &i.priority, &i.created, &i.hazard))
			got = append(got, i)
		}
		require.NoError(t, rows.Err())
		rows.Close()
		page, next := listing.Page(q, got, func(i item) map[string]any {
			return map[string]any{"id": i.id, "state": i.state, "priority": i.priority, "created_us": i.created, "hazard": i.hazard}
		})
		if all = append(all, page...); next == "" {
			return all
		}
		in.PageToken = next
	}
}

// ordered checks the first column of the order; the walk over all orders in
// TestPagesGiveEveryRowOnceInOrder checks the rest.
func ordered(got []item, order string) bool {
	return slices.IsSortedFunc(got, func(a, b item) int {
		switch order {
		case "":
			return int(b.created - a.created)
		case "priority":
			return int(a.priority - b.priority)
		case "priority desc, create_time":
			return int(b.priority-a.priority)*100 + int(a.created-b.created)
		}
		return 0
	})
}

func ids(all []item) (found []string) {
	for _, i := range all {
		found = append(found, i.id)
	}
	return found
}

package listing

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"
	"pgregory.net/rapid"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

var spec = &Spec{
	Fields: map[string]Field{
		"state":       {Column: "state", Type: Enum, Values: []string{"NEW", "OPEN", "CLOSED"}},
		"priority":    {Column: "priority", Type: Int},
		"create_time": {Column: "created_us", Type: Time},
		"hazard":      {Column: "hazard", Type: Bool},
		"title":       {Column: "title", Ops: []string{"=", ":"}},
		"phone":       {Column: "phone_idx", Fold: func(s string) (any, error) { return "idx:" + s, nil }},
		"serial":      {Column: "serial", Fold: func(string) (any, error) { return nil, errors.New("not a serial number") }},
		"customer":    {Column: "customer", Type: Ref},
	},
	Orders:       map[string]string{"create_time": "created_us", "priority": "priority", "state": "state", "name": "id"},
	DefaultOrder: "create_time desc",
	Tie:          "id",
}

func TestFilterBecomesSQL(t *testing.T) {
	t.Parallel()
	us := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	for filter, want := range map[string]struct {
		sql  string
		args []any
	}{
		"":          {"TRUE", nil},
		"  ":        {"TRUE", nil},
		"state=NEW": {"state = $3", []any{"NEW"}},
		`state = "NEW" AND priority>=2 and hazard=true`: {"state = $3 AND priority >= $4 AND hazard = $5", []any{"NEW", int64(2), true}},
		`create_time < "2026-11-01T00:00:00Z"`:          {"created_us < $3", []any{us}},
		`create_time < 2026-11-01T08:00:00+08:00`:       {"created_us < $3", []any{us}},
		`title : "50%_\\漏"`:                             {`LOWER(title) LIKE $3 ESCAPE '\'`, []any{`%50\%\_\\漏%`}},
		`title = 'it\'s'`:                               {"title = $3", []any{"it's"}},
		`phone = 138`:                                   {"phone_idx = $3", []any{"idx:138"}},
		`customer != customers/7`:                       {"customer <> $3", []any{"customers/7"}},
	} {
		q, err := Parse(spec, Request{Filter: filter})
		require.NoError(t, err, filter)
		sql, args := q.Where(3)
		require.Equal(t, want.sql, sql, filter)
		require.Equal(t, want.args, args, filter)
	}
}

func TestBadFiltersAreRefused(t *testing.T) {
	t.Parallel()
	for _, filter := range []string{
		"state", "state=", "=NEW", "state=GONE", "nothing=1", "priority=x", "priority=99999999999999999999", "state=NEW OR state=OPEN",
		"state=NEW state=OPEN", "state=NEW AND", "hazard=1", "create_time>2026-11-01", `title="open`, "title!=x", "priority:1", "state<NEW",
		"state==NEW", "serial=1", "state=NEW;DROP TABLE cases", "(state=NEW)", "title=\"a\x00b\"", "title=\"\xff\"", "-state=NEW", "NOT state=NEW",
		strings.Repeat("x", maxFilterBytes+1), strings.TrimSuffix(strings.Repeat("priority=1 AND ", maxTerms+1), " AND "),
	} {
		_, err := Parse(spec, Request{Filter: filter})
		require.ErrorIs(t, err, ErrFilter, "%q", filter)
		require.Less(t, len(apierr.From(err).Status("zh-CN", "r").Proto().String()), 2000, "an error stays small")
	}
}

func TestOrderBy(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "created_us DESC, id DESC", "priority": "priority, id", "priority asc , create_time DESC": "priority, created_us DESC, id DESC",
		"name desc": "id DESC", "state,name": "state, id",
	} {
		q, err := Parse(spec, Request{OrderBy: in})
		require.NoError(t, err, in)
		require.Equal(t, want, q.OrderBy)
	}
	for _, in := range []string{"title", "priority down", "priority,", "priority, priority", "id; drop", "priority desc desc"} {
		_, err := Parse(spec, Request{OrderBy: in})
		require.ErrorIs(t, err, ErrOrderBy, in)
	}
}

func TestPageSize(t *testing.T) {
	t.Parallel()
	for asked, want := range map[int32]int{0: 50, 1: 1, 1000: 1000, 5000: 1000} {
		q, err := Parse(spec, Request{PageSize: asked})
		require.NoError(t, err)
		require.Equal(t, want, q.Size())
		require.Equal(t, want+1, q.Limit)
	}
	_, err := Parse(spec, Request{PageSize: -1})
	require.ErrorIs(t, err, apierr.ErrInvalid)
}

func TestTokenBelongsToItsParameters(t *testing.T) {
	t.Parallel()
	base := Request{Filter: "state=NEW", OrderBy: "priority", Checksum: []byte("parent")}
	q, err := Parse(spec, base)
	require.NoError(t, err)
	token := q.NextToken(int64(3), "id-9")
	with := func(edit func(*Request)) error {
		r := base
		r.PageToken = token
		edit(&r)
		_, err := Parse(spec, r)
		return err
	}
	require.NoError(t, with(func(*Request) {}))
	require.NoError(t, with(func(r *Request) { r.PageSize = 7 }), "the size may change")
	for name, edit := range map[string]func(*Request){
		"filter": func(r *Request) { r.Filter = "state=OPEN" }, "order": func(r *Request) { r.OrderBy = "priority desc" },
		"parent": func(r *Request) { r.Checksum = []byte("other") }, "text": func(r *Request) { r.PageToken = "???" },
		"cut": func(r *Request) { r.PageToken = token[:len(token)-2] }, "long": func(r *Request) { r.PageToken = strings.Repeat("A", maxTokenBytes+1) },
	} {
		require.ErrorIs(t, with(edit), ErrPageToken, name)
	}
}

// A forged token never reaches the database with a value of another type: on
// PostgreSQL that would be an error of ours.
func TestForgedTokenValuesAreRefused(t *testing.T) {
	t.Parallel()
	q, err := Parse(spec, Request{})
	require.NoError(t, err)
	for _, values := range [][]any{{"text", "id"}, {int64(1), int64(2)}, {nil, "id"}, {int64(1), nil}, {1.5, "id"}, {int64(1), "a\x00"}, {true, "id"}} {
		_, err := Parse(spec, Request{PageToken: q.NextToken(values...)})
		require.ErrorIs(t, err, ErrPageToken, "%v", values)
	}
}

func TestOrderWithoutATypeIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	faulty := &Spec{Orders: map[string]string{"x": "x_us"}, DefaultOrder: "x", Tie: "id"}
	_, err := Parse(faulty, Request{})
	require.ErrorIs(t, err, apierr.ErrInternal)
	faulty.OrderTypes = map[string]Type{"x": Time}
	_, err = Parse(faulty, Request{})
	require.NoError(t, err)
}

type row struct {
	id, state         string
	priority, created int64
}

// Walking the pages in any order and size gives every row once, in the order
// that a plain sort gives.
func TestPagesGiveEveryRowOnceInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t)
		db := fill(t, rows)
		defer db.Close()
		order := rapid.SampledFrom([]string{"", "priority", "priority desc", "state, create_time desc", "state desc, priority", "name"}).Draw(t, "order")
		size := int32(rapid.IntRange(1, 7).Draw(t, "size"))
		in := Request{PageSize: size, OrderBy: order, Filter: "priority >= 1"}
		var got []string
		for {
			page, next := readPage(t, db, in)
			require.LessOrEqual(t, len(page), int(size))
			for _, r := range page {
				got = append(got, r.id)
			}
			if next == "" {
				break
			}
			in.PageToken = next
			require.LessOrEqual(t, len(got), len(rows))
		}
		require.Equal(t, sorted(rows, order), got)
	})
}

func drawRows(t *rapid.T) []row {
	n := rapid.IntRange(0, 40).Draw(t, "rows")
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{
			id: fmt.Sprintf("%03d", i), state: rapid.SampledFrom([]string{"NEW", "OPEN", "CLOSED"}).Draw(t, "state"),
			priority: rapid.Int64Range(0, 3).Draw(t, "priority"), created: rapid.Int64Range(0, 5).Draw(t, "created"),
		}
	}
	return rows
}

func fill(t *rapid.T, rows []row) *sql.DB {
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	_, err = db.Exec("CREATE TABLE cases (id TEXT PRIMARY KEY, state TEXT NOT NULL, priority BIGINT NOT NULL, created_us BIGINT NOT NULL)")
	require.NoError(t, err)
	for _, r := range rows {
		_, err = db.Exec("INSERT INTO cases VALUES ($1,$2,$3,$4)", r.id, r.state, r.priority, r.created)
		require.NoError(t, err)
	}
	return db
}

func readPage(t *rapid.T, db *sql.DB, in Request) ([]row, string) {
	q, err := Parse(spec, in)
	require.NoError(t, err)
	where, args := q.Where(2)
	found, err := db.Query(fmt.Sprintf("SELECT id, state, priority, created_us FROM cases WHERE id <> $1 AND %s ORDER BY %s LIMIT %d",
		where, q.OrderBy, q.Limit), append([]any{"none"}, args...)...)
	require.NoError(t, err)
	defer found.Close()
	var rows []row
	for found.Next() {
		var r row
		require.NoError(t, found.Scan(&r.id, &r.state, &r.priority, &r.created))
		rows = append(rows, r)
	}
	require.NoError(t, found.Err())
	return Page(q, rows, func(r row) map[string]any {
		return map[string]any{"id": r.id, "state": r.state, "priority": r.priority, "created_us": time.UnixMicro(r.created)}
	})
}

// sorted is the oracle: a stable sort in memory.
func sorted(rows []row, order string) []string {
	if order == "" {
		order = "create_time desc"
	}
	kept := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.priority < 1 })
	slices.SortStableFunc(kept, func(a, b row) int {
		desc := false
		for part := range strings.SplitSeq(order, ",") {
			words := strings.Fields(part)
			desc = len(words) == 2
			if c := compare(a, b, words[0]); c != 0 {
				return direct(c, desc)
			}
		}
		return direct(strings.Compare(a.id, b.id), desc)
	})
	var ids []string
	for _, r := range kept {
		ids = append(ids, r.id)
	}
	return ids
}

func compare(a, b row, by string) int {
	switch by {
	case "priority":
		return int(a.priority - b.priority)
	case "create_time":
		return int(a.created - b.created)
	case "state":
		return strings.Compare(a.state, b.state)
	}
	return strings.Compare(a.id, b.id)
}

func direct(c int, desc bool) int {
	if desc {
		return -c
	}
	return c
}

// Whatever is sent as filter, order and token, Parse answers with one of our own
// errors or with SQL that the database accepts.
func FuzzParse(f *testing.F) {
	f.Add("state=NEW AND priority>1", "priority desc", "AQ")
	f.Add(`title:"x"`, "name", "")
	f.Fuzz(func(t *testing.T, filter, order, token string) {
		q, err := Parse(spec, Request{Filter: filter, OrderBy: order, PageToken: token})
		if err != nil {
			require.NotErrorIs(t, err, apierr.ErrInternal)
			require.NotEmpty(t, apierr.Reason(err))
			return
		}
		where, args := q.Where(1)
		require.Equal(t, strings.Count(where, "$"), len(args))
		for _, word := range []string{";", "--", "/*"} {
			require.NotContains(t, where, word, "no text of the client is in the SQL")
		}
	})
}

// What a list finds in its own way is taken out of the query; its value is as it is stored.
func TestTakeRemovesTheComparisonsOfAColumn(t *testing.T) {
	t.Parallel()
	own := &Spec{Fields: map[string]Field{
		"text":  {Column: "text", Ops: []string{":"}, Fold: func(v string) (any, error) { return strings.ToUpper(v), nil }},
		"state": {Column: "state", Type: Enum, Values: []string{"NEW"}},
	}, Tie: "id"}
	q, err := Parse(own, Request{Filter: `text : "a" AND state = NEW AND text : b`})
	require.NoError(t, err)
	require.True(t, q.Names("text"))
	require.Equal(t, []any{"A", "B"}, q.Take("text"))
	require.False(t, q.Names("text"))
	require.Nil(t, q.Take("text"))
	where, args := q.Where(1)
	require.Equal(t, "state = $1", where)
	require.Equal(t, []any{"NEW"}, args)
}

// A field may say itself what is wrong with its value.
func TestAFieldExplainsItsRefusal(t *testing.T) {
	t.Parallel()
	own := &Spec{Fields: map[string]Field{"text": {Column: "text", Fold: func(string) (any, error) {
		return nil, ErrFilter.New("detail_zh", "太短", "detail", "too short")
	}}}, Tie: "id"}
	_, err := Parse(own, Request{Filter: "text = a"})
	require.ErrorIs(t, err, ErrFilter)
	require.ErrorContains(t, err, "too short")
	require.NotContains(t, err.Error(), "the value of")
}

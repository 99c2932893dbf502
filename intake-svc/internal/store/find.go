package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const (
	termsUsed   = 8    // of a query: the rarest ones; the words themselves are compared behind them
	rareEnough  = 1000 // a term is not counted further
	firstWindow = 256  // cases of the rarest term that are looked at first; four times as many each time
	widest      = 4096
	lookedAt    = 12_000 // cases of the rarest term that one page looks at, at most
)

// Placed is a case with its place in the index.
type Placed struct {
	*casefile.Case
	Place int64
}

// Search is what Find looks for.
type Search struct {
	Query  listing.Query // what else must hold; its page is not used
	Terms  []Term        // all of which a case must hold
	Keep   func(c *casefile.Case) bool
	Before int64 // place of the last case of the page before; 0 on the first page
	Want   int
}

// CanFind says that the viewer's cases are in the index: staff of organisations. Others have few cases, and read them one by one.
func (v Viewer) CanFind() bool {
	return !v.all && v.partner == "" && v.customer == "" && v.engineer == "" && len(v.orgs) > 0
}

// Find answers the cases that hold all terms, newest first, at most Want. more is the place to go on from, 0 at the end: a page may be
// short, or empty, and not be the last, when words are frequent and cases that hold them all are rare.
func (s *SQL) Find(ctx context.Context, q Reader, v Viewer, f Search) (found []Placed, more int64, err error) {
	cursors, err := s.cursors(ctx, q, v.orgs, f.Terms)
	if err != nil {
		return nil, 0, err
	}
	before, looked := cmp.Or(f.Before, math.MaxInt64), 0
	for window := firstWindow; ; window = min(4*window, widest) {
		places, end, n, err := s.window(ctx, q, cursors, before, window)
		if err != nil {
			return nil, 0, err
		}
		cases, err := s.casesAt(ctx, q, v, f, places, f.Want-len(found)+1)
		if err != nil {
			return nil, 0, err
		}
		found = append(found, cases...)
		looked += n
		switch {
		case len(found) > f.Want:
			found = found[:f.Want]
			return found, found[f.Want-1].Place, nil
		case end == 0 || looked >= lookedAt:
			return found, end, nil
		}
		before = end
	}
}

// cursors are the digests of the terms for each organisation, the rarest first.
func (s *SQL) cursors(ctx context.Context, q Reader, orgs []string, terms []Term) ([][]int64, error) {
	all := make([][]int64, 0, len(orgs))
	for _, org := range orgs {
		counts := make(map[int64]int64, len(terms))
		digests := make([]int64, len(terms))
		for n, t := range terms {
			digests[n] = s.digest(org, t)
			var count int64
			err := q.Row(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM case_terms WHERE term = $1 LIMIT `+strconv.Itoa(rareEnough)+`) AS few`, digests[n]).Scan(&count)
			if err != nil {
				return nil, fmt.Errorf("store: count term: %w", err)
			}
			counts[digests[n]] = count
		}
		slices.SortStableFunc(digests, func(a, b int64) int { return cmp.Compare(counts[a], counts[b]) })
		if counts[digests[0]] > 0 {
			all = append(all, digests[:min(len(digests), termsUsed)])
		}
	}
	return all, nil
}

// window reads the places of cases that hold every term, newest first, out of the next cases of each organisation's rarest term. end is the place
// down to which they are complete, 0 when there is nothing behind.
func (s *SQL) window(ctx context.Context, q Reader, cursors [][]int64, before int64, size int) (places []int64, end int64, looked int, err error) {
	seen := map[int64]bool{}
	for _, terms := range cursors {
		next, err := placesOf(q.Rows(ctx, windowSQL(size), terms[0], before))
		if err != nil {
			return nil, 0, 0, err
		}
		looked += len(next)
		if len(next) == size {
			end = max(end, next[size-1])
		}
		for _, t := range terms[1:] {
			if next, err = holding(ctx, q, t, next); err != nil {
				return nil, 0, 0, err
			}
		}
		for _, p := range next {
			seen[p] = true
		}
	}
	for p := range seen {
		if p >= end {
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b int64) int { return cmp.Compare(b, a) })
	return places, end, looked, nil
}

func windowSQL(size int) string {
	return `SELECT place FROM case_terms WHERE term = $1 AND place < $2 ORDER BY place DESC LIMIT ` + strconv.Itoa(size)
}

func holding(ctx context.Context, q Reader, term int64, places []int64) ([]int64, error) {
	if len(places) == 0 {
		return nil, nil
	}
	in, arg := sqldb.In(q.Engine(), "place", 2, places) //nolint:mnd // behind the term
	return placesOf(q.Rows(ctx, `SELECT place FROM case_terms WHERE term = $1 AND `+in, term, arg))
}

func placesOf(rows sqldb.Rows, err error) ([]int64, error) {
	if err != nil {
		return nil, fmt.Errorf("store: read terms: %w", err)
	}
	defer rows.Close()
	var all []int64
	for rows.Next() {
		var place int64
		if err := rows.Scan(&place); err != nil {
			return nil, err
		}
		all = append(all, place)
	}
	return all, rows.Err()
}

// readAtOnce is how many cases are read to fill a page.
const readAtOnce = 100

// casesAt reads the cases at places, in their order, until there are enough that the viewer sees and that hold what is asked for.
func (s *SQL) casesAt(ctx context.Context, q Reader, v Viewer, f Search, places []int64, want int) (found []Placed, err error) {
	for len(places) > 0 && len(found) < want {
		some := places[:min(readAtOnce, len(places))]
		places = places[len(some):]
		cases, err := s.readAt(ctx, q, v, f.Query, some)
		if err != nil {
			return nil, err
		}
		for _, c := range cases {
			if f.Keep(c.Case) {
				found = append(found, c)
			}
		}
	}
	return found[:min(len(found), max(want, 0))], nil
}

func (s *SQL) readAt(ctx context.Context, q Reader, v Viewer, query listing.Query, places []int64) ([]Placed, error) {
	at, err := caseIDsAt(ctx, q, places)
	if err != nil {
		return nil, err
	}
	text, args := readFoundSQL(q.Engine(), v, query, slices.Collect(maps.Keys(at)))
	rows, err := q.Rows(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("store: read found cases: %w", err)
	}
	defer rows.Close()
	var found []Placed
	for rows.Next() {
		c, err := s.scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, Placed{c, at[c.ID]})
	}
	slices.SortFunc(found, func(a, b Placed) int { return cmp.Compare(b.Place, a.Place) })
	return found, rows.Err()
}

// caseIDsAt are the cases at places. They are read apart from the cases: joined, a planner may choose to read all cases.
func caseIDsAt(ctx context.Context, q Reader, places []int64) (map[string]int64, error) {
	in, arg := sqldb.In(q.Engine(), "place", 1, places)
	rows, err := q.Rows(ctx, `SELECT case_id, place FROM case_texts WHERE `+in, arg)
	if err != nil {
		return nil, fmt.Errorf("store: places: %w", err)
	}
	defer rows.Close()
	at := make(map[string]int64, len(places))
	for rows.Next() {
		var id string
		var place int64
		if err := rows.Scan(&id, &place); err != nil {
			return nil, err
		}
		at[id] = place
	}
	return at, rows.Err()
}

func readFoundSQL(engine sqldb.Engine, v Viewer, query listing.Query, ids []string) (text string, args []any) {
	in, arg := sqldb.In(engine, "id", 1, ids)
	sees, args := v.where(engine, 2) //nolint:mnd // behind the ids
	args = append([]any{arg}, args...)
	where, more := query.Where(len(args) + 1)
	return `SELECT ` + readColumns + ` FROM cases WHERE ` + in + ` AND ` + sees + ` AND ` + where, append(args, more...)
}

package store

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/phrase"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// The index of words. Texts of cases are found through terms (package phrase), each kept as a keyed digest of the term and of the
// organisation that may find it: who has the database without the keys learns which cases share a word and how frequent it is, but
// not the word; who serves a case finds it by the customer's words only. Terms are written by the sweeper that counts figures, not with the
// case: a filing waits for none of them, and a text is found within seconds.

// Kinds of terms.
const (
	TermText  = "text"
	TermName  = "name"  // the whole name of a person of the case
	TermEmail = "email" // the whole address
)

// Term is something to look for.
type Term struct{ Kind, Value string }

// Folded is the form of names and addresses that is looked up.
func Folded(value string) string { return strings.TrimSpace(phrase.Fold(value)) }

// digest is a term as an organisation finds it.
func (s *SQL) digest(org string, t Term) int64 {
	_, sum, _ := strings.Cut(s.index.BlindIndex("case-"+t.Kind, org+"\x00"+t.Value), ".")
	raw, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || len(raw) < 8 {
		panic("store: an index of " + sum) // the ring's own form
	}
	return int64(binary.BigEndian.Uint64(raw)) //nolint:gosec // any 64 bits will do
}

// termsOf are the digests that a case is found by, in order.
func (s *SQL) termsOf(c *casefile.Case) []int64 {
	var all []int64
	told := phrase.Terms(c.Told()...)
	add := func(org, kind string, values ...string) {
		for _, v := range values {
			all = append(all, s.digest(org, Term{kind, v}))
		}
	}
	add(c.OwnerOrg, TermText, phrase.Terms(slices.Concat(c.Told(), c.Written())...)...)
	for i := range c.Personal.Parties {
		p := &c.Personal.Parties[i]
		for kind, value := range map[string]string{TermName: p.DisplayName, TermEmail: p.Email} {
			if value = Folded(value); value != "" {
				add(c.OwnerOrg, kind, value)
			}
		}
	}
	if c.ServingOrg != "" && c.ServingOrg != c.OwnerOrg {
		add(c.ServingOrg, TermText, told...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// indexed is what stands in the index for a case.
type indexed struct {
	place int64
	terms []int64
}

const digestSize = 8

func pack(terms []int64) []byte {
	out := make([]byte, 0, digestSize*len(terms))
	for _, t := range terms {
		out = binary.BigEndian.AppendUint64(out, uint64(t)) //nolint:gosec // the same bits
	}
	return out
}

func unpack(packed []byte) (terms []int64) {
	for ; len(packed) >= digestSize; packed = packed[digestSize:] {
		terms = append(terms, int64(binary.BigEndian.Uint64(packed))) //nolint:gosec // the same bits
	}
	return terms
}

// IndexTexts brings the index to what locked cases say now. gone are cases that are no more: nothing of them must stay.
func (s *SQL) IndexTexts(ctx context.Context, tx sqldb.Tx, cases []*casefile.Case, gone []string) error {
	ids := slices.Clone(gone)
	for _, c := range cases {
		ids = append(ids, c.ID)
	}
	known, err := s.indexedOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	places, err := s.freePlaces(ctx, tx, cases, known)
	if err != nil {
		return err
	}
	var b sqldb.Batch
	rows, terms := sqldb.NewInsert("case_texts", "case_id", "place", "terms"), []posting(nil)
	rows.OnConflict("(case_id) DO UPDATE SET terms = excluded.terms")
	for _, c := range cases {
		old, now := known[c.ID], s.termsOf(c)
		if slices.Equal(old.terms, now) && old.place != 0 {
			continue
		}
		dropTerms(&b, tx.Engine(), old.place, without(old.terms, now))
		for _, t := range without(now, old.terms) {
			terms = append(terms, posting{t, places[c.ID]})
		}
		rows.Row(c.ID, places[c.ID], pack(now))
	}
	for _, id := range gone {
		dropTerms(&b, tx.Engine(), known[id].place, known[id].terms)
		b.Exec(`DELETE FROM case_texts WHERE case_id = $1`, id)
	}
	addPostings(&b, tx.Engine(), rows, terms)
	if err := tx.Send(ctx, &b); err != nil {
		return fmt.Errorf("store: index texts: %w", err)
	}
	return nil
}

// posting says that a case holds a term.
type posting struct{ term, place int64 }

// addPostings writes in the order of the index, with one statement.
func addPostings(b *sqldb.Batch, engine sqldb.Engine, rows *sqldb.Insert, terms []posting) {
	if rows.Len() > 0 {
		rows.AddTo(b, engine, nil)
	}
	if len(terms) == 0 {
		return
	}
	slices.SortFunc(terms, func(x, y posting) int { return cmp.Or(cmp.Compare(x.term, y.term), cmp.Compare(x.place, y.place)) })
	if engine == sqldb.SQLite { // which inserts row by row otherwise, at four times the cost
		b.Exec(`INSERT INTO case_terms (term, place) SELECT value ->> 0, value ->> 1 FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING`, jsonPairs(terms))
		return
	}
	insert := sqldb.NewInsert("case_terms", "term", "place").OnConflict("DO NOTHING")
	for _, t := range terms {
		insert.Row(t.term, t.place)
	}
	insert.AddTo(b, engine, nil)
}

func jsonPairs(terms []posting) string {
	const pair = 42 // digits of two numbers with their signs
	out := make([]byte, 0, pair*len(terms))
	for n, t := range terms {
		out = append(out, "[,"[min(n, 1)], '[')
		out = strconv.AppendInt(out, t.term, 10)
		out = append(out, ',')
		out = strconv.AppendInt(out, t.place, 10)
		out = append(out, ']')
	}
	return string(append(out, ']'))
}

func dropTerms(b *sqldb.Batch, engine sqldb.Engine, place int64, terms []int64) {
	if len(terms) == 0 {
		return
	}
	in, arg := sqldb.In(engine, "term", 2, terms) //nolint:mnd // behind the place
	b.Exec(`DELETE FROM case_terms WHERE place = $1 AND `+in, place, arg)
}

// without is what is in a and not in b, both sorted.
func without(a, b []int64) (rest []int64) {
	for _, t := range a {
		if _, there := slices.BinarySearch(b, t); !there {
			rest = append(rest, t)
		}
	}
	return rest
}

func (s *SQL) indexedOf(ctx context.Context, tx sqldb.Tx, cases []string) (map[string]indexed, error) {
	in, arg := sqldb.In(tx.Engine(), "case_id", 1, cases)
	rows, err := tx.Rows(ctx, `SELECT case_id, place, terms FROM case_texts WHERE `+in, arg)
	if err != nil {
		return nil, fmt.Errorf("store: indexed texts: %w", err)
	}
	defer rows.Close()
	found := map[string]indexed{}
	for rows.Next() {
		var id string
		var place int64
		var packed []byte
		if err := rows.Scan(&id, &place, &packed); err != nil {
			return nil, err
		}
		found[id] = indexed{place, unpack(packed)}
	}
	return found, rows.Err()
}

// freePlaces gives every case its place for good: the microsecond of its registration, or one behind it that is free.
func (s *SQL) freePlaces(ctx context.Context, tx sqldb.Tx, cases []*casefile.Case, known map[string]indexed) (map[string]int64, error) {
	places, given := map[string]int64{}, map[int64]bool{}
	for _, c := range cases {
		if old := known[c.ID].place; old != 0 {
			places[c.ID] = old
			continue
		}
		place := max(1, sqldb.Micros(c.Created))
		for {
			free, err := freePlace(ctx, tx, place)
			if err != nil {
				return nil, err
			}
			if place = free; !given[place] {
				break
			}
			for given[place] {
				place++
			}
		}
		places[c.ID], given[place] = place, true
	}
	return places, nil
}

// freePlace is the first free place from one on, or, where cases stand close together, one behind those of the same second: many may have been
// registered at one time, and each looks for its place.
func freePlace(ctx context.Context, tx sqldb.Tx, from int64) (int64, error) {
	const second = 1_000_000
	for place := from; ; {
		next, err := placesOf(tx.Rows(ctx, `SELECT place FROM case_texts WHERE place >= $1 ORDER BY place LIMIT 8`, place))
		if err != nil {
			return 0, err
		}
		for n, taken := range next {
			if taken != place+int64(n) {
				return place + int64(n), nil
			}
		}
		place += int64(len(next))
		if len(next) < 8 { //nolint:mnd // the limit above
			return place, nil
		}
		if err := tx.Row(ctx, `SELECT MAX(place) + 1 FROM case_texts WHERE place >= $1 AND place < $2`, place-1, place+second).Scan(&place); err != nil {
			return 0, fmt.Errorf("store: find a place: %w", err)
		}
	}
}

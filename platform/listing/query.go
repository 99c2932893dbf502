package listing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// order is one column of ORDER BY.
type order struct {
	column string
	desc   bool
	typ    Type
}

// Query is a checked list request.
type Query struct {
	OrderBy string // columns with directions, the tie last; without the words ORDER BY
	Limit   int    // one more than the page: its presence says that there is a next one

	size     int
	orders   []order
	terms    []term
	after    []any // values of the last row of the page before
	checksum []byte
}

// Size is the length of a page.
func (q Query) Size() int { return q.size }

// parseOrder reads "create_time desc, name"; the tie column is added in the
// direction of the last one, so that one index serves.
func (s *Spec) parseOrder(text string) ([]order, error) {
	if strings.TrimSpace(text) == "" {
		text = s.DefaultOrder
	}
	var orders []order
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 && text == "" {
			break // no default order: by the tie alone
		}
		o, err := s.orderColumn(words, part)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(orders, func(have order) bool { return have.column == o.column }) {
			return nil, s.orderError(part)
		}
		orders = append(orders, o)
	}
	return s.withTie(orders), nil
}

func (s *Spec) withTie(orders []order) []order {
	desc := false
	for _, o := range orders {
		if o.column == s.Tie {
			return orders
		}
		desc = o.desc
	}
	return append(orders, order{column: s.Tie, desc: desc, typ: String})
}

func (s *Spec) orderColumn(words []string, part string) (order, error) {
	if len(words) == 0 || len(words) > 2 {
		return order{}, s.orderError(part)
	}
	column, ok := s.Orders[words[0]]
	if !ok {
		return order{}, s.orderError(part)
	}
	o := order{column: column}
	if len(words) == 2 {
		switch strings.ToLower(words[1]) {
		case "asc":
		case "desc":
			o.desc = true
		default:
			return order{}, s.orderError(part)
		}
	}
	var err error
	o.typ, err = s.orderType(words[0], column)
	return o, err
}

func (s *Spec) orderError(part string) error {
	allowed := strings.Join(slices.Sorted(maps.Keys(s.Orders)), ", ")
	return ErrOrderBy.New("value", short(strings.TrimSpace(part)), "allowed", allowed)
}

func (q Query) orderSQL() string {
	parts := make([]string, len(q.orders))
	for i, o := range q.orders {
		parts[i] = o.column
		if o.desc {
			parts[i] += " DESC"
		}
	}
	return strings.Join(parts, ", ")
}

// Where is the condition of the filter and of the page's start, with arguments
// from $start on; "TRUE" when there is none, so that it can always be joined
// with AND.
func (q Query) Where(start int) (sql string, args []any) {
	b := builder{next: start}
	for _, t := range q.terms {
		b.and(t.sql(&b))
	}
	if q.after != nil {
		b.and(q.keyset(&b))
	}
	if len(b.parts) == 0 {
		return "TRUE", nil
	}
	return strings.Join(b.parts, " AND "), b.args
}

// keyset is the condition "behind the last row": a row value comparison, which
// both engines answer from an index, when all columns run in one direction;
// else it is spelt out.
func (q Query) keyset(b *builder) string {
	first := q.orders[0].desc
	if slices.ContainsFunc(q.orders, func(o order) bool { return o.desc != first }) {
		return q.mixedKeyset(b)
	}
	columns, holders := make([]string, len(q.orders)), make([]string, len(q.orders))
	for i, o := range q.orders {
		columns[i], holders[i] = o.column, b.arg(q.after[i])
	}
	return fmt.Sprintf("(%s) %s (%s)", strings.Join(columns, ", "), q.orders[0].beyond(), strings.Join(holders, ", "))
}

func (q Query) mixedKeyset(b *builder) string {
	var alternatives []string
	equal := ""
	for i, o := range q.orders {
		holder := b.arg(q.after[i])
		alternatives = append(alternatives, fmt.Sprintf("(%s%s %s %s)", equal, o.column, o.beyond(), holder))
		equal += fmt.Sprintf("%s = %s AND ", o.column, holder)
	}
	return "(" + strings.Join(alternatives, " OR ") + ")"
}

func (o order) beyond() string {
	if o.desc {
		return "<"
	}
	return ">"
}

// builder collects conditions and their arguments.
type builder struct {
	parts []string
	args  []any
	next  int
}

func (b *builder) and(sql string) { b.parts = append(b.parts, sql) }

func (b *builder) arg(v any) string {
	b.args = append(b.args, v)
	b.next++
	return fmt.Sprintf("$%d", b.next-1)
}

// Names says that the filter compares a column.
func (q Query) Names(column string) bool {
	return slices.ContainsFunc(q.terms, func(t term) bool { return t.column == column })
}

// Take removes the comparisons of a column from the query and answers their values: they are for what a list finds in its own way, such
// as an index of words. The checksum of page tokens still covers them.
func (q *Query) Take(column string) (values []any) {
	var rest []term
	for _, t := range q.terms {
		if t.column == column {
			values = append(values, t.value)
		} else {
			rest = append(rest, t)
		}
	}
	q.terms = rest
	return values
}

package listing

import (
	"fmt"
	"slices"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Errors of list requests (api.md section 1).
var (
	ErrPageToken = apierr.Define(codes.InvalidArgument, "PAGE_TOKEN_INVALID",
		"翻页标记无效,或查询条件已改变,请从第一页开始", "the page token is invalid or belongs to other parameters; start at the first page")
	ErrFilter = apierr.Define(codes.InvalidArgument, "FILTER_INVALID",
		"筛选条件无效:{detail_zh}", "the filter is invalid: {detail}")
	ErrOrderBy = apierr.Define(codes.InvalidArgument, "ORDER_BY_INVALID",
		"不支持按 {value} 排序,可用:{allowed}", "cannot order by {value}; allowed: {allowed}")
)

// Sizes of pages where the Spec says nothing (api.md section 1).
const (
	defaultSize = 50
	maxSize     = 1000
)

// Type is the type of a field's values.
type Type uint8

// Types of fields. Values of Time are RFC 3339 in the filter and microseconds in
// the column.
const (
	String Type = iota
	Int
	Time
	Enum
	Bool
	Ref // a resource name
)

// Ops of a type where the Field names none. ":" (contains) is only on request,
// for it cannot use an ordinary index.
func (t Type) ops() []string {
	if t == Int || t == Time {
		return []string{"=", "!=", "<", ">", "<=", ">="}
	}
	return []string{"=", "!="}
}

// Field is something a filter may name.
type Field struct {
	Column string // column or SQL expression; its value must never be NULL
	Type   Type
	Ops    []string                  // nil: the type's own
	Values []string                  // of an Enum: what is allowed
	Fold   func(string) (any, error) // value as it is stored, e.g. its blind index
}

// Spec is what one list allows. It is built once, as a package variable.
type Spec struct {
	Fields       map[string]Field
	Orders       map[string]string // name in order_by -> NOT NULL column, leading an index
	OrderTypes   map[string]Type   // name in order_by -> type, where no Field has that column
	DefaultOrder string            // e.g. "create_time desc"
	Tie          string            // unique TEXT column that makes the order total, e.g. the id
	DefaultSize  int               // 0: 50
	MaxSize      int               // 0: 1000
}

// Request is what the client asked for.
type Request struct {
	PageSize  int32
	PageToken string
	OrderBy   string
	Filter    string
	Checksum  []byte // other parameters that select rows: parent, show_deleted …
}

// Parse checks a request against the spec.
func Parse(spec *Spec, in Request) (Query, error) {
	size, err := spec.pageSize(in.PageSize)
	if err != nil {
		return Query{}, err
	}
	orders, err := spec.parseOrder(in.OrderBy)
	if err != nil {
		return Query{}, err
	}
	terms, err := spec.parseFilter(in.Filter)
	if err != nil {
		return Query{}, err
	}
	q := Query{orders: orders, terms: terms, size: size, Limit: size + 1}
	q.OrderBy = q.orderSQL()
	q.checksum = checksum(in, q.OrderBy)
	if in.PageToken != "" {
		if q.after, err = decodeToken(in.PageToken, q.checksum, orders); err != nil {
			return Query{}, err
		}
	}
	return q, nil
}

func (s *Spec) pageSize(asked int32) (int, error) {
	limit := s.MaxSize
	if limit == 0 {
		limit = maxSize
	}
	switch {
	case asked < 0:
		return 0, apierr.Invalid("page_size", "不能为负数", "must not be negative")
	case asked > 0:
		return min(int(asked), limit), nil
	case s.DefaultSize > 0:
		return s.DefaultSize, nil
	}
	return defaultSize, nil
}

// orderType finds the type of an order column, by which tokens are checked: a
// forged token must not reach the database with a value of another type.
func (s *Spec) orderType(name, column string) (Type, error) {
	if t, ok := s.OrderTypes[name]; ok {
		return t, nil
	}
	if column == s.Tie {
		return String, nil
	}
	for _, f := range s.Fields {
		if f.Column == column {
			return f.Type, nil
		}
	}
	return 0, apierr.ErrInternal.Wrap(fmt.Errorf("listing: order %q (column %s) has no type in Fields or OrderTypes", name, column))
}

func (f Field) allows(op string) bool {
	if f.Ops != nil {
		return slices.Contains(f.Ops, op)
	}
	return slices.Contains(f.Type.ops(), op)
}

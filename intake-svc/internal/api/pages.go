package api

import (
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// The lists below one case are read in one order, behind the last row's key: listing keeps their tokens.
var belowCase = &listing.Spec{Tie: "id"}

// pager is the page of such a list.
type pager struct {
	query listing.Query
	after string // key of the last row before; "" on the first page
}

func newPager(parent string, size int32, token string) (pager, error) {
	query, err := listing.Parse(belowCase, listing.Request{PageSize: size, PageToken: token, Checksum: []byte(parent)})
	if err != nil {
		return pager{}, err
	}
	p := pager{query: query}
	if _, args := query.Where(1); len(args) == 1 {
		p.after, _ = args[0].(string)
	}
	return p, nil
}

func (p pager) limit() int { return p.query.Limit }

// cutPage cuts the row off that says that there are more, and gives the token of the next page.
func cutPage[T any](p pager, rows []T, key func(T) string) ([]T, string) {
	return listing.Page(p.query, rows, func(row T) map[string]any { return map[string]any{"id": key(row)} })
}

func micros(t time.Time) int64 { return sqldb.Micros(t) }

// lowerCamel turns a field's name into its JSON name.
func lowerCamel(name string) string {
	parts := strings.Split(name, "_")
	for n := range parts[1:] {
		parts[n+1] = strings.ToUpper(parts[n+1][:1]) + parts[n+1][1:]
	}
	return strings.Join(parts, "")
}

// Package listing turns the page_size, page_token, order_by and filter of a list
// request into the WHERE, ORDER BY and LIMIT of one SQL statement, on both
// engines.
//
// Only what a Spec names can be filtered or ordered; every value travels as an
// argument. Pages continue by keyset (the order columns and the tie column of the
// last row), so that page n costs what page 1 costs and rows that come or go
// between pages shift nothing. A token carries a checksum of the other
// parameters, as AIP-158 asks: it cannot be used with another filter.
//
//	q, err := listing.Parse(spec, listing.Request{PageSize: in.PageSize, PageToken: in.PageToken, …})
//	where, args := q.Where(2) // $1 is the caller's organisation
//	rows := db.Rows(ctx, `SELECT … FROM cases WHERE owner_org = $1 AND `+where+
//		` ORDER BY `+q.OrderBy+` LIMIT `+strconv.Itoa(q.Limit), append([]any{org}, args...)...)
//	page, next := listing.Page(q, got, func(c Case) map[string]any {
//		return map[string]any{"create_time": c.CreateTime, "id": c.ID}
//	})
//
// Filters are AIP-160's subset of comparisons joined by AND:
//
//	state = RECEIVED AND create_time >= "2026-11-01T00:00:00Z" AND problem : "漏水"
package listing

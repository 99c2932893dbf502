package api

import (
	"context"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/phrase"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
)

// Columns of the filter that are no columns of the table: what they name is found in the index of words.
const (
	textColumn  = "text"
	nameColumn  = "customer_name"
	emailColumn = "email"
	phoneColumn = "phone_index"
)

// foundInOrder is the order of what is found: tokens carry the place of the last case.
var foundInOrder = &listing.Spec{
	Orders: map[string]string{"place": "place"}, OrderTypes: map[string]listing.Type{"place": listing.Int}, DefaultOrder: "place desc", Tie: "id",
}

const newestFirst = "created_at DESC, id DESC"

// caseSearch is a list with words in its filter.
type caseSearch struct {
	text  phrase.Query
	terms []store.Term // besides those of text
	name  []string     // folded
	email []string
	blind bool // asks for a person
}

// takeSearch takes what the index is asked for out of a query; ok is false when it asks nothing of it.
func takeSearch(query *listing.Query) (search caseSearch, ok bool) {
	search.blind = query.Names(phoneColumn) || query.Names(nameColumn) || query.Names(emailColumn)
	for _, v := range query.Take(textColumn) {
		q, _ := v.(phrase.Query)
		search.text = search.text.And(q)
	}
	take := func(column, kind string) (values []string) {
		for _, v := range query.Take(column) {
			value, _ := v.(string)
			values = append(values, value)
			search.terms = append(search.terms, store.Term{Kind: kind, Value: value})
		}
		return values
	}
	search.name, search.email = take(nameColumn, store.TermName), take(emailColumn, store.TermEmail)
	for _, t := range search.text.Terms {
		search.terms = append(search.terms, store.Term{Kind: store.TermText, Value: t})
	}
	return search, len(search.terms) > 0
}

// searchFields are what a filter may name beside the columns (R185).
func searchFields() map[string]listing.Field {
	folded := func(value string) (any, error) { return store.Folded(value), nil }
	return map[string]listing.Field{
		"text": {Column: textColumn, Ops: []string{":"}, Fold: func(text string) (any, error) {
			q, ok := phrase.Parse(text)
			if !ok {
				return nil, listing.ErrFilter.New("detail_zh", "text 至少需要两个汉字或一个字母数字词", "detail", "text needs two Chinese characters or one word of letters and digits")
			}
			return q, nil
		}},
		"customer_name": {Column: nameColumn, Ops: []string{"="}, Fold: folded},
		"email":         {Column: emailColumn, Ops: []string{"="}, Fold: folded},
	}
}

// casePage is a page of cases, from the table or through the index of words. Pages of a search may be short and not the last.
func (s *Server) casePage(ctx context.Context, req listing.Request) (page []*casefile.Case, next string, err error) {
	token := req.PageToken
	req.PageToken = ""
	query, err := listing.Parse(s.caseSpec, req)
	if err != nil {
		return nil, "", err
	}
	search, found := takeSearch(&query)
	viewer := store.ViewerOf(auth.FromContext(ctx))
	keep := s.keeper(ctx, search)
	req.PageToken = token
	if found && viewer.CanFind() {
		return s.find(ctx, viewer, query, search, req, keep)
	}
	if query, err = listing.Parse(s.caseSpec, req); err != nil {
		return nil, "", err
	}
	takeSearch(&query)
	if search.blind {
		return s.listedOf(ctx, viewer, query, keep)
	}
	return s.listed(ctx, viewer, query, keep)
}

// personRows is more than any one person has cases.
const personRows = 1001

// listedOf lists a person's cases. Who is not to know of one of them must not learn of it by the length of a page, or by the token
// of a next one either (R188): it is left out before the page is cut.
func (s *Server) listedOf(ctx context.Context, v store.Viewer, query listing.Query, keep func(*casefile.Case) bool) ([]*casefile.Case, string, error) {
	wide := query
	wide.Limit = max(query.Limit, personRows)
	found, err := s.Cases.List(ctx, s.DB, v, wide)
	if err != nil {
		return nil, "", err
	}
	page, next := cutCases(query, slices.DeleteFunc(found, func(c *casefile.Case) bool { return !keep(c) }))
	return page, next, nil
}

// cut makes a page of what was read for it.
func cutCases(query listing.Query, found []*casefile.Case) ([]*casefile.Case, string) {
	return listing.Page(query, found, func(c *casefile.Case) map[string]any {
		return map[string]any{"created_at": c.Created, "updated_at": c.Updated, "deadline": micros(c.Deadline()), "id": c.ID}
	})
}

// keeper says whether a case is what was asked for: the index knows terms only, and knows no confidentiality. Nobody learns by
// asking for a person that a case is that person's, where the case hides it.
func (s *Server) keeper(ctx context.Context, search caseSearch) func(*casefile.Case) bool {
	if !search.blind && len(search.terms) == 0 {
		return func(*casefile.Case) bool { return true }
	}
	present := s.presenter(ctx)
	return func(c *casefile.Case) bool {
		if search.blind && present.hides(c) {
			return false
		}
		texts := c.Told()
		if slices.Contains(present.caller.Sees(), c.OwnerOrg) && present.caller.Kind == auth.Staff {
			texts = append(texts, c.Written()...)
		}
		return search.text.In(texts...) && everyPerson(c, search.name, func(p *casefile.Party) string { return p.DisplayName }) &&
			everyPerson(c, search.email, func(p *casefile.Party) string { return p.Email })
	}
}

// everyPerson says that each value is that of a person of the case.
func everyPerson(c *casefile.Case, values []string, of func(*casefile.Party) string) bool {
	for _, v := range values {
		if !slices.ContainsFunc(c.Personal.Parties, func(p casefile.Party) bool { return store.Folded(of(&p)) == v }) {
			return false
		}
	}
	return true
}

// find reads through the index.
func (s *Server) find(ctx context.Context, v store.Viewer, query listing.Query, search caseSearch, req listing.Request, keep func(*casefile.Case) bool,
) (page []*casefile.Case, next string, err error) {
	if query.OrderBy != newestFirst {
		return nil, "", listing.ErrOrderBy.New("value", req.OrderBy, "allowed", "create_time desc")
	}
	tokens, err := listing.Parse(foundInOrder, listing.Request{PageSize: req.PageSize, PageToken: req.PageToken, Checksum: []byte(req.Filter)})
	if err != nil {
		return nil, "", err
	}
	var before int64
	if _, args := tokens.Where(1); len(args) > 0 {
		before, _ = args[0].(int64)
	}
	found, more, err := s.Cases.Find(ctx, s.DB, v, store.Search{Query: query, Terms: search.terms, Keep: keep, Before: before, Want: tokens.Size()})
	if err != nil {
		return nil, "", err
	}
	for _, c := range found {
		page = append(page, c.Case)
	}
	if more != 0 {
		next = tokens.NextToken(more, "")
	}
	return page, next, nil
}

// listed reads the table; with words in the filter it compares case by case.
func (s *Server) listed(ctx context.Context, v store.Viewer, query listing.Query, keep func(*casefile.Case) bool) (page []*casefile.Case, next string, err error) {
	found, err := s.Cases.List(ctx, s.DB, v, query)
	if err != nil {
		return nil, "", err
	}
	found, next = cutCases(query, found)
	return slices.DeleteFunc(found, func(c *casefile.Case) bool { return !keep(c) }), next, nil
}

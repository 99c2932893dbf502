package api

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/zhtext/minhash"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

const (
	duplicateWindow = 30 * 24 * time.Hour
	textsCompared   = 500 // newest cases of the organisation in the window
	mostDuplicates  = 20
)

// Reasons of duplicates.
const (
	sameCustomer = "SAME_CUSTOMER"
	sameSerial   = "SAME_SERIAL"
	sameOrder    = "SAME_ORDER"
	similarText  = "SIMILAR_TEXT"
)

type relationService struct {
	intakev1.UnimplementedRelationServiceServer
	*Server
}

// SuggestDuplicates implements intakev1.RelationServiceServer.
func (s relationService) SuggestDuplicates(ctx context.Context, req *intakev1.SuggestDuplicatesRequest) (*intakev1.SuggestDuplicatesResponse, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	viewer := store.ViewerOf(auth.FromContext(ctx))
	since := c.Created.Add(-duplicateWindow)
	related, err := s.Cases.Related(ctx, s.DB, viewer, c, since, repeatsLooked)
	if err != nil {
		return nil, err
	}
	found, err := s.similar(ctx, viewer, c, since)
	if err != nil {
		return nil, err
	}
	suggestions := make([]*intakev1.DuplicateSuggestion, 0, len(related)+len(found))
	for _, other := range related {
		suggestions = append(suggestions, s.duplicate(c, other, found[other.ID]))
		delete(found, other.ID)
	}
	for id, similarity := range found {
		other, err := s.Cases.Get(ctx, s.DB, viewer, id)
		if err != nil {
			return nil, err
		}
		suggestions = append(suggestions, s.duplicate(c, other, similarity))
	}
	slices.SortFunc(suggestions, surestFirst)
	return &intakev1.SuggestDuplicatesResponse{Suggestions: suggestions[:min(len(suggestions), mostDuplicates)]}, nil
}

// surestFirst: more reasons, then more alike, then newer.
func surestFirst(a, b *intakev1.DuplicateSuggestion) int {
	return cmp.Or(cmp.Compare(len(b.GetReasons()), len(a.GetReasons())), cmp.Compare(b.GetSimilarity(), a.GetSimilarity()),
		b.GetCreateTime().AsTime().Compare(a.GetCreateTime().AsTime()), strings.Compare(a.GetCase(), b.GetCase()))
}

// similar finds cases that tell nearly the same, by MinHash.
func (s *Server) similar(ctx context.Context, viewer store.Viewer, c *casefile.Case, since time.Time) (map[string]float64, error) {
	problems, err := s.Cases.Problems(ctx, s.DB, viewer, c.OwnerOrg, since, textsCompared)
	if err != nil {
		return nil, err
	}
	index := minhash.NewIndex(0)
	for _, p := range problems {
		if p.CaseID != c.ID {
			index.Add(p.CaseID, p.Text)
		}
	}
	found := map[string]float64{}
	for n, match := range index.Find(c.Problem) {
		if n == mostDuplicates {
			break
		}
		found[match.ID] = match.Similarity
	}
	return found, nil
}

func (s *Server) duplicate(c, other *casefile.Case, similarity float64) *intakev1.DuplicateSuggestion {
	m := &intakev1.DuplicateSuggestion{
		Case: other.Name(), CaseNumber: other.Number, Similarity: similarity, State: intakev1.Case_State(intakev1.Case_State_value[string(other.State)]),
		Channel: other.Channel, CreateTime: at(other.Created), Mergeable: c.Mergeable(other),
	}
	for _, reason := range []struct {
		name  string
		holds bool
	}{
		{sameCustomer, s.Cases.SameCustomer(c, other)}, {sameSerial, serialOf(c) != "" && serialOf(c) == serialOf(other)},
		{sameOrder, orderOf(c) != "" && orderOf(c) == orderOf(other)}, {similarText, similarity > 0},
	} {
		if reason.holds {
			m.Reasons = append(m.Reasons, reason.name)
		}
	}
	return m
}

func serialOf(c *casefile.Case) string {
	if len(c.Items) == 0 {
		return ""
	}
	return c.Items[0].Serial
}

func orderOf(c *casefile.Case) string {
	if len(c.ExternalRefs) == 0 {
		return ""
	}
	return c.ExternalRefs[0].OrderID
}

// before counts what the same customer and machine had before (R96, R115), and finds what runs for them (R97) and what was repaired in vain.
func (s *Server) before(ctx context.Context, q store.Reader, c *casefile.Case, found *casefile.Findings) error {
	related, err := s.Cases.Related(ctx, q, store.Everything, c, time.Time{}, repeatsLooked)
	if err != nil {
		return err
	}
	var running []casefile.Running
	for _, other := range related {
		if order := other.RunningOrder(); order != "" {
			by := "SERIAL"
			if s.Cases.SameCustomer(c, other) {
				by = "PHONE"
			}
			running = append(running, casefile.Running{Case: other.Name(), WorkOrder: order, By: by, Engineer: other.VisitorOf(order)})
		}
	}
	found.Repeat, found.Running = s.count(c, related), running
	found.Failed, err = s.failedRepairs(ctx, q, c, related)
	return err
}

func (s *Server) count(c *casefile.Case, related []*casefile.Case) (r casefile.Repeat) {
	for _, other := range related {
		if other.State == casefile.Merged || !earlierCase(other, c) {
			continue
		}
		if other.Kind == casefile.Complaint && s.Cases.SameCustomer(c, other) {
			r.Complaints++
			if other.Decision() == casefile.NotUpheld {
				r.NotUpheld++
			}
		}
		if serialOf(c) != "" && serialOf(c) == serialOf(other) && (other.Kind == casefile.Complaint || other.Kind == casefile.ServiceRequest) {
			r.Failures++
		}
	}
	return r
}

// earlierCase compares in the order of receipt.
func earlierCase(a, b *casefile.Case) bool {
	return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.Number, b.Number)) < 0
}

// GetCaseHistory implements intakev1.RelationServiceServer.
func (s relationService) GetCaseHistory(ctx context.Context, req *intakev1.GetCaseHistoryRequest) (*intakev1.CaseHistory, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	related, err := s.Cases.Related(ctx, s.DB, store.ViewerOf(auth.FromContext(ctx)), c, time.Time{}, repeatsLooked)
	if err != nil {
		return nil, err
	}
	m := &intakev1.CaseHistory{Repeat: repeatOf(s.count(c, related))}
	for _, other := range related {
		m.Cases = append(m.Cases, &intakev1.EarlierCase{
			Case: other.Name(), CaseNumber: other.Number, Kind: intakev1.Case_Kind(intakev1.Case_Kind_value[string(other.Kind)]),
			State: intakev1.Case_State(intakev1.Case_State_value[string(other.State)]), ContentClass: other.ContentClass,
			SameCustomer: s.Cases.SameCustomer(c, other), SameSerial: serialOf(c) != "" && serialOf(c) == serialOf(other), Decision: other.Decision(),
			CreateTime: at(other.Created),
		})
	}
	return m, nil
}

// MergeCase implements intakev1.RelationServiceServer. Both cases are locked, in the order of their ids.
func (s relationService) MergeCase(ctx context.Context, req *intakev1.MergeCaseRequest) (resp *intakev1.Case, err error) {
	ids := []string{caseID(req.GetName()), caseID(req.GetInto())}
	if ids[0] == ids[1] {
		return nil, casefile.ErrNotSame.New("what", "SAME_CASE")
	}
	caller := auth.FromContext(ctx)
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Case, error) {
			locked := map[string]*casefile.Case{}
			for _, id := range slices.Sorted(slices.Values(ids)) {
				if locked[id], err = s.Cases.Lock(ctx, tx, store.ViewerOf(caller), id); err != nil {
					return nil, err
				}
			}
			if err := sameTag(req.GetEtag(), locked[ids[0]].Etag()); err != nil {
				return nil, err
			}
			return s.merge(ctx, tx, s.moment(caller), locked[ids[0]], locked[ids[1]], req.GetReason())
		})
		return err
	})
	return resp, err
}

func (s *Server) merge(ctx context.Context, tx sqldb.Tx, m casefile.Moment, c, into *casefile.Case, reason string) (*intakev1.Case, error) {
	out, err := casefile.Merge(m, c, into, reason)
	if err != nil {
		return nil, err
	}
	if err := s.Ledger.Commit(ctx, tx, out.Merged, out.MergedChange); err != nil {
		return nil, err
	}
	if err := s.Ledger.Commit(ctx, tx, out.Survivor, out.SurvivorChange); err != nil {
		return nil, err
	}
	return s.presenter(ctx).fullCase(out.Survivor), nil
}

// LinkCase implements intakev1.RelationServiceServer. A linked case is locked too and gets the link back, in the order of ids.
func (s relationService) LinkCase(ctx context.Context, req *intakev1.LinkCaseRequest) (resp *intakev1.Case, err error) {
	if err := checkTarget(req); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(req.GetTarget(), "cases/") {
		return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
			return c.Link(m, casefile.Link{Target: req.GetTarget(), Relation: req.GetRelation()}, req.GetReason())
		})
	}
	caller := auth.FromContext(ctx)
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Case, error) {
			return s.linkCases(ctx, tx, s.moment(caller), store.ViewerOf(caller), req)
		})
		return err
	})
	return resp, err
}

func (s *Server) linkCases(ctx context.Context, tx sqldb.Tx, m casefile.Moment, viewer store.Viewer, req *intakev1.LinkCaseRequest) (*intakev1.Case, error) {
	locked := map[string]*casefile.Case{}
	for _, id := range slices.Compact(slices.Sorted(slices.Values([]string{caseID(req.GetName()), caseID(req.GetTarget())}))) {
		c, err := s.Cases.Lock(ctx, tx, viewer, id)
		if err != nil {
			return nil, err
		}
		locked[id] = c
	}
	c, other := locked[caseID(req.GetName())], locked[caseID(req.GetTarget())]
	if err := sameTag(req.GetEtag(), c.Etag()); err != nil {
		return nil, err
	}
	change, err := c.Link(m, casefile.Link{Target: other.Name(), Relation: req.GetRelation()}, req.GetReason())
	if err != nil {
		return nil, err
	}
	if err := s.Ledger.Commit(ctx, tx, c, change); err != nil {
		return nil, err
	}
	return s.presenter(ctx).fullCase(c), s.Ledger.Commit(ctx, tx, other, other.LinkedFrom(m, c, req.GetRelation()))
}

// checkTarget: a relation fits what it leads to.
func checkTarget(req *intakev1.LinkCaseRequest) error {
	want := map[string]string{casefile.LinkFollows: "cases/", casefile.LinkRunning: "workOrders/", casefile.LinkSession: "https://"}[req.GetRelation()]
	if !strings.HasPrefix(req.GetTarget(), want) {
		return apierr.Invalid("target", "与关系类型不符", "does not fit the relation")
	}
	return nil
}

package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/ledger"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// errRefExists is a reference of a partner that stands for another filing already; metadata: case.
var errRefExists = apierr.Define(codes.AlreadyExists, "EXTERNAL_REF_EXISTS",
	"该售后单已登记为 {case},且内容不同", "the after-sale order is registered as {case} with other content")

// CreateCase implements intakev1.CaseServiceServer.
func (s caseService) CreateCase(ctx context.Context, req *intakev1.CreateCaseRequest) (*intakev1.Case, error) {
	caller := auth.FromContext(ctx)
	c, err := s.draft(req.GetCase())
	if err != nil {
		return nil, err
	}
	key, err := s.Idem.Key(ctx, req.GetRequestId(), req)
	if err != nil {
		return nil, err
	}
	m := s.moment(caller)
	c.ID, c.ProgressSecret = newID(), casefile.NewProgressSecret()
	change, err := casefile.File(m, c)
	if err != nil {
		return s.refused(ctx, key, err)
	}
	claim, err := claimOf(c, req)
	if err != nil {
		return nil, err
	}
	present := s.presenter(ctx)
	filed, err := s.Filer.File(ctx, ledger.Filing{
		Case: c, Change: change, Key: key, Claim: claim,
		Answer: func(c *casefile.Case) proto.Message { return present.fullCase(c) },
	})
	if err != nil {
		return nil, err
	}
	return s.filed(ctx, key, claim, filed)
}

// refused: a request that was answered once is answered the same again, even where the rules have changed since.
func (s *Server) refused(ctx context.Context, key idempotency.Key, cause error) (*intakev1.Case, error) {
	known, err := s.Idem.Lookup(ctx, s.DB, key)
	if err != nil {
		return nil, err
	}
	if stored, ok := known[key.ID]; ok && !key.Zero() {
		return idempotency.Replay[*intakev1.Case](s.Idem, key, stored)
	}
	return nil, cause
}

func (s *Server) filed(ctx context.Context, key idempotency.Key, claim *store.Claim, f ledger.Filed) (*intakev1.Case, error) {
	switch {
	case f.Replay != nil:
		return idempotency.Replay[*intakev1.Case](s.Idem, key, *f.Replay)
	case f.Owner != nil && !bytes.Equal(f.Owner.Digest, claim.Digest):
		return nil, errRefExists.New("case", "cases/"+f.Owner.CaseID)
	case f.Owner != nil:
		c, err := s.see(ctx, "cases/"+f.Owner.CaseID)
		if err != nil {
			return nil, err
		}
		return s.presenter(ctx).fullCase(c), nil
	}
	answer, ok := f.Answer.(*intakev1.Case)
	if !ok {
		return nil, errors.New("api: a filing without an answer")
	}
	return answer, nil
}

// claimOf is the partner's reference with the digest of what is filed under it; nil when it has none.
func claimOf(c *casefile.Case, req *intakev1.CreateCaseRequest) (*store.Claim, error) {
	ref, ok := c.RefKey()
	if !ok {
		return nil, nil
	}
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(req.GetCase())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	return &store.Claim{Partner: c.Partner, Platform: ref.Platform, AfterSaleID: ref.AfterSaleID, CaseID: c.ID, Digest: sum[:]}, nil
}

// GetCase implements intakev1.CaseServiceServer.
func (s caseService) GetCase(ctx context.Context, req *intakev1.GetCaseRequest) (*intakev1.Case, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	return s.presenter(ctx).fullCase(c), nil
}

// caseList is what lists of cases can be filtered and ordered by.
func (s *Server) caseList() *listing.Spec {
	fields := map[string]listing.Field{
		"state": {Column: "state", Type: listing.String}, "kind": {Column: "kind", Type: listing.String},
		"channel": {Column: "channel", Type: listing.String}, "case_number": {Column: "number", Type: listing.String},
		"content_class": {Column: "content_class", Type: listing.String}, "urgency": {Column: "urgency", Type: listing.String},
		"handler": {Column: "handler", Type: listing.Ref}, "investigator": {Column: "investigator", Type: listing.Ref},
		"partner": {Column: "partner", Type: listing.Ref}, "serial_number": {Column: "serial", Type: listing.String},
		"order_id": {Column: "order_id", Type: listing.String}, "after_sale_id": {Column: "after_sale_id", Type: listing.String},
		"create_time": {Column: "created_at", Type: listing.Time}, "update_time": {Column: "updated_at", Type: listing.Time},
		"state_deadline": {Column: "deadline", Type: listing.Time}, "round": {Column: "round", Type: listing.Int},
		"phone": {Column: "phone_index", Type: listing.String, Ops: []string{"="}, Fold: func(phone string) (any, error) {
			return s.Cases.PhoneIndex(phone), nil
		}},
	}
	for name, field := range fields {
		fields[lowerCamel(name)] = field
	}
	return &listing.Spec{
		Fields: fields, DefaultOrder: "create_time desc", Tie: "id",
		Orders: map[string]string{
			"create_time": "created_at", "createTime": "created_at", "update_time": "updated_at", "updateTime": "updated_at",
			"state_deadline": "deadline", "stateDeadline": "deadline",
		},
	}
}

// listed reads a page. Who searches by phone must not find who is hidden from them either, the one complained about in the own organisation
// included (R188): such rows are left out before the page is cut, so that not even its length tells of them.
func (s *Server) listed(ctx context.Context, query listing.Query) ([]*casefile.Case, error) {
	viewer := store.ViewerOf(auth.FromContext(ctx))
	if where, _ := query.Where(1); !strings.Contains(where, "phone_index") {
		return s.Cases.List(ctx, s.DB, viewer, query)
	}
	query.Limit = max(query.Limit, phoneRows)
	found, err := s.Cases.List(ctx, s.DB, viewer, query)
	present := s.presenter(ctx)
	return slices.DeleteFunc(found, present.hides), err
}

// phoneRows is more than any one phone has cases.
const phoneRows = 1001

// ListCases implements intakev1.CaseServiceServer.
func (s caseService) ListCases(ctx context.Context, req *intakev1.ListCasesRequest) (*intakev1.ListCasesResponse, error) {
	query, err := listing.Parse(s.caseSpec, listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), OrderBy: req.GetOrderBy(), Filter: req.GetFilter(),
	})
	if err != nil {
		return nil, err
	}
	found, err := s.listed(ctx, query)
	if err != nil {
		return nil, err
	}
	page, next := listing.Page(query, found, func(c *casefile.Case) map[string]any {
		return map[string]any{"created_at": c.Created, "updated_at": c.Updated, "deadline": micros(c.Deadline()), "id": c.ID}
	})
	present := s.presenter(ctx)
	resp := &intakev1.ListCasesResponse{NextPageToken: next, Cases: make([]*intakev1.Case, len(page))}
	for n, c := range page {
		resp.Cases[n] = present.fullCase(c)
	}
	return resp, nil
}

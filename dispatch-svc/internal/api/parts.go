package api

import (
	"context"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/parts"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/suggest"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/listing"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// ListParts implements dispatchv1.PartServiceServer (R132).
func (s *Server) ListParts(ctx context.Context, req *dispatchv1.ListPartsRequest) (*dispatchv1.ListPartsResponse, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	page, next, err := s.Store.Parts(ctx, who.orgs(), listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), OrderBy: req.GetOrderBy(), Filter: req.GetFilter(),
	})
	if err != nil {
		return nil, err
	}
	out := &dispatchv1.ListPartsResponse{NextPageToken: next}
	for _, p := range page {
		out.Parts = append(out.Parts, partMessage(p))
	}
	return out, nil
}

func partMessage(p *parts.Part) *dispatchv1.Part {
	m := &dispatchv1.Part{Name: "parts/" + p.ID, Number: p.Number, DisplayName: p.Name, Specification: p.Specification, Org: p.Org,
		Price: amount(workorder.Money{Fen: p.PriceFen})}
	for _, at := range p.Stock {
		m.Stock = append(m.Stock, &dispatchv1.Part_Stock{StockLocation: at.Location, OnHand: at.OnHand})
	}
	return m
}

// ListStockLocations implements dispatchv1.PartServiceServer.
func (s *Server) ListStockLocations(ctx context.Context, req *dispatchv1.ListStockLocationsRequest) (*dispatchv1.ListStockLocationsResponse, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	page, next, err := s.Store.Locations(ctx, who.orgs(), listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), OrderBy: req.GetOrderBy(), Filter: req.GetFilter(),
	})
	if err != nil {
		return nil, err
	}
	out := &dispatchv1.ListStockLocationsResponse{NextPageToken: next}
	for _, l := range page {
		kind := dispatchv1.StockLocation_Kind(dispatchv1.StockLocation_Kind_value[string(l.Kind)])
		out.StockLocations = append(out.StockLocations, &dispatchv1.StockLocation{Name: "stockLocations/" + l.ID, DisplayName: l.Name,
			Kind: kind, Engineer: l.Engineer, Org: l.Org})
	}
	return out, nil
}

func suggestMessage(a suggest.Answer) *dispatchv1.SuggestEngineersResponse {
	out := &dispatchv1.SuggestEngineersResponse{Rejected: rejectedMessages(a.Rejected)}
	for i := range a.Suggestions {
		out.Suggestions = append(out.Suggestions, suggestionMessage(&a.Suggestions[i]))
	}
	return out
}

func suggestionMessage(g *suggest.Suggestion) *dispatchv1.SuggestEngineersResponse_Suggestion {
	return &dispatchv1.SuggestEngineersResponse_Suggestion{
		Engineer: g.Engineer, DisplayName: g.Name, Score: g.Score, Reasons: reasonMessages(g.Reasons),
		EarliestArrival: stamp(g.Earliest), TravelSeconds: int64(g.Travel.Seconds()),
	}
}

func rejectedMessages(rejected []suggest.Rejected) (out []*dispatchv1.SuggestEngineersResponse_Rejected) {
	for _, r := range rejected {
		out = append(out, &dispatchv1.SuggestEngineersResponse_Rejected{
			Reason: r.Code, Count: int32(r.Count), Counterfactual: r.Counterfactual, Text: r.Text, Engineer: r.Engineer,
		})
	}
	return out
}

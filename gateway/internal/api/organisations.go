package api

import (
	"context"
	"slices"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

type organisationServer struct {
	gatewayv1.UnimplementedOrganisationServiceServer
	*Core
}

// CreateOrganisation implements gatewayv1.OrganisationServiceServer.
func (s *organisationServer) CreateOrganisation(ctx context.Context, req *gatewayv1.CreateOrganisationRequest) (*gatewayv1.Organisation, error) {
	in := req.GetOrganisation()
	parent, err := visibleOrg(auth.FromContext(ctx), in.GetParent())
	if err != nil {
		return nil, err
	}
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.Organisation, error) {
		above, ok, err := store.Organisation(ctx, tx, parent)
		if above, err = found(parent, above, ok, err); err != nil {
			return nil, err
		}
		name, err := newName("organisations", req.GetOrganisationId())
		if err != nil {
			return nil, err
		}
		o := identity.Organisation{
			Name: name, DisplayName: in.GetDisplayName(), Kind: in.GetKind().String(), Parent: parent,
			LegalEntity: above.LegalEntity, Created: s.Clock.Now(),
		}
		s.identityChanged(tx) // the parent's people see more from now on, after their next sign-in
		err = store.InsertOrganisation(ctx, tx, o)
		if sqldb.IsUnique(err) {
			err = identity.ErrOrgExists.New("name", name)
		}
		return organisation(o), err
	})
}

// GetOrganisation implements gatewayv1.OrganisationServiceServer.
func (s *organisationServer) GetOrganisation(ctx context.Context, req *gatewayv1.GetOrganisationRequest) (*gatewayv1.Organisation, error) {
	o, ok, err := store.OrganisationFor(ctx, s.DB, knownTo(ctx), req.GetName())
	if o, err = found(req.GetName(), o, ok, err); err != nil {
		return nil, err
	}
	return organisation(o), nil
}

// ListOrganisations implements gatewayv1.OrganisationServiceServer.
func (s *organisationServer) ListOrganisations(ctx context.Context, req *gatewayv1.ListOrganisationsRequest) (*gatewayv1.ListOrganisationsResponse, error) {
	all, next, err := store.ListOrganisations(ctx, s.DB, knownTo(ctx), listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken()})
	if err != nil {
		return nil, err
	}
	return &gatewayv1.ListOrganisationsResponse{Organisations: convert(all, organisation), NextPageToken: next}, nil
}

// CheckServing implements gatewayv1.OrganisationServiceServer.
func (s *organisationServer) CheckServing(ctx context.Context, req *gatewayv1.CheckServingRequest) (*gatewayv1.CheckServingResponse, error) {
	to, ok, err := store.Organisation(ctx, s.DB, req.GetOrganisation())
	if err != nil || !ok {
		return &gatewayv1.CheckServingResponse{}, err
	}
	out := &gatewayv1.CheckServingResponse{Known: true, DisplayName: to.DisplayName}
	owner, ok, err := store.Organisation(ctx, s.DB, req.GetOwner())
	if err != nil || !ok {
		return out, err
	}
	if out.Serves = to.LegalEntity == owner.LegalEntity; out.Serves {
		return out, nil
	}
	contracts, err := store.ContractsBetween(ctx, s.DB, []string{to.Name, to.LegalEntity}, []string{owner.Name, owner.LegalEntity})
	now := s.Clock.Now()
	out.Serves = slices.ContainsFunc(contracts, func(c identity.Contract) bool { return c.Covers(req.GetRegion(), req.GetCategory(), now) })
	return out, err
}

// ListContracts implements gatewayv1.OrganisationServiceServer.
func (s *organisationServer) ListContracts(ctx context.Context, req *gatewayv1.ListContractsRequest) (*gatewayv1.ListContractsResponse, error) {
	all, next, err := store.ListContracts(ctx, s.DB, auth.FromContext(ctx).Sees(), listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken()})
	if err != nil {
		return nil, err
	}
	return &gatewayv1.ListContractsResponse{Contracts: convert(all, contract), NextPageToken: next}, nil
}

// knownTo are the organisations that a caller starts from; the suite's services keep copies of all.
func knownTo(ctx context.Context) []string {
	caller := auth.FromContext(ctx)
	if caller.Kind == auth.Service {
		return []string{store.EveryOrg}
	}
	return caller.Sees()
}

func organisation(o identity.Organisation) *gatewayv1.Organisation {
	return &gatewayv1.Organisation{
		Name: o.Name, DisplayName: o.DisplayName, Kind: gatewayv1.Organisation_Kind(gatewayv1.Organisation_Kind_value[o.Kind]),
		Parent: o.Parent, LegalEntity: o.LegalEntity, CreateTime: stamp(o.Created),
	}
}

func contract(c identity.Contract) *gatewayv1.Contract {
	return &gatewayv1.Contract{
		Name: c.Name, Principal: c.Principal, Provider: c.Provider, Regions: c.Regions, Categories: c.Categories,
		ValidFrom: stamp(c.ValidFrom), ValidUntil: stamp(c.ValidUntil),
	}
}

func convert[A, B any](all []A, one func(A) B) []B {
	out := make([]B, len(all))
	for i, a := range all {
		out[i] = one(a)
	}
	return out
}

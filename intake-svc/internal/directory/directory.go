// Package directory keeps what intake knows of organisations: the gateway owns them, intake holds a copy in memory that is read
// anew every so often. People are told names, not resource names, and a case moves only to where it can be served.
package directory

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

// pageSize of one read of the gateway's lists.
const pageSize = 1000

// readLimit bounds a whole read.
const readLimit = 10 * time.Second

// Source is the gateway's list of organisations and contracts.
type Source interface {
	ListOrganisations(ctx context.Context, in *gatewayv1.ListOrganisationsRequest, opts ...grpc.CallOption) (*gatewayv1.ListOrganisationsResponse, error)
	ListContracts(ctx context.Context, in *gatewayv1.ListContractsRequest, opts ...grpc.CallOption) (*gatewayv1.ListContractsResponse, error)
}

// Directory is the copy. It is empty until the first Reload; then the gateway may be gone.
type Directory struct {
	source Source
	known  atomic.Pointer[known]
}

type known struct {
	orgs      map[string]*gatewayv1.Organisation
	contracts []*gatewayv1.Contract
}

// New makes an empty directory.
func New(source Source) *Directory {
	d := &Directory{source: source}
	d.known.Store(&known{})
	return d
}

// Reload reads everything anew; after an error the old copy stays.
func (d *Directory) Reload(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	next := &known{orgs: map[string]*gatewayv1.Organisation{}}
	for token := ""; ; {
		page, err := d.source.ListOrganisations(ctx, &gatewayv1.ListOrganisationsRequest{PageSize: pageSize, PageToken: token})
		if err != nil {
			return fmt.Errorf("directory: organisations: %w", err)
		}
		for _, o := range page.GetOrganisations() {
			next.orgs[o.GetName()] = o
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	for token := ""; ; {
		page, err := d.source.ListContracts(ctx, &gatewayv1.ListContractsRequest{PageSize: pageSize, PageToken: token})
		if err != nil {
			return fmt.Errorf("directory: contracts: %w", err)
		}
		next.contracts = append(next.contracts, page.GetContracts()...)
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	d.known.Store(next)
	return nil
}

// Loaded says whether the directory was read at least once.
func (d *Directory) Loaded() bool { return d.known.Load().orgs != nil }

// Called is the name that people know an organisation by; its resource name where it has none.
func (d *Directory) Called(org string) string {
	if o := d.known.Load().orgs[org]; o.GetDisplayName() != "" {
		return o.GetDisplayName()
	}
	return org
}

// Exists says whether there is such an organisation.
func (d *Directory) Exists(org string) bool { return d.known.Load().orgs[org] != nil }

// Tied says whether two organisations are of one legal entity or tied by a contract that is valid then.
func (d *Directory) Tied(a, b string, at time.Time) bool {
	k := d.known.Load()
	if entity := k.orgs[a].GetLegalEntity(); entity != "" && entity == k.orgs[b].GetLegalEntity() {
		return true
	}
	return slices.ContainsFunc(k.contracts, func(c *gatewayv1.Contract) bool { return between(c, a, b) && valid(c, at) })
}

func between(c *gatewayv1.Contract, a, b string) bool {
	return c.GetPrincipal() == a && c.GetProvider() == b || c.GetPrincipal() == b && c.GetProvider() == a
}

func valid(c *gatewayv1.Contract, at time.Time) bool {
	from, until := c.GetValidFrom(), c.GetValidUntil()
	return (from == nil || !at.Before(from.AsTime())) && (until == nil || at.Before(until.AsTime()))
}

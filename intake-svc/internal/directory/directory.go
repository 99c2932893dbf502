// Package directory keeps what intake knows of organisations: the gateway owns them, intake holds a copy in memory that is read
// anew every so often, so that people are told names and not resource names.
package directory

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

// pageSize of one read of the gateway's lists.
const pageSize = 1000

// readLimit bounds a whole read.
const readLimit = 10 * time.Second

// Source is the gateway's list of organisations.
type Source interface {
	ListOrganisations(ctx context.Context, in *gatewayv1.ListOrganisationsRequest, opts ...grpc.CallOption) (*gatewayv1.ListOrganisationsResponse, error)
}

// Directory is the copy. It is empty until the first Reload; then the gateway may be gone.
type Directory struct {
	source Source
	names  atomic.Pointer[map[string]string]
}

// New makes an empty directory.
func New(source Source) *Directory {
	d := &Directory{source: source}
	d.names.Store(&map[string]string{})
	return d
}

// Reload reads everything anew; after an error the old copy stays.
func (d *Directory) Reload(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	names, token := map[string]string{}, ""
	for {
		page, err := d.source.ListOrganisations(ctx, &gatewayv1.ListOrganisationsRequest{PageSize: pageSize, PageToken: token})
		if err != nil {
			return fmt.Errorf("directory: organisations: %w", err)
		}
		for _, o := range page.GetOrganisations() {
			names[o.GetName()] = o.GetDisplayName()
		}
		if token = page.GetNextPageToken(); token == "" {
			d.names.Store(&names)
			return nil
		}
	}
}

// Called is the name that people know an organisation by; its resource name where it has none.
func (d *Directory) Called(org string) string { return cmp.Or((*d.names.Load())[org], org) }

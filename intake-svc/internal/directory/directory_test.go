package directory

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

// gateway answers one organisation a page.
type gateway struct {
	orgs []*gatewayv1.Organisation
	down bool
}

func (g *gateway) ListOrganisations(_ context.Context, in *gatewayv1.ListOrganisationsRequest, _ ...grpc.CallOption) (*gatewayv1.ListOrganisationsResponse, error) {
	if g.down {
		return nil, errors.New("down")
	}
	at := len(in.GetPageToken())
	out := &gatewayv1.ListOrganisationsResponse{Organisations: g.orgs[at : at+1]}
	if at+1 < len(g.orgs) {
		out.NextPageToken = in.GetPageToken() + "."
	}
	return out, nil
}

func TestTheCopyOutlivesTheGateway(t *testing.T) {
	t.Parallel()
	g := &gateway{orgs: []*gatewayv1.Organisation{{Name: "organisations/a", DisplayName: "星河"}, {Name: "organisations/b"}}}
	d := New(g)
	require.Equal(t, "organisations/a", d.Called("organisations/a"), "before the first read")
	require.NoError(t, d.Reload(t.Context()))
	g.down = true
	require.Error(t, d.Reload(t.Context()))
	require.Equal(t, "星河", d.Called("organisations/a"))
	require.Equal(t, "organisations/b", d.Called("organisations/b"), "one without a name")
}

package directory

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// gateway answers one organisation a page.
type gateway struct {
	orgs      []*gatewayv1.Organisation
	contracts []*gatewayv1.Contract
	down      bool
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

func (g *gateway) ListContracts(context.Context, *gatewayv1.ListContractsRequest, ...grpc.CallOption) (*gatewayv1.ListContractsResponse, error) {
	return &gatewayv1.ListContractsResponse{Contracts: g.contracts}, nil
}

func TestTheCopyOutlivesTheGateway(t *testing.T) {
	t.Parallel()
	g := &gateway{orgs: []*gatewayv1.Organisation{{Name: "organisations/a", DisplayName: "星河"}, {Name: "organisations/b"}}}
	d := New(g)
	require.False(t, d.Loaded())
	require.Equal(t, "organisations/a", d.Called("organisations/a"), "before the first read")
	require.NoError(t, d.Reload(t.Context()))
	g.down = true
	require.Error(t, d.Reload(t.Context()))
	require.True(t, d.Loaded())
	require.Equal(t, "星河", d.Called("organisations/a"))
	require.Equal(t, "organisations/b", d.Called("organisations/b"), "one without a name")
	require.True(t, d.Exists("organisations/b"))
	require.False(t, d.Exists("organisations/c"))
}

func TestTied(t *testing.T) {
	t.Parallel()
	g := &gateway{
		orgs: []*gatewayv1.Organisation{
			{Name: "brand", LegalEntity: "brand"}, {Name: "store", LegalEntity: "brand"}, {Name: "provider", LegalEntity: "provider"}, {Name: "other", LegalEntity: "other"},
		},
		contracts: []*gatewayv1.Contract{
			{Principal: "brand", Provider: "provider", ValidFrom: timestamppb.New(noon), ValidUntil: timestamppb.New(noon.Add(time.Hour))},
		},
	}
	d := New(g)
	require.False(t, d.Tied("brand", "store", noon), "nothing is known yet")
	require.NoError(t, d.Reload(t.Context()))
	for name, c := range map[string]struct {
		a, b string
		at   time.Time
		want bool
	}{
		"one entity":    {"store", "brand", noon, true},
		"contract":      {"brand", "provider", noon, true},
		"either side":   {"provider", "brand", noon.Add(59 * time.Minute), true},
		"over":          {"brand", "provider", noon.Add(time.Hour), false},
		"not yet":       {"brand", "provider", noon.Add(-time.Second), false},
		"two strangers": {"provider", "other", noon, false},
		"nobody":        {"brand", "nobody", noon, false},
	} {
		require.Equal(t, c.want, d.Tied(c.a, c.b, c.at), name)
	}
}

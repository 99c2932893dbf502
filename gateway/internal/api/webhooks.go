package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strconv"

	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/gateway/internal/webhook"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

// replayPage bounds what one replay queues.
const replayPage = 1000

type webhookServer struct {
	gatewayv1.UnimplementedWebhookServiceServer
	*Core
}

// owners are whose endpoints the caller administers; the first one owns what the caller makes.
func owners(p auth.Principal) []string {
	if p.Kind == auth.Partner {
		return []string{p.Subject}
	}
	return append([]string{p.Org}, p.Sees()...)
}

// CreateWebhookEndpoint implements gatewayv1.WebhookServiceServer.
func (s *webhookServer) CreateWebhookEndpoint(ctx context.Context, req *gatewayv1.CreateWebhookEndpointRequest) (*gatewayv1.WebhookEndpointWithSecret, error) {
	in, owner := req.GetWebhookEndpoint(), owners(auth.FromContext(ctx))[0]
	if err := webhook.CheckURL(in.GetUrl(), s.PrivateHooks); err != nil {
		return nil, err
	}
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.WebhookEndpointWithSecret, error) {
		n, err := store.CountEndpoints(ctx, tx, owner)
		if err != nil {
			return nil, err
		}
		if n >= webhook.EndpointsPerOwner {
			return nil, webhook.ErrFull.New()
		}
		name, err := newName("webhookEndpoints", "")
		if err != nil {
			return nil, err
		}
		secret := newHookSecret()
		sealed, err := s.Sealer.Seal([]byte(secret), webhook.SecretAAD(name))
		if err != nil {
			return nil, err
		}
		e := webhook.Endpoint{Name: name, URL: in.GetUrl(), EventTypes: in.GetEventTypes(), Owner: owner, Secret: sealed, State: webhook.Active, Created: s.Clock.Now()}
		return &gatewayv1.WebhookEndpointWithSecret{WebhookEndpoint: endpoint(e), Secret: secret}, store.InsertEndpoint(ctx, tx, e)
	})
}

// newHookSecret is 192 bits in the form of Standard Webhooks.
func newHookSecret() string {
	raw := make([]byte, 24)
	_, _ = rand.Read(raw) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(raw)
}

// GetWebhookEndpoint implements gatewayv1.WebhookServiceServer.
func (s *webhookServer) GetWebhookEndpoint(ctx context.Context, req *gatewayv1.GetWebhookEndpointRequest) (*gatewayv1.WebhookEndpoint, error) {
	e, err := s.load(ctx, s.DB, req.GetName())
	if err != nil {
		return nil, err
	}
	return endpoint(e), nil
}

// ListWebhookEndpoints implements gatewayv1.WebhookServiceServer.
func (s *webhookServer) ListWebhookEndpoints(ctx context.Context, req *gatewayv1.ListWebhookEndpointsRequest) (*gatewayv1.ListWebhookEndpointsResponse, error) {
	all, next, err := store.ListEndpoints(ctx, s.DB, owners(auth.FromContext(ctx)), listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken()})
	if err != nil {
		return nil, err
	}
	return &gatewayv1.ListWebhookEndpointsResponse{WebhookEndpoints: convert(all, endpoint), NextPageToken: next}, nil
}

// DeleteWebhookEndpoint implements gatewayv1.WebhookServiceServer.
func (s *webhookServer) DeleteWebhookEndpoint(ctx context.Context, req *gatewayv1.DeleteWebhookEndpointRequest) (*gatewayv1.DeleteWebhookEndpointResponse, error) {
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.DeleteWebhookEndpointResponse, error) {
		if _, err := s.load(ctx, tx, req.GetName()); err != nil {
			return nil, err
		}
		return &gatewayv1.DeleteWebhookEndpointResponse{}, store.DeleteEndpoint(ctx, tx, req.GetName())
	})
}

// EnableWebhookEndpoint implements gatewayv1.WebhookServiceServer.
func (s *webhookServer) EnableWebhookEndpoint(ctx context.Context, req *gatewayv1.EnableWebhookEndpointRequest) (*gatewayv1.WebhookEndpoint, error) {
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.WebhookEndpoint, error) {
		return s.set(ctx, tx, req.GetName(), webhook.Active)
	})
}

// DisableWebhookEndpoint implements gatewayv1.WebhookServiceServer.
func (s *webhookServer) DisableWebhookEndpoint(ctx context.Context, req *gatewayv1.DisableWebhookEndpointRequest) (*gatewayv1.WebhookEndpoint, error) {
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.WebhookEndpoint, error) {
		e, err := s.set(ctx, tx, req.GetName(), webhook.Disabled)
		if err != nil {
			return nil, err
		}
		return e, store.FailPending(ctx, tx, req.GetName(), "DISABLED")
	})
}

func (s *webhookServer) set(ctx context.Context, tx sqldb.Tx, name, state string) (*gatewayv1.WebhookEndpoint, error) {
	e, err := s.load(ctx, tx, name)
	if err != nil {
		return nil, err
	}
	e.State = state
	return endpoint(e), store.SetEndpointState(ctx, tx, name, state)
}

// ListWebhookDeliveries implements gatewayv1.WebhookServiceServer.
func (s *webhookServer) ListWebhookDeliveries(ctx context.Context, req *gatewayv1.ListWebhookDeliveriesRequest) (*gatewayv1.ListWebhookDeliveriesResponse, error) {
	if _, err := s.load(ctx, s.DB, req.GetParent()); err != nil {
		return nil, err
	}
	all, next, err := store.ListDeliveries(ctx, s.DB, req.GetParent(), listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Filter: req.GetFilter(), Checksum: []byte(req.GetParent()),
	})
	if err != nil {
		return nil, err
	}
	return &gatewayv1.ListWebhookDeliveriesResponse{Deliveries: convert(all, delivery), NextPageToken: next}, nil
}

// ReplayWebhookDeliveries implements gatewayv1.WebhookServiceServer.
func (s *webhookServer) ReplayWebhookDeliveries(ctx context.Context, req *gatewayv1.ReplayWebhookDeliveriesRequest) (*gatewayv1.ReplayWebhookDeliveriesResponse, error) {
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.ReplayWebhookDeliveriesResponse, error) {
		e, err := s.load(ctx, tx, req.GetName())
		if err != nil {
			return nil, err
		}
		if e.State != webhook.Active {
			return nil, webhook.ErrDisabled.New()
		}
		entries, next, err := store.ReadFeed(ctx, tx, webhook.ScopeOf(e.Owner), "", cursorOf(req.GetAfter()), replayPage)
		if err != nil {
			return nil, err
		}
		deliveries, err := webhook.FanOut([]webhook.Endpoint{e}, entries, s.Clock.Now())
		if err != nil {
			return nil, err
		}
		tx.AfterCommit(func() { s.Wake(TopicWebhooks) })
		resp := &gatewayv1.ReplayWebhookDeliveriesResponse{Queued: int32(len(deliveries))}
		if len(entries) == replayPage {
			resp.NextCursor = strconv.FormatInt(next, 10)
		}
		return resp, store.InsertDeliveries(ctx, tx, deliveries)
	})
}

func (s *webhookServer) load(ctx context.Context, q store.Reader, name string) (webhook.Endpoint, error) {
	e, ok, err := store.Endpoint(ctx, q, owners(auth.FromContext(ctx)), name)
	return found(name, e, ok, err)
}

func endpoint(e webhook.Endpoint) *gatewayv1.WebhookEndpoint {
	return &gatewayv1.WebhookEndpoint{
		Name: e.Name, Url: e.URL, EventTypes: e.EventTypes, Owner: e.Owner, CreateTime: stamp(e.Created),
		State: gatewayv1.WebhookEndpoint_State(gatewayv1.WebhookEndpoint_State_value[e.State]),
	}
}

func delivery(d webhook.Delivery) *gatewayv1.WebhookDelivery {
	m := &gatewayv1.WebhookDelivery{
		Name: d.Endpoint + "/deliveries/" + d.ID, EventId: d.EventID, Type: d.Type, Cursor: strconv.FormatInt(d.Cursor, 10),
		State:    gatewayv1.WebhookDelivery_State(gatewayv1.WebhookDelivery_State_value[d.State]),
		Attempts: int32(d.Attempts), LastStatus: int32(d.LastStatus), LastError: d.LastError,
		LastAttemptTime: stamp(d.LastAttempt), CreateTime: stamp(d.Created),
	}
	if d.State == webhook.Pending {
		m.NextAttemptTime = stamp(d.NextAttempt)
	}
	return m
}

package api

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/gateway/internal/limit"
	"github.com/aftersales-suite/aftersales/gateway/internal/live"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

// Topics of wake-ups.
const (
	TopicFeed     = "feed"
	TopicWebhooks = "webhooks"
	TopicIdentity = "identity"
)

// Core is what the handlers share.
type Core struct {
	DB        sqldb.DB
	Clock     clock.Clock
	Log       *slog.Logger
	Sealer    keys.Sealer
	Signer    *auth.Signer
	Idem      *idempotency.Store
	Hasher    *identity.Hasher
	Directory *identity.Directory
	SignIns   limit.Limiter // by user name or key id
	Hub       *live.Hub
	Wake      func(topic string) // wakes this gateway and the others

	SessionTTL      time.Duration // of staff
	PartnerTokenTTL time.Duration
	PrivateHooks    bool // web-hooks may be plain http and reach private addresses: development only
}

// Register adds every service of the gateway.
func (c *Core) Register(r grpc.ServiceRegistrar) {
	gatewayv1.RegisterAuthServiceServer(r, &authServer{Core: c})
	gatewayv1.RegisterOrganisationServiceServer(r, &organisationServer{Core: c})
	gatewayv1.RegisterUserServiceServer(r, &userServer{Core: c})
	gatewayv1.RegisterPartnerServiceServer(r, &partnerServer{Core: c})
	gatewayv1.RegisterEventServiceServer(r, &eventServer{Core: c})
	gatewayv1.RegisterWebhookServiceServer(r, &webhookServer{Core: c})
	gatewayv1.RegisterInboxServiceServer(r, &inboxServer{Core: c})
}

// mutate runs fn once per request id, in one transaction with the stored answer.
func mutate[Resp proto.Message](ctx context.Context, c *Core, requestID string, req proto.Message, fn func(tx sqldb.Tx) (Resp, error)) (resp Resp, err error) {
	err = c.DB.InTx(ctx, func(tx sqldb.Tx) error {
		var err error
		resp, err = idempotency.Do(ctx, c.Idem, tx, requestID, req, func() (Resp, error) { return fn(tx) })
		return err
	})
	return resp, err
}

// identityChanged makes every gateway ask the store again once the transaction is committed.
func (c *Core) identityChanged(tx sqldb.Tx) {
	tx.AfterCommit(func() {
		c.Directory.Forget()
		c.Wake(TopicIdentity)
	})
}

// visibleOrg is the organisation asked for, the caller's own when empty, or NOT_FOUND when it is not the caller's.
func visibleOrg(p auth.Principal, org string) (string, error) {
	if org == "" {
		org = p.Org
	}
	for _, mine := range p.Sees() {
		if mine == org {
			return org, nil
		}
	}
	return "", apierr.NotFound(org)
}

// found turns a lookup into NOT_FOUND.
func found[T any](name string, v T, ok bool, err error) (T, error) {
	if err == nil && !ok {
		err = apierr.NotFound(name)
	}
	return v, err
}

// newName draws a resource name, or takes the readable id.
func newName(collection, id string) (string, error) {
	if id == "" {
		drawn, err := uuid.NewV7()
		if err != nil {
			return "", err
		}
		id = drawn.String()
	}
	return collection + "/" + id, nil
}

// checkEtag refuses a write on the basis of an old version; empty does not compare.
func checkEtag(asked, have string) error {
	if asked != "" && asked != have {
		return apierr.ErrStale.New()
	}
	return nil
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func lower(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

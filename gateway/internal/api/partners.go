package api

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"strings"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

type partnerServer struct {
	gatewayv1.UnimplementedPartnerServiceServer
	*Core
}

// CreatePartner implements gatewayv1.PartnerServiceServer.
func (s *partnerServer) CreatePartner(ctx context.Context, req *gatewayv1.CreatePartnerRequest) (*gatewayv1.Partner, error) {
	in := req.GetPartner()
	org, err := visibleOrg(auth.FromContext(ctx), in.GetOrg())
	if err != nil {
		return nil, err
	}
	if err := identity.CheckScopes(in.GetScopes()); err != nil {
		return nil, err
	}
	if _, err := identity.ParseAddresses(in.GetAddresses()); err != nil {
		return nil, err
	}
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.Partner, error) {
		name, err := newName("partners", req.GetPartnerId())
		if err != nil {
			return nil, err
		}
		now := s.Clock.Now()
		p := identity.Partner{
			Name: name, DisplayName: in.GetDisplayName(), Org: org, Platform: in.GetPlatform(), Scopes: in.GetScopes(),
			Addresses: in.GetAddresses(), Created: now, Updated: now, Version: 1,
		}
		err = store.InsertPartner(ctx, tx, p)
		if sqldb.IsUnique(err) {
			err = identity.ErrPartner.New("name", name)
		}
		return partnerMessage(p), err
	})
}

// GetPartner implements gatewayv1.PartnerServiceServer.
func (s *partnerServer) GetPartner(ctx context.Context, req *gatewayv1.GetPartnerRequest) (*gatewayv1.Partner, error) {
	p, err := s.load(ctx, s.DB, req.GetName())
	if err != nil {
		return nil, err
	}
	return partnerMessage(p), nil
}

// ListPartners implements gatewayv1.PartnerServiceServer.
func (s *partnerServer) ListPartners(ctx context.Context, req *gatewayv1.ListPartnersRequest) (*gatewayv1.ListPartnersResponse, error) {
	all, next, err := store.ListPartners(ctx, s.DB, auth.FromContext(ctx).Sees(), listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken()})
	if err != nil {
		return nil, err
	}
	return &gatewayv1.ListPartnersResponse{Partners: convert(all, partnerMessage), NextPageToken: next}, nil
}

// CreatePartnerKey implements gatewayv1.PartnerServiceServer.
func (s *partnerServer) CreatePartnerKey(ctx context.Context, req *gatewayv1.CreatePartnerKeyRequest) (*gatewayv1.PartnerKeyWithSecret, error) {
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.PartnerKeyWithSecret, error) {
		p, err := s.load(ctx, tx, req.GetParent())
		if err != nil {
			return nil, err
		}
		if len(p.Keys) >= identity.LiveKeys {
			return nil, identity.ErrKeysFull.New()
		}
		key, secret, err := s.newKey(p.Name, req.GetKey())
		if err != nil {
			return nil, err
		}
		if err := s.save(ctx, tx, p); err != nil { // the version serialises two administrators
			return nil, err
		}
		return &gatewayv1.PartnerKeyWithSecret{Key: keyMessage(key), Secret: secret}, store.InsertKey(ctx, tx, key)
	})
}

// newKey draws a secret, or takes the registered public key.
func (s *partnerServer) newKey(partner string, in *gatewayv1.PartnerKey) (key identity.PartnerKey, secret string, err error) {
	if in.GetAlgorithm() != gatewayv1.PartnerKey_ED25519 {
		return SecretKey(s.Sealer, partner, s.Clock.Now())
	}
	public, err := base64.StdEncoding.DecodeString(in.GetPublicKey())
	if err != nil || len(public) != ed25519.PublicKeySize {
		return key, "", apierr.Invalid("key.public_key", "应为 32 字节 Ed25519 公钥的 base64", "must be the base64 of an Ed25519 public key of 32 bytes")
	}
	return identity.PartnerKey{
		KeyID: identity.NewKeyID(), Partner: partner, Algorithm: identity.Ed25519, Secret: public, Created: s.Clock.Now(),
	}, "", nil
}

// RevokePartnerKey implements gatewayv1.PartnerServiceServer.
func (s *partnerServer) RevokePartnerKey(ctx context.Context, req *gatewayv1.RevokePartnerKeyRequest) (*gatewayv1.Partner, error) {
	owner, keyID, ok := strings.Cut(req.GetName(), "/keys/")
	if !ok {
		return nil, apierr.NotFound(req.GetName())
	}
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.Partner, error) {
		p, err := s.load(ctx, tx, owner)
		if err != nil {
			return nil, err
		}
		there, err := store.RevokeKey(ctx, tx, owner, keyID, s.Clock.Now())
		if _, err = found(req.GetName(), keyID, there, err); err != nil {
			return nil, err
		}
		if err := store.EndKeySessions(ctx, tx, owner, keyID); err != nil {
			return nil, err
		}
		if err := s.save(ctx, tx, p); err != nil {
			return nil, err
		}
		p, err = s.load(ctx, tx, owner)
		return partnerMessage(p), err
	})
}

// DisablePartner implements gatewayv1.PartnerServiceServer.
func (s *partnerServer) DisablePartner(ctx context.Context, req *gatewayv1.DisablePartnerRequest) (*gatewayv1.Partner, error) {
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.Partner, error) {
		return s.setDisabled(ctx, tx, req.GetName(), req.GetEtag(), true)
	})
}

// EnablePartner implements gatewayv1.PartnerServiceServer.
func (s *partnerServer) EnablePartner(ctx context.Context, req *gatewayv1.EnablePartnerRequest) (*gatewayv1.Partner, error) {
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.Partner, error) {
		return s.setDisabled(ctx, tx, req.GetName(), req.GetEtag(), false)
	})
}

func (s *partnerServer) setDisabled(ctx context.Context, tx sqldb.Tx, name, etag string, disabled bool) (*gatewayv1.Partner, error) {
	p, err := s.load(ctx, tx, name)
	if err != nil {
		return nil, err
	}
	if err := checkEtag(etag, p.Etag()); err != nil {
		return nil, err
	}
	p.Disabled = disabled
	if err := s.save(ctx, tx, p); err != nil {
		return nil, err
	}
	if err := store.EndSessions(ctx, tx, name, ""); err != nil {
		return nil, err
	}
	p, err = s.load(ctx, tx, name)
	return partnerMessage(p), err
}

func (s *partnerServer) load(ctx context.Context, q store.Reader, name string) (identity.Partner, error) {
	p, ok, err := store.Partner(ctx, q, auth.FromContext(ctx).Sees(), name)
	return found(name, p, ok, err)
}

func (s *partnerServer) save(ctx context.Context, tx sqldb.Tx, p identity.Partner) error {
	s.identityChanged(tx)
	ok, err := store.UpdatePartner(ctx, tx, p, s.Clock.Now())
	return stale(ok, err)
}

func partnerMessage(p identity.Partner) *gatewayv1.Partner {
	return &gatewayv1.Partner{
		Name: p.Name, DisplayName: p.DisplayName, Org: p.Org, Platform: p.Platform, Scopes: p.Scopes, Addresses: p.Addresses,
		Disabled: p.Disabled, Keys: convert(p.Keys, keyMessage), CreateTime: stamp(p.Created), UpdateTime: stamp(p.Updated), Etag: p.Etag(),
	}
}

func keyMessage(k identity.PartnerKey) *gatewayv1.PartnerKey {
	m := &gatewayv1.PartnerKey{
		Name: k.Partner + "/keys/" + k.KeyID, KeyId: k.KeyID, CreateTime: stamp(k.Created),
		Algorithm: gatewayv1.PartnerKey_Algorithm(gatewayv1.PartnerKey_Algorithm_value[k.Algorithm]),
	}
	if k.Algorithm == identity.Ed25519 {
		m.PublicKey = base64.StdEncoding.EncodeToString(k.Secret)
	}
	return m
}

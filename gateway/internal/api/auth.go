package api

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/gateway/internal/transcode"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

type authServer struct {
	gatewayv1.UnimplementedAuthServiceServer
	*Core
}

// Login implements gatewayv1.AuthServiceServer.
func (s *authServer) Login(ctx context.Context, req *gatewayv1.LoginRequest) (*gatewayv1.LoginResponse, error) {
	user, err := s.authenticate(ctx, lower(req.GetUsername()), req.GetPassword())
	if err != nil {
		return nil, err
	}
	orgs, err := store.VisibleOrgs(ctx, s.DB, user.Org)
	if err != nil {
		return nil, err
	}
	token, expire, err := s.Issue(ctx, user.Principal(orgs), "", s.SessionTTL)
	if err != nil {
		return nil, err
	}
	return &gatewayv1.LoginResponse{AccessToken: token, ExpireTime: stamp(expire), User: user.Name}, nil
}

// authenticate gives the user of a name and a password. Every failure is the same one, takes the same time, and counts
// against the name; a success clears the count.
func (s *authServer) authenticate(ctx context.Context, username, password string) (identity.User, error) {
	if wait := s.SignIns.Take(ctx, username); wait > 0 {
		return identity.User{}, apierr.ErrRateLimited.New().WithRetry(wait)
	}
	user, ok, err := store.UserByUsername(ctx, s.DB, username)
	if err != nil {
		return user, err
	}
	hash := ""
	if ok && !user.Disabled {
		hash = user.PasswordHash
	}
	right, err := s.Hasher.Verify(ctx, password, hash)
	if err != nil {
		return user, err
	}
	if !right {
		return user, identity.ErrLogin.New()
	}
	s.SignIns.Forget(ctx, username)
	return user, nil
}

// Issue signs a token and keeps that it was given out.
func (c *Core) Issue(ctx context.Context, p auth.Principal, keyID string, ttl time.Duration) (token string, expire time.Time, err error) {
	token, expire, err = c.Signer.Sign(p, ttl)
	if err != nil {
		return "", expire, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", expire, err
	}
	return token, expire, store.InsertSession(ctx, c.DB, identity.Session{
		ID: id.String(), TokenHash: identity.TokenHash(token), Subject: p.Subject, KeyID: keyID, Created: c.Clock.Now(), Expires: expire,
	})
}

// Logout implements gatewayv1.AuthServiceServer.
func (s *authServer) Logout(ctx context.Context, req *gatewayv1.LogoutRequest) (*gatewayv1.LogoutResponse, error) {
	subject := auth.FromContext(ctx).Subject
	err := s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		s.identityChanged(tx)
		if req.GetEverywhere() {
			return store.EndSessions(ctx, tx, subject, "")
		}
		if id := sessionOf(ctx); id != "" {
			return store.EndSession(ctx, tx, subject, id)
		}
		return store.EndTokenSession(ctx, tx, subject, identity.TokenHash(auth.TokenFromContext(ctx)))
	})
	return &gatewayv1.LogoutResponse{}, err
}

// sessionOf is the session that the HTTP side names; "" for a caller over gRPC, whose token is the session's own.
func sessionOf(ctx context.Context) string {
	if ids := metadata.ValueFromIncomingContext(ctx, transcode.SessionKey); len(ids) == 1 {
		return ids[0]
	}
	return ""
}

// WhoAmI implements gatewayv1.AuthServiceServer.
func (s *authServer) WhoAmI(ctx context.Context, _ *gatewayv1.WhoAmIRequest) (*gatewayv1.WhoAmIResponse, error) {
	p := auth.FromContext(ctx)
	return &gatewayv1.WhoAmIResponse{
		Subject: p.Subject, Kind: p.Kind.String(), DisplayName: p.DisplayName, Org: p.Org, Orgs: p.Sees(), Roles: p.Roles,
		Scopes: p.Scopes, OnBehalfOf: p.OnBehalfOf, Engineer: p.Engineer, Platform: p.Platform, Locale: p.Locale,
	}, nil
}

// ChangePassword implements gatewayv1.AuthServiceServer.
func (s *authServer) ChangePassword(ctx context.Context, req *gatewayv1.ChangePasswordRequest) (*gatewayv1.ChangePasswordResponse, error) {
	p := auth.FromContext(ctx)
	me, err := s.me(ctx, p)
	if err != nil {
		return nil, err
	}
	if _, err := s.authenticate(ctx, me.Username, req.GetCurrentPassword()); err != nil {
		return nil, err
	}
	if err := checkStrength(me.Username, req.GetNewPassword()); err != nil {
		return nil, err
	}
	hash, err := s.Hasher.Hash(ctx, req.GetNewPassword())
	if err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		me.PasswordHash = hash
		s.identityChanged(tx)
		if ok, err := store.UpdateUser(ctx, tx, me, s.Clock.Now()); err != nil || !ok {
			return stale(ok, err)
		}
		return store.EndSessions(ctx, tx, p.Subject, sessionOf(ctx))
	})
	return &gatewayv1.ChangePasswordResponse{}, err
}

func (s *authServer) me(ctx context.Context, p auth.Principal) (identity.User, error) {
	me, ok, err := store.User(ctx, s.DB, []string{p.Org}, p.Subject)
	return found(p.Subject, me, ok, err)
}

// checkStrength refuses what guessing tries first: the name itself, and few different characters.
func checkStrength(username, password string) error {
	different := map[rune]bool{}
	for _, r := range password {
		different[r] = true
	}
	if len(different) < 5 || strings.Contains(lower(password), username) {
		return identity.ErrWeak.New()
	}
	return nil
}

// stale maps a conditional update that hit nothing.
func stale(ok bool, err error) error {
	if err == nil && !ok {
		err = apierr.ErrStale.New()
	}
	return err
}

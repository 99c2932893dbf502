package api

import (
	"context"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

type userServer struct {
	gatewayv1.UnimplementedUserServiceServer
	*Core
}

// CreateUser implements gatewayv1.UserServiceServer.
func (s *userServer) CreateUser(ctx context.Context, req *gatewayv1.CreateUserRequest) (*gatewayv1.UserWithPassword, error) {
	in := req.GetUser()
	org, err := visibleOrg(auth.FromContext(ctx), in.GetOrg())
	if err != nil {
		return nil, err
	}
	if err := identity.CheckRoles(in.GetRoles()); err != nil {
		return nil, err
	}
	password := identity.NewPassword()
	hash, err := s.Hasher.Hash(ctx, password) // before the transaction: it takes long
	if err != nil {
		return nil, err
	}
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.UserWithPassword, error) {
		name, err := newName("users", "")
		if err != nil {
			return nil, err
		}
		now := s.Clock.Now()
		u := identity.User{
			Name: name, Username: lower(in.GetUsername()), DisplayName: in.GetDisplayName(), Org: org, Roles: in.GetRoles(),
			Engineer: in.GetEngineer(), Team: in.GetTeam(), Locale: in.GetLocale(), PasswordHash: hash, Created: now, Updated: now, Version: 1,
		}
		err = store.InsertUser(ctx, tx, u)
		if sqldb.IsUnique(err, "users.username") {
			err = identity.ErrUserExists.New("username", u.Username)
		}
		return &gatewayv1.UserWithPassword{User: user(u), Password: password}, err
	})
}

// GetUser implements gatewayv1.UserServiceServer.
func (s *userServer) GetUser(ctx context.Context, req *gatewayv1.GetUserRequest) (*gatewayv1.User, error) {
	u, ok, err := store.User(ctx, s.DB, auth.FromContext(ctx).Sees(), req.GetName())
	if u, err = found(req.GetName(), u, ok, err); err != nil {
		return nil, err
	}
	return user(u), nil
}

// ListUsers implements gatewayv1.UserServiceServer.
func (s *userServer) ListUsers(ctx context.Context, req *gatewayv1.ListUsersRequest) (*gatewayv1.ListUsersResponse, error) {
	all, next, err := store.ListUsers(ctx, s.DB, auth.FromContext(ctx).Sees(), listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), OrderBy: req.GetOrderBy(), Filter: req.GetFilter(),
	})
	if err != nil {
		return nil, err
	}
	return &gatewayv1.ListUsersResponse{Users: convert(all, user), NextPageToken: next}, nil
}

// SetRoles implements gatewayv1.UserServiceServer.
func (s *userServer) SetRoles(ctx context.Context, req *gatewayv1.SetRolesRequest) (*gatewayv1.User, error) {
	if err := identity.CheckRoles(req.GetRoles()); err != nil {
		return nil, err
	}
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.User, error) {
		return s.change(ctx, tx, req.GetName(), req.GetEtag(), func(u *identity.User) { u.Roles = req.GetRoles() })
	})
}

// DisableUser implements gatewayv1.UserServiceServer.
func (s *userServer) DisableUser(ctx context.Context, req *gatewayv1.DisableUserRequest) (*gatewayv1.User, error) {
	if req.GetName() == auth.FromContext(ctx).Subject {
		return nil, identity.ErrSelf.New()
	}
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.User, error) {
		return s.change(ctx, tx, req.GetName(), req.GetEtag(), func(u *identity.User) { u.Disabled = true })
	})
}

// EnableUser implements gatewayv1.UserServiceServer.
func (s *userServer) EnableUser(ctx context.Context, req *gatewayv1.EnableUserRequest) (*gatewayv1.User, error) {
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.User, error) {
		return s.change(ctx, tx, req.GetName(), req.GetEtag(), func(u *identity.User) { u.Disabled = false })
	})
}

// ResetPassword implements gatewayv1.UserServiceServer.
func (s *userServer) ResetPassword(ctx context.Context, req *gatewayv1.ResetPasswordRequest) (*gatewayv1.UserWithPassword, error) {
	password := identity.NewPassword()
	hash, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return nil, err
	}
	return mutate(ctx, s.Core, req.GetRequestId(), req, func(tx sqldb.Tx) (*gatewayv1.UserWithPassword, error) {
		u, err := s.change(ctx, tx, req.GetName(), "", func(u *identity.User) { u.PasswordHash = hash })
		return &gatewayv1.UserWithPassword{User: u, Password: password}, err
	})
}

// change writes one account and ends its sessions: whatever changed, the old tokens say something else.
func (s *userServer) change(ctx context.Context, tx sqldb.Tx, name, etag string, edit func(*identity.User)) (*gatewayv1.User, error) {
	u, ok, err := store.User(ctx, tx, auth.FromContext(ctx).Sees(), name)
	if u, err = found(name, u, ok, err); err != nil {
		return nil, err
	}
	if err := checkEtag(etag, u.Etag()); err != nil {
		return nil, err
	}
	edit(&u)
	now := s.Clock.Now()
	if ok, err := store.UpdateUser(ctx, tx, u, now); err != nil || !ok {
		return nil, stale(ok, err)
	}
	u.Version, u.Updated = u.Version+1, now
	s.identityChanged(tx)
	return user(u), store.EndSessions(ctx, tx, name, "")
}

func user(u identity.User) *gatewayv1.User {
	return &gatewayv1.User{
		Name: u.Name, Username: u.Username, DisplayName: u.DisplayName, Org: u.Org, Roles: u.Roles, Engineer: u.Engineer, Team: u.Team,
		Locale: u.Locale, Disabled: u.Disabled, CreateTime: stamp(u.Created), UpdateTime: stamp(u.Updated), Etag: u.Etag(),
	}
}

package api

import (
	"context"
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

// caller is who asks, in the domain's and the store's terms.
type caller struct {
	workorder.Actor
	store.Viewer
	principal auth.Principal
}

// caller reads the principal. A signed-in engineer whose token does not name the engineer is looked up by user.
func (s *Server) caller(ctx context.Context) (caller, error) {
	p := auth.FromContext(ctx)
	c := caller{principal: p, Actor: workorder.Actor{Subject: p.Subject, Roles: p.Roles}}
	switch p.Kind {
	case auth.Service, auth.System:
		c.System, c.All = true, true
	case auth.Partner:
		c.Partner = p.Subject
	case auth.Staff:
		return c, s.staff(ctx, &c)
	}
	return c, nil
}

func (s *Server) staff(ctx context.Context, c *caller) (err error) {
	p := c.principal
	c.Actor.Orgs = p.Sees()
	if p.Has(auth.RoleEngineer) {
		engineer := p.Engineer
		if engineer == "" {
			if engineer, err = s.Store.EngineerOfUser(ctx, p.Subject); err != nil {
				return err
			}
		}
		c.Actor.Engineer, c.Viewer.Engineer = engineer, engineer
	}
	onlyEngineer := len(p.Roles) == 1 && p.Has(auth.RoleEngineer)
	if !onlyEngineer {
		c.Viewer.Orgs = p.Sees()
	}
	c.Restricted = slices.ContainsFunc([]string{auth.RoleDispatcher, auth.RoleManager, auth.RolePrivacy}, p.Has)
	return nil
}

// orgs are the organisations whose engineers and parts the caller sees; nil is all.
func (c *caller) orgs() []string {
	if c.All {
		return nil
	}
	if c.Actor.Orgs == nil {
		return []string{}
	}
	return c.Actor.Orgs
}

// system is the suite itself, for timers and events.
func system() caller {
	return caller{principal: auth.SystemPrincipal(), Viewer: store.Viewer{All: true}, Actor: workorder.Actor{Subject: "system", System: true}}
}

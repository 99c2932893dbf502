package api

import (
	"context"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/engineer"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// me is the signed-in engineer in a resource name.
const me = "engineers/me"

// resolve turns "engineers/me" into a name; NOT_FOUND for somebody who is no engineer.
func resolve(who caller, name string) (string, error) {
	if name != me {
		return name, nil
	}
	if who.Actor.Engineer == "" {
		return "", apierr.NotFound(me)
	}
	return who.Actor.Engineer, nil
}

// GetEngineer implements dispatchv1.EngineerServiceServer.
func (s *Server) GetEngineer(ctx context.Context, req *dispatchv1.GetEngineerRequest) (*dispatchv1.Engineer, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	name, err := resolve(who, req.GetName())
	if err != nil {
		return nil, err
	}
	e, err := s.Store.Engineer(ctx, s.Store.DB, name, who.orgs())
	if err != nil {
		return nil, err
	}
	return engineerMessage(e, who), nil
}

// ListEngineers implements dispatchv1.EngineerServiceServer.
func (s *Server) ListEngineers(ctx context.Context, req *dispatchv1.ListEngineersRequest) (*dispatchv1.ListEngineersResponse, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	page, next, err := s.Store.Engineers(ctx, who.orgs(), listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), OrderBy: req.GetOrderBy(), Filter: req.GetFilter(),
	})
	if err != nil {
		return nil, err
	}
	out := &dispatchv1.ListEngineersResponse{NextPageToken: next}
	for _, e := range page {
		out.Engineers = append(out.Engineers, engineerMessage(e, who))
	}
	return out, nil
}

// ListEngineerWorkOrders implements dispatchv1.EngineerServiceServer. Somebody who is only an engineer sees their own: the store's
// filter leaves nothing of another's.
func (s *Server) ListEngineerWorkOrders(ctx context.Context, req *dispatchv1.ListEngineerWorkOrdersRequest) (*dispatchv1.ListEngineerWorkOrdersResponse, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	name, err := resolve(who, req.GetParent())
	if err != nil {
		return nil, err
	}
	page, next, err := s.Store.EngineerOrders(ctx, who.Viewer, name, listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Filter: req.GetFilter(),
	})
	if err != nil {
		return nil, err
	}
	return &dispatchv1.ListEngineerWorkOrdersResponse{WorkOrders: s.orderMessages(ctx, page, who), NextPageToken: next}, nil
}

// engineerMessage leaves out where somebody lives, except for themselves and dispatchers.
func engineerMessage(e *engineer.Engineer, who caller) *dispatchv1.Engineer {
	m := &dispatchv1.Engineer{Name: e.Resource(), DisplayName: e.Name, User: e.User, Org: e.Org, Active: e.Active, Territories: e.Territories}
	for _, sk := range e.Skills {
		m.Skills = append(m.Skills, &dispatchv1.Skill{Skill: sk.Name, Level: int32(sk.Level), ExpireTime: stamp(sk.Expires)})
	}
	for _, sh := range e.Shifts {
		m.Shifts = append(m.Shifts, &dispatchv1.Shift{Weekday: isoWeekday(sh.Weekday), StartMinute: int32(sh.Start), EndMinute: int32(sh.End)})
	}
	if who.System || who.Actor.Engineer == e.Resource() || slices.Contains(who.Roles, auth.RoleDispatcher) {
		m.Home = &commonv1.GeoPoint{Latitude: e.Home.Lat, Longitude: e.Home.Lon, System: commonv1.GeoPoint_WGS84}
		for _, a := range e.Absences {
			m.Absences = append(m.Absences, &dispatchv1.Absence{Start: stamp(a.Start), End: stamp(a.End), Reason: a.Reason})
		}
	}
	return m
}

// isoWeekday is 1 for Monday to 7 for Sunday.
func isoWeekday(d time.Weekday) int32 {
	if d == time.Sunday {
		return 7
	}
	return int32(d)
}

package api

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

type incidentService struct {
	intakev1.UnimplementedIncidentServiceServer
	*Server
}

func incidentID(name string) string { return strings.TrimPrefix(name, "incidents/") }

func incidentOf(i store.Incident) *intakev1.Incident {
	return &intakev1.Incident{
		Name: "incidents/" + i.ID, Title: i.Title, Brand: i.Brand, Model: i.Model, Finding: i.Finding, Measure: i.Measure, CaseCount: int32(i.Cases),
		OwnerOrg: i.Org, CreateTime: at(i.Created),
	}
}

// once runs do in one transaction, a repetition answers the same.
func once[Resp proto.Message](ctx context.Context, s *Server, req mutation, do func(tx sqldb.Tx, caller auth.Principal) (Resp, error)) (resp Resp, err error) {
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (Resp, error) { return do(tx, auth.FromContext(ctx)) })
		return err
	})
	return resp, err
}

// CreateIncident implements intakev1.IncidentServiceServer.
func (s incidentService) CreateIncident(ctx context.Context, req *intakev1.CreateIncidentRequest) (*intakev1.Incident, error) {
	in := req.GetIncident()
	if err := plain(map[string]string{"incident.title": in.GetTitle(), "incident.brand": in.GetBrand(), "incident.model": in.GetModel()}); err != nil {
		return nil, err
	}
	return once(ctx, s.Server, req, func(tx sqldb.Tx, caller auth.Principal) (*intakev1.Incident, error) {
		i := store.Incident{ID: newID(), Org: caller.Org, Title: in.GetTitle(), Brand: in.GetBrand(), Model: in.GetModel(), Created: s.Clock.Now()}
		return incidentOf(i), s.Cases.AddIncident(ctx, tx, i)
	})
}

// GetIncident implements intakev1.IncidentServiceServer.
func (s incidentService) GetIncident(ctx context.Context, req *intakev1.GetIncidentRequest) (*intakev1.Incident, error) {
	i, err := s.Cases.Incident(ctx, s.DB, auth.FromContext(ctx).Sees(), incidentID(req.GetName()))
	if err != nil {
		return nil, err
	}
	return incidentOf(i), nil
}

// ListIncidents implements intakev1.IncidentServiceServer.
func (s incidentService) ListIncidents(ctx context.Context, req *intakev1.ListIncidentsRequest) (*intakev1.ListIncidentsResponse, error) {
	page, err := newPager("incidents", req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	found, err := s.Cases.Incidents(ctx, s.DB, auth.FromContext(ctx).Sees(), page.after, page.limit())
	if err != nil {
		return nil, err
	}
	found, next := cutPage(page, found, func(i store.Incident) string { return i.ID })
	resp := &intakev1.ListIncidentsResponse{NextPageToken: next}
	for _, i := range found {
		resp.Incidents = append(resp.Incidents, incidentOf(i))
	}
	return resp, nil
}

// AddIncidentCases implements intakev1.IncidentServiceServer. Cases are locked in the order of their ids, as everybody does who locks several.
func (s incidentService) AddIncidentCases(ctx context.Context, req *intakev1.AddIncidentCasesRequest) (*intakev1.Incident, error) {
	return once(ctx, s.Server, req, func(tx sqldb.Tx, caller auth.Principal) (*intakev1.Incident, error) {
		i, err := s.Cases.Incident(ctx, tx, caller.Sees(), incidentID(req.GetName()))
		if err != nil {
			return nil, err
		}
		names := slices.Clone(req.GetCases())
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if err := s.join(ctx, tx, caller, name, i.ID); err != nil {
				return nil, err
			}
		}
		i, err = s.Cases.Incident(ctx, tx, caller.Sees(), i.ID)
		return incidentOf(i), err
	})
}

func (s *Server) join(ctx context.Context, tx sqldb.Tx, caller auth.Principal, name, incident string) error {
	c, err := s.Cases.Lock(ctx, tx, store.ViewerOf(caller), caseID(name))
	if err != nil {
		return err
	}
	change, err := c.Join(s.moment(caller), "incidents/"+incident)
	if err != nil {
		return err
	}
	if err := s.Cases.AddIncidentCase(ctx, tx, incident, c.ID); err != nil {
		return err
	}
	return s.Ledger.Commit(ctx, tx, c, change)
}

// RecordIncidentFinding implements intakev1.IncidentServiceServer.
func (s incidentService) RecordIncidentFinding(ctx context.Context, req *intakev1.RecordIncidentFindingRequest) (*intakev1.Incident, error) {
	return once(ctx, s.Server, req, func(tx sqldb.Tx, caller auth.Principal) (*intakev1.Incident, error) {
		i, err := s.Cases.Incident(ctx, tx, caller.Sees(), incidentID(req.GetName()))
		if err != nil {
			return nil, err
		}
		i.Finding, i.Measure = req.GetFinding(), req.GetMeasure()
		if err := s.Cases.SetFinding(ctx, tx, i); err != nil {
			return nil, err
		}
		ids, err := s.Cases.IncidentCases(ctx, tx, i.ID)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if err := s.tellFinding(ctx, tx, caller, id, i); err != nil {
				return nil, err
			}
		}
		return incidentOf(i), nil
	})
}

func (s *Server) tellFinding(ctx context.Context, tx sqldb.Tx, caller auth.Principal, id string, i store.Incident) error {
	c, err := s.Cases.Lock(ctx, tx, store.Everything, id)
	if err != nil {
		return err
	}
	change := c.IncidentFound(s.moment(caller), "incidents/"+i.ID, i.Finding, i.Measure)
	return s.Ledger.Commit(ctx, tx, c, change)
}

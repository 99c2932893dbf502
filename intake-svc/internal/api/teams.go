package api

import (
	"context"
	"slices"
	"strconv"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/rules"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

type teamService struct {
	intakev1.UnimplementedInvestigatorTeamServiceServer
	*Server
}

// routedBy names the routing rule that decides; "" when none does.
func routedBy(verdicts []rules.Verdict) string {
	i := slices.IndexFunc(verdicts, func(v rules.Verdict) bool { return v.Decides && v.Rule.Kind == rules.Routing })
	if i < 0 {
		return ""
	}
	return verdicts[i].Rule.Name()
}

// pick gives a complaint to somebody of the first of the teams that has members here; else to the first team as a whole (R99). nil when no team is
// named at all.
func (s *Server) pick(ctx context.Context, tx sqldb.Tx, c *casefile.Case, teams ...string) (*casefile.Assignment, error) {
	teams = slices.DeleteFunc(teams, func(team string) bool { return team == "" })
	for _, team := range teams {
		t, ok, err := s.Cases.LockTeam(ctx, tx, c.OwnerOrg, team)
		if err != nil {
			return nil, err
		}
		if ok {
			return s.pickFrom(ctx, tx, c, &t)
		}
	}
	if len(teams) == 0 {
		return nil, nil
	}
	return &casefile.Assignment{Team: teams[0], Complex: c.Complex(), Reason: "by class and complexity"}, nil
}

func (s *Server) pickFrom(ctx context.Context, tx sqldb.Tx, c *casefile.Case, t *casefile.Team) (*casefile.Assignment, error) {
	leads, err := s.Cases.LeadsOf(ctx, tx, c.OwnerOrg, c.ComplainedAbout)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	a := t.Pick(c, leads, now)
	if a.Investigator != "" {
		err = s.Cases.Gave(ctx, tx, c.OwnerOrg, t.ID, a.Investigator, now)
	}
	return &a, err
}

// SetInvestigatorTeam implements intakev1.InvestigatorTeamServiceServer.
func (s teamService) SetInvestigatorTeam(ctx context.Context, req *intakev1.SetInvestigatorTeamRequest) (resp *intakev1.InvestigatorTeam, err error) {
	t, err := teamIn(req.GetInvestigatorTeam())
	if err != nil {
		return nil, err
	}
	org := auth.FromContext(ctx).Org
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.InvestigatorTeam, error) {
			before, known, err := s.Cases.LockTeam(ctx, tx, org, t.ID)
			if err != nil {
				return nil, err
			}
			if known {
				if err := sameTag(req.GetInvestigatorTeam().GetEtag(), before.Etag()); err != nil {
					return nil, err
				}
			}
			t.Version, t.Updated = before.Version, s.Clock.Now()
			if err := s.Cases.SetTeam(ctx, tx, org, t); err != nil {
				return nil, err
			}
			kept, _, err := s.Cases.Team(ctx, tx, org, t.ID)
			return teamOf(kept), err
		})
		return err
	})
	return resp, err
}

func teamIn(in *intakev1.InvestigatorTeam) (casefile.Team, error) {
	t := casefile.Team{ID: lastID(in.GetName()), DisplayName: in.GetDisplayName(), Lead: in.GetLead(), ExcludeLeads: in.GetExcludeLeads()}
	for _, m := range in.GetMembers() {
		if slices.ContainsFunc(t.Members, func(k casefile.Member) bool { return k.Name == m.GetMember() }) {
			return t, apierr.Invalid("investigator_team.members", "成员重复:"+m.GetMember(), "names "+m.GetMember()+" twice")
		}
		t.Members = append(t.Members, casefile.Member{Name: m.GetMember(), Complex: m.GetComplex(), MaxOpen: int(m.GetMaxOpen()), Away: timeOf(m.GetAwayUntil())})
	}
	return t, nil
}

func teamOf(t casefile.Team) *intakev1.InvestigatorTeam {
	m := &intakev1.InvestigatorTeam{
		Name: "investigatorTeams/" + t.ID, DisplayName: t.DisplayName, Lead: t.Lead, ExcludeLeads: t.ExcludeLeads, Etag: strconv.FormatInt(t.Version, 10),
		UpdateTime: at(t.Updated),
	}
	for _, k := range t.Members {
		m.Members = append(m.Members, &intakev1.InvestigatorTeamMember{
			Member: k.Name, Complex: k.Complex, MaxOpen: int32(k.MaxOpen), AwayUntil: at(k.Away), OpenCases: int32(k.Open),
		})
	}
	return m
}

// GetInvestigatorTeam implements intakev1.InvestigatorTeamServiceServer.
func (s teamService) GetInvestigatorTeam(ctx context.Context, req *intakev1.GetInvestigatorTeamRequest) (*intakev1.InvestigatorTeam, error) {
	t, ok, err := s.Cases.Team(ctx, s.DB, auth.FromContext(ctx).Org, lastID(req.GetName()))
	if err == nil && !ok {
		err = apierr.NotFound(req.GetName())
	}
	if err != nil {
		return nil, err
	}
	return teamOf(t), nil
}

// ListInvestigatorTeams implements intakev1.InvestigatorTeamServiceServer.
func (s teamService) ListInvestigatorTeams(ctx context.Context, req *intakev1.ListInvestigatorTeamsRequest) (*intakev1.ListInvestigatorTeamsResponse, error) {
	page, err := newPager("investigatorTeams", req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.Teams(ctx, s.DB, auth.FromContext(ctx).Org, page.after, page.limit())
	if err != nil {
		return nil, err
	}
	rows, next := cutPage(page, rows, func(t casefile.Team) string { return t.ID })
	resp := &intakev1.ListInvestigatorTeamsResponse{NextPageToken: next}
	for _, t := range rows {
		resp.InvestigatorTeams = append(resp.InvestigatorTeams, teamOf(t))
	}
	return resp, nil
}

// DeleteInvestigatorTeam implements intakev1.InvestigatorTeamServiceServer.
func (s teamService) DeleteInvestigatorTeam(ctx context.Context, req *intakev1.DeleteInvestigatorTeamRequest) (resp *emptypb.Empty, err error) {
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*emptypb.Empty, error) {
			return &emptypb.Empty{}, s.Cases.DropTeam(ctx, tx, auth.FromContext(ctx).Org, lastID(req.GetName()))
		})
		return err
	})
	return resp, err
}

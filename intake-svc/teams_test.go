package intake

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

func (w *world) teams() intakev1.InvestigatorTeamServiceClient {
	return intakev1.NewInvestigatorTeamServiceClient(w.conn)
}

func (w *world) setTeam(team *intakev1.InvestigatorTeam) *intakev1.InvestigatorTeam {
	w.t.Helper()
	kept, err := w.teams().SetInvestigatorTeam(w.as(manager), &intakev1.SetInvestigatorTeamRequest{InvestigatorTeam: team})
	require.NoError(w.t, err)
	return kept
}

func (w *world) acceptAbout(urgency string, about ...string) *intakev1.Case {
	w.t.Helper()
	c, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{
		Name: w.file(agent, complaint()).GetName(), ContentClass: "REPAIR_QUALITY", Urgency: urgency, ComplainedAbout: about,
	})
	require.NoError(w.t, err)
	return c
}

// R63, R99: the routing rule's team is carried out at the acceptance: balanced, independent, complex cases to who takes them; the timeline says why.
func TestAcceptanceAssignsAnInvestigator(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		whole := w.acceptAbout("NORMAL")
		require.Equal(t, "investigator", whole.GetAssignedTeam(), "without members the team as a whole")
		require.Empty(t, whole.GetAssignedInvestigator())

		w.setTeam(&intakev1.InvestigatorTeam{Name: "investigatorTeams/investigator", DisplayName: "调查组", Lead: "users/lead", ExcludeLeads: true, Members: []*intakev1.InvestigatorTeamMember{
			{Member: "users/investigator"}, {Member: "users/other", Complex: true}, {Member: "users/lead"},
		}})
		w.setTeam(&intakev1.InvestigatorTeam{Name: "investigatorTeams/field", DisplayName: "工程师组", Lead: "users/lead", Members: []*intakev1.InvestigatorTeamMember{{Member: "engineers/e1"}}})
		given := map[string]int{}
		for range 6 {
			given[w.acceptAbout("NORMAL").GetAssignedInvestigator()]++
		}
		require.Equal(t, map[string]int{"users/investigator": 2, "users/other": 2, "users/lead": 2}, given)
		require.Equal(t, "users/other", w.acceptAbout("CRITICAL").GetAssignedInvestigator())

		c := w.acceptAbout("NORMAL", "engineers/e1", "users/investigator")
		require.Equal(t, "users/other", c.GetAssignedInvestigator(), "neither who is complained about nor the lead of that engineer")
		require.Contains(t, c.GetAssignmentReason(), "在办最少")
		i := 0
		for n, e := range w.entries(c.GetName()) {
			if e.GetEvent() == "INVESTIGATOR_ASSIGNED" {
				i = n
			}
		}
		facts := w.entries(c.GetName())[i].GetFacts()
		require.Equal(t, "users/investigator=COMPLAINED_ABOUT users/lead=LEAD_OF_COMPLAINED_ABOUT", facts["passedOver"])
		require.Equal(t, "rules/repair-quality", facts["rule"])

		list, err := w.custody.ListWorkItems(w.as(investigator), &intakev1.ListWorkItemsRequest{})
		require.NoError(t, err)
		for _, item := range list.GetWorkItems() {
			require.NotEqual(t, c.GetName(), item.GetCase(), "it waits for the one assigned")
		}
		enquiry, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: w.file(agent, ofKind(intakev1.Case_ENQUIRY)).GetName(), ContentClass: "OTHER"})
		require.NoError(t, err)
		require.Empty(t, enquiry.GetAssignedTeam())
	})
}

// Two acceptances at once see each other's: nobody gets two while another has none.
func TestAssignmentsAtOnceAreBalanced(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		team := &intakev1.InvestigatorTeam{Name: "investigatorTeams/investigator", DisplayName: "调查组"}
		for range 8 {
			team.Members = append(team.Members, &intakev1.InvestigatorTeamMember{Member: "users/" + uuid.NewString()})
		}
		w.setTeam(team)
		given := make([]string, 8)
		atOnce(8, func(i int) { given[i] = w.acceptAbout("NORMAL").GetAssignedInvestigator() })
		seen := map[string]bool{}
		for _, name := range given {
			require.False(t, seen[name], name)
			seen[name] = true
		}
	})
}

func TestInvestigatorTeams(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		kept := w.setTeam(&intakev1.InvestigatorTeam{Name: "investigatorTeams/fee", DisplayName: "费用组", Members: []*intakev1.InvestigatorTeamMember{{Member: "users/a", MaxOpen: 2}}})
		_, err := w.teams().SetInvestigatorTeam(w.as(agent), &intakev1.SetInvestigatorTeamRequest{InvestigatorTeam: kept})
		requireReason(t, err, "PERMISSION_DENIED")
		stale := kept.GetEtag()
		kept = w.setTeam(kept)
		kept.Etag = stale
		_, err = w.teams().SetInvestigatorTeam(w.as(manager), &intakev1.SetInvestigatorTeamRequest{InvestigatorTeam: kept})
		requireReason(t, err, "ETAG_STALE")
		_, err = w.teams().GetInvestigatorTeam(w.as(providerDesk), &intakev1.GetInvestigatorTeamRequest{Name: kept.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		list, err := w.teams().ListInvestigatorTeams(w.as(agent), &intakev1.ListInvestigatorTeamsRequest{})
		require.NoError(t, err)
		require.EqualValues(t, 2, list.GetInvestigatorTeams()[0].GetMembers()[0].GetMaxOpen())
		_, err = w.teams().DeleteInvestigatorTeam(w.as(manager), &intakev1.DeleteInvestigatorTeamRequest{Name: kept.GetName()})
		require.NoError(t, err)
		_, err = w.teams().DeleteInvestigatorTeam(w.as(manager), &intakev1.DeleteInvestigatorTeamRequest{Name: kept.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
	})
}

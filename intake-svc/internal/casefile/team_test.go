package casefile

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func aTeam() *Team {
	return &Team{ID: "quality-team", Members: []Member{
		{Name: "users/a", Open: 3}, {Name: "users/b", Open: 1}, {Name: "users/c", Open: 1, Last: noon}, {Name: "users/senior", Open: 9, Complex: true},
		{Name: "engineers/e1"},
	}}
}

// R99: the fewest open cases; of equals who was given one longest ago; a complex case goes to who takes such.
func TestTheTeamsLoadIsBalanced(t *testing.T) {
	t.Parallel()
	c := &Case{Kind: Complaint}
	a := aTeam().Pick(c, nil, noon)
	require.Equal(t, "users/b", a.Investigator)
	require.Contains(t, a.Reason, "1 件,共 4 人")
	c.Severity = "MAJOR"
	a = aTeam().Pick(c, nil, noon)
	require.Equal(t, "users/senior", a.Investigator)
	require.Contains(t, a.Over, "users/a=NOT_FOR_COMPLEX")
	team := aTeam()
	team.Members[3].MaxOpen = 9
	a = team.Pick(c, nil, noon)
	require.Equal(t, "users/b", a.Investigator, "nobody of the seniors is free")
	require.Contains(t, a.Over, "users/senior=FULL")
}

// R99: never who is complained about, nor the lead of that person where the team says so.
func TestTheAssignmentIsIndependent(t *testing.T) {
	t.Parallel()
	c := &Case{Kind: Complaint, ComplainedAbout: []string{"users/b", "engineers/e1"}}
	team := aTeam()
	require.Equal(t, "users/c", team.Pick(c, []string{"users/c"}, noon).Investigator)
	team.ExcludeLeads = true
	a := team.Pick(c, []string{"users/c"}, noon)
	require.Equal(t, "users/a", a.Investigator)
	require.Equal(t, []string{"users/b=COMPLAINED_ABOUT", "users/c=LEAD_OF_COMPLAINED_ABOUT"}, a.Over)
	team.Members = []Member{{Name: "users/b"}, {Name: "users/d", Away: noon.Add(time.Hour)}}
	a = team.Pick(c, nil, noon)
	require.Empty(t, a.Investigator)
	require.Equal(t, "quality-team", a.Team, "the team as a whole has it")
}

// Whatever the team: who is picked is independent, there and not full, and nobody who could take it has less to do.
func TestPickIsFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		team := Team{ID: "t", ExcludeLeads: rapid.Bool().Draw(t, "excludeLeads")}
		for n := range rapid.IntRange(0, 8).Draw(t, "members") {
			team.Members = append(team.Members, Member{
				Name: fmt.Sprintf("users/%d", n), Complex: rapid.Bool().Draw(t, "complex"), MaxOpen: rapid.IntRange(0, 3).Draw(t, "max"), Open: rapid.IntRange(0, 4).Draw(t, "open"),
				Away: noon.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "away")) * time.Hour),
			})
		}
		names := rapid.SliceOfN(rapid.SampledFrom([]string{"users/0", "users/1", "users/2"}), 0, 2)
		c := &Case{Kind: Complaint, ComplainedAbout: names.Draw(t, "about"), Severity: rapid.SampledFrom([]string{"", "MAJOR"}).Draw(t, "severity")}
		leads := names.Draw(t, "leads")
		a := team.Pick(c, leads, noon)
		var chosen *Member
		could, senior := 0, 0
		for i, m := range team.Members {
			if m.Name == a.Investigator {
				chosen = &team.Members[i]
			}
			if team.passedOver(c, m, leads, noon) == "" {
				could++
				if m.Complex {
					senior++
				}
			}
		}
		require.Equal(t, could > 0, chosen != nil)
		if chosen == nil {
			return
		}
		require.Empty(t, team.passedOver(c, *chosen, leads, noon))
		require.False(t, c.Complex() && senior > 0 && !chosen.Complex)
		for _, m := range team.Members {
			if team.passedOver(c, m, leads, noon) == "" && (!c.Complex() || senior == 0 || m.Complex) {
				require.GreaterOrEqual(t, m.Open, chosen.Open)
			}
		}
	})
}

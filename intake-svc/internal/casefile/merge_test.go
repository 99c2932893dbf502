package casefile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (d *desk) two(t *testing.T) (a, b *Case) {
	t.Helper()
	a = d.filing(t, &Case{Kind: Complaint, Channel: "WEB_FORM", ExternalRefs: []ExternalRef{{Platform: "mall", OrderID: "E1"}}, Items: []Item{{Serial: "SN-1"}, {Serial: "SN-2"}}})
	b = d.filing(t, &Case{Kind: Complaint, Channel: "HOTLINE", Items: []Item{{Serial: "SN-1"}}})
	return a, b
}

func external(c *Case, kind string, due time.Time) {
	c.Clocks = append(c.Clocks, Clock{Code: "REPLY", Type: kind, Started: noon, Due: due})
}

// The second survives; references, products and clocks move; both sides say so.
func TestMerge(t *testing.T) {
	t.Parallel()
	d := newDesk()
	a, b := d.two(t)
	out, err := Merge(d.as(anAgent), a, b, "同一事项")
	require.NoError(t, err)
	require.Same(t, b, out.Survivor)
	require.Equal(t, Merged, a.State)
	require.Equal(t, b.Name(), a.MergedInto)
	require.Equal(t, []ExternalRef{{Platform: "mall", OrderID: "E1"}}, b.ExternalRefs)
	require.Len(t, b.Items, 2)
	require.Equal(t, "WEB_FORM", b.MergedCases[0].Channel)
	require.Equal(t, NoticeMerged, out.MergedChange.Tasks[0].Notice)
	require.True(t, a.Deadline().IsZero(), "nothing runs in a merged case")
	require.Contains(t, events(out.SurvivorChange), "CASE_TAKEN_IN")
	require.Contains(t, events(out.MergedChange), "CASE_MERGED")
	_, err = Merge(d.as(anAgent), a, b, "again")
	requireReason(t, err, "CASE_STATE_INVALID")
}

// The case with the strictest external clock survives, and the others' clocks move to it.
func TestTheStrictestClockSurvives(t *testing.T) {
	t.Parallel()
	d := newDesk()
	a, b := d.two(t)
	external(a, "PLATFORM", noon.Add(24*time.Hour))
	external(b, "REGULATOR", noon.Add(48*time.Hour))
	out, err := Merge(d.as(anAgent), a, b, "x")
	require.NoError(t, err)
	require.Same(t, a, out.Survivor, "its external clock is due first")
	require.Equal(t, "REGULATOR", a.Clocks[len(a.Clocks)-1].Type)
	require.Contains(t, a.Clocks[len(a.Clocks)-1].Explanation[0], b.Number)
}

// A hazard is never merged away.
func TestAHazardSurvives(t *testing.T) {
	t.Parallel()
	d := newDesk()
	a, b := d.two(t)
	a.Hazard = &Hazard{Kind: "FIRE"}
	external(b, "PLATFORM", noon.Add(time.Hour))
	out, err := Merge(d.as(anAgent), a, b, "x")
	require.NoError(t, err)
	require.Same(t, a, out.Survivor)
	require.Equal(t, noon.Add(time.Hour), a.Deadline(), "the platform's clock came along")
}

func TestMergesThatAreRefused(t *testing.T) {
	t.Parallel()
	d := newDesk()
	a, b := d.two(t)
	stranger := d.filing(t, &Case{Kind: Complaint, Channel: "HOTLINE", Personal: Personal{Parties: []Party{{Roles: PartyRoles, Phone: "139"}}}})
	_, err := Merge(d.as(anAgent), a, stranger, "x")
	requireReason(t, err, "MERGE_NOT_SAME")
	_, err = Merge(d.as(anAgent), a, a, "x")
	requireReason(t, err, "MERGE_NOT_SAME")
	b.OwnerOrg = "organisations/other"
	_, err = Merge(d.as(anAgent), a, b, "x")
	requireReason(t, err, "MERGE_NOT_SAME")
	require.Equal(t, Received, a.State, "nothing is half done")
	require.False(t, a.Mergeable(b))
}

// The same order of the same platform is the same customer.
func TestTheSameOrderIsTheSameCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk()
	a, _ := d.two(t)
	b := d.filing(t, &Case{Kind: Complaint, Channel: "PARTNER_PLATFORM", ExternalRefs: []ExternalRef{{Platform: "mall", OrderID: "E1"}}, Personal: Personal{Parties: []Party{{Roles: PartyRoles, DisplayName: "买家"}}}})
	require.True(t, a.Mergeable(b))
}

// Every channel is answered: when the survivor is closed the customer hears it on each.
func TestEveryChannelIsAnswered(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, Resolved)
	c.MergedCases = []MergedCase{{Number: "AS-1", Channel: "WEB_FORM"}, {Number: "AS-2", Channel: "EMAIL"}}
	change, err := c.Close(d.as(user("other", RoleManager)), Closing{
		Summary: Summary{RootCause: "密封圈"}, Statement: &Statement{Solved: true, Satisfied: true, Channel: "HOTLINE", Note: "好了"},
	})
	require.NoError(t, err)
	var told []string
	for _, task := range change.Tasks {
		if task.Notice == NoticeMergedResult {
			told = append(told, task.Reason)
		}
	}
	require.Equal(t, []string{"AS-1 WEB_FORM", "AS-2 EMAIL"}, told)
}

// A link is written on both sides, once.
func TestLinks(t *testing.T) {
	t.Parallel()
	d := newDesk()
	a, b := d.two(t)
	change, err := a.Link(d.as(anAgent), Link{Target: b.Name(), Relation: LinkFollows}, "后续")
	require.NoError(t, err)
	require.Contains(t, events(change), "CASE_LINKED")
	require.True(t, b.LinkedFrom(d.as(anAgent), a, LinkFollows).Quiet)
	require.Equal(t, LinkFollowed, b.Links[0].Relation)
	change, err = a.Link(d.as(anAgent), Link{Target: b.Name(), Relation: LinkFollows}, "后续")
	require.NoError(t, err)
	require.Empty(t, change.Entries)
	_, err = a.Link(d.as(anAgent), Link{Target: a.Name()}, "")
	requireReason(t, err, "FIELD_INVALID")
}

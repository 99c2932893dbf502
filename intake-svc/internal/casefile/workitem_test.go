package casefile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// steps are the lines of a work list as role and step, with the assignee where there is one.
func steps(c *Case) (all []string) {
	for _, item := range c.WorkItems() {
		line := item.Role + " " + item.Step
		if item.Assignee != "" {
			line += " " + item.Assignee
		}
		all = append(all, line)
	}
	return all
}

// R4, R7, R10, R12, R15: each role finds what is its to do next.
func TestWorkItemsByState(t *testing.T) {
	t.Parallel()
	for state, want := range map[State][]string{
		Received:           {"agent ACCEPT"},
		Accepted:           {"investigator START_INVESTIGATION"},
		UnderInvestigation: {"investigator CONCLUDE " + anInvestigator.Name},
		SolutionProposed:   {"agent ASK_CONSENT " + anAgent.Name},
		Resolved:           {"manager CLOSE"},
	} {
		c := newDesk().at(t, state)
		require.Equal(t, want, steps(c), state)
	}
}

// R129, R130: every role of the approval's path has it on its list, until one of them has answered.
func TestAnApprovalIsOnTheApproversLists(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, UnderInvestigation)
	_, err := c.Conclude(d.as(anInvestigator), found())
	require.NoError(t, err)
	p := Solution{
		Kind: "COMPENSATION", Explanation: "x", Compensation: Money{"CNY", 60_000}, Submit: true,
		Measures: []Measure{{Kind: "COMPENSATION", Mode: ModePayment}},
	}
	made, _, err := c.Propose(d.as(anInvestigator), p)
	require.NoError(t, err)
	require.Equal(t, []string{"manager APPROVE_SOLUTION", "quality APPROVE_SOLUTION"}, steps(c))
	require.Equal(t, d.now.Add(time.Duration(d.policy.ApprovalHours)*time.Hour), c.WorkItems()[0].Due)
	_, err = c.ApproveSolution(d.as(aManager), made.ID, "同意")
	require.NoError(t, err)
	require.Equal(t, []string{"agent ASK_CONSENT " + anAgent.Name}, steps(c))
}

// What stands beside the course of a case is on a list, too.
func TestWorkItemsBesideTheCourse(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, Accepted)
	due := d.now.Add(time.Hour)
	c.Regulator = &Regulator{Body: "12315", Due: due}
	_, err := c.Received(d.as(anAgent), Message{ID: "m", Channel: "EMAIL", Known: true})
	require.NoError(t, err)
	require.Equal(t, []string{"agent READ_MESSAGE " + c.Handler, "legal REPLY_TO_REGULATOR", "investigator START_INVESTIGATION"}, steps(c))
	require.Equal(t, due, c.WorkItems()[1].Due)
	c.Regulator.Receipt = "R-1"
	c.unflag(FlagCustomerWrote)
	require.Equal(t, []string{"investigator START_INVESTIGATION"}, steps(c))
}

// R179: a closing that was asked for is one to approve.
func TestARequestedClosingIsToBeApproved(t *testing.T) {
	t.Parallel()
	c := newDesk().at(t, Resolved)
	c.Flags = append(c.Flags, Flag{Code: FlagCloseRequested})
	require.Equal(t, []string{"manager APPROVE_CLOSING"}, steps(c))
	c.Hazard = &Hazard{Kind: "FIRE"}
	c.Hazard.Acknowledged = c.Created
	require.Equal(t, []string{"quality CLEAR_HAZARD", "legal ASSESS_LIABILITY", "finance NOTIFY_INSURER", "quality CLOSE"}, steps(c))
}

// R187: a path is told in words.
func TestPathLabel(t *testing.T) {
	t.Parallel()
	require.Equal(t, "服务经理、质量主管", PathLabel("manager, quality", false))
	require.Equal(t, "service manager, quality supervisor", PathLabel("manager, quality", true))
	require.Equal(t, "外部审批人", PathLabel(OutsideApprover, false))
	require.Equal(t, "x", PathLabel("x", false))
}

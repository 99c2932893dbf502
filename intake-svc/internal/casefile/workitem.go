package casefile

import (
	"slices"
	"strings"
	"time"
)

// WorkItem is one line of somebody's work list: what is to be done next, by whom, until when.
type WorkItem struct {
	Org      string
	Role     string
	Assignee string // users/…; "" when anybody of the role may take it
	Step     string
	Due      time.Time // zero when nothing presses
}

// StepAcceptTransfer is shown to who does not see the case yet.
const StepAcceptTransfer = "ACCEPT_TRANSFER"

// WorkItems says who must do what next. It follows from the case alone, so that a lost row would be written again by the next change.
func (c *Case) WorkItems() []WorkItem {
	items := c.urgentItems()
	for _, item := range c.nextItems() {
		item.Org, item.Due = c.OwnerOrg, c.Deadline()
		items = append(items, item)
	}
	return items
}

// nextItems is the next step of the course; every role of an approval's path has it on its list.
func (c *Case) nextItems() (items []WorkItem) {
	if p := c.awaited(); p != nil {
		for role := range strings.SplitSeq(p.Path, ", ") {
			items = append(items, WorkItem{Role: role, Step: "APPROVE_SOLUTION"})
		}
		return items
	}
	if item := c.nextItem(); item.Role != "" {
		items = append(items, item)
	}
	return items
}

// ApprovalPath names the roles that the case waits for, "" when it waits for nobody's approval (R130).
func (c *Case) ApprovalPath() string {
	if p := c.awaited(); p != nil {
		return p.Path
	}
	return ""
}

// awaited is the solution that waits for an approver; nil when none does.
func (c *Case) awaited() *Solution {
	if p := c.Current(); c.State == SolutionProposed && p != nil && p.State == SolutionAwaiting && p.Path != "" {
		return p
	}
	return nil
}

// urgentItems stand beside the course of the case.
func (c *Case) urgentItems() (items []WorkItem) {
	if h := c.Hazard; h != nil && c.State.Open() {
		item := WorkItem{Org: c.OwnerOrg, Role: RoleQuality, Step: "CLEAR_HAZARD", Due: h.Raised}
		if h.Acknowledged.IsZero() {
			item.Step = "ACKNOWLEDGE_HAZARD"
			if h.Role != "" {
				item.Role = h.Role
			}
		}
		items = append(items, item, WorkItem{Org: c.OwnerOrg, Role: RoleLegal, Step: "ASSESS_LIABILITY", Due: h.Raised},
			WorkItem{Org: c.OwnerOrg, Role: RoleFinance, Step: "NOTIFY_INSURER", Due: h.Raised})
	}
	if t := c.PendingTransfer(); t != nil {
		items = append(items, WorkItem{Org: t.To, Role: RoleManager, Step: StepAcceptTransfer, Due: t.Due},
			WorkItem{Org: t.To, Role: RoleAgent, Step: StepAcceptTransfer, Due: t.Due})
	}
	if c.Flagged(FlagSampleReview) {
		items = append(items, WorkItem{Org: c.OwnerOrg, Role: RoleQuality, Step: "REVIEW_CLOSING"})
	}
	if c.Flagged(FlagCustomerWrote) {
		items = append(items, WorkItem{Org: c.OwnerOrg, Role: RoleAgent, Assignee: c.Handler, Step: "READ_MESSAGE"})
	}
	if r := c.Regulator; r != nil && r.Receipt == "" && c.State.Open() {
		items = append(items, WorkItem{Org: c.OwnerOrg, Role: RoleLegal, Step: "REPLY_TO_REGULATOR", Due: r.Due})
	}
	return items
}

func (c *Case) nextItem() WorkItem {
	switch c.State {
	case Received:
		return WorkItem{Role: RoleAgent, Step: "ACCEPT"}
	case Accepted:
		switch c.Kind {
		case Complaint:
			return c.assigneesItem()
		case ServiceRequest:
			return WorkItem{Role: RoleDispatcher, Step: "ARRANGE_VISIT"}
		}
		return WorkItem{Role: RoleAgent, Assignee: c.Handler, Step: "RESOLVE"}
	case UnderInvestigation:
		return c.investigatorsItem()
	case SolutionProposed:
		return WorkItem{Role: RoleAgent, Assignee: c.Handler, Step: "ASK_CONSENT"}
	case SolutionAgreed:
		return c.executorsItem()
	case InService:
		return WorkItem{Role: RoleDispatcher, Step: "FOLLOW_VISIT"}
	case Resolved:
		return c.closersItem()
	}
	return WorkItem{}
}

// closersItem: a closing that was asked for, or that needs a second word, is one to approve; a hazard is the quality supervisor's.
func (c *Case) closersItem() WorkItem {
	switch {
	case c.Hazard != nil:
		return WorkItem{Role: RoleQuality, Step: "CLOSE"}
	case c.Flagged(FlagSecondApproval), c.Flagged(FlagCloseRequested):
		return WorkItem{Role: RoleManager, Step: "APPROVE_CLOSING"}
	}
	return WorkItem{Role: RoleManager, Step: "CLOSE"}
}

// assigneesItem waits for who was assigned; for the role where the team is one.
func (c *Case) assigneesItem() WorkItem {
	item := WorkItem{Role: RoleInvestigator, Step: "START_INVESTIGATION"}
	if a := c.Assigned; a != nil {
		item.Assignee = a.Investigator
		if slices.Contains(investigators.roles, a.Team) {
			item.Role = a.Team
		}
	}
	return item
}

func (c *Case) investigatorsItem() WorkItem {
	item := WorkItem{Role: RoleInvestigator, Step: "CONCLUDE"}
	if i := c.Round().Investigation; i != nil {
		item.Assignee = i.Investigator
		if i.Conclusion != nil {
			item.Step = "PROPOSE"
		}
	}
	return item
}

func (c *Case) executorsItem() WorkItem {
	if p := c.Current(); p != nil {
		for i := range p.Measures {
			q := &p.Measures[i]
			if q.State == MeasureDone || q.State == MeasureDropped {
				continue
			}
			switch q.Mode {
			case ModePayment:
				return WorkItem{Role: RoleFinance, Step: "CONFIRM_PAYMENT"}
			case ModeRecord:
				return WorkItem{Role: RoleAgent, Assignee: c.Handler, Step: "CONFIRM_MEASURE"}
			}
		}
	}
	return WorkItem{Role: RoleDispatcher, Step: "ARRANGE_VISIT"}
}

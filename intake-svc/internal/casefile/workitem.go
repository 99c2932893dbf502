package casefile

import "time"

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
	item := c.nextItem()
	if item.Role == "" {
		return items
	}
	item.Org, item.Due = c.OwnerOrg, c.Deadline()
	return append(items, item)
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
	return items
}

func (c *Case) nextItem() WorkItem {
	switch c.State {
	case Received:
		return WorkItem{Role: RoleAgent, Step: "ACCEPT"}
	case Accepted:
		switch c.Kind {
		case Complaint:
			return WorkItem{Role: RoleInvestigator, Step: "START_INVESTIGATION"}
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
		if c.Hazard != nil {
			return WorkItem{Role: RoleQuality, Step: "CLOSE"}
		}
		return WorkItem{Role: RoleManager, Step: "CLOSE"}
	}
	return WorkItem{}
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
			if q := &p.Measures[i]; q.Mode == ModePayment && q.State != MeasureDone && q.State != MeasureDropped {
				return WorkItem{Role: RoleFinance, Step: "CONFIRM_PAYMENT"}
			}
		}
	}
	return WorkItem{Role: RoleDispatcher, Step: "ARRANGE_VISIT"}
}

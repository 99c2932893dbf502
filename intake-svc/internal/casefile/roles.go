package casefile

import "strings"

// roleNames are the roles as people read them.
var roleNames = map[string]struct{ zh, en string }{
	RoleAgent: {"客服", "customer service"}, RoleCallTaker: {"接线员", "call taker"}, RoleSupport: {"技术支持", "technical support"},
	RoleStore: {"门店", "store"}, RoleInvestigator: {"调查专员", "investigator"}, RoleManager: {"服务经理", "service manager"},
	RoleQuality: {"质量主管", "quality supervisor"}, RoleApprover: {"审批人", "approver"}, RoleAdmin: {"管理员", "administrator"},
	RoleCaller: {"回访员", "call-back agent"}, RoleDispatcher: {"调度员", "dispatcher"}, RoleEngineer: {"工程师", "engineer"},
	RoleFinance: {"财务", "finance"}, RolePrivacy: {"隐私专员", "privacy officer"}, RoleLegal: {"法务", "legal"},
	OutsideApprover: {"外部审批人", "outside approver"},
}

// PathLabel is a path of approvers (roles, comma and space between) in words that customers and staff understand (R187).
func PathLabel(path string, english bool) string {
	roles := strings.Split(path, ", ")
	for i, role := range roles {
		switch name, known := roleNames[role]; {
		case !known:
		case english:
			roles[i] = name.en
		default:
			roles[i] = name.zh
		}
	}
	if english {
		return strings.Join(roles, ", ")
	}
	return strings.Join(roles, "、")
}

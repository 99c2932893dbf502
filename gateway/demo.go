package gateway

import (
	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

// Demo is a brand with a store, a provider under contract to it and to a second brand, their people, and one platform.
func Demo() Seed {
	const brand, second, provider = "organisations/demo-brand", "organisations/demo-brand-2", "organisations/demo-provider"
	return Seed{
		Organisations: []SeedOrganisation{
			{ID: "demo-brand", DisplayName: "演示品牌", Kind: identity.Brand},
			{ID: "demo-store", DisplayName: "演示门店", Kind: identity.Store, Parent: brand},
			{ID: "demo-brand-2", DisplayName: "演示品牌二", Kind: identity.Brand},
			{ID: "demo-provider", DisplayName: "演示服务商", Kind: identity.Provider},
		},
		Contracts: []SeedContract{{ID: "demo-contract", Principal: brand, Provider: provider}, {ID: "demo-contract-2", Principal: second, Provider: provider},
			{ID: "demo-contract-3", Principal: brand, Provider: second}},
		Users: []SeedUser{
			{Key: "agent", Username: "agent", DisplayName: "客服 小安", Org: brand, Roles: []string{auth.RoleAgent, auth.RoleCallTaker}},
			{Key: "investigator", Username: "investigator", DisplayName: "调查员 小查", Org: brand, Roles: []string{auth.RoleInvestigator, auth.RoleTechnicalSupport}},
			{Key: "manager", Username: "manager", DisplayName: "服务经理 老管", Org: brand, Roles: []string{auth.RoleManager, auth.RoleApprover}},
			{Key: "dispatcher", Username: "dispatcher", DisplayName: "派工员 小派", Org: brand, Roles: []string{auth.RoleDispatcher, auth.RolePartsKeeper}},
			{Key: "engineer", Username: "engineer", DisplayName: "工程师 老修", Org: brand, Roles: []string{auth.RoleEngineer}, Engineer: "engineers/demo-engineer"},
			{Key: "quality", Username: "quality", DisplayName: "质量主管 小质", Org: brand, Roles: []string{auth.RoleQuality, auth.RoleFeedbackScreener}},
			{Key: "admin", Username: "admin", DisplayName: "管理员", Org: brand, Roles: []string{auth.RoleAdmin}},
			{Key: "call-taker", Username: "call-taker", DisplayName: "接线员 小接", Org: brand, Roles: []string{auth.RoleCallTaker}},
			{Key: "support", Username: "support", DisplayName: "技术支持 小技", Org: brand, Roles: []string{auth.RoleTechnicalSupport}},
			{Key: "finance", Username: "finance", DisplayName: "财务 小钱", Org: brand, Roles: []string{auth.RoleFinance}},
			{Key: "legal", Username: "legal", DisplayName: "法务 小法", Org: brand, Roles: []string{auth.RoleLegal}},
			{Key: "privacy", Username: "privacy", DisplayName: "隐私专员 小隐", Org: brand, Roles: []string{auth.RolePrivacy}},
			{Key: "auditor", Username: "auditor", DisplayName: "审计员 小审", Org: brand, Roles: []string{auth.RoleAuditor}},
			{Key: "caller", Username: "caller", DisplayName: "回访员 小访", Org: brand, Roles: []string{auth.RoleCaller}},
			{Key: "store", Username: "store", DisplayName: "门店 小店", Org: "organisations/demo-store", Roles: []string{auth.RoleStore}},
			{Key: "second-agent", Username: "second-agent", DisplayName: "品牌二客服", Org: second, Roles: []string{auth.RoleAgent}},
			{Key: "second-manager", Username: "second-manager", DisplayName: "品牌二经理", Org: second, Roles: []string{auth.RoleManager, auth.RoleDispatcher}},
			{Key: "provider-dispatcher", Username: "provider-dispatcher", DisplayName: "服务商派工员", Org: provider, Roles: []string{auth.RoleDispatcher}},
			{Key: "provider-engineer", Username: "provider-engineer", DisplayName: "服务商工程师", Org: provider, Roles: []string{auth.RoleEngineer}, Engineer: "engineers/provider-engineer"},
		},
		Partners: []SeedPartner{{ID: "demo-mall", DisplayName: "演示商城", Org: brand, Platform: "demo-mall", Scopes: identity.Scopes}},
	}
}

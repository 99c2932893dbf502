package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/entitlement"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// guarantee is the detail of a guarantee rule (R143).
type guarantee struct {
	DisplayName  string         `json:"displayName,omitempty"`
	ContentClass string         `json:"contentClass,omitempty"`
	Promise      string         `json:"promise"`
	Kind         string         `json:"kind"`
	Amount       casefile.Money `json:"amount"`
}

// warranty and remedy are the details of their rules; model is that of a product.
type (
	warranty struct {
		DisplayName string `json:"displayName,omitempty"`
		entitlement.Rule
	}
	remedy struct {
		DisplayName string `json:"displayName,omitempty"`
		entitlement.Policy
	}
	model struct {
		DisplayName string `json:"displayName,omitempty"`
	}
)

// scoped are the fields that all rule messages have.
type scoped interface {
	GetBrand() string
	GetModel() string
	GetCategory() string
}

// createRule keeps a row of the caller's organisation.
func createRule[Resp proto.Message](ctx context.Context, s *Server, kind string, req mutation, in scoped, detail any, answer func(store.RuleRow) (Resp, error)) (resp Resp, err error) {
	if err := plain(map[string]string{"brand": in.GetBrand(), "model": in.GetModel(), "category": in.GetCategory()}); err != nil {
		return resp, err
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return resp, err
	}
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (none Resp, err error) {
			row := store.RuleRow{
				ID: newID(), Kind: kind, OwnerOrg: auth.FromContext(ctx).Org, Brand: in.GetBrand(), Model: in.GetModel(), Category: in.GetCategory(),
				Active: true, Created: s.Clock.Now(), Detail: text,
			}
			if err := s.Cases.AddRule(ctx, tx, row); err != nil {
				return none, err
			}
			return answer(row)
		})
		return err
	})
	return resp, err
}

var ruleSpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"brand": {Column: "brand", Type: listing.String}, "model": {Column: "model", Type: listing.String},
		"category": {Column: "category", Type: listing.String}, "active": {Column: "active", Type: listing.Bool},
	},
	Tie: "id",
}

// listRequest is what every request for a page has.
type listRequest interface {
	GetPageSize() int32
	GetPageToken() string
	GetFilter() string
}

func listRules[Row any](ctx context.Context, s *Server, kind string, req listRequest, answer func(store.RuleRow) (Row, error)) (page []Row, next string, err error) {
	query, err := listing.Parse(ruleSpec, listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Filter: req.GetFilter(), Checksum: []byte(kind)})
	if err != nil {
		return nil, "", err
	}
	rows, err := s.Cases.ListRules(ctx, s.DB, kind, ruleOrgs(ctx), query)
	if err != nil {
		return nil, "", err
	}
	rows, next = listing.Page(query, rows, func(r store.RuleRow) map[string]any { return map[string]any{"id": r.ID} })
	for _, r := range rows {
		row, err := answer(r)
		if err != nil {
			return nil, "", err
		}
		page = append(page, row)
	}
	return page, next, nil
}

// ruleOrgs are the organisations whose rows the caller sees.
func ruleOrgs(ctx context.Context) []string { return auth.FromContext(ctx).Sees() }

func detailOf(r store.RuleRow, into any) error {
	if err := json.Unmarshal(r.Detail, into); err != nil {
		return fmt.Errorf("api: detail of %s: %w", r.Name(), err)
	}
	return nil
}

// CreateProductModel implements intakev1.RuleServiceServer.
func (s ruleService) CreateProductModel(ctx context.Context, req *intakev1.CreateProductModelRequest) (*intakev1.ProductModel, error) {
	in := req.GetProductModel()
	if in.GetBrand() == "" || in.GetModel() == "" {
		return nil, apierr.Invalid("product_model.model", "品牌与型号必填", "brand and model are needed")
	}
	return createRule(ctx, s.Server, store.ProductModels, req, in, model{in.GetDisplayName()}, productModelOf)
}

// ListProductModels implements intakev1.RuleServiceServer.
func (s ruleService) ListProductModels(ctx context.Context, req *intakev1.ListProductModelsRequest) (*intakev1.ListProductModelsResponse, error) {
	page, next, err := listRules(ctx, s.Server, store.ProductModels, req, productModelOf)
	return &intakev1.ListProductModelsResponse{ProductModels: page, NextPageToken: next}, err
}

func productModelOf(r store.RuleRow) (*intakev1.ProductModel, error) {
	var d model
	return &intakev1.ProductModel{
		Name: r.Name(), Brand: r.Brand, Model: r.Model, Category: r.Category, Active: r.Active, OwnerOrg: r.OwnerOrg, CreateTime: at(r.Created),
		DisplayName: d.DisplayName,
	}, detailOf(r, &d)
}

// CreateWarrantyRule implements intakev1.RuleServiceServer.
func (s ruleService) CreateWarrantyRule(ctx context.Context, req *intakev1.CreateWarrantyRuleRequest) (*intakev1.WarrantyRule, error) {
	in := req.GetWarrantyRule()
	rule := entitlement.Rule{Part: in.GetPart(), Months: int(in.GetMonths()), Start: entitlement.StartPurchase, Paused: in.GetPausedByRepair(), Restarted: in.GetRestartedByExchange()}
	if in.GetStart() == intakev1.WarrantyRule_INSTALLATION {
		rule.Start = entitlement.StartInstallation
	}
	return createRule(ctx, s.Server, store.WarrantyRules, req, in, warranty{in.GetDisplayName(), rule}, warrantyRuleOf)
}

// ListWarrantyRules implements intakev1.RuleServiceServer.
func (s ruleService) ListWarrantyRules(ctx context.Context, req *intakev1.ListWarrantyRulesRequest) (*intakev1.ListWarrantyRulesResponse, error) {
	page, next, err := listRules(ctx, s.Server, store.WarrantyRules, req, warrantyRuleOf)
	return &intakev1.ListWarrantyRulesResponse{WarrantyRules: page, NextPageToken: next}, err
}

func warrantyRuleOf(r store.RuleRow) (*intakev1.WarrantyRule, error) {
	var d warranty
	err := detailOf(r, &d)
	return &intakev1.WarrantyRule{
		Name: r.Name(), Brand: r.Brand, Model: r.Model, Category: r.Category, Active: r.Active, OwnerOrg: r.OwnerOrg, CreateTime: at(r.Created),
		DisplayName: d.DisplayName, Part: d.Part, Months: int32(d.Months), PausedByRepair: d.Paused, RestartedByExchange: d.Restarted,
		Start: intakev1.WarrantyRule_Start(intakev1.WarrantyRule_Start_value[d.Start]),
	}, err
}

// CreateRemedyPolicy implements intakev1.RuleServiceServer.
func (s ruleService) CreateRemedyPolicy(ctx context.Context, req *intakev1.CreateRemedyPolicyRequest) (*intakev1.RemedyPolicy, error) {
	in := req.GetRemedyPolicy()
	if err := s.Codes.Check(codes.SolutionKind, in.GetRemedy()); err != nil {
		return nil, err
	}
	policy := entitlement.Policy{Remedy: in.GetRemedy(), Condition: in.GetCondition().String(), Limit: int(in.GetLimit())}
	return createRule(ctx, s.Server, store.RemedyPolicies, req, in, remedy{in.GetDisplayName(), policy}, remedyPolicyOf)
}

// ListRemedyPolicies implements intakev1.RuleServiceServer.
func (s ruleService) ListRemedyPolicies(ctx context.Context, req *intakev1.ListRemedyPoliciesRequest) (*intakev1.ListRemedyPoliciesResponse, error) {
	page, next, err := listRules(ctx, s.Server, store.RemedyPolicies, req, remedyPolicyOf)
	return &intakev1.ListRemedyPoliciesResponse{RemedyPolicies: page, NextPageToken: next}, err
}

func remedyPolicyOf(r store.RuleRow) (*intakev1.RemedyPolicy, error) {
	var d remedy
	err := detailOf(r, &d)
	return &intakev1.RemedyPolicy{
		Name: r.Name(), Brand: r.Brand, Model: r.Model, Category: r.Category, Active: r.Active, OwnerOrg: r.OwnerOrg, CreateTime: at(r.Created),
		DisplayName: d.DisplayName, Remedy: d.Remedy, Limit: int32(d.Limit),
		Condition: intakev1.RemedyPolicy_Condition(intakev1.RemedyPolicy_Condition_value[d.Condition]),
	}, err
}

// CreateGuaranteeRule implements intakev1.RuleServiceServer.
func (s ruleService) CreateGuaranteeRule(ctx context.Context, req *intakev1.CreateGuaranteeRuleRequest) (*intakev1.GuaranteeRule, error) {
	in := req.GetGuaranteeRule()
	if err := s.checkCodes(map[string]string{codes.SolutionKind: in.GetKind(), codes.ContentClass: in.GetContentClass()}); err != nil {
		return nil, err
	}
	if in.GetAmount().GetAmountFen() <= 0 {
		return nil, apierr.Invalid("guarantee_rule.amount.amount_fen", "须大于 0", "must be above 0")
	}
	detail := guarantee{in.GetDisplayName(), in.GetContentClass(), in.GetPromise(), in.GetKind(), money(in.GetAmount())}
	return createRule(ctx, s.Server, store.GuaranteeRules, req, in, detail, guaranteeRuleOf)
}

// ListGuaranteeRules implements intakev1.RuleServiceServer.
func (s ruleService) ListGuaranteeRules(ctx context.Context, req *intakev1.ListGuaranteeRulesRequest) (*intakev1.ListGuaranteeRulesResponse, error) {
	page, next, err := listRules(ctx, s.Server, store.GuaranteeRules, req, guaranteeRuleOf)
	return &intakev1.ListGuaranteeRulesResponse{GuaranteeRules: page, NextPageToken: next}, err
}

func guaranteeRuleOf(r store.RuleRow) (*intakev1.GuaranteeRule, error) {
	var d guarantee
	err := detailOf(r, &d)
	return &intakev1.GuaranteeRule{
		Name: r.Name(), Brand: r.Brand, Model: r.Model, Category: r.Category, Active: r.Active, OwnerOrg: r.OwnerOrg, CreateTime: at(r.Created),
		DisplayName: d.DisplayName, ContentClass: d.ContentClass, Promise: d.Promise, Kind: d.Kind, Amount: moneyOf(d.Amount),
	}, err
}

// ListCaseGuarantees implements intakev1.RuleServiceServer.
func (s ruleService) ListCaseGuarantees(ctx context.Context, req *intakev1.ListCaseGuaranteesRequest) (*intakev1.ListGuaranteeRulesResponse, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.ActiveRules(ctx, s.DB, store.GuaranteeRules, c.OwnerOrg)
	if err != nil {
		return nil, err
	}
	resp := &intakev1.ListGuaranteeRulesResponse{}
	for _, r := range rows {
		rule, err := guaranteeRuleOf(r)
		if err != nil {
			return nil, err
		}
		if guarantees(rule, c) {
			resp.GuaranteeRules = append(resp.GuaranteeRules, rule)
		}
	}
	return resp, nil
}

// guarantees says that a rule is about the case's class and product.
func guarantees(r *intakev1.GuaranteeRule, c *casefile.Case) bool {
	if r.GetContentClass() != "" && r.GetContentClass() != c.ContentClass && !slices.Contains(c.SecondaryClasses, r.GetContentClass()) {
		return false
	}
	scope := entitlement.Scope{Brand: r.GetBrand(), Model: r.GetModel(), Category: r.GetCategory()}
	if len(c.Items) == 0 {
		return scope == entitlement.Scope{}
	}
	return scope.Covers(entitlement.Machine{Brand: c.Items[0].Brand, Model: c.Items[0].Model, Category: c.Items[0].Category})
}

// checkGuarantee: a compensation by a guarantee is exactly what the rule gives; then it needs no authority of the proposer's (R143).
func (s *Server) checkGuarantee(ctx context.Context, tx sqldb.Tx, c *casefile.Case, p casefile.Solution) error {
	if p.Guarantee == "" {
		return nil
	}
	row, err := s.Cases.Rule(ctx, tx, []string{c.OwnerOrg}, store.GuaranteeRules, lastID(p.Guarantee))
	if err != nil {
		return err
	}
	rule, err := guaranteeRuleOf(row)
	if err != nil {
		return err
	}
	if !row.Active || !guarantees(rule, c) || p.Total() != rule.GetAmount().GetAmountFen() ||
		!slices.ContainsFunc(p.Measures, func(q casefile.Measure) bool { return q.Kind == rule.GetKind() }) {
		return apierr.Invalid("solution.guarantee", "该服务保证不适用,或补偿与其规定不符", "is not about this case, or the compensation is not what it gives")
	}
	return nil
}

// RetireRule implements intakev1.RuleServiceServer.
func (s ruleService) RetireRule(ctx context.Context, req *intakev1.RetireRuleRequest) (resp *intakev1.RetireRuleResponse, err error) {
	kind, id, _ := strings.Cut(req.GetName(), "/")
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.RetireRuleResponse, error) {
			return &intakev1.RetireRuleResponse{Name: req.GetName()}, s.Cases.RetireRule(ctx, tx, ruleOrgs(ctx), kind, id)
		})
		return err
	})
	return resp, err
}

// SeedRules adds the warranty rules and remedy policies that are shipped; an installation that retired one keeps it retired.
func (s *Server) SeedRules(ctx context.Context) error {
	return s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		for _, r := range entitlement.ShippedRules() {
			if err := s.seedRule(ctx, tx, store.WarrantyRules, r.Name, r.Scope, warranty{Rule: r}); err != nil {
				return err
			}
		}
		for _, p := range entitlement.ShippedPolicies() {
			if err := s.seedRule(ctx, tx, store.RemedyPolicies, p.Name, p.Scope, remedy{Policy: p}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Server) seedRule(ctx context.Context, tx sqldb.Tx, kind, id string, scope entitlement.Scope, detail any) error {
	text, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	return s.Cases.AddRule(ctx, tx, store.RuleRow{
		ID: id, Kind: kind, Brand: scope.Brand, Model: scope.Model, Category: scope.Category, Active: true, Created: s.Clock.Now(), Detail: text,
	})
}

// entitlementRules reads the rules that an organisation's machines go by.
func (s *Server) entitlementRules(ctx context.Context, q store.Reader, org string) (rules []entitlement.Rule, policies []entitlement.Policy, err error) {
	rows, err := s.Cases.ActiveRules(ctx, q, store.WarrantyRules, org)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range rows {
		var d warranty
		if err := detailOf(r, &d); err != nil {
			return nil, nil, err
		}
		d.Name, d.Own, d.Scope = r.Name(), r.OwnerOrg != "", scopeOf(r)
		rules = append(rules, d.Rule)
	}
	rows, err = s.Cases.ActiveRules(ctx, q, store.RemedyPolicies, org)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range rows {
		var d remedy
		if err := detailOf(r, &d); err != nil {
			return nil, nil, err
		}
		d.Name, d.Own, d.Scope = r.Name(), r.OwnerOrg != "", scopeOf(r)
		policies = append(policies, d.Policy)
	}
	return rules, policies, nil
}

func scopeOf(r store.RuleRow) entitlement.Scope {
	return entitlement.Scope{Brand: r.Brand, Model: r.Model, Category: r.Category}
}

// categoryOf is the product line of a registered model; "" when there is none. The organisation's own entry goes first.
func (s *Server) categoryOf(ctx context.Context, q store.Reader, org, brand, name string) (string, error) {
	rows, err := s.Cases.ActiveRules(ctx, q, store.ProductModels, org)
	if err != nil {
		return "", err
	}
	slices.SortStableFunc(rows, func(a, b store.RuleRow) int { return cmp.Compare(b.OwnerOrg, a.OwnerOrg) })
	for _, r := range rows {
		if r.Brand == brand && r.Model == name {
			return r.Category, nil
		}
	}
	return "", nil
}

package auth

import (
	"context"
	"slices"
)

// Kind is the kind of a caller.
type Kind uint8

// Kinds of callers. The zero value is an unknown caller from outside.
const (
	Public Kind = iota
	Staff
	Partner
	Customer
	Service
	System
)

var kindNames = [...]string{"PUBLIC", "STAFF", "PARTNER", "CUSTOMER", "SERVICE", "SYSTEM"}

// String gives the name that tokens and logs carry.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "UNKNOWN"
}

// ParseKind is the reverse of String.
func ParseKind(name string) (Kind, bool) {
	i := slices.Index(kindNames[:], name)
	return Kind(max(i, 0)), i >= 0
}

// Roles of staff, as they stand in access options and in tokens.
const (
	RoleAgent            = "agent"
	RoleCallTaker        = "call_taker"
	RoleTechnicalSupport = "technical_support"
	RoleInvestigator     = "investigator"
	RoleManager          = "manager"
	RoleQuality          = "quality"
	RoleDispatcher       = "dispatcher"
	RoleEngineer         = "engineer"
	RolePartsKeeper      = "parts_keeper"
	RoleStore            = "store"
	RoleFinance          = "finance"
	RoleLegal            = "legal"
	RoleCaller           = "caller"
	RolePrivacy          = "privacy"
	RoleAuditor          = "auditor"
	RoleAdmin            = "admin"
	RoleApprover         = "approver"
	RoleFeedbackScreener = "feedback_screener"
	RoleKiosk            = "kiosk" // a self-service terminal: it files, and reads nothing
)

// Roles lists every role; an access option that names another one is refused at
// start-up, so that a misspelt role cannot shut out or let in anybody unseen.
var Roles = []string{
	RoleAgent, RoleCallTaker, RoleTechnicalSupport, RoleInvestigator, RoleManager, RoleQuality, RoleDispatcher,
	RoleEngineer, RolePartsKeeper, RoleStore, RoleFinance, RoleLegal, RoleCaller, RolePrivacy, RoleAuditor,
	RoleAdmin, RoleApprover, RoleFeedbackScreener, RoleKiosk,
}

// ScopeActForCustomer lets a partner's back end call for the customer that it
// names in X-On-Behalf-Of.
const ScopeActForCustomer = "act_for_customer"

// Principal is who calls. It holds no personal data beyond the display name,
// which is staff's.
type Principal struct {
	Subject     string   // users/<id>, partners/<id>, customers/<id>, services/<name> or system
	Kind        Kind     //
	DisplayName string   // of staff, for timelines
	Org         string   // organisations/<id> whose rows the caller works on
	Orgs        []string // Org and those below it in the same legal entity; empty means Org alone
	Roles       []string // of staff
	Scopes      []string // of partners
	OnBehalfOf  string   // the customer a partner acts for, e.g. wechat:<openid>
	Engineer    string   // engineers/<id> of a signed-in engineer
	Platform    string   // the partner's platform code
	Team        string   // team of staff
	Locale      string   // preferred language, zh-CN or en
}

// Has reports whether the caller is staff in the role.
func (p Principal) Has(role string) bool {
	return p.Kind == Staff && slices.Contains(p.Roles, role)
}

// HasScope reports whether the caller is a partner with the scope.
func (p Principal) HasScope(scope string) bool {
	return p.Kind == Partner && slices.Contains(p.Scopes, scope)
}

// Sees lists the organisations whose rows the caller may see: Orgs, or Org alone.
func (p Principal) Sees() []string {
	if len(p.Orgs) > 0 || p.Org == "" {
		return p.Orgs
	}
	return []string{p.Org}
}

// IsZero reports whether nobody is known.
func (p Principal) IsZero() bool { return p.Subject == "" }

// ServicePrincipal is a service of the suite calling for itself.
func ServicePrincipal(name string) Principal {
	return Principal{Subject: "services/" + name, Kind: Service}
}

// SystemPrincipal acts in jobs and sweepers inside a service.
func SystemPrincipal() Principal { return Principal{Subject: "system", Kind: System} }

type identityKey struct{}

// identity is a principal and the token that it showed, kept together: another
// principal in the context must never be forwarded with the first one's token.
type identity struct {
	principal Principal
	token     string
}

// WithPrincipal puts the caller into the context.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, identityKey{}, &identity{principal: p})
}

// WithCaller puts the caller and the token they showed into the context, so that
// a call can be forwarded in the caller's name.
func WithCaller(ctx context.Context, p Principal, token string) context.Context {
	return context.WithValue(ctx, identityKey{}, &identity{principal: p, token: token})
}

// FromContext gives the caller; the zero Principal (Kind Public) when nobody is
// known.
func FromContext(ctx context.Context) Principal {
	if id, ok := ctx.Value(identityKey{}).(*identity); ok {
		return id.principal
	}
	return Principal{}
}

// TokenFromContext is the token that the caller showed, else "".
func TokenFromContext(ctx context.Context) string {
	if id, ok := ctx.Value(identityKey{}).(*identity); ok {
		return id.token
	}
	return ""
}

package casefile

import "slices"

// ActorKind is who somebody is.
type ActorKind uint8

// Kinds of actors.
const (
	ActorStaff ActorKind = iota + 1
	ActorPartner
	ActorCustomer
	ActorSystem // the suite itself: jobs, sweepers, events
)

// Roles of staff as far as rules name them.
const (
	RoleAgent        = "agent"
	RoleCallTaker    = "call_taker"
	RoleSupport      = "technical_support"
	RoleStore        = "store"
	RoleInvestigator = "investigator"
	RoleManager      = "manager"
	RoleQuality      = "quality"
	RoleApprover     = "approver"
	RoleAdmin        = "admin"
	RoleCaller       = "caller"
	RoleDispatcher   = "dispatcher"
	RoleEngineer     = "engineer"
	RoleFinance      = "finance"
	RolePrivacy      = "privacy"
	RoleLegal        = "legal"
	RoleKiosk        = "kiosk"
)

// Actor is who does something to a case.
type Actor struct {
	Name        string // resource name of the principal, e.g. users/…
	DisplayName string // of staff, as customers are told it
	Kind        ActorKind
	Roles       []string // of staff
	OnBehalfOf  string   // the customer a partner acts for
	Org         string   // organisations/…
	Platform    string   // of a partner
	Engineer    string   // engineers/… of a signed-in engineer
	ByLink      bool     // the customer, by the progress link
}

// System is the suite acting by itself.
var System = Actor{Name: "system", Kind: ActorSystem}

// Has says that the actor is staff in the role.
func (a Actor) Has(role string) bool {
	return a.Kind == ActorStaff && slices.Contains(a.Roles, role)
}

// is says that the name is the actor's, as user or as engineer.
func (a Actor) is(name string) bool {
	return name != "" && (name == a.Name || name == a.Engineer)
}

// behalf is on whose behalf an entry says that the actor acted.
func (a Actor) behalf() string {
	if a.OnBehalfOf != "" {
		return "customer"
	}
	return ""
}

package store

import (
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Viewer is who reads, as far as it decides which rows there are. The zero Viewer sees nothing.
type Viewer struct {
	all      bool     // the suite itself
	orgs     []string // staff: rows that these organisations own, or that were released to them
	engineer string   // staff who is nothing but an engineer: the cases of own visits
	partner  string   // what it filed
	customer string   // own rows
	subject  string
	wide     bool // sees RESTRICTED rows of the own organisations
}

// Everything sees all rows: jobs, sweepers, events of other services.
var Everything = Viewer{all: true}

// ViewerOf tells what a principal may see.
func ViewerOf(p auth.Principal) Viewer {
	switch p.Kind {
	case auth.Service, auth.System:
		return Everything
	case auth.Partner:
		return Viewer{partner: p.Subject, subject: p.Subject}
	case auth.Customer:
		return Viewer{customer: p.Subject, subject: p.Subject}
	case auth.Staff:
		return staffViewer(p)
	}
	return Viewer{}
}

func staffViewer(p auth.Principal) Viewer {
	if len(p.Roles) == 1 && p.Roles[0] == auth.RoleKiosk {
		return Viewer{} // whoever stands at a terminal does not see what others filed there
	}
	v := Viewer{orgs: p.Sees(), subject: p.Subject}
	if len(p.Roles) == 1 && p.Roles[0] == auth.RoleEngineer {
		v.engineer = p.Engineer
		if v.engineer == "" {
			v.orgs = nil
		}
	}
	v.wide = p.Has(auth.RoleManager) || p.Has(auth.RoleQuality) || p.Has(auth.RolePrivacy) || p.Has(auth.RoleLegal)
	return v
}

// where is the condition on cases, with arguments from index on.
func (v Viewer) where(engine sqldb.Engine, index int) (sql string, args []any) {
	w := condition{next: index}
	switch {
	case v.all:
		return "TRUE", nil
	case v.partner != "":
		return "partner = " + w.arg(v.partner), w.args
	case v.customer != "":
		return "(filer = " + w.arg(v.customer) + " OR customer = " + w.arg(v.customer) + ")", w.args
	case len(v.orgs) == 0:
		return "FALSE", nil
	case v.engineer != "":
		return "engineer = " + w.arg(v.engineer) + " AND " + w.inOrgs(engine, v.orgs) + " AND confidentiality <> 'RESTRICTED'", w.args
	case v.wide:
		return w.inOrgs(engine, v.orgs), w.args
	case v.subject == "": // '' stands in rows for nobody
		return w.inOrgs(engine, v.orgs) + " AND confidentiality <> 'RESTRICTED'", w.args
	}
	orgs := w.inOrgs(engine, v.orgs)
	me := w.arg(v.subject)
	return orgs + " AND (confidentiality <> 'RESTRICTED' OR filer = " + me + " OR handler = " + me + " OR investigator = " + me + ")", w.args
}

// condition collects arguments.
type condition struct {
	args []any
	next int
}

func (w *condition) arg(value any) string {
	w.args = append(w.args, value)
	w.next++
	return "$" + strconv.Itoa(w.next-1)
}

// inOrgs: the owner sees rows by owner_org, the organisation that serves by serving_org. One organisation, the usual case, is
// a plain comparison that either index serves.
func (w *condition) inOrgs(engine sqldb.Engine, orgs []string) string {
	if len(orgs) == 1 {
		mark := w.arg(orgs[0])
		return "(owner_org = " + mark + " OR serving_org = " + mark + ")"
	}
	owner, arg := sqldb.In(engine, "owner_org", w.next, orgs)
	w.arg(arg)
	return "(" + owner + " OR " + strings.Replace(owner, "owner_org", "serving_org", 1) + ")"
}

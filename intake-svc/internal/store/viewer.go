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
	column   string // the one column that a branch looks at; "" for both
	wide     bool   // sees RESTRICTED rows of the own organisations
	manages  bool   // sees them while no named list says otherwise
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
	v.manages = p.Has(auth.RoleManager)
	v.wide = p.Has(auth.RoleQuality) || p.Has(auth.RolePrivacy) || p.Has(auth.RoleLegal)
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
		return "engineer = " + w.arg(v.engineer) + " AND " + w.inOrgs(engine, v) + " AND confidentiality <> 'RESTRICTED'", w.args
	case v.wide:
		return w.inOrgs(engine, v), w.args
	case v.subject == "": // '' stands in rows for nobody
		return w.inOrgs(engine, v) + " AND confidentiality <> 'RESTRICTED'", w.args
	}
	orgs := w.inOrgs(engine, v)
	me := w.arg(v.subject)
	open := "confidentiality <> 'RESTRICTED' OR filer = " + me + " OR handler = " + me + " OR investigator = " + me +
		" OR number IN (SELECT k.number FROM case_readers r JOIN cases k ON k.id = r.case_id WHERE r.reader = " + me + ")"
	if v.manages { // by the number, for the id is called otherwise where cases are joined
		open += " OR number NOT IN (SELECT k.number FROM case_readers r JOIN cases k ON k.id = r.case_id)"
	}
	return orgs + " AND (" + open + ")", w.args
}

// branchesMost is how many organisations a list is still read by one by one.
const branchesMost = 8

// branches are viewers that together see what v sees, each through one index in the order of a list. One alone when it cannot be split.
func (v Viewer) branches() []Viewer {
	if v.all || v.partner != "" || v.customer != "" || v.engineer != "" || len(v.orgs) == 0 || len(v.orgs) > branchesMost || v.column != "" {
		return []Viewer{v}
	}
	var all []Viewer
	for _, org := range v.orgs {
		for _, column := range []string{"owner_org", "serving_org"} {
			b := v
			b.orgs, b.column = []string{org}, column
			all = append(all, b)
		}
	}
	return all
}

// unhidden leaves out what hides its customer from the viewer's organisations: who serves a PROTECTED case must not find it by the phone either
// (R188). The suite, the filer and the customer are hidden from nothing.
func (v Viewer) unhidden(engine sqldb.Engine, args *[]any) string {
	if v.all || v.partner != "" || v.customer != "" || len(v.orgs) == 0 || v.column == "owner_org" {
		return ""
	}
	owner, arg := sqldb.In(engine, "owner_org", len(*args)+1, v.orgs)
	*args = append(*args, arg)
	return " AND (confidentiality = 'NORMAL' OR " + owner + ")"
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
func (w *condition) inOrgs(engine sqldb.Engine, v Viewer) string {
	orgs := v.orgs
	if v.column != "" { // serving_org has an index of rows that have one
		return v.column + " = " + w.arg(orgs[0]) + " AND " + v.column + " <> ''"
	}
	if len(orgs) == 1 {
		mark := w.arg(orgs[0])
		return "(owner_org = " + mark + " OR serving_org = " + mark + ")"
	}
	owner, arg := sqldb.In(engine, "owner_org", w.next, orgs)
	w.arg(arg)
	return "(" + owner + " OR " + strings.Replace(owner, "owner_org", "serving_org", 1) + ")"
}

package store

import (
	"embed"
	"io/fs"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations are the tables of the service, per engine.
func Migrations() fs.FS {
	root, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return root
}

// Store reads through DB and writes in the transactions of its callers.
type Store struct {
	DB     sqldb.DB
	sealer keys.Sealer
	outbox *events.Outbox
}

// New makes a store that appends its events to outbox.
func New(db sqldb.DB, sealer keys.Sealer, outbox *events.Outbox) *Store {
	return &Store{DB: db, sealer: sealer, outbox: outbox}
}

// Viewer is who looks, and so what may be seen. The zero Viewer sees nothing.
type Viewer struct {
	All        bool     // services and timers of the suite
	Orgs       []string // staff: organisations whose rows they work on
	Restricted bool     // staff who may see RESTRICTED orders
	Engineer   string   // "engineers/<id>": orders assigned to them
	Partner    string   // "partners/<id>": orders of cases they filed
}

// filter is the condition of what the viewer sees, with arguments from $start on.
func (v Viewer) filter(e sqldb.Engine, start int) (cond string, args []any) {
	if v.All {
		return "TRUE", nil
	}
	arg := func(value any) string {
		args = append(args, value)
		return "$" + strconv.Itoa(start+len(args)-1)
	}
	var any []string
	if len(v.Orgs) > 0 {
		any = append(any, v.orgFilter(e, start+len(args), &args))
	}
	if v.Engineer != "" {
		any = append(any, "engineer = "+arg(v.Engineer))
	}
	if v.Partner != "" {
		any = append(any, "partner = "+arg(v.Partner))
	}
	if len(any) == 0 {
		return "FALSE", nil
	}
	return "(" + strings.Join(any, " OR ") + ")", args
}

func (v Viewer) orgFilter(e sqldb.Engine, start int, args *[]any) string {
	owner, list := sqldb.In(e, "owner_org", start, v.Orgs)
	serving, _ := sqldb.In(e, "serving_org", start, v.Orgs)
	*args = append(*args, list)
	cond := "(" + owner + " OR (released AND " + serving + "))"
	if !v.Restricted {
		cond = "(confidentiality <> 'RESTRICTED' AND " + cond + ")"
	}
	return cond
}

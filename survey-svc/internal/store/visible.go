package store

import (
	"fmt"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// visible is the condition under which p sees a row of invitations called i, with its arguments from $start on. Staff see
// what their organisations own and what is released to them as the serving one; RESTRICTED rows only when they handled
// the case. Services and the system see all; partners, customers and the public nothing: a link is its own proof.
func visible(engine sqldb.Engine, p auth.Principal, start int) (condition string, args []any) {
	switch p.Kind {
	case auth.Service, auth.System:
		return "TRUE", nil
	case auth.Staff:
		owner, arg := sqldb.In(engine, "i.owner_org", start, p.Sees())
		serving, arg2 := sqldb.In(engine, "i.serving_org", start+1, p.Sees())
		condition = fmt.Sprintf(`(%s OR (i.serving_org <> '' AND %s)) AND (i.confidentiality <> 'RESTRICTED' OR %s)`,
			owner, serving, handled(start+2))
		return condition, []any{arg, arg2, p.Subject}
	}
	return "FALSE", nil
}

// handled is the condition that the principal of argument n handled the case of i.
func handled(n int) string {
	return fmt.Sprintf(`EXISTS (SELECT 1 FROM invitation_handlers h WHERE h.invitation = i.id AND h.subject = $%d)`, n)
}

// Package parts holds spare parts, the places where they are kept, and the rule that nobody takes what is not there (R132, R147).
// It is pure; the store keeps the numbers.
package parts

import (
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ErrInsufficient is a part that is not there in the number wanted; metadata: part, location.
var ErrInsufficient = apierr.Define(codes.FailedPrecondition, "STOCK_INSUFFICIENT",
	"{location} 的 {part} 库存不足", "there is not enough of {part} in {location}")

// Part is a spare part of a specification.
type Part struct {
	ID            string // without "parts/"
	Org           string
	Number        string // the maker's
	Name          string
	Specification string
	PriceFen      int64
	Stock         []Stock
}

// Stock is what one location has.
type Stock struct {
	Location string // "stockLocations/<id>"
	OnHand   int64
}

// Kind of a location.
type Kind string

// The kinds.
const (
	Warehouse Kind = "WAREHOUSE"
	Van       Kind = "VAN"
)

// Location is a place where parts are kept.
type Location struct {
	ID       string // without "stockLocations/"
	Org      string
	Name     string
	Kind     Kind
	Engineer string // whose van, "engineers/<id>"
}

// Normalise brings the parts that a phone reports into the form that is stored: at least one piece each, and either a part of ours or
// something that says what it was.
func Normalise(used []workorder.PartUsed) ([]workorder.PartUsed, error) {
	out := make([]workorder.PartUsed, len(used))
	for i, u := range used {
		field := fmt.Sprintf("parts_used[%d]", i)
		if u.Quantity == 0 {
			u.Quantity = 1
		}
		switch {
		case u.Part == "" && u.Number == "" && u.Specification == "":
			return nil, apierr.Invalid(field, "须填写配件、型号或规格", "part, number or specification is needed")
		case u.Part != "" && !strings.HasPrefix(u.Part, "parts/"):
			return nil, apierr.Invalid(field+".part", "应为 parts/<id>", `"parts/<id>" is expected`)
		case u.Location != "" && !strings.HasPrefix(u.Location, "stockLocations/"):
			return nil, apierr.Invalid(field+".stock_location", "应为 stockLocations/<id>", `"stockLocations/<id>" is expected`)
		}
		out[i] = u
	}
	return out, nil
}

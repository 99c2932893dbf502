package casefile

import (
	"slices"
	"strconv"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ErrRemedyFirst is another repair after the second one failed, where neither exchange nor return was offered; metadata: repairs.
var ErrRemedyFirst = apierr.Define(codes.FailedPrecondition, "EXCHANGE_OR_RETURN_FIRST",
	"保修期内同一故障已维修 {repairs} 次未修好,须先向客户提供换货或退货",
	"the same fault was repaired {repairs} times within the warranty without success: offer an exchange or a return first")

const (
	// FlagFailedRepairs says that the same fault of the machine was repaired before, often enough, within the warranty.
	FlagFailedRepairs = "SECOND_FAILED_REPAIR"
	// AlertFailedRepairs informs the quality supervisor of it.
	AlertFailedRepairs = "SECOND_FAILED_REPAIR"
	// SeniorLevel is the least level of who comes then.
	SeniorLevel = 4
	// failedRepairs is how many repairs of one fault have failed when more than another repair is due (process.md).
	failedRepairs = 2
)

// FailedRepairs are the repairs of the same machine and fault, within the warranty, that did not last.
type FailedRepairs struct {
	Count      int    `json:"n"`
	FirstOrder string `json:"order"` // workOrders/… of the first
	FirstOrg   string `json:"org"`   // who carried it out, and bears the cost
}

// remedies give the customer more than another repair.
var moreThanRepair = []string{"EXCHANGE", "RETURN_REFUND"}

// repairsFailed: quality is informed and the first provider charged, as a record; the visit is free and by a senior engineer (jobs read
// Failed), and exchange or return is offered before another repair (remedyOffered).
func (s *step) repairsFailed(f *FailedRepairs) {
	if f == nil || f.Count < failedRepairs {
		return
	}
	s.Failed = f
	s.flag(FlagFailedRepairs, strconv.Itoa(f.Count), s.At)
	s.alert(Alert{Reason: AlertFailedRepairs, Role: RoleQuality, Clock: -1, Due: s.Deadline()})
	s.note("FIRST_PROVIDER_CHARGED", timeline.Entry{Facts: map[string]string{
		"organisation": f.FirstOrg, "workOrder": f.FirstOrder, "repairs": strconv.Itoa(f.Count),
	}})
}

// remedyOffered is a condition of another repair after the second one failed.
func (c *Case) remedyOffered(p *Solution) error {
	repairs := slices.ContainsFunc(p.Measures, func(q Measure) bool { return q.Purpose == "REPAIR" })
	if c.Failed == nil || !repairs || p.offersMore() {
		return nil
	}
	if slices.ContainsFunc(c.Solutions, func(q Solution) bool { return q.Round == c.RoundNumber() && q.offersMore() }) {
		return nil
	}
	return ErrRemedyFirst.New("repairs", strconv.Itoa(c.Failed.Count))
}

func (p *Solution) offersMore() bool {
	return slices.ContainsFunc(p.Measures, func(q Measure) bool { return slices.Contains(moreThanRepair, q.Kind) }) ||
		slices.ContainsFunc(p.Alternatives, func(a Alternative) bool { return slices.Contains(moreThanRepair, a.Kind) })
}

// Repaired are the orders that repaired the machine, oldest first.
func (c *Case) Repaired() (orders []string) {
	for i := range c.Orders {
		if o := &c.Orders[i]; o.Over && !o.Inspection && o.Outcome == "FIXED" {
			orders = append(orders, o.Name)
		}
	}
	return orders
}

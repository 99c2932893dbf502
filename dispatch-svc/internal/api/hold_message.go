package api

import (
	"slices"
	"strings"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// addHolds adds what the order waits or waited for. Why it is suspended is for the dispatchers of its owner: the engineer is told whom to
// ask, and no more.
func addHolds(m *dispatchv1.WorkOrder, o *workorder.Order, who caller, locale string) {
	if o.State == workorder.Suspended {
		m.HoldNote = workorder.HoldNoteZH
		if strings.HasPrefix(locale, "en") {
			m.HoldNote = workorder.HoldNoteEN
		}
		if who.All || slices.Contains(who.Viewer.Orgs, o.OwnerOrg) && o.Engineer != who.Actor.Engineer {
			m.SuspendReason = o.HoldReason
		}
	}
	if w := o.PartWait; w != nil {
		m.PartWait = &dispatchv1.PartWait{
			Parts: needMessages(w.Parts), PromisedTime: stamp(w.Promised), Source: w.Source, Slips: int32(w.Slips), Alternative: w.Alternative, Note: w.Note,
			Confidence: dispatchv1.PartWait_Confidence(dispatchv1.PartWait_Confidence_value[w.Confidence]), StartTime: stamp(w.Since), ArriveTime: stamp(w.Arrived),
		}
	}
	if a := o.Appraisal; a != nil {
		m.Appraisal = &dispatchv1.Appraisal{Appraiser: a.Appraiser, Reason: a.Reason, ExpectedTime: stamp(a.Expected), StartTime: stamp(a.Since)}
	}
	if p := o.Settlement; p != nil {
		m.Settlement = &dispatchv1.Settlement{Payable: amount(p.Payable), Note: p.Note, Auditor: p.Auditor, AuditTime: stamp(p.Audited),
			Reference: p.Reference, SettleTime: stamp(p.Settled)}
	}
	if w := o.Workshop; w != nil {
		m.TakenAway = &dispatchv1.TakenAway{Serials: w.Serials, Receipt: w.Receipt, Photos: w.Photos, Place: w.Place, ReturnTime: stamp(w.Return),
			Note: w.Note, StartTime: stamp(w.Since)}
	}
}

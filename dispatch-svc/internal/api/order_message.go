package api

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// orderMessage is an order as the caller may see it.
func orderMessage(o *workorder.Order, who caller, now time.Time, locale string) *dispatchv1.WorkOrder {
	m := &dispatchv1.WorkOrder{
		Name: "workOrders/" + o.ID, Case: o.Case, CaseNumber: o.CaseNumber, Round: o.Round, CaseKind: o.CaseKind, Solution: o.Solution,
		Purpose: dispatchv1.WorkOrder_Purpose(dispatchv1.WorkOrder_Purpose_value[string(o.Purpose)]),
		State:   dispatchv1.WorkOrder_State(dispatchv1.WorkOrder_State_value[string(o.State)]), StateLabel: o.State.Label(locale),
		Outcome: dispatchv1.WorkOrder_Outcome(dispatchv1.WorkOrder_Outcome_value[string(o.Outcome)]),
		Product: &dispatchv1.Product{Brand: o.Product.Brand, Model: o.Product.Model, SerialNumber: o.Product.Serial},
		Problem: o.Problem, Customer: contactMessage(o, who, now), OwnerOrg: o.OwnerOrg, ServingOrg: o.ServingOrg, Urgency: o.Urgency,
		RequiredSkills: skillMessages(o.Skills), Parts: needMessages(o.Parts), Confidentiality: o.Secrecy,
		Earliest: stamp(o.Earliest), Latest: stamp(o.Latest), Instruction: o.Instruction, FreeOfCharge: o.FreeOfCharge,
		AgreedFee: moneyMessage(o.AgreedFee), Partner: o.Partner, Engineer: o.Engineer, EngineerDisplayName: o.EngineerName,
		AssignmentReasons: reasonMessages(o.Reasons), VisitFee: moneyMessage(o.VisitFee), CancelReason: o.CancelReason,
		AcceptanceCodeExpireTime: stamp(o.Code.Expires), CreateTime: stamp(o.CreatedAt), UpdateTime: stamp(o.UpdatedAt),
		Etag: store.Etag(o), NextVerbs: o.NextVerbs(),
	}
	addProgress(m, o)
	addHolds(m, o, who, locale)
	if who.Partner != "" {
		hideInternals(m)
	}
	return m
}

// hideInternals leaves out what is between the organisation and its engineers, for partners.
func hideInternals(m *dispatchv1.WorkOrder) {
	m.AssignmentReasons, m.Deviations, m.Instruction, m.Offer, m.NextVerbs = nil, nil, "", nil, nil
	m.HoldNote, m.SuspendReason, m.Settlement = "", "", nil
}

// addProgress adds what the steps have left; parts that have not happened are absent.
func addProgress(m *dispatchv1.WorkOrder, o *workorder.Order) {
	if !o.Offer.At.IsZero() {
		m.Offer = &dispatchv1.Offer{ServingOrg: o.ServingOrg, OfferTime: stamp(o.Offer.At), Deadline: stamp(o.Offer.Deadline),
			DeclineReason: o.Offer.DeclineReason}
	}
	if !o.WindowStart.IsZero() || !o.DepartedAt.IsZero() {
		m.Appointment = &dispatchv1.Appointment{WindowStart: stamp(o.WindowStart), WindowEnd: stamp(o.WindowEnd), Note: o.BookingNote,
			DepartTime: stamp(o.DepartedAt), ArriveTime: stamp(o.ArrivedAt)}
	}
	for _, a := range o.Attempts {
		m.BookingAttempts = append(m.BookingAttempts, &dispatchv1.BookingAttempt{Time: stamp(a.At), Channel: a.Channel, Reason: a.Reason})
	}
	if d := o.Diagnosis; d != nil {
		m.Diagnosis = &dispatchv1.Diagnosis{Cause: d.Cause, Findings: d.Findings, InWarranty: d.InWarranty, FaultCode: d.FaultCode, Time: stamp(d.At)}
	}
	m.Quote, m.Completion = quoteMessage(o.Quote), completionMessage(o.Completion)
	if c := o.Confirmation; !c.At.IsZero() {
		m.Confirmation = &dispatchv1.Confirmation{Method: c.Method, Time: stamp(c.At), Actor: c.Actor, Evidence: c.Evidence,
			RefuseReason: c.RefuseReason, CallBackDue: stamp(c.CallBackDue)}
	}
	for _, d := range o.Deviations {
		m.Deviations = append(m.Deviations, &dispatchv1.Deviation{Kind: d.Kind, Verb: string(d.Verb), Amount: d.Amount, Time: stamp(d.At)})
	}
}

// contactMessage masks the contact except for those in relation to the order.
func contactMessage(o *workorder.Order, who caller, now time.Time) *dispatchv1.Contact {
	c := o.Contact
	if !o.ShowsContact(who.Actor, now) {
		c = c.Masked()
	}
	m := &dispatchv1.Contact{DisplayName: c.Name, Phone: c.Phone, Address: &commonv1.Address{RegionCode: c.RegionCode, Line: c.Line}}
	if c.LocationIsAccurate {
		m.Location = &commonv1.GeoPoint{Latitude: c.Location.Lat, Longitude: c.Location.Lon, System: commonv1.GeoPoint_WGS84}
	}
	return m
}

func quoteMessage(q *workorder.Quote) *dispatchv1.Quote {
	if q == nil {
		return nil
	}
	m := &dispatchv1.Quote{Total: amount(q.Total), QuoteTime: stamp(q.At), AnswerTime: stamp(q.AnsweredAt), Agreed: q.Agreed,
		Method: q.Method, RefuseReason: q.RefuseReason}
	for _, l := range q.Lines {
		m.Lines = append(m.Lines, &dispatchv1.QuoteLine{Description: l.Description, Amount: amount(l.Amount)})
	}
	return m
}

func completionMessage(c *workorder.Completion) *dispatchv1.Completion {
	if c == nil {
		return nil
	}
	m := &dispatchv1.Completion{Photos: c.Photos, Serials: c.Serials, Summary: c.Summary, Time: stamp(c.At)}
	for _, t := range c.Tests {
		m.Tests = append(m.Tests, &dispatchv1.TestResult{Name: t.Name, Passed: t.Passed, Value: t.Value})
	}
	for _, p := range c.Parts {
		m.PartsUsed = append(m.PartsUsed, &dispatchv1.PartUsed{Part: p.Part, Number: p.Number, Specification: p.Specification,
			Quantity: int32(p.Quantity), SerialNumber: p.Serial, ReplacedSerialNumber: p.Replaced, StockLocation: p.Location})
	}
	return m
}

func skillMessages(needs []workorder.SkillNeed) (out []*dispatchv1.SkillNeed) {
	for _, n := range needs {
		out = append(out, &dispatchv1.SkillNeed{Skill: n.Skill, Level: int32(n.Level)})
	}
	return out
}

func needMessages(needs []workorder.PartNeed) (out []*dispatchv1.PartNeed) {
	for _, n := range needs {
		out = append(out, &dispatchv1.PartNeed{Part: n.Part, Number: n.Number, Quantity: int32(n.Quantity)})
	}
	return out
}

func reasonMessages(reasons []workorder.Reason) (out []*dispatchv1.AssignmentReason) {
	for _, r := range reasons {
		out = append(out, &dispatchv1.AssignmentReason{Code: r.Code, Points: r.Points, Text: r.Text})
	}
	return out
}

// moneyMessage is absent for nothing; amount is not.
func moneyMessage(m workorder.Money) *commonv1.Money {
	if m.Fen == 0 {
		return nil
	}
	return amount(m)
}

func amount(m workorder.Money) *commonv1.Money {
	if m.Currency == "" {
		m.Currency = "CNY"
	}
	return &commonv1.Money{Currency: m.Currency, AmountFen: m.Fen}
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

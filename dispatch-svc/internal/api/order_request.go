package api

import (
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// orderFromMessage takes what a client may decide; output-only fields are ignored.
func orderFromMessage(in *dispatchv1.WorkOrder) *workorder.Order {
	o := &workorder.Order{
		Case: in.GetCase(), CaseNumber: in.GetCaseNumber(), Round: in.GetRound(), Solution: in.GetSolution(),
		OwnerOrg: in.GetOwnerOrg(), ServingOrg: in.GetServingOrg(), Urgency: in.GetUrgency(), Partner: in.GetPartner(),
		Secrecy: in.GetConfidentiality(), Contact: contactOf(in.GetCustomer()), Region: in.GetCustomer().GetAddress().GetRegionCode(),
	}
	if in.GetPurpose() != dispatchv1.WorkOrder_PURPOSE_UNSPECIFIED {
		o.Purpose = workorder.Purpose(in.GetPurpose().String())
	}
	p := in.GetProduct()
	o.Body = workorder.Body{
		CaseKind: in.GetCaseKind(), Product: workorder.Product{Brand: p.GetBrand(), Model: p.GetModel(), Serial: p.GetSerialNumber()},
		Problem: in.GetProblem(), Earliest: timeOf(in.GetEarliest()), Latest: timeOf(in.GetLatest()), Instruction: in.GetInstruction(),
		FreeOfCharge: in.GetFreeOfCharge(), AgreedFee: moneyOf(in.GetAgreedFee()),
	}
	for _, s := range in.GetRequiredSkills() {
		o.Skills = append(o.Skills, workorder.SkillNeed{Skill: s.GetSkill(), Level: max(1, int(s.GetLevel()))})
	}
	for _, n := range in.GetParts() {
		o.Parts = append(o.Parts, workorder.PartNeed{Part: n.GetPart(), Number: n.GetNumber(), Quantity: max(1, int(n.GetQuantity()))})
	}
	return o
}

func contactOf(in *dispatchv1.Contact) workorder.Contact {
	c := workorder.Contact{Name: in.GetDisplayName(), Phone: in.GetPhone(), RegionCode: in.GetAddress().GetRegionCode(),
		Line: in.GetAddress().GetLine()}
	if at := placeOf(in.GetLocation()); at != nil && !at.IsZero() {
		c.Location, c.LocationIsAccurate = *at, true
	}
	return c
}

// outcomeOf is "" where none was told.
func outcomeOf(o dispatchv1.WorkOrder_Outcome) workorder.Outcome {
	if o == dispatchv1.WorkOrder_OUTCOME_UNSPECIFIED {
		return ""
	}
	return workorder.Outcome(o.String())
}

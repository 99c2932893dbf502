package jobs

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// CreateWorkOrderArgs asks dispatch for the work order of an agreed measure, or of a service request.
type CreateWorkOrderArgs struct{ TaskRef }

// Kind implements river.JobArgs.
func (CreateWorkOrderArgs) Kind() string { return "intake.create_work_order" }

// createWorkOrder: SOLUTION_AGREED (or ACCEPTED) -> IN_SERVICE.
func (w *Worker) createWorkOrder(ctx context.Context, args CreateWorkOrderArgs) error {
	c, t, ok, err := w.task(ctx, args.TaskRef)
	if err != nil || !ok {
		return err
	}
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	order, err := w.Orders.CreateWorkOrder(callCtx, &dispatchv1.CreateWorkOrderRequest{RequestId: t.ID, WorkOrder: workOrder(c, t)})
	if err != nil {
		return fmt.Errorf("jobs: create work order for %s: %w", args.Case, err)
	}
	return w.take(ctx, args.TaskRef, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment, t casefile.Task) (casefile.Change, error) {
		return c.OrderCreated(m, t, order.GetName()), nil
	})
}

func workOrder(c *casefile.Case, t casefile.Task) *dispatchv1.WorkOrder {
	order := &dispatchv1.WorkOrder{
		Case: c.Name(), CaseNumber: c.Number, Round: int32(t.Round), CaseKind: string(c.Kind), Problem: cut(c.Problem, 4000),
		Purpose:  dispatchv1.WorkOrder_Purpose(dispatchv1.WorkOrder_Purpose_value[t.Purpose]),
		OwnerOrg: c.OwnerOrg, Urgency: c.Urgency, Confidentiality: string(c.Confidentiality), Partner: c.Partner, Customer: contact(c),
		FreeOfCharge:   t.Round > 1, // the customer comes again about the same matter
		RequiredSkills: skills(c.Skills),
	}
	if due := c.Deadline(); !due.IsZero() {
		order.Latest = timestamppb.New(due)
	}
	if len(c.Items) > 0 {
		order.Product = &dispatchv1.Product{Brand: c.Items[0].Brand, Model: c.Items[0].Model, SerialNumber: c.Items[0].Serial}
	}
	if t.Inspect > 0 { // another order each time, though case, round and purpose are the same
		order.Solution = fmt.Sprintf("%s/inspections/%d", c.Name(), t.Inspect)
		order.Instruction, order.RequiredSkills, order.FreeOfCharge = cut(t.Instruction, 2000), skills(t.Skills), true
	}
	if p := c.Solution(t.Solution); p != nil {
		fillSolution(order, c, p)
	}
	if c.Failed != nil {
		forSeniors(order)
	}
	return order
}

// forSeniors: the visit after the second failed repair is free, and by somebody with more experience (process.md).
func forSeniors(order *dispatchv1.WorkOrder) {
	order.FreeOfCharge = true
	if len(order.RequiredSkills) == 0 {
		order.RequiredSkills = skills([]string{order.GetPurpose().String()})
	}
	for _, need := range order.RequiredSkills {
		need.Level = max(need.Level, casefile.SeniorLevel)
	}
}

func fillSolution(order *dispatchv1.WorkOrder, c *casefile.Case, p *casefile.Solution) {
	order.Solution, order.Instruction = c.SolutionName(p.ID), cut(p.Explanation, 2000)
	order.AgreedFee = &commonv1.Money{Currency: p.Fee.Currency, AmountFen: p.Fee.Fen}
	order.RequiredSkills = skills(p.Skills)
	for _, part := range p.Parts {
		order.Parts = append(order.Parts, &dispatchv1.PartNeed{Number: cut(part.Number, 64), Quantity: int32(part.Quantity)})
	}
}

func skills(codes []string) []*dispatchv1.SkillNeed {
	needs := make([]*dispatchv1.SkillNeed, len(codes))
	for n, code := range codes {
		needs[n] = &dispatchv1.SkillNeed{Skill: code}
	}
	return needs
}

// contact is the person on site: dispatch seals it and shows it to the engineer in time.
func contact(c *casefile.Case) *dispatchv1.Contact {
	p := c.Personal.Party(casefile.PartyOnSite)
	if p == nil {
		return nil
	}
	if c.Confidentiality == casefile.Protected && slices.Contains(p.Roles, casefile.PartyComplainant) { // released step by step, by intake (R188)
		return &dispatchv1.Contact{Address: &commonv1.Address{RegionCode: p.Region}}
	}
	return &dispatchv1.Contact{
		DisplayName: p.DisplayName, Phone: p.Phone, Address: &commonv1.Address{RegionCode: p.Region, Line: p.AddressLine},
	}
}

// cut shortens a text to a number of characters.
func cut(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit])
	}
	return text
}

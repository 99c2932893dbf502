package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// pulledCases bounds the cases whose work orders one pull asks for; pulledOrders those of one case.
const (
	pulledCases  = 20
	pulledOrders = 50
)

// PullInternalRecords implements intakev1.InvestigationServiceServer (R100, R101, R115). Dispatch is asked before the transaction.
func (s investigationService) PullInternalRecords(ctx context.Context, req *intakev1.PullInternalRecordsRequest) (*intakev1.ListInvestigationRecordsResponse, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	earlier, err := s.earlier(ctx, c)
	if err != nil {
		return nil, err
	}
	var orders []*dispatchv1.WorkOrder
	for _, k := range append([]*casefile.Case{c}, earlier...) {
		more, err := s.ordersOf(ctx, k.Name())
		if err != nil {
			return nil, err
		}
		orders = append(orders, more...)
	}
	var kept []casefile.Inquiry
	return change(ctx, s.Server, c.ID, req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		kept = nil
		known, err := s.Cases.Inquiries(ctx, tx, c.ID, "", pulledCases*pulledOrders*2)
		if err != nil {
			return casefile.Change{}, err
		}
		return s.keepPulled(ctx, tx, c, m, news(known, orders, earlier), doubtful(earlier), &kept)
	}, func(p *presenter, c *casefile.Case) *intakev1.ListInvestigationRecordsResponse {
		resp := &intakev1.ListInvestigationRecordsResponse{}
		for _, q := range kept {
			resp.InvestigationRecords = append(resp.InvestigationRecords, p.inquiry(c, q))
		}
		return resp
	})
}

// earlier are the cases of the same customer or serial number that were there before, as far as the caller may see them.
func (s *Server) earlier(ctx context.Context, c *casefile.Case) ([]*casefile.Case, error) {
	serial, phone := "", ""
	if len(c.Items) > 0 {
		serial = c.Items[0].Serial
	}
	if p := c.Personal.Party(casefile.PartyCustomer); p != nil {
		phone = p.Phone
	}
	var found []*casefile.Case
	for field, value := range map[string]string{"serial_number": serial, "phone": phone} {
		more, err := s.casesWhere(ctx, field, value)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	slices.SortFunc(found, func(a, b *casefile.Case) int { return strings.Compare(b.Number, a.Number) })
	found = slices.CompactFunc(found, func(a, b *casefile.Case) bool { return a.ID == b.ID })
	found = slices.DeleteFunc(found, func(k *casefile.Case) bool { return k.Number >= c.Number || k.OwnerOrg != c.OwnerOrg })
	return found[:min(len(found), pulledCases)], nil
}

func (s *Server) ordersOf(ctx context.Context, name string) ([]*dispatchv1.WorkOrder, error) {
	callCtx, cancel := context.WithTimeout(ctx, remoteLimit)
	defer cancel()
	list, err := s.Remote.Orders.ListWorkOrders(callCtx, &dispatchv1.ListWorkOrdersRequest{Filter: fmt.Sprintf("case=%q", name), PageSize: pulledOrders})
	if err != nil {
		return nil, fmt.Errorf("api: ask dispatch for work orders of %s: %w", name, err)
	}
	return list.GetWorkOrders(), nil
}

// news are the records that are not known yet: one a work order, one an earlier case.
func news(known []casefile.Inquiry, orders []*dispatchv1.WorkOrder, earlier []*casefile.Case) (all []*casefile.Inquiry) {
	has := map[string]bool{}
	for _, q := range known {
		has[q.Source] = true
	}
	for _, k := range earlier {
		text := fmt.Sprintf("%s %s %s: %s", k.Number, k.Kind, k.State, k.Problem)
		all = append(all, &casefile.Inquiry{Source: k.Name(), Text: text, At: k.Created})
	}
	for _, o := range orders {
		all = append(all, &casefile.Inquiry{Source: sourceOf(o), Text: orderText(o), At: timeOf(o.GetUpdateTime())})
	}
	all = slices.DeleteFunc(all, func(q *casefile.Inquiry) bool { return has[q.Source] })
	for _, q := range all {
		q.Kind = intakev1.InvestigationRecord_INTERNAL_RECORD.String()
	}
	return all
}

// sourceOf names an order as it is now: one that has gone on is a record of its own.
func sourceOf(o *dispatchv1.WorkOrder) string { return o.GetName() + "#" + o.GetState().String() }

// orderText is what a work order says of repair and parts (R100).
func orderText(o *dispatchv1.WorkOrder) string {
	parts := []string{fmt.Sprintf("%s %s %s %s", o.GetCaseNumber(), o.GetPurpose(), o.GetState(), o.GetOutcome())}
	if o.GetEngineer() != "" {
		parts = append(parts, "engineer "+o.GetEngineer())
	}
	if d := o.GetDiagnosis(); d != nil {
		parts = append(parts, "diagnosis "+d.GetCause()+": "+d.GetFindings())
	}
	for _, p := range o.GetCompletion().GetPartsUsed() {
		parts = append(parts, fmt.Sprintf("part %s x%d %s (replaced %s)", p.GetNumber(), max(p.GetQuantity(), 1), p.GetSerialNumber(), p.GetReplacedSerialNumber()))
	}
	for _, t := range o.GetCompletion().GetTests() {
		parts = append(parts, fmt.Sprintf("test %s passed=%t %s", t.GetName(), t.GetPassed(), t.GetValue()))
	}
	return strings.Join(parts, "; ")
}

// doubtful names the earlier complaints that were found not valid, or rejected (R115).
func doubtful(earlier []*casefile.Case) (numbers []string) {
	for _, k := range earlier {
		inv := k.Round().Investigation
		notValid := inv != nil && inv.Conclusion != nil && inv.Conclusion.Validity == "NOT_VALID"
		if notValid || k.State == casefile.Rejected {
			numbers = append(numbers, k.Number)
		}
	}
	return numbers
}

func (s *Server) keepPulled(ctx context.Context, tx sqldb.Tx, c *casefile.Case, m casefile.Moment, found []*casefile.Inquiry, doubts []string,
	kept *[]casefile.Inquiry,
) (casefile.Change, error) {
	change, err := c.Inquired(m, found...)
	if err != nil {
		return change, err
	}
	for _, q := range found {
		if err := s.Cases.AddInquiry(ctx, tx, c.ID, *q); err != nil {
			return change, err
		}
		*kept = append(*kept, *q)
	}
	if len(doubts) > 0 {
		c.EarlierDoubtful("earlier complaints found not valid: "+strings.Join(doubts, ", "), m.At)
	}
	return change, nil
}

package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// remoteLimit bounds one call of dispatch; lookAhead is how far engineers' time is looked at.
const (
	remoteLimit = 5 * time.Second
	lookAhead   = 7
)

// CheckFeasibility implements intakev1.FeasibilityServiceServer (R121, R131-R133). Dispatch is asked before the transaction.
func (s feasibilityService) CheckFeasibility(ctx context.Context, req *intakev1.CheckFeasibilityRequest) (*intakev1.Feasibility, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	found := &intakev1.Feasibility{Feasible: true}
	present := s.presenter(ctx)
	for _, need := range req.GetParts() {
		if err := s.partStock(ctx, present, c, need, found); err != nil {
			return nil, err
		}
	}
	if req.GetOnSite() {
		if err := s.engineers(ctx, present, c, req.GetRequiredSkills(), found); err != nil {
			return nil, err
		}
	}
	return change(ctx, s.Server, c.ID, req, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.FeasibilityChecked(m, found.GetFeasible(), strings.Join(found.GetExplanation(), "; ")), nil
	}, func(*presenter, *casefile.Case) *intakev1.Feasibility { return found })
}

func (s *Server) partStock(ctx context.Context, p *presenter, c *casefile.Case, need *intakev1.SolutionPart, found *intakev1.Feasibility) error {
	part, err := s.part(ctx, c, need.GetPartNumber())
	if err != nil {
		return err
	}
	row := &intakev1.Feasibility_PartStock{PartNumber: need.GetPartNumber(), Needed: max(need.GetQuantity(), 1), Known: part != nil}
	for _, stock := range part.GetStock() {
		row.InStock += stock.GetOnHand()
	}
	found.Parts = append(found.Parts, row)
	if row.InStock >= int64(row.GetNeeded()) {
		return nil
	}
	found.Feasible = false
	found.Explanation = append(found.Explanation, label{
		fmt.Sprintf("配件 %s 需 %d 件,库存 %d 件", row.GetPartNumber(), row.GetNeeded(), row.GetInStock()),
		fmt.Sprintf("part %s: %d needed, %d in stock", row.GetPartNumber(), row.GetNeeded(), row.GetInStock()),
	}.in(p.locale))
	return nil
}

// part asks dispatch for a part of the case's organisations; nil when there is none of the number.
func (s *Server) part(ctx context.Context, c *casefile.Case, number string) (*dispatchv1.Part, error) {
	if number == "" {
		return nil, nil
	}
	callCtx, cancel := context.WithTimeout(ctx, remoteLimit)
	defer cancel()
	list, err := s.Remote.Parts.ListParts(callCtx, &dispatchv1.ListPartsRequest{Filter: fmt.Sprintf("number=%q", number), PageSize: 50})
	if err != nil {
		return nil, fmt.Errorf("api: ask dispatch for part: %w", err)
	}
	i := slices.IndexFunc(list.GetParts(), func(p *dispatchv1.Part) bool {
		return p.GetNumber() == number && (p.GetOrg() == c.OwnerOrg || p.GetOrg() == c.ServingOrg && c.ServingOrg != "")
	})
	if i < 0 {
		return nil, nil
	}
	return list.GetParts()[i], nil
}

func (s *Server) engineers(ctx context.Context, p *presenter, c *casefile.Case, skills []string, found *intakev1.Feasibility) error {
	token := ""
	for {
		callCtx, cancel := context.WithTimeout(ctx, remoteLimit)
		list, err := s.Remote.Engineers.ListEngineers(callCtx, &dispatchv1.ListEngineersRequest{PageSize: 1000, PageToken: token})
		cancel()
		if err != nil {
			return fmt.Errorf("api: ask dispatch for engineers: %w", err)
		}
		for _, e := range list.GetEngineers() {
			s.engineer(c, skills, e, found)
		}
		if token = list.GetNextPageToken(); token == "" {
			break
		}
	}
	if found.GetEngineers() == 0 || found.GetEarliestTime() == nil {
		found.Feasible = false
		found.Explanation = append(found.Explanation, label{"七日内没有符合技能和区域的工程师", "no engineer with the skills and the region in seven days"}.in(p.locale))
	}
	return nil
}

// engineer counts one who qualifies, with the beginning of the next working time.
func (s *Server) engineer(c *casefile.Case, skills []string, e *dispatchv1.Engineer, found *intakev1.Feasibility) {
	own := e.GetOrg() == c.OwnerOrg || e.GetOrg() == c.ServingOrg && c.ServingOrg != ""
	if !own || !e.GetActive() || !skilled(e, skills, s.Clock.Now()) || !serves(e, c.Region) {
		return
	}
	found.Engineers++
	free := s.nextShift(e)
	if !free.IsZero() && (found.GetEarliestTime() == nil || free.Before(found.GetEarliestTime().AsTime())) {
		found.EarliestTime = at(free)
	}
}

func skilled(e *dispatchv1.Engineer, skills []string, now time.Time) bool {
	has := func(skill string) bool {
		return slices.ContainsFunc(e.GetSkills(), func(k *dispatchv1.Skill) bool {
			return (k.GetSkill() == skill || k.GetSkill() == "*") && (k.GetExpireTime() == nil || k.GetExpireTime().AsTime().After(now))
		})
	}
	return !slices.ContainsFunc(skills, func(skill string) bool { return !has(skill) })
}

func serves(e *dispatchv1.Engineer, region string) bool {
	return len(e.GetTerritories()) == 0 || region == "" ||
		slices.ContainsFunc(e.GetTerritories(), func(t string) bool { return strings.HasPrefix(region, t) })
}

// nextShift is when the engineer works next, absences left out; zero when not within the days looked at.
func (s *Server) nextShift(e *dispatchv1.Engineer) (next time.Time) {
	now := s.Clock.Now()
	y, m, d := now.In(s.Policy.Zone).Date()
	for day := range lookAhead {
		midnight := time.Date(y, m, d+day, 0, 0, 0, 0, s.Policy.Zone)
		for _, shift := range e.GetShifts() {
			from := midnight.Add(time.Duration(shift.GetStartMinute()) * time.Minute)
			to := midnight.Add(time.Duration(shift.GetEndMinute()) * time.Minute)
			if weekday(midnight) != shift.GetWeekday() || !to.After(now) || away(e, from, to) {
				continue
			}
			if from.Before(now) {
				from = now
			}
			if next.IsZero() || from.Before(next) {
				next = from
			}
		}
	}
	return next
}

// weekday is 1 for Monday to 7 for Sunday.
func weekday(t time.Time) int32 { return int32((t.Weekday()+6)%7) + 1 }

func away(e *dispatchv1.Engineer, from, to time.Time) bool {
	return slices.ContainsFunc(e.GetAbsences(), func(a *dispatchv1.Absence) bool {
		return a.GetStart().AsTime().Before(to) && a.GetEnd().AsTime().After(from)
	})
}

// QuoteFee implements intakev1.FeasibilityServiceServer (R109, R136).
func (s feasibilityService) QuoteFee(ctx context.Context, req *intakev1.QuoteFeeRequest) (*intakev1.FeeQuote, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	why, free, err := s.freeOf(ctx, c, req.GetMainPart())
	if err != nil {
		return nil, err
	}
	p := s.presenter(ctx)
	quote := &intakev1.FeeQuote{InWarranty: free, Explanation: []string{why.in(p.locale)}}
	if req.GetOnSite() {
		addLine(quote, label{"上门费", "visit"}.in(p.locale), 1, s.Prices.Visit, why.in(p.locale))
	}
	addLine(quote, label{"人工费", "labour"}.in(p.locale), 1, s.Prices.Labour, why.in(p.locale))
	for _, need := range req.GetParts() {
		part, err := s.part(ctx, c, need.GetPartNumber())
		if err != nil {
			return nil, err
		}
		reason := why
		if part == nil {
			reason = label{"配件编号未知,价格待定", "the part number is not known: no price"}
		}
		addLine(quote, need.GetPartNumber()+" "+part.GetDisplayName(), max(need.GetQuantity(), 1), part.GetPrice().GetAmountFen(), reason.in(p.locale))
	}
	return quote, nil
}

// freeOf says whether the customer pays nothing, and why.
func (s *Server) freeOf(ctx context.Context, c *casefile.Case, part string) (why label, free bool, err error) {
	if inv := c.Round().Investigation; inv != nil && inv.Conclusion != nil && inv.Conclusion.Liability == "CUSTOMER_MISUSE" {
		return label{"调查认定为使用不当,不在保修范围", "misuse was found: not covered by the warranty"}, false, nil
	}
	if len(c.Items) == 0 {
		return label{"产品信息未知,按保外计费", "the product is not known: as out of warranty"}, false, nil
	}
	_, answer, err := s.entitledTo(ctx, s.DB, c, 0, s.filedOn(c))
	if err != nil {
		return why, false, err
	}
	if answer.Covers(part) {
		return label{"报修日 " + answer.On.String() + " 在保修期内", "reported on " + answer.On.String() + ", within the warranty"}, true, nil
	}
	return label{"报修日 " + answer.On.String() + " 不在保修期内", "reported on " + answer.On.String() + ", out of warranty"}, false, nil
}

func addLine(q *intakev1.FeeQuote, what string, quantity int32, fen int64, reason string) {
	full := fen * int64(quantity)
	payable := full
	if q.GetInWarranty() {
		payable = 0
	}
	q.Lines = append(q.Lines, &intakev1.FeeQuote_Line{Description: what, Quantity: quantity, Amount: cny(full), Payable: cny(payable), Reason: reason})
	q.Total, q.Payable = cny(q.GetTotal().GetAmountFen()+full), cny(q.GetPayable().GetAmountFen()+payable)
}

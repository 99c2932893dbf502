package api

import (
	"context"
	"slices"
	"strings"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// AwaitAppraisal implements dispatchv1.WorkOrderServiceServer.
func (s *Server) AwaitAppraisal(ctx context.Context, req *dispatchv1.AwaitAppraisalRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		return st.order.AwaitAppraisal(st.Step, workorder.Appraisal{
			Appraiser: req.GetAppraiser(), Reason: req.GetReason(), Expected: timeOf(req.GetExpectedTime()),
		})
	})
}

// TakeAway implements dispatchv1.WorkOrderServiceServer.
func (s *Server) TakeAway(ctx context.Context, req *dispatchv1.TakeAwayRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		return st.order.TakeAway(st.Step, workorder.Workshop{
			Serials: req.GetSerials(), Photos: req.GetPhotos(), Receipt: req.GetReceipt(), Place: req.GetPlace(), Note: req.GetNote(),
			Return: timeOf(req.GetReturnTime()),
		})
	})
}

// Suspend implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Suspend(ctx context.Context, req *dispatchv1.SuspendRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) { return st.order.Suspend(st.Step, req.GetReason()) })
}

// Resume implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Resume(ctx context.Context, req *dispatchv1.ResumeRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		kept, err := s.Store.Excluded(ctx, st.tx, st.order.ID, st.order.Engineer)
		if err != nil {
			return workorder.Change{}, err
		}
		return st.order.Resume(st.Step, req.GetNote(), kept)
	})
}

// Transfer implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Transfer(ctx context.Context, req *dispatchv1.TransferRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) { return st.order.Transfer(st.Step, req.GetReason()) })
}

// Audit implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Audit(ctx context.Context, req *dispatchv1.AuditRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		return st.order.Audit(st.Step, moneyOf(req.GetPayable()), req.GetNote())
	})
}

// Settle implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Settle(ctx context.Context, req *dispatchv1.SettleRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) { return st.order.Settle(st.Step, req.GetReference()) })
}

// households are the keyed indexes that a household is found by: its phone and its address. Nothing of them can be read back.
func (s *Server) households(phone, region, line string) (keys []string) {
	if digits := digitsOf(phone); digits != "" {
		keys = append(keys, s.Indexer.BlindIndex("dispatch.household", "phone/"+digits))
	}
	if line = strings.ToLower(strings.Join(strings.Fields(line), "")); line != "" {
		keys = append(keys, s.Indexer.BlindIndex("dispatch.household", "address/"+region+"/"+line))
	}
	return keys
}

// digitsOf is a phone number without the country's code and signs.
func digitsOf(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	if len(digits) == 13 { // +86 before a mobile number
		digits = strings.TrimPrefix(digits, "86")
	}
	return digits
}

func (s *Server) householdsOf(c workorder.Contact) []string {
	return s.households(c.Phone, c.RegionCode, c.Line)
}

// ExcludeEngineer implements dispatchv1.WorkOrderServiceServer.
func (s *Server) ExcludeEngineer(ctx context.Context, req *dispatchv1.ExcludeEngineerRequest) (resp *dispatchv1.ExcludeEngineerResponse, err error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Store.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*dispatchv1.ExcludeEngineerResponse, error) {
			return s.exclude(ctx, tx, who, req)
		})
		return err
	})
	return resp, err
}

func (s *Server) exclude(ctx context.Context, tx sqldb.Tx, who caller, req *dispatchv1.ExcludeEngineerRequest) (*dispatchv1.ExcludeEngineerResponse, error) {
	var keys []string
	for _, phone := range req.GetPhones() {
		keys = append(keys, s.households(phone, "", "")...)
	}
	for _, a := range req.GetAddresses() {
		keys = append(keys, s.households("", a.GetRegionCode(), a.GetLine())...)
	}
	resp := &dispatchv1.ExcludeEngineerResponse{}
	for _, name := range req.GetWorkOrders() {
		o, err := s.load(ctx, tx, who, name)
		if err != nil {
			return nil, err
		}
		if o.OwnerOrg != req.GetOwnerOrg() {
			continue
		}
		keys = append(keys, s.householdsOf(o.Contact)...)
		if !req.GetSuspend() || o.Engineer != req.GetEngineer() {
			continue
		}
		suspended, err := s.suspendRunning(ctx, tx, who, o)
		if err != nil {
			return nil, err
		}
		if suspended {
			resp.Suspended = append(resp.Suspended, name)
		}
	}
	slices.Sort(keys)
	return resp, s.Store.Exclude(ctx, tx, req.GetOwnerOrg(), req.GetEngineer(), slices.Compact(keys), s.Clock.Now())
}

// suspendRunning stops an order that can still be stopped; one that is done or over stays.
func (s *Server) suspendRunning(ctx context.Context, tx sqldb.Tx, who caller, o *workorder.Order) (bool, error) {
	if !slices.Contains(o.NextVerbs(), string(workorder.VerbSuspend)) {
		return false, nil
	}
	change, err := o.Suspend(workorder.Step{By: who.Actor, Now: s.Clock.Now()}, "客户投诉,暂停作业 / suspended after a complaint")
	if err != nil {
		return false, err
	}
	return true, s.Store.Save(ctx, tx, o, change)
}

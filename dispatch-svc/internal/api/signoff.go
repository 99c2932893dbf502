package api

import (
	"context"
	"errors"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/parts"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// Complete implements dispatchv1.WorkOrderServiceServer (R147, R157): the work, the parts from stock and the acceptance code, all or
// nothing.
func (s *Server) Complete(ctx context.Context, req *dispatchv1.CompleteRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		done, err := completion(req)
		if err != nil {
			return workorder.Change{}, err
		}
		change, err := st.order.Complete(st.Step, done, outcomeOf(req.GetOutcome()))
		if err != nil {
			return change, err
		}
		if err := s.Store.TakeParts(ctx, st.tx, st.order, st.order.Completion.Parts, st.Now); err != nil {
			return change, err
		}
		change.Measures = st.order.Completion.Measures()
		return change, s.issueCode(ctx, st)
	})
}

// issueCode makes the customer's code and has it sent. It is shown to the engineer in a demo only: elsewhere it would let the engineer
// confirm in the customer's name.
func (s *Server) issueCode(ctx context.Context, st *steps) error {
	code, err := st.order.IssueCode(st.Now, s.CodeDigest)
	if err != nil {
		return err
	}
	if s.opts.DemoShowsCode {
		st.answer = func(out *dispatchv1.WorkOrder) { out.AcceptanceCode = code }
	}
	if st.order.Contact.Phone == "" {
		return nil // a signature or the hotline remains
	}
	return s.Store.PutMessage(ctx, st.tx, store.CodeMessage{
		Order: st.order.ID, Expires: st.order.Code.Expires, Phone: st.order.Contact.Phone, Case: st.order.CaseNumber, Code: code,
	}, st.Now)
}

func completion(req *dispatchv1.CompleteRequest) (workorder.Completion, error) {
	done := workorder.Completion{Photos: req.GetPhotos(), Serials: req.GetSerials(), Summary: req.GetSummary()}
	for _, t := range req.GetTests() {
		done.Tests = append(done.Tests, workorder.Test{Name: t.GetName(), Passed: t.GetPassed(), Value: t.GetValue()})
	}
	for _, p := range req.GetPartsUsed() {
		done.Parts = append(done.Parts, workorder.PartUsed{
			Part: p.GetPart(), Number: p.GetNumber(), Specification: p.GetSpecification(), Quantity: int(p.GetQuantity()),
			Serial: p.GetSerialNumber(), Replaced: p.GetReplacedSerialNumber(), Location: p.GetStockLocation(),
		})
	}
	var err error
	done.Parts, err = parts.Normalise(done.Parts)
	return done, err
}

// errTried carries out of the transaction's inner function that a wrong code was counted.
var errTried = errors.New("api: a wrong code was counted")

// Confirm implements dispatchv1.WorkOrderServiceServer (R159). A wrong code is counted although the call is refused, so this step has
// a transaction of its own that commits in that case.
func (s *Server) Confirm(ctx context.Context, req *dispatchv1.ConfirmRequest) (*dispatchv1.WorkOrder, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	var out *dispatchv1.WorkOrder
	var refused error
	err = s.Store.DB.InTx(ctx, func(tx sqldb.Tx) error {
		refused = nil
		out, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*dispatchv1.WorkOrder, error) {
			out, no, err := s.confirm(ctx, tx, who, req)
			refused = no
			return out, err
		})
		if errors.Is(err, errTried) {
			return nil
		}
		return err
	})
	return out, errors.Join(err, refused)
}

func (s *Server) confirm(ctx context.Context, tx sqldb.Tx, who caller, req *dispatchv1.ConfirmRequest) (out *dispatchv1.WorkOrder, refused, err error) {
	st, err := s.begin(ctx, tx, who, req)
	if err != nil {
		return nil, nil, err
	}
	change, tried, err := st.order.Confirm(st.Step, workorder.Proof{
		Code: req.GetAcceptanceCode(), Signature: req.GetSignature(), SlipPhoto: req.GetSlipPhoto(), HotlineNote: req.GetHotlineNote(),
	}, s.CodeDigest)
	if tried {
		if saving := s.Store.SaveQuietly(ctx, tx, st.order); saving != nil {
			return nil, nil, saving
		}
		return nil, err, errTried
	}
	if err == nil {
		err = s.Store.Save(ctx, tx, st.order, change)
	}
	if err != nil {
		return nil, nil, err
	}
	return orderMessage(st.order, who, st.Now, grpcx.Locale(ctx)), nil, nil
}

// ConfirmRefused implements dispatchv1.WorkOrderServiceServer.
func (s *Server) ConfirmRefused(ctx context.Context, req *dispatchv1.ConfirmRefusedRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) { return st.order.RefuseConfirm(st.Step, req.GetReason()) })
}

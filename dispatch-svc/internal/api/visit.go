package api

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/geo"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/clock"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// Book implements dispatchv1.WorkOrderServiceServer (R146).
func (s *Server) Book(ctx context.Context, req *dispatchv1.BookRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		w := workorder.Window{Start: timeOf(req.GetWindowStart()), End: timeOf(req.GetWindowEnd())}
		change, err := st.order.Book(st.Step, w, req.GetNote(), moneyOf(req.GetVisitFee()))
		if err != nil {
			return change, err
		}
		return change, s.overlap(ctx, st, &change, req.GetAllowOverlap())
	})
}

// BookFailed implements dispatchv1.WorkOrderServiceServer.
func (s *Server) BookFailed(ctx context.Context, req *dispatchv1.BookFailedRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		return st.order.BookFailed(st.Step, req.GetChannel(), req.GetReason())
	})
}

// Depart implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Depart(ctx context.Context, req *dispatchv1.DepartRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) { return st.order.Depart(st.Step) })
}

// Arrive implements dispatchv1.WorkOrderServiceServer (R154).
func (s *Server) Arrive(ctx context.Context, req *dispatchv1.ArriveRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) { return st.order.Arrive(st.Step, placeOf(req.GetLocation())) })
}

// Reschedule implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Reschedule(ctx context.Context, req *dispatchv1.RescheduleRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		w := workorder.Window{Start: timeOf(req.GetWindowStart()), End: timeOf(req.GetWindowEnd())}
		change, err := st.order.Reschedule(st.Step, req.GetReason(), req.GetRequestedBy(), w)
		if err != nil || st.order.WindowStart.IsZero() {
			return change, err
		}
		return change, s.overlap(ctx, st, &change, req.GetAllowOverlap())
	})
}

// Diagnose implements dispatchv1.WorkOrderServiceServer (R107).
func (s *Server) Diagnose(ctx context.Context, req *dispatchv1.DiagnoseRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		if err := s.Store.CheckCode(ctx, st.tx, "CAUSE", st.order.OwnerOrg, req.GetCause()); err != nil {
			return workorder.Change{}, err
		}
		return st.order.Diagnose(st.Step, workorder.Diagnosis{
			Cause: req.GetCause(), Findings: req.GetFindings(), FaultCode: req.GetFaultCode(), InWarranty: req.GetInWarranty(),
		})
	})
}

// Quote implements dispatchv1.WorkOrderServiceServer.
func (s *Server) Quote(ctx context.Context, req *dispatchv1.QuoteRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		lines := make([]workorder.QuoteLine, len(req.GetLines()))
		for i, l := range req.GetLines() {
			lines[i] = workorder.QuoteLine{Description: l.GetDescription(), Amount: moneyOf(l.GetAmount())}
		}
		return st.order.PutQuote(st.Step, lines)
	})
}

// AgreeQuote implements dispatchv1.WorkOrderServiceServer (R151).
func (s *Server) AgreeQuote(ctx context.Context, req *dispatchv1.AgreeQuoteRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		return st.order.AgreeQuote(st.Step, req.GetMethod(), req.GetEvidence())
	})
}

// RefuseQuote implements dispatchv1.WorkOrderServiceServer.
func (s *Server) RefuseQuote(ctx context.Context, req *dispatchv1.RefuseQuoteRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		return st.order.RefuseQuote(st.Step, req.GetReason(), req.GetPhotos())
	})
}

func timeOf(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return clock.Normal(t.AsTime())
}

func moneyOf(m *commonv1.Money) workorder.Money {
	return workorder.Money{Currency: m.GetCurrency(), Fen: m.GetAmountFen()}
}

// placeOf brings a place into WGS-84, whatever system it was told in; nil when none was.
func placeOf(p *commonv1.GeoPoint) *geo.Point {
	if p == nil {
		return nil
	}
	out := geo.Point{Lat: p.GetLatitude(), Lon: p.GetLongitude()}
	switch p.GetSystem() {
	case commonv1.GeoPoint_GCJ02:
		out = geo.FromGCJ02(out)
	case commonv1.GeoPoint_BD09:
		out = geo.FromBD09(out)
	}
	return &out
}

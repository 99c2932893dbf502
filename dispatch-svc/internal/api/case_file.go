package api

import (
	"context"
	"encoding/json"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// document is a work order in the archive.
type document struct {
	WorkOrder json.RawMessage `json:"workOrder"`
	Steps     []store.Step    `json:"steps"`
}

// ExportCase implements dispatchv1.CaseFileServiceServer (R183). It takes the case's lock: sequence and documents are of one moment.
func (s *Server) ExportCase(ctx context.Context, req *dispatchv1.ExportCaseRequest) (*dispatchv1.ExportCaseResponse, error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	var out *dispatchv1.ExportCaseResponse
	err = s.Store.DB.InTx(ctx, func(tx sqldb.Tx) error {
		out, err = s.export(ctx, tx, who, req.GetCase())
		return err
	})
	return out, err
}

func (s *Server) export(ctx context.Context, tx sqldb.Tx, who caller, caseName string) (*dispatchv1.ExportCaseResponse, error) {
	seq, err := s.Store.LockCase(ctx, tx, caseName)
	if err != nil {
		return nil, err
	}
	orders, err := s.Store.CaseOrders(ctx, tx, caseName)
	if err != nil {
		return nil, err
	}
	out := &dispatchv1.ExportCaseResponse{LastSequence: seq}
	for _, o := range orders {
		content, err := s.document(ctx, tx, who, o)
		if err != nil {
			return nil, err
		}
		out.Documents = append(out.Documents, &dispatchv1.ExportCaseResponse_Document{
			Name: "work-order-" + o.ID + ".json", MediaType: "application/json", Content: content,
		})
	}
	return out, nil
}

func (s *Server) document(ctx context.Context, tx sqldb.Tx, who caller, o *workorder.Order) ([]byte, error) {
	steps, err := s.Store.Steps(ctx, tx, o.ID)
	if err != nil {
		return nil, err
	}
	order, err := protojson.Marshal(orderMessage(o, who, s.Clock.Now(), "zh-CN"))
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(document{WorkOrder: order, Steps: steps}, "", "  ")
}

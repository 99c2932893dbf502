package api

import (
	"bytes"
	"context"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	grpccodes "google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/sheet"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/listing"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

type transferService struct {
	intakev1.UnimplementedCaseTransferServiceServer
	*Server
}

// Bounds of exports.
const (
	exportMost   = 100_000
	workbookRows = 10_000
	exportPage   = 500
)

var errExport = apierr.Define(grpccodes.FailedPrecondition, "EXPORT_TOO_LARGE", "导出超过 {limit} 行,请缩小筛选范围", "more than {limit} rows; narrow the filter")

// BatchCreateCases implements intakev1.CaseTransferServiceServer: filings side by side, which the filer writes in groups.
func (s transferService) BatchCreateCases(ctx context.Context, req *intakev1.BatchCreateCasesRequest) (*intakev1.BatchCreateCasesResponse, error) {
	results := make([]*intakev1.BatchCreateCasesResponse_Result, len(req.GetRequests()))
	var all sync.WaitGroup
	for n, one := range req.GetRequests() {
		all.Go(func() {
			results[n] = &intakev1.BatchCreateCasesResponse_Result{}
			c, err := s.fileOne(ctx, one)
			if err != nil {
				results[n].Error = apierr.From(err).Status(grpcx.Locale(ctx), grpcx.RequestID(ctx)).Proto()
				return
			}
			results[n].Case = c
		})
	}
	all.Wait()
	return &intakev1.BatchCreateCasesResponse{Results: results}, nil
}

func (s *Server) fileOne(ctx context.Context, req *intakev1.CreateCaseRequest) (*intakev1.Case, error) {
	if err := grpcx.Validate(req); err != nil {
		return nil, err
	}
	return caseService{Server: s}.CreateCase(ctx, req)
}

// exportHeader names the columns of an export.
var exportHeader = []label{
	{"案件编号", "case number"}, {"类型", "kind"}, {"状态", "state"}, {"渠道", "channel"}, {"内容分类", "content class"}, {"紧急程度", "urgency"},
	{"客户", "customer"}, {"电话", "phone"}, {"品牌", "brand"}, {"型号", "model"}, {"序列号", "serial number"}, {"问题", "problem"},
	{"登记时间", "registered"}, {"受理时间", "accepted"}, {"解决时间", "resolved"}, {"关闭时间", "closed"},
}

// exporter gives the rows of a list page by page, masked for everybody.
type exporter struct {
	*Server
	ctx     context.Context
	present *presenter
	filter  string
	order   string
	token   string
	begun   bool
	over    bool
	rows    int
}

func (s *Server) exporter(ctx context.Context, filter, order string) *exporter {
	p := s.presenter(ctx)
	p.caller.Subject = "" // nobody is in relation to a file
	return &exporter{Server: s, ctx: ctx, present: p, filter: filter, order: order}
}

func (e *exporter) next() ([][]string, error) {
	var rows [][]string
	if !e.begun {
		e.begun = true
		header := make([]string, len(exportHeader))
		for n, l := range exportHeader {
			header[n] = l.in(e.present.locale)
		}
		rows = append(rows, header)
	}
	if e.over {
		return rows, nil
	}
	page, next, err := e.page()
	if err != nil {
		return nil, err
	}
	for _, c := range page {
		rows = append(rows, e.present.exported(c, e.Policy.Zone))
	}
	e.token, e.over, e.rows = next, next == "", e.rows+len(page)
	return rows, nil
}

// page is the next page that is not empty: of a search it may be.
func (e *exporter) page() (page []*casefile.Case, next string, err error) {
	for next = e.token; ; {
		page, next, err = e.casePage(e.ctx, listing.Request{PageSize: exportPage, PageToken: next, OrderBy: e.order, Filter: e.filter})
		if err != nil || len(page) > 0 || next == "" {
			return page, next, err
		}
	}
}

// exported is a case as a row; its words are masked, too.
func (p *presenter) exported(c *casefile.Case, zone *time.Location) []string {
	m := p.fullCase(c)
	when := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format("2006-01-02 15:04:05")
	}
	return []string{
		m.GetCaseNumber(), m.GetKindLabel(), m.GetStateLabel(), m.GetChannelLabel(), m.GetContentClassLabel(), m.GetUrgencyLabel(),
		m.GetCustomer().GetDisplayName(), m.GetCustomer().GetPhone(), m.GetProduct().GetBrand(), m.GetProduct().GetModel(), m.GetProduct().GetSerialNumber(),
		unreadable(m.GetProblem()), when(c.Created), when(c.AcceptedAt), when(c.Round().ResolvedAt), when(c.Round().ClosedAt),
	}
}

// ExportCases implements intakev1.CaseTransferServiceServer.
func (s transferService) ExportCases(req *intakev1.ExportCasesRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	e := s.exporter(stream.Context(), req.GetFilter(), req.GetOrderBy())
	for begin := true; ; begin = false {
		rows, err := e.next()
		if err != nil || len(rows) == 0 {
			return err
		}
		if e.rows > exportMost {
			return errExport.New("limit", "100000")
		}
		data, err := sheet.CSV(begin, rows)
		if err != nil {
			return err
		}
		if err := stream.Send(&httpbody.HttpBody{ContentType: "text/csv; charset=utf-8", Data: bytes.TrimSuffix(data, []byte("\n"))}); err != nil {
			return err
		}
	}
}

// ExportCaseWorkbook implements intakev1.CaseTransferServiceServer.
func (s transferService) ExportCaseWorkbook(ctx context.Context, req *intakev1.ExportCaseWorkbookRequest) (*httpbody.HttpBody, error) {
	e := s.exporter(ctx, req.GetFilter(), req.GetOrderBy())
	var file bytes.Buffer
	err := sheet.Workbook(&file, "cases", func() ([][]string, error) {
		if e.rows > workbookRows {
			return nil, errExport.New("limit", "10000")
		}
		return e.next()
	})
	if err != nil {
		return nil, err
	}
	return &httpbody.HttpBody{ContentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Data: file.Bytes()}, nil
}

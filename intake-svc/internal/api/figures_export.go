package api

import (
	"bytes"
	"context"
	"slices"
	"strconv"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/sheet"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

const (
	exportFigures = 100_000 // groups of a streamed export
	figuresChunk  = 500     // rows of one message
)

var dimensionLabels = map[intakev1.Dimension]label{
	intakev1.Dimension_DIMENSION_CLASS: {"内容分类", "class"}, intakev1.Dimension_DIMENSION_PRODUCT: {"品牌", "brand"}, intakev1.Dimension_DIMENSION_MODEL: {"型号", "model"},
	intakev1.Dimension_DIMENSION_FAULT: {"故障原因", "fault"}, intakev1.Dimension_DIMENSION_REGION: {"地区", "region"},
	intakev1.Dimension_DIMENSION_ORGANISATION: {"组织", "organisation"}, intakev1.Dimension_DIMENSION_CHANNEL: {"渠道", "channel"},
	intakev1.Dimension_DIMENSION_ENGINEER: {"工程师", "engineer"}, intakev1.Dimension_DIMENSION_TIME: {"时间", "time"}, intakev1.Dimension_DIMENSION_AGE: {"账龄(天)", "age in days"},
	intakev1.Dimension_DIMENSION_KIND: {"类型", "kind"},
}

var measureLabels = []label{
	{"案件数", "cases"}, {"未结", "open"}, {"已关闭", "closed"}, {"例外关闭", "closed by exception"}, {"安全隐患", "hazards"}, {"按时解决率", "resolved in time"},
	{"一次解决率", "right first time"}, {"重复报修率", "repeat rate"}, {"重开率", "reopen rate"}, {"平均受理秒数", "mean seconds to acceptance"},
	{"平均解决秒数", "mean seconds to resolution"}, {"平均评分", "mean rating"}, {"含未计入的保密案件", "confidential cases left out"},
}

// ExportCaseStatistics implements intakev1.CaseStatisticsServiceServer.
func (s figureService) ExportCaseStatistics(req *intakev1.ExportCaseStatisticsRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	rows, err := s.figureSheet(stream.Context(), req.GetQuery(), exportFigures)
	if err != nil {
		return err
	}
	begin := true
	for chunk := range slices.Chunk(rows, figuresChunk) {
		data, err := sheet.CSV(begin, chunk)
		if err != nil {
			return err
		}
		begin = false
		if err := stream.Send(&httpbody.HttpBody{ContentType: "text/csv; charset=utf-8", Data: bytes.TrimSuffix(data, []byte("\n"))}); err != nil {
			return err
		}
	}
	return nil
}

// ExportCaseStatisticsWorkbook implements intakev1.CaseStatisticsServiceServer.
func (s figureService) ExportCaseStatisticsWorkbook(ctx context.Context, req *intakev1.ExportCaseStatisticsWorkbookRequest) (*httpbody.HttpBody, error) {
	rows, err := s.figureSheet(ctx, req.GetQuery(), workbookRows)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	err = sheet.Workbook(&file, "statistics", func() ([][]string, error) {
		next := rows
		rows = nil
		return next, nil
	})
	if err != nil {
		return nil, err
	}
	return &httpbody.HttpBody{ContentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Data: file.Bytes()}, nil
}

// figureSheet is the answer as a table with its heading.
func (s figureService) figureSheet(ctx context.Context, query *intakev1.QueryCaseStatisticsRequest, most int) ([][]string, error) {
	answer, err := s.statistics(ctx, query, most)
	if err != nil {
		return nil, err
	}
	if answer.GetTruncated() {
		return nil, errExport.New("limit", strconv.Itoa(most))
	}
	present := s.presenter(ctx)
	header := make([]string, 0, len(query.GetDimensions())+len(measureLabels))
	for _, d := range query.GetDimensions() {
		header = append(header, dimensionLabels[d].in(present.locale))
	}
	for _, l := range measureLabels {
		header = append(header, l.in(present.locale))
	}
	rows := [][]string{header}
	for _, r := range answer.GetRows() {
		rows = append(rows, append(present.dimensionValues(query.GetDimensions(), r.GetValues()), figureCells(r)...))
	}
	return rows, nil
}

// dimensionValues are the values as people read them.
func (p *presenter) dimensionValues(dims []intakev1.Dimension, values []string) []string {
	shown := slices.Clone(values)
	for n, d := range dims {
		switch d {
		case intakev1.Dimension_DIMENSION_CLASS:
			shown[n] = p.code(codes.ContentClass, values[n])
		case intakev1.Dimension_DIMENSION_FAULT:
			shown[n] = p.code(codes.Cause, values[n])
		case intakev1.Dimension_DIMENSION_CHANNEL:
			shown[n] = p.code(codes.Channel, values[n])
		case intakev1.Dimension_DIMENSION_KIND:
			shown[n] = text(kindLabels, values[n], p.locale)
		default: // names and codes that are read as they are
		}
	}
	return shown
}

func figureCells(r *intakev1.QueryCaseStatisticsResponse_Row) []string {
	f := r.GetFigures()
	cells := make([]string, 0, len(measureLabels))
	for _, n := range []int64{f.GetCases(), f.GetOpen(), f.GetClosed(), f.GetExceptions(), f.GetHazards()} {
		cells = append(cells, strconv.FormatInt(n, 10))
	}
	for _, v := range []*float64{f.InTimeRate, f.FirstTimeRightRate, f.RepeatRate, f.ReopenRate, f.AcceptSeconds, f.ResolveSeconds, f.Rating} {
		cell := "" // nothing was counted
		if v != nil {
			cell = strconv.FormatFloat(*v, 'f', 4, 64)
		}
		cells = append(cells, cell)
	}
	suppressed := ""
	if r.GetSuppressed() {
		suppressed = "*"
	}
	return append(cells, suppressed)
}
